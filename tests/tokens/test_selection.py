"""Which cells become fine tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from fgaesq.tokens.selection import cell_importance, select_cells

IMPORTANCE = arrays(
    np.float64,
    st.tuples(st.integers(0, 12), st.integers(0, 12)),
    elements=st.floats(0, 5).map(lambda value: round(value, 1)),  # ties are common
)


def slow_selection(importance: NDArray[np.float64], number: int, spread: float) -> tuple[int, ...]:
    """Take the best cells anywhere, then let the 3 x 4 regions choose their best in rounds."""
    rows, columns = importance.shape
    left = sorted(range(rows * columns), key=lambda cell: (-importance.flat[cell], cell))
    number = min(number, len(left))
    top = number - round(number * spread)
    chosen, left = left[:top], left[top:]
    while len(chosen) < number:
        served: set[tuple[int, int]] = set()
        this_round = []
        for cell in left:
            region = (cell // columns * 3 // rows, cell % columns * 4 // columns)
            if region not in served:
                served.add(region)
                this_round.append(cell)
        chosen += this_round[: number - len(chosen)]
        left = [cell for cell in left if cell not in this_round]
    return tuple(sorted(chosen))


@given(IMPORTANCE, st.integers(0, 40), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_selection_agrees_with_the_rule_played_out(
    importance: NDArray[np.float64], number: int, spread: float
) -> None:
    found = select_cells(importance, number, spread=spread)
    assert found == slow_selection(importance, number, spread)
    assert len(found) == min(number, importance.size)
    assert len(set(found)) == len(found)


def test_no_spread_takes_the_most_important_cells() -> None:
    importance = np.arange(48.0).reshape(6, 8)
    assert select_cells(importance, 5, spread=0) == (43, 44, 45, 46, 47)


def test_full_spread_serves_every_region_before_any_twice() -> None:
    importance = np.zeros((6, 8))
    importance[:2, :2] = 9  # one region has all the importance
    found = select_cells(importance, 12, spread=1)
    regions = {(cell // 8 // 2, cell % 8 // 2) for cell in found}
    assert len(regions) == 12


def test_half_spread_takes_both() -> None:
    importance = np.zeros((6, 8))
    importance[0, :2] = 9
    importance[5, 7] = 1
    importance[3, 3] = 2
    assert select_cells(importance, 4, spread=0.5) == (0, 1, 27, 47)


def test_equal_importance_is_decided_for_the_smaller_id() -> None:
    assert select_cells(np.ones((3, 4)), 5, spread=0) == (0, 1, 2, 3, 4)
    assert select_cells(np.ones((3, 4)), 5, spread=1) == (0, 1, 2, 3, 4)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0)])
def test_no_cells_give_none(shape: tuple[int, int]) -> None:
    assert select_cells(np.zeros(shape), 7) == ()


def test_fewer_cells_than_asked_for_are_all_taken() -> None:
    assert select_cells(np.arange(6.0).reshape(2, 3), 33) == (0, 1, 2, 3, 4, 5)


def test_ids_are_plain_integers() -> None:
    assert all(type(cell) is int for cell in select_cells(np.ones((2, 2)), 3))


def test_importance_grows_with_difference_and_with_detail() -> None:
    difference = np.array([[0.1, 0.5, 0.1]], np.float32)
    detail = np.array([[10.0, 10.0, 30.0]], np.float32)
    values = cell_importance(difference, detail)[0]
    assert values[1] > values[0]
    assert values[2] > values[0]
    assert values.dtype == np.float64


def test_a_flat_cell_that_differs_matters_less_than_a_detailed_one() -> None:
    difference = np.array([[0.8, 0.5]], np.float32)
    detail = np.array([[0.0, 20.0]], np.float32)
    flat, detailed = cell_importance(difference, detail)[0]
    assert 0 < flat < detailed


def test_any_visible_difference_outweighs_detail_alone() -> None:
    difference = np.array([[0.0, 0.1]], np.float32)
    detail = np.array([[60.0, 5.0]], np.float32)
    same, differing = cell_importance(difference, detail)[0]
    assert 0 < same < differing


def test_importance_of_a_single_image_is_its_detail() -> None:
    detail = np.array([[0.0, 4.0, 12.0]], np.float32)
    np.testing.assert_allclose(cell_importance(None, detail), np.log1p([[0.0, 1.0, 3.0]]))
