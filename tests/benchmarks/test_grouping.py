"""Constructed shoots: what they hold, how groups are compared with the truth, a small measure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.grouping import drawn_sightings, quality, summary
from benchmarks.shoots import EVENTS, TrueGroup, make_shoot, measure, pool, split_of
from PIL import Image as PILImage
from tests.scenes import scene

from fgaesq.desk.grouping import Group, group


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """A small pool of drawn scenes."""
    folder = tmp_path_factory.mktemp("pool")
    for seed in range(40):
        PILImage.fromarray(scene(330, 480, seed=seed)).save(folder / f"{seed:02d}.jpg", quality=90)
    return sorted(folder.iterdir())


def test_a_shoot_has_each_photo_in_one_true_group(photos: Sequence[Path]) -> None:
    shoot = make_shoot(photos, np.random.default_rng(0), events=["burst", "single", "untimed"])
    members = [member for one in shoot.truth for member in one.members]
    assert sorted(members) == [one.id for one in shoot.sightings]


def test_a_shoot_follows_from_its_seed(photos: Sequence[Path]) -> None:
    one, other = (make_shoot(photos, np.random.default_rng(3), events=["burst"]) for _ in range(2))
    assert [s.capture for s in one.sightings] == [s.capture for s in other.sightings]
    first, second = one.sightings[1].fingerprint, other.sightings[1].fingerprint
    assert first.to_bytes() == second.to_bytes()


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_of_drawn_scenes_is_grouped_as_it_was_made(
    event: str, photos: Sequence[Path]
) -> None:
    shoot = make_shoot(photos, np.random.default_rng(1), events=[event, "single"])
    found = {(frozenset(one.members), one.kind) for one in group(shoot.sightings)}
    assert found == {(frozenset(one.members), one.kind) for one in shoot.truth}


def test_grouping_reaches_its_aim_on_real_photos(shared: Path) -> None:
    result = quality(pool(shared / "photos", "held_out"), 1, [0.5])["by_size"]["0.5"]
    assert result["f1"] > 0.97
    assert result["protected_in_a_series"] == 0


def test_the_document_states_the_stored_measures() -> None:
    root = Path(__file__).resolve().parents[2]
    stored = json.loads((root / "benchmarks" / "results" / "grouping.json").read_text("utf-8"))
    by_size = stored["quality"]["by_size"].values()
    text = (root / "docs" / "grouping.md").read_text("utf-8")
    for name in ("f1", "precision", "recall"):
        assert " | ".join(str(one[name]) for one in by_size) in text
    most = max(stored["speed"], key=lambda row: row["sightings"])
    assert f"{most['seconds']:.0f} s and {most['peak_mb']:.0f} MB" in text


def test_splits_have_no_photo_in_common() -> None:
    names = [f"{number}.jpg" for number in range(100)]
    assert 30 < sum(split_of(name) == "chosen" for name in names) < 70


def test_measures_count_pairs() -> None:
    truth = [TrueGroup("burst", "series", (0, 1, 2)), TrueGroup("bracket", "bracket", (3, 4))]
    found = [Group((0, 1), "series", ""), Group((2,), "single", ""), Group((3, 4), "series", "")]
    outcome = measure(truth, found)
    assert (outcome.both, outcome.found, outcome.true) == (2, 2, 4)
    assert (outcome.unprotected, outcome.protected) == (2, 2)
    result = summary([outcome])
    assert (result["precision"], result["recall"], result["f1"]) == (1.0, 0.5, 0.6667)
    assert result["events"]["burst"]["exact"] == 0
    assert result["events"]["burst"]["photos_by_kind"] == {"series": 2, "single": 1}


def test_drawn_sightings_are_as_many_as_wanted_and_in_order() -> None:
    sightings = drawn_sightings(30)
    times = [one.capture.taken.timestamp() for one in sightings if one.capture.taken]
    assert len(times) == 30
    assert times == sorted(times)
