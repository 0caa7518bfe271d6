"""Spread and monotony of the scores of single images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.datasets.pool import names_of, write_pool
from tests.scenes import scene

from fgaesq.datasets.constructed import read_pool
from fgaesq.datasets.edits import EDITS, SUITED
from fgaesq.errors import InputError
from fgaesq.evaluation.results import Estimate
from fgaesq.evaluation.scale import SEVERITIES, Ladder, constructed_ladders, monotony, score_scale
from fgaesq.images import read_photo
from fgaesq.ranking.ranker import load


def test_falling_scores_are_monotone_and_rising_ones_are_not() -> None:
    falling = monotony(np.array([[5.0, 4.0, 3.0], [9.0, 2.0, 1.0]]))
    assert falling.ladders == 2
    assert falling.steps_right == falling.spearman == Estimate(1, 1, 1)
    rising = monotony(np.array([[1.0, 2.0, 3.0]]))
    assert (rising.steps_right, rising.spearman) == (Estimate(0, 0, 0), Estimate(-1, -1, -1))


def test_a_tie_is_no_step_down() -> None:
    found = monotony(np.array([[3.0, 3.0, 2.0], [1.0, 1.0, 1.0]]))
    assert found.steps_right is not None
    assert found.steps_right.value == 0.25
    assert found.spearman is not None
    assert found.spearman.value == pytest.approx(np.sqrt(0.75) / 2)  # of 3, 3, 2; and 0


def test_ladders_are_every_edit_on_photos_of_the_split(tmp_path: Path) -> None:
    write_pool(tmp_path, train=2, val=3)
    ladders = list(constructed_ladders(tmp_path, split="val", per_kind=2, seed=1))
    assert [ladder.kind for ladder in ladders] == [kind for kind in EDITS for _ in range(2)]
    assert all(len(ladder.images) == len(SEVERITIES) for ladder in ladders)
    again = list(constructed_ladders(tmp_path, split="val", per_kind=2, seed=1))
    for one, other in zip(ladders, again, strict=True):
        assert one.source == other.source
        assert all(np.array_equal(a, b) for a, b in zip(one.images, other.images, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_only_clear_subjects_are_cut_off(tmp_path: Path, seed: int) -> None:
    write_pool(tmp_path, train=1, val=4)
    clear = names_of("val", 4)[2]
    photo = np.full((96, 128, 3), (90, 120, 90), np.uint8)
    photo[36:60, 52:76] = (220, 30, 20)
    PILImage.fromarray(photo).save(tmp_path / clear)
    pool = read_pool(tmp_path, split="val")
    clarity = {one.path.name: SUITED["cut_off"](read_photo(one.path).pixels) for one in pool}
    assert [name for name, value in clarity.items() if value >= 1] == [clear]
    for number in (1, 2):  # of two, the other is the next clearest
        ladders = constructed_ladders(tmp_path, split="val", per_kind=number, seed=seed)
        cut = [ladder.source for ladder in ladders if ladder.kind == "cut_off"]
        assert cut == sorted(clarity, key=lambda name: -clarity[name])[:number]


def test_the_scale_counts_scores_and_lists_kinds(tiny_model: Path) -> None:
    ranker = load(tiny_model)
    ladders = [
        Ladder(kind, "x", [scene(48, 64, seed=3 * n + i) for i in range(3)])
        for n, kind in enumerate(("noise", "haze", "noise"))
    ]
    seen: list[int] = []
    found = score_scale("tiny", ranker, ladders, on_image=lambda: seen.append(1))
    scores = [one.score for ladder in ladders for one in ranker.score(list(ladder.images)).images]
    assert (found.images, len(seen)) == (9, 9)
    assert found.median == pytest.approx(np.median(scores))
    assert sum(found.shares) == pytest.approx(1)
    assert found.shares[round(scores[0]) - 1] > 0
    assert {kind: one.ladders for kind, one in found.kinds.items()} == {
        "all": 3, "noise": 2, "haze": 1,
    }  # fmt: skip


def test_an_image_that_cannot_be_scored_is_named(tiny_model: Path) -> None:
    ladder = Ladder("haze", "x.jpg", [np.zeros((4, 4, 3), np.uint8)])
    with pytest.raises(InputError, match=r"^x\.jpg, haze: image-1: "):
        score_scale("tiny", load(tiny_model), [ladder])
    with pytest.raises(InputError, match=r"^there is no photo to make ladders from$"):
        score_scale("tiny", load(tiny_model), [])
