"""Colours and outlines of difference maps."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.errors import InputError, ShapeError
from fgaesq.report.heat import Segment, box_of, heat_rgba, outline, scale_top
from fgaesq.types import DifferenceMap


def _map(top: float) -> DifferenceMap:
    return DifferenceMap(np.array([[0.0, top]], np.float32), (), {"a": (0.0, 0.1, 0.9, 1.0)})


def test_scale_top_is_the_largest_difference_but_never_tiny() -> None:
    assert scale_top(_map(0.5)) == 0.5
    assert scale_top(_map(0.01)) == 0.25
    assert scale_top(DifferenceMap(np.zeros((0, 0), np.float32), (), {})) == 0.25


def test_heat_is_transparent_where_nothing_differs_and_grows_lighter_and_denser() -> None:
    colours = heat_rgba(np.linspace(0, 1, 11)).astype(float)
    assert colours[0, 3] == 0
    assert (np.diff(colours[:, 3]) > 0).all()
    assert (np.diff(colours[:, :3] @ [0.2126, 0.7152, 0.0722]) > 0).all()


def test_heat_keeps_the_shape_of_its_levels() -> None:
    colours = heat_rgba(np.zeros((2, 3), np.float32))
    assert colours.shape == (2, 3, 4)
    assert colours.dtype == np.uint8


def test_box_of_an_unknown_image_is_an_error() -> None:
    assert box_of(_map(1), "a") == (0.0, 0.1, 0.9, 1.0)
    with pytest.raises(InputError) as caught:
        box_of(_map(1), "b.jpg")
    assert str(caught.value) == (
        "b.jpg: the difference map has no place for this image; "
        "draw the map of the series that the image belongs to"
    )


def test_box_of_an_image_that_was_not_aligned_is_none() -> None:
    difference = DifferenceMap(np.zeros((1, 1), np.float32), (), {"a": None})
    assert box_of(difference, "a") is None


def test_outline_of_one_cell_is_its_four_sides() -> None:
    assert set(outline([5], (3, 4))) == {
        Segment(1, 1, 1, 2),
        Segment(2, 1, 2, 2),
        Segment(1, 1, 2, 1),
        Segment(1, 2, 2, 2),
    }


def test_outline_has_no_line_between_fine_cells_and_joins_straight_ones() -> None:
    assert set(outline([0, 1, 1], (1, 2))) == {
        Segment(0, 0, 0, 2),
        Segment(1, 0, 1, 2),
        Segment(0, 0, 1, 0),
        Segment(0, 2, 1, 2),
    }


def test_outline_of_no_cell_is_empty() -> None:
    assert outline([], (2, 2)) == []


def test_outline_has_the_length_that_counting_sides_gives() -> None:
    rng = np.random.default_rng(7)
    fine = {int(i) for i in rng.choice(35, 15, replace=False)}
    sides = 0
    for cell in fine:
        row, column = divmod(cell, 7)
        for other_row, other_column in (
            (row - 1, column),
            (row + 1, column),
            (row, column - 1),
            (row, column + 1),
        ):
            inside = 0 <= other_row < 5 and 0 <= other_column < 7
            sides += not inside or other_row * 7 + other_column not in fine
    lines = outline(fine, (5, 7))
    assert sum(s.bottom - s.top + s.right - s.left for s in lines) == sides


@pytest.mark.parametrize(("cell", "seen"), [(6, "6 to 6"), (-1, "-1 to -1")])
def test_outline_of_a_cell_outside_the_grid_is_an_error(cell: int, seen: str) -> None:
    with pytest.raises(ShapeError) as caught:
        outline([cell], (2, 3))
    assert str(caught.value) == (
        f"fine cells {seen} do not fit a grid of 2 x 3 cells; ids run from 0 to 5"
    )
