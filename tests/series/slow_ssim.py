"""SSIM over the pairs of a series, window by window and pair by pair: slow, plain, independent."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.types import Image

__all__ = ["slow_series_difference"]

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Placed = tuple[Image, tuple[int, int]]
"""An image and the (y, x) at which its first pixel lies on the reference."""


def slow_series_difference(placed: list[Placed], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return 1 - SSIM averaged over the pairs, per 32 px cell of a reference of (height, width)."""
    rows, columns = size[0] // 32, size[1] // 32
    top, left = (size[0] - rows * 32) // 2, (size[1] - columns * 32) // 2
    canvases = [_on_canvas(image, offset, size) for image, offset in placed]
    cells = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            y, x = top + row * 32, left + column * 32
            cell = [canvas[y : y + 32, x : x + 32] for canvas in canvases]
            blocks = [_covered_blocks(one) for one in cell]
            values = [_window_difference(cell, blocks, i, j) for i in range(7) for j in range(7)]
            known = [value for value in values if value is not None]
            cells[row, column] = np.mean(known) if known else 0.0
    return cells


def _on_canvas(image: Image, offset: tuple[int, int], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the luma on the reference's frame, NaN where the image does not reach."""
    luma = np.asarray(PILImage.fromarray(image).convert("L"), np.float64)
    canvas = np.full(size, np.nan)
    for y in range(luma.shape[0]):
        for x in range(luma.shape[1]):
            at = (y + offset[0], x + offset[1])
            if 0 <= at[0] < size[0] and 0 <= at[1] < size[1]:
                canvas[at] = luma[y, x]
    return canvas


def _covered_blocks(cell: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of the 8 x 8 blocks of 4 px an image covers wholly."""
    return np.array(
        [
            [not np.isnan(cell[4 * i : 4 * i + 4, 4 * j : 4 * j + 4]).any() for j in range(8)]
            for i in range(8)
        ]
    )


def _window_difference(
    cell: list[NDArray[np.float64]], blocks: list[NDArray[np.bool_]], i: int, j: int
) -> float | None:
    """Return 1 - SSIM of the 8 px window at block (i, j); None where it says nothing."""
    covers = [one[i : i + 2, j : j + 2] for one in blocks]
    if any(one.any() and not one.all() for one in covers):
        return None
    windows = [
        image[4 * i : 4 * i + 8, 4 * j : 4 * j + 8]
        for image, cover in zip(cell, covers, strict=True)
        if cover.all()
    ]
    if len(windows) < 2:
        return None
    luminance, luminance_norm, structure, structure_norm = 0.0, 0.0, 0.0, 0.0
    for a, b in combinations(windows, 2):
        covariance = ((a - a.mean()) * (b - b.mean())).mean()
        luminance += 2 * a.mean() * b.mean() + _C1
        luminance_norm += a.mean() ** 2 + b.mean() ** 2 + _C1
        structure += 2 * covariance + _C2
        structure_norm += a.var() + b.var() + _C2
    ssim = luminance / luminance_norm * structure / structure_norm
    return float(np.clip(1 - ssim, 0, 1))
