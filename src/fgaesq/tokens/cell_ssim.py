"""SSIM of image cells, computed as the released tokenizer does: each 32 px cell for itself.

Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004,
with scikit-image's default settings: a uniform window of 7 x 7, K1 = 0.01, K2 = 0.03, sample
covariance, and the mean over the windows that lie wholly inside. It is done here and not by that
library because the base install does not have it, and because all cells together are much faster.

The rounding is part of the contract, since fine cells are chosen by the order of these values: all
arrays are float32; a box sum accumulates in double and is rounded to float32 after each axis; the
final mean is taken in double.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cell_dissimilarity"]

_WINDOW = 7
_C1 = 0.01**2
_C2 = 0.03**2
_UNBIASED = _WINDOW**2 / (_WINDOW**2 - 1)
_CHUNK = 32
"""Cells computed together: few enough that their intermediate arrays stay in the cache."""


def cell_dissimilarity(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return 1 - SSIM of each pair of cells, averaged over the channels and clipped to [0, 1].

    No window crosses a cell's edge. The order of the two arguments does not matter.

    Args:
        first: uint8 sRGB cells, (n, S, S, 3), S at least 7.
        second: the cells they are compared with, one by one; same shape.

    Returns:
        (n,) float64; 0 where two cells are equal.
    """
    parts = [
        _ssim(_unit(first[i : i + _CHUNK]), _unit(second[i : i + _CHUNK]))
        for i in range(0, len(first), _CHUNK)
    ]
    ssim = np.concatenate(parts) if parts else np.zeros((0, 3))
    dissimilarity: NDArray[np.float64] = np.clip(1.0 - ssim.mean(axis=1), 0.0, 1.0)
    return dissimilarity


def _unit(cells: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the cells in [0, 1] with the channels before the pixels: (n, 3, S, S) float32."""
    return np.ascontiguousarray(cells.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)


def _ssim(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean SSIM of each channel of each cell, (n, 3) float64, for values in [0, 1]."""
    mean_x, mean_y = _box(x), _box(y)
    var_x = (_box(x * x) - mean_x * mean_x) * np.float32(_UNBIASED)
    var_y = (_box(y * y) - mean_y * mean_y) * np.float32(_UNBIASED)
    cov = (_box(x * y) - mean_x * mean_y) * np.float32(_UNBIASED)
    c1, c2 = np.float32(_C1), np.float32(_C2)
    luminance_structure = (2 * mean_x * mean_y + c1) * (2 * cov + c2)
    normaliser = (mean_x * mean_x + mean_y * mean_y + c1) * (var_x + var_y + c2)
    values: NDArray[np.float64] = (luminance_structure / normaliser).mean(
        axis=(2, 3), dtype=np.float64
    )
    return values


def _box(a: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the window means at the places where the window lies inside: (n, 3, S - 6, S - 6).

    Sums of 8 bit values and their products are exact in double, so the order does not matter.
    """
    rows = np.cumsum(a, axis=2, dtype=np.float64)
    rows[:, :, _WINDOW:] -= rows[:, :, :-_WINDOW].copy()
    half = (rows[:, :, _WINDOW - 1 :] / _WINDOW).astype(np.float32)
    columns = np.cumsum(half, axis=3, dtype=np.float64)
    columns[..., _WINDOW:] -= columns[..., :-_WINDOW].copy()
    return (columns[..., _WINDOW - 1 :] / _WINDOW).astype(np.float32)
