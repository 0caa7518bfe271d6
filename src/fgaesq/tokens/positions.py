"""Where a token sits, as weights with which a learned table of positions is read.

A vision transformer learns one vector for each cell of a small square table (14 x 14 for CLIP
ViT-B/16). Tokens of mixed resolution sit between those cells, so the table is read at continuous
places by bicubic interpolation. As the weights depend on the token's centre alone, they are
computed here, without torch, and every engine turns them into positions with one matrix product::

    positions = position_weights(tokens, table_size=14) @ table    # (T, 197) @ (197, D)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import ShapeError
from fgaesq.types import TokenSet

__all__ = ["interpolation_weights", "position_weights"]

_A = -0.75
"""Sharpness of the cubic kernel, as in most deep learning libraries (Keys' paper has -0.5)."""

_REACH = 2
"""How many table cells the kernel reaches to each side."""


def interpolation_weights(centres: NDArray[np.floating], *, table_size: int) -> NDArray[np.float64]:
    """Return the bicubic weights of the table's cells at each of the given places.

    The table spans the whole frame and its cell i has its centre at (i + 0.5) / `table_size`;
    beyond the border the outermost cells repeat.

    Args:
        centres: (T, 2), (y, x) as fractions of the frame, 0 to 1.
        table_size: rows (and columns) of the square table.

    Returns:
        (T, table_size**2) float64 over the table in raster order; each row sums to 1. Some weights
        are negative, as the cubic kernel is.

    Raises:
        ShapeError: `centres` is not (T, 2) or leaves the frame, where no position was ever learned.
    """
    places = np.asarray(centres, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] != 2:
        raise ShapeError(f"token centres have shape {places.shape}; need (T, 2)")
    if places.size and not (places.min() >= 0.0 and places.max() <= 1.0):
        raise ShapeError(
            f"token centres run from {places.min():g} to {places.max():g}; "
            "need fractions of the frame, 0 to 1"
        )
    axis = _axis_weights(places, table_size)  # (T, 2, S)
    grid = axis[:, 0, :, None] * axis[:, 1, None, :]  # (T, S, S)
    return grid.reshape(len(places), table_size * table_size)


def position_weights(tokens: TokenSet, *, table_size: int) -> NDArray[np.float32]:
    """Return the weights that turn a learned table into the positions of a token set.

    Args:
        tokens: the tokens of one image, T slots.
        table_size: rows (and columns) of the square table, the class token's row not counted.

    Returns:
        (T, 1 + table_size**2) float32. Column 0 belongs to the class token, the others to the table
        in raster order. The row of slot 0 is one-hot; rows of padded slots are 0.
    """
    weights = np.zeros((len(tokens.padded), 1 + table_size * table_size), dtype=np.float32)
    weights[0, 0] = 1.0
    placed = ~tokens.padded
    placed[0] = False
    weights[placed, 1:] = interpolation_weights(tokens.centres[placed], table_size=table_size)
    return weights


def _axis_weights(fractions: NDArray[np.float64], table_size: int) -> NDArray[np.float64]:
    """Return the weights along one axis: (..., table_size) for fractions of any shape."""
    source = fractions * table_size - 0.5
    cells = np.arange(-_REACH, table_size + _REACH)
    spread = _cubic(np.abs(source[..., None] - cells))
    inside = spread[..., _REACH:-_REACH].copy()
    inside[..., 0] += spread[..., :_REACH].sum(axis=-1)
    inside[..., -1] += spread[..., -_REACH:].sum(axis=-1)
    return inside


def _cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Keys' cubic convolution kernel at non-negative distances; 0 from distance 2 on."""
    d = distance
    near = ((_A + 2) * d - (_A + 3)) * d * d + 1
    far = _A * (((d - 5) * d + 8) * d - 4)
    return np.where(d <= 1, near, np.where(d < _REACH, far, 0.0))
