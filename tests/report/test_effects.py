"""Effect maps as numbers and colours."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.errors import InputError
from fgaesq.report.effects import (
    effect_rgba,
    effects_of,
    effects_top,
    region_words,
    strongest_cells,
)
from fgaesq.types import EffectMap

BOX = (0.0, 0.5, 1.0, 1.0)


def effect_map(*values: float) -> EffectMap:
    """Return a map of 2 x n cells for `a`, and of nothing for `b`."""
    cells = np.array(values, np.float32).reshape(2, -1)
    return EffectMap({"a": cells, "b": None}, {"a": BOX, "b": None})


def test_the_strongest_cells_come_first_with_their_places() -> None:
    cells = strongest_cells(effect_map(0.0, -0.5, 0.25, 0.0), "a")
    assert cells == [((0.0, 0.75, 0.5, 1.0), -0.5), ((0.5, 0.5, 1.0, 0.75), 0.25)]


def test_no_more_than_five_cells_are_named() -> None:
    cells = strongest_cells(effect_map(*range(1, 9)), "a")
    assert [effect for _, effect in cells] == [8, 7, 6, 5, 4]


def test_an_image_that_was_not_aligned_has_no_cells() -> None:
    assert strongest_cells(effect_map(1.0, 0.0), "b") == []
    assert effects_of(effect_map(1.0, 0.0), "b") is None


def test_an_image_that_the_map_does_not_know_is_an_error() -> None:
    with pytest.raises(InputError, match="^c: the effect map has no values for this image; "):
        effects_of(effect_map(1.0, 0.0), "c")


@pytest.mark.parametrize(
    ("gains", "words"),
    [
        ({(0, 0): 1.0}, "mostly upper left"),
        ({(1, 1): 1.0, (2, 2): 0.9}, "mostly centre"),
        ({(2, 1): 2.0, (0, 0): -9.0}, "mostly lower centre"),
        ({(1, 2): 2.0, (0, 0): 1.0}, "mostly right"),
        ({(y, x): 1.0 for y in range(3) for x in range(3)}, "all over the frame"),
        ({(0, 0): -1.0}, ""),
    ],
)
def test_the_region_of_the_gains_is_named(gains: dict[tuple[int, int], float], words: str) -> None:
    values = np.zeros((3, 3), np.float32)
    for cell, gain in gains.items():
        values[cell] = gain
    whole = (0.0, 0.0, 1.0, 1.0)
    assert region_words(EffectMap({"a": values}, {"a": whole}), "a") == words


def test_the_region_is_that_of_the_image_and_not_of_the_grid() -> None:
    # the grid covers the right half of this image
    assert region_words(effect_map(1.0, 0.0, 0.0, 0.0), "a") == "mostly upper centre"
    assert region_words(effect_map(1.0, 0.0), "b") == ""


def test_colours_go_two_ways_and_fade_out_between() -> None:
    lowers, nothing, raises = effect_rgba(np.array([-1.0, 0.0, 1.0]))
    assert nothing[3] == 0
    assert lowers[3] == raises[3] > 200
    assert lowers[0] > 200 > lowers[2], "orange"
    assert raises[2] > 200 > raises[0], "blue"


def test_weak_effects_are_not_shown_in_strong_colours() -> None:
    assert effects_top(effect_map(0.0, 1e-5)) == pytest.approx(0.005)
    assert effects_top(effect_map(-2.0, 2.0)) == pytest.approx(2.0)
    assert effects_top(EffectMap({"b": None}, {"b": None})) == pytest.approx(0.005)
