"""Reading the table of positions, against torch's bicubic interpolation."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fgaesq.errors import ShapeError
from fgaesq.tokens.positions import interpolation_weights, position_weights
from fgaesq.types import TokenSet

SIZE = 14


def random_table(size: int = SIZE, dims: int = 5) -> NDArray[np.float64]:
    return np.random.default_rng(7).standard_normal((size * size, dims))


def grid_centres(rows: int, columns: int, offset: float = 0.0) -> NDArray[np.float64]:
    ids = np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)
    return np.asarray((ids + 0.5) / (np.array([rows, columns]) + offset))


def torch_resized(
    table: NDArray[np.float64], size: int, rows: int, columns: int, offset: float
) -> NDArray[np.float64]:
    """The table at every place of a rows x columns grid, (rows * columns, D)."""
    planes = torch.from_numpy(table.T.reshape(1, -1, size, size))
    factors = [(rows + offset) / size, (columns + offset) / size]
    resized = torch.nn.functional.interpolate(
        planes, scale_factor=factors, mode="bicubic", align_corners=False
    )
    assert resized.shape[2:] == (rows, columns)
    return np.asarray(resized.reshape(table.shape[1], -1).T)


def tokens_at(centres: NDArray[np.float64], padded: NDArray[np.bool_]) -> TokenSet:
    n = len(padded)
    return TokenSet(
        patches=np.zeros((n, 3, 16, 16), dtype=np.float32),
        centres=centres,
        scales=np.zeros(n, dtype=np.uint8),
        padded=padded,
        attend_padding=True,
        fine_cells=(),
        cell_grid=(1, 1),
    )


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([0.1, 0.25]))
def test_weights_agree_with_torch_at_any_grid(rows: int, columns: int, offset: float) -> None:
    table = random_table()
    ours = interpolation_weights(grid_centres(rows, columns, offset), table_size=SIZE) @ table
    np.testing.assert_allclose(ours, torch_resized(table, SIZE, rows, columns, offset), atol=1e-9)


def test_weights_agree_with_torch_for_another_table_size() -> None:
    table = random_table(size=6)
    ours = interpolation_weights(grid_centres(9, 17, 0.1), table_size=6) @ table
    np.testing.assert_allclose(ours, torch_resized(table, 6, 9, 17, 0.1), atol=1e-9)


def test_table_is_unchanged_at_its_own_size_without_offset() -> None:
    weights = interpolation_weights(grid_centres(SIZE, SIZE), table_size=SIZE)
    np.testing.assert_allclose(weights, np.eye(SIZE * SIZE), atol=1e-12)


def test_table_is_changed_at_its_own_size_with_the_released_offset() -> None:
    table = random_table()
    ours = interpolation_weights(grid_centres(SIZE, SIZE, 0.1), table_size=SIZE) @ table
    assert 0.2 < np.abs(ours - table).max() < 1.0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_weights_of_each_place_sum_to_one(places: list[tuple[float, float]]) -> None:
    weights = interpolation_weights(np.array(places), table_size=SIZE)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)


def test_swapping_y_and_x_transposes_the_table() -> None:
    one = interpolation_weights(np.array([[0.2, 0.7]]), table_size=SIZE)
    other = interpolation_weights(np.array([[0.7, 0.2]]), table_size=SIZE)
    assert not np.allclose(one, other)
    np.testing.assert_allclose(one.reshape(SIZE, SIZE).T.ravel(), other.ravel(), atol=1e-15)


def test_no_places_give_no_rows() -> None:
    assert interpolation_weights(np.zeros((0, 2)), table_size=SIZE).shape == (0, SIZE * SIZE)


@pytest.mark.parametrize(
    ("centres", "message"),
    [
        (np.zeros(4), "token centres have shape (4,); need (T, 2)"),
        (np.zeros((4, 3)), "token centres have shape (4, 3); need (T, 2)"),
        (
            np.array([[0.5, 1.25]]),
            "token centres run from 0.5 to 1.25; need fractions of the frame, 0 to 1",
        ),
        (
            np.array([[0.5, np.nan]]),
            "token centres run from nan to nan; need fractions of the frame, 0 to 1",
        ),
    ],
)
def test_wrong_centres_are_refused(centres: NDArray[np.float64], message: str) -> None:
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        interpolation_weights(centres, table_size=SIZE)


def test_position_weights_place_class_token_and_padding() -> None:
    centres = np.array([[np.nan, np.nan], [0.25, 0.75], [0.5, 0.5], [np.nan, np.nan]])
    tokens = tokens_at(centres, padded=np.array([False, False, False, True]))
    weights = position_weights(tokens, table_size=SIZE)

    assert weights.dtype == np.float32
    assert weights.shape == (4, 1 + SIZE * SIZE)
    np.testing.assert_array_equal(weights[0], np.eye(1 + SIZE * SIZE, dtype=np.float32)[0])
    expected = interpolation_weights(centres[1:3], table_size=SIZE)
    np.testing.assert_array_equal(weights[1:3, 1:], expected.astype(np.float32))
    assert not weights[1:, 0].any()
    assert not weights[3].any()
