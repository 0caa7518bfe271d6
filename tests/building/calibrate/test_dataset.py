"""Votes on a dataset in the making -> ranks in its collection, and the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from fgaesq.building.calibrate.dataset import calibrate_dataset, members_to_rank
from fgaesq.building.calibrate.simulation import simulate, ten_annotators, votes_of
from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.ranks import calibrated_series
from fgaesq.building.collection.series import add_series, all_series
from fgaesq.building.records import NewSeries, SourceImage
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.store import Votes
from fgaesq.cli import main
from fgaesq.errors import InputError

SIZES = [3, 4, 5, 6] * 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a dataset of grey images, the brighter the better, with the votes of ten people."""
    study = simulate(SIZES, ten_annotators(), np.random.default_rng(5), scale=2.0)
    new = []
    for number, value in enumerate(study.abilities.tolist(), start=1):
        path = tmp_path / f"{number}.png"
        grey = int(np.clip(128 + 25 * value, 0, 255))
        Image.new("RGB", (48, 32), (grey, grey, grey)).save(path)
        new.append(SourceImage(path, "0" * 64, 32, 48))
    with create_collection(tmp_path / "birds") as collection:
        ids = add_images(collection, new)
        bounds = np.cumsum([0, *SIZES])
        members = [tuple(ids[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]
        add_series(collection, [NewSeries("natural", one) for one in members])
    with open_votes(tmp_path / "birds") as votes:
        votes.add_votes(votes_of(study))
    return tmp_path / "birds"


@pytest.fixture
def opened(folder: Path) -> Iterator[tuple[Collection, Votes]]:
    with create_collection(folder) as collection, open_votes(folder) as votes:
        yield collection, votes


def test_ranks_and_drops_are_kept_in_the_collection(opened: tuple[Collection, Votes]) -> None:
    found = calibrate_dataset(*opened)
    ranked = calibrated_series(opened[0])
    assert ranked == found.series()
    assert "annotator 09" in found.left_out
    out = {one.id for one in all_series(opened[0]) if one.drop is not None}
    assert out == {drop.series for drop in found.drops()}
    assert out | {one.series for one in ranked} == set(range(1, len(SIZES) + 1))


def test_running_it_again_changes_nothing(opened: tuple[Collection, Votes]) -> None:
    calibrate_dataset(*opened)
    before = calibrated_series(opened[0]), all_series(opened[0])
    calibrate_dataset(*opened)
    assert (calibrated_series(opened[0]), all_series(opened[0])) == before
    assert len(members_to_rank(opened[0])) == len(SIZES)


def test_the_command_prints_writes_and_shows(folder: Path) -> None:
    result = CliRunner().invoke(main, ["data", "calibrate", str(folder)])
    assert result.exit_code == 0, result.output
    assert "FLAGGED: nearly always left" in result.output
    assert "wait for votes" in result.output
    page = (folder / "calibration" / "report.html").read_text(encoding="utf-8")
    assert "annotator 09" in page
    assert page.count("data:image/jpeg") > 10
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_json_has_the_rules_and_the_counts(folder: Path) -> None:
    result = CliRunner().invoke(main, ["data", "calibrate", str(folder), "--json"])
    content = json.loads(result.output)
    series = content["series"]
    assert series["ranked"] + len(series["dropped"]) + len(series["waiting"]) == len(SIZES)
    assert "annotator 09" in content["left_out"]
    assert content["rules"]["pairs"] == {"margin": 0.05, "certain": True}


def test_a_dataset_without_votes_is_named(tmp_path: Path) -> None:
    with (
        create_collection(tmp_path) as collection,
        open_votes(tmp_path) as votes,
        pytest.raises(InputError, match="^there are no votes on images of the dataset; "),
    ):
        calibrate_dataset(collection, votes)
