"""Where an image gains or loses its score against the others of its series.

The engine tells how much each token adds to the score (`Outputs.effects`). Here these effects are
laid on the cell grid that all images of a series share, coarse tokens over the part of the frame
that they cover and fine tokens where they were cut, and each image is compared with the others cell
by cell: what all of them have in common cancels, what moves the order stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fgaesq.tokens.difftoken import PATCH_PX
from fgaesq.types import TokenSet

__all__ = ["against_others", "cell_effects", "levelled"]

Box = tuple[float, float, float, float]


def levelled(
    effects: NDArray[np.floating], tokens: TokenSet, *, total: float
) -> NDArray[np.float64]:
    """Return the effects, (T,) float64, shifted by one constant so that they sum to `total`.

    Effects are those of a linear stand-in for the network at this image, so their sum is off by
    some amount that has no place in the frame; it is spread evenly over the tokens. Slots without a
    token, and the class token, have 0.
    """
    used = _used(tokens)
    exact = np.where(used, effects.astype(np.float64), 0.0)
    return np.where(used, exact + (total - exact.sum()) / max(1, used.sum()), 0.0)


def cell_effects(
    effects: NDArray[np.float64],
    tokens: TokenSet,
    *,
    size: tuple[int, int],
    box: Box,
    grid: tuple[int, int],
) -> NDArray[np.float64]:
    """Return how much each cell of the series' grid adds to an image's score.

    Args:
        effects: of each token slot, (T,); 0 in unused slots.
        tokens: where the slots lie.
        size: (height, width) of the image in pixels.
        box: (top, left, bottom, right), where the grid lies in fractions of the image's frame.
        grid: (rows, columns).

    Returns:
        (rows, columns); each token's effect is shared out by area among the cells that it covers,
        what lies beside the grid is left out. NaN where the image does not reach a cell's centre.
    """
    half = _half_sizes(tokens, size)
    shares = []
    reached = []
    for axis in range(2):
        start, length = box[axis], (box[axis + 2] - box[axis]) / grid[axis]
        low = (tokens.centres[:, axis] - half[:, axis] - start) / length
        high = (tokens.centres[:, axis] + half[:, axis] - start) / length
        cells = np.arange(grid[axis])
        overlap = np.minimum(high[:, None], cells + 1) - np.maximum(low[:, None], cells)
        shares.append(np.clip(overlap, 0, None) / np.maximum(high - low, 1e-12)[:, None])
        middles = start + (cells + 0.5) * length
        reached.append((middles >= 0) & (middles <= 1))
    added = (shares[0] * effects[:, None]).T @ shares[1]
    return np.where(reached[0][:, None] & reached[1], added, np.nan)


def against_others(maps: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return each image's map minus the weighted mean of the others', cell by cell.

    Args:
        maps: of N images, (N, rows, columns), NaN in cells beyond the image.
        weights: (N, N), in row i how much each image counts in what image i is compared with; at
            least 0, and 0 on the diagonal.

    Returns:
        (N, rows, columns) float32; the mean is taken over the images that reach the cell, and cells
        with nothing to compare have 0.
    """
    reached = np.isfinite(maps)
    total = np.tensordot(weights, reached.astype(np.float64), axes=1)
    summed = np.tensordot(weights, np.nan_to_num(maps), axes=1)
    mean = summed / np.where(total > 0, total, 1.0)
    return np.where(reached & (total > 0), maps - mean, 0.0).astype(np.float32)


def _used(tokens: TokenSet) -> NDArray[np.bool_]:
    used = ~tokens.padded
    used[0] = False  # the class token has no place
    return used


def _half_sizes(tokens: TokenSet, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return half the height and width of each token as fractions of the frame, (T, 2)."""
    coarse = tokens.centres[_used(tokens) & (tokens.scales == 0)]
    counts = [max(1, len(np.unique(coarse[:, axis]))) for axis in range(2)]
    fine = PATCH_PX / np.asarray(size, np.float64)
    return np.where(tokens.scales[:, None] == 1, fine, 1 / np.asarray(counts)) / 2
