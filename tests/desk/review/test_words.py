"""Pairs, groups, times and keys in words, and where to look first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fgaesq.desk.desk import Waiting
from fgaesq.desk.review.keys import KEYS, key_bindings
from fgaesq.desk.review.overlays import in_frame, spots
from fgaesq.desk.review.words import (
    day_words,
    pair_words,
    size_words,
    summary_words,
    time_words,
    waiting_words,
)
from fgaesq.types import DifferenceMap, Pair, Reason
from fgaesq.web.keys import key_caps


@pytest.mark.parametrize(
    ("p", "verdict", "words"),
    [
        (0.87, "first", "A is better, 87 % sure: sharper (70 %)"),
        (0.13, "second", "B is better, 87 % sure: sharper (70 %)"),
        (0.54, "too_close", "Too close to call: A leads with 54 %, sharper (70 %)"),
        (0.46, "too_close", "Too close to call: B leads with 54 %, sharper (70 %)"),
    ],
)
def test_a_pair_in_words(p: float, verdict: str, words: str) -> None:
    pair = Pair("a", "b", p, verdict, (Reason("sharper", 0.7),))  # type: ignore[arg-type]
    assert pair_words(pair, "A", "B") == words


def test_the_taste_is_named_where_it_has_a_say() -> None:
    counts = {"photos": 6, "groups": 3, "taste": 120}
    assert summary_words(counts) == (
        "6 photos in 3 groups, with your taste, learned from 120 picks"
    )
    assert summary_words({**counts, "taste": 0}) == "6 photos in 3 groups"


def test_times_in_words() -> None:
    assert time_words("2026-05-14T09:03:07+02:00") == "09:03:07"
    assert day_words("2026-05-04T09:03:07") == "Monday, 4 May 2026"
    assert (time_words(""), day_words("")) == ("", "Time not known")


@pytest.mark.parametrize("view", ["overview", "series", "confirm"])
def test_no_key_does_two_things_in_a_view(view: str) -> None:
    keys = [key for one in KEYS if view in one.views for key in one.keys]
    assert len(keys) == len(set(keys))
    assert set(key_bindings(view)) == set(keys)  # type: ignore[arg-type]


def test_stars_and_labels_have_an_action_per_key() -> None:
    bindings = key_bindings("series")
    assert [bindings[key] for key in "0569"] == ["stars-0", "stars-5", "label-Red", "label-Blue"]


def test_the_first_spot_is_the_window_with_the_largest_sum() -> None:
    values = np.zeros((20, 30), np.float32)
    values[2, 3] = 1.0
    values[12:15, 20:23] = 0.5
    found = spots(DifferenceMap(values, (), {}))
    assert len(found) == 2
    assert abs(found[0].y - 13.5 / 20) <= 1.5 / 20
    assert abs(found[0].x - 21.5 / 30) <= 1.5 / 30
    assert found[0].strength == pytest.approx(4.5 / 25)
    assert abs(found[1].y * 20 - 2.5) <= 2.5


def test_a_frame_lies_in_itself_and_moved_in_another() -> None:
    grid = (0.0, 0.0, 0.8, 0.9)
    assert in_frame(grid, grid) == pytest.approx((0, 0, 1, 1))
    moved = in_frame((0.1, -0.05, 0.9, 0.85), grid)
    assert moved == pytest.approx((0.1, -0.05, 1.1, 0.95))
    # A crop of the left half: the frame is twice as wide as it.
    assert in_frame((0.0, 0.0, 0.8, 1.8), grid) == pytest.approx((0, 0, 1, 2))


def test_photos_without_difference_have_no_spot() -> None:
    assert spots(DifferenceMap(np.zeros((20, 30), np.float32), (), {})) == []


def test_a_map_smaller_than_a_window_has_one_spot_in_its_middle() -> None:
    (spot,) = spots(DifferenceMap(np.ones((2, 3), np.float32), (), {}))
    assert (spot.y, spot.x, spot.strength) == (0.5, 0.5, 1.0)


def test_the_documents_show_the_table_of_keys() -> None:
    document = (Path(__file__).parents[3] / "docs" / "review.md").read_text(encoding="utf-8")
    rows = document.split("<!-- keys -->")[1].split("<!-- /keys -->")[0].strip().splitlines()[2:]
    assert rows == [f"| {key_caps(one)} | {one.words} |" for one in KEYS]


def test_the_size_of_groups_in_words() -> None:
    assert [size_words(size) for size in (0.0, 0.3, 0.5, 0.6, 1.0)] == [
        *("tight", "rather tight", "usual", "rather wide", "wide")
    ]


def test_how_far_the_ranking_is_in_words() -> None:
    assert waiting_words(Waiting(3)) == "Ranking: 3 groups to go"
    assert waiting_words(Waiting(0)) == "All groups are ranked"
    assert waiting_words(Waiting(1, "the disk is full")) == (
        "1 group could not be ranked: the disk is full"
    )
