"""The `reference` tokenizer: what the released FGAesQ code computes, faults included.

Paper: "FGAesQ" (arXiv 2603.03907), DiffToken; its released inference code adds much that the paper
does not say. Weights trained with it give the published scores only with the same tokens, so this
variant repeats its behaviour to the last random draw; for everything else use the `series`
tokenizer. Written from a description of the behaviour and its recorded results, not from the code.

Faults that are kept on purpose, each with a test of its name in tests/tokens/test_reference.py:

* the tokens depend on the names of series and files and on the order of the pair;
* the two images of a pair get different fine cells, drawn from the more important half;
* above about 0.48 megapixels tokens are dropped at random, and the wrong ones are protected;
* images of unequal width are compared at different places;
* fine tokens get positions of other fine tokens;
* attention sees the padding;
* extreme aspect ratios fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import InputError
from fgaesq.tokens.reference_geometry import BUDGET, CELL_PX, PATCH_PX
from fgaesq.tokens.reference_plan import (
    PairPlan,
    ReferencePlan,
    grid_of,
    pair_seed,
    plan_pair,
    plan_single,
)
from fgaesq.types import Image, TokenSet

__all__ = [
    "CLIP_MEAN",
    "CLIP_STD",
    "PairPlan",
    "ReferencePlan",
    "aggregate_series",
    "pair_id",
    "pair_seed",
    "plan_pair",
    "plan_single",
    "tokenize_pair",
    "tokenize_single",
]

CLIP_MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
"""Mean of R, G and B in [0, 1] over the images CLIP was trained on."""

CLIP_STD: Final = (0.26862954, 0.26130258, 0.27577711)
"""Standard deviation of R, G and B in [0, 1] over the images CLIP was trained on."""

_POSITION_OFFSET = 0.1
_SHRINK_FROM = 4
_SHRINK = 0.1


def pair_id(series: str, i: int, j: int) -> str:
    """Return the name of a pair of a series, from which its random draws follow.

    Args:
        series: the folder's name; "0007" and "7" are the same.
        i: number of the first image, from its file name.
        j: number of the second image.
    """
    with suppress(ValueError):  # not a number: the name stands as it is
        series = str(int(series))
    return f"{series}_{i}_{j}"


def tokenize_pair(first: Image, second: Image, *, pair_id: str) -> tuple[TokenSet, TokenSet]:
    """Return the tokens of two images of a series.

    Not symmetric: with the images swapped, both get other tokens.

    Args:
        first: upright RGB uint8, (H, W, 3).
        second: upright RGB uint8, any size.
        pair_id: the pair's name, see the function `pair_id`.

    Returns:
        Two token sets of 512 slots; patches float32, normalised with `CLIP_MEAN` and `CLIP_STD`.

    Raises:
        ShapeError: not RGB uint8, or an aspect ratio at which the released code fails.
    """
    plan = plan_pair(first, second, pair_id=pair_id)
    return _cut(plan.first), _cut(plan.second)


def tokenize_single(image: Image, *, seed: int) -> TokenSet:
    """Return the tokens of one image without a second one to compare it with.

    Args:
        image: upright RGB uint8, (H, W, 3).
        seed: of the random draws; without effect on images of up to 511 patches of 16 px.

    Returns:
        512 slots; patches float32, normalised with `CLIP_MEAN` and `CLIP_STD`.

    Raises:
        ShapeError: not RGB uint8, or an aspect ratio at which the released code fails.
    """
    return _cut(plan_single(image, seed=seed))


def aggregate_series(
    pair_scores: Mapping[tuple[int, int], tuple[float, float]], n: int
) -> dict[int, float]:
    """Return one score per image from the scores it got in each of its pairs.

    The mean over the image's n - 1 pairs; from 4 images on it is shrunk by a tenth towards the mean
    of the series, which changes no order.

    Args:
        pair_scores: (i, j) with i < j to the scores of image i and image j; all pairs.
        n: number of images, at least 2.

    Returns:
        Image number to score, 1 to 10, in ascending order of the numbers.

    Raises:
        InputError: a pair is missing or too many; a mean over other pairs would not be comparable.
    """
    numbers = sorted({number for pair in pair_scores for number in pair})
    pairs = set(combinations(numbers, 2))
    if len(numbers) != n or pairs != set(pair_scores):
        raise InputError(
            f"a series of {n} images has {n * (n - 1) // 2} pairs (i, j) with i < j; "
            f"got {len(pair_scores)} pairs of {len(numbers)} images"
        )
    collected: dict[int, list[float]] = {number: [] for number in numbers}
    for i, j in combinations(numbers, 2):
        for number, score in zip((i, j), pair_scores[i, j], strict=True):
            collected[number].append(score)
    means = {number: float(np.mean(scores)) for number, scores in collected.items()}
    if n < _SHRINK_FROM:
        return means
    series_mean = float(np.mean(list(means.values())))
    return {k: (1 - _SHRINK) * mean + _SHRINK * series_mean for k, mean in means.items()}


def _cut(plan: ReferencePlan) -> TokenSet:
    """Cut one image into the tokens of its plan."""
    kept = plan.kept_tokens[1:] - 1
    if plan.is_small:
        small = _normalised(plan, kept, PATCH_PX)
        return _token_set(plan, small, _centres(kept, plan.grid), len(kept))
    rows, columns = plan.grid
    coarse_cells = np.setdiff1d(np.arange(rows * columns), plan.fine_cells)
    n_coarse = int(np.searchsorted(kept, len(coarse_cells)))
    coarse = coarse_cells[kept[:n_coarse]]
    fine = kept[n_coarse:] - len(coarse_cells)
    patches = np.concatenate([_coarse_patches(plan, coarse), _fine_patches(plan)[fine]])
    centres = np.concatenate([_centres(coarse, plan.grid), _fine_centres(plan)[fine]])
    return _token_set(plan, patches, centres, n_coarse)


def _token_set(
    plan: ReferencePlan,
    patches: NDArray[np.float32],
    centres: NDArray[np.float64],
    n_coarse: int,
) -> TokenSet:
    """Put the class slot before the tokens and padding behind them."""
    n = 1 + len(patches)
    slots = np.zeros((BUDGET, 3, PATCH_PX, PATCH_PX), dtype=np.float32)
    slots[1:n] = patches
    places = np.zeros((BUDGET, 2), dtype=np.float64)
    places[1:n] = centres
    scales = np.zeros(BUDGET, dtype=np.uint8)
    scales[1 + n_coarse : n] = 1
    height, width = plan.fitted_size
    return TokenSet(
        patches=slots,
        centres=places,
        scales=scales,
        padded=np.arange(BUDGET) >= n,
        attend_padding=True,
        fine_cells=plan.fine_cells,
        cell_grid=(-(-height // CELL_PX), -(-width // CELL_PX)),
    )


def _coarse_patches(plan: ReferencePlan, cells: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return cells of 32 px, each reduced to 16 px for itself: (n, 3, 16, 16)."""
    halve = _halving_matrix()
    cut = _normalised(plan, cells, CELL_PX)
    reduced: NDArray[np.float32] = np.matmul(np.matmul(halve, cut), halve.T)
    return reduced


def _fine_patches(plan: ReferencePlan) -> NDArray[np.float32]:
    """Return the four 16 px tiles of each fine cell, row by row: (4 n, 3, 16, 16)."""
    cells = _normalised(plan, np.array(plan.fine_cells, dtype=np.intp), CELL_PX)
    tiles = cells.reshape(-1, 3, 2, PATCH_PX, 2, PATCH_PX).transpose(0, 2, 4, 1, 3, 5)
    return tiles.reshape(-1, 3, PATCH_PX, PATCH_PX)


def _fine_centres(plan: ReferencePlan) -> NDArray[np.float64]:
    """Return the centres that the fine tokens get: (4 n, 2).

    The tokens come cell by cell, but these places come row by row over all fine cells, so many
    tokens get the place of another one (released fault).
    """
    rows, columns = plan.grid
    cells = np.array(plan.fine_cells, dtype=np.intp)
    top_left = (cells // columns) * 2 * (2 * columns) + (cells % columns) * 2
    tiles = top_left[:, None] + np.array([0, 1, 2 * columns, 2 * columns + 1])
    return _centres(np.sort(tiles, axis=None), (2 * rows, 2 * columns))


def _centres(ids: NDArray[np.intp], grid: tuple[int, int]) -> NDArray[np.float64]:
    """Return the centres (y, x) of grid places, with the released code's offset of 0.1 places."""
    places = np.stack(np.divmod(ids, grid[1]), axis=1)
    centres: NDArray[np.float64] = (places + 0.5) / (np.array(grid) + _POSITION_OFFSET)
    return centres


def _normalised(plan: ReferencePlan, ids: NDArray[np.intp], unit_px: int) -> NDArray[np.float32]:
    """Return units of the fitted image as the model sees them: (n, 3, unit, unit) float32.

    Padding is 0 *after* normalisation, that is, of CLIP's mean colour.
    """
    grid = grid_of(plan.pixels, plan.fitted_size, unit_px)
    rows, columns = np.divmod(ids, grid.shape[2])
    units = grid[rows, :, columns].transpose(0, 3, 1, 2)  # (n, unit, unit, 3) -> (n, 3, unit, unit)
    mean, std = (np.array(v, dtype=np.float32)[:, None, None] for v in (CLIP_MEAN, CLIP_STD))
    values = (units.astype(np.float32) / np.float32(255) - mean) / std
    height, width = plan.pixels.shape[:2]
    inside_y = rows[:, None] * unit_px + np.arange(unit_px) < height
    inside_x = columns[:, None] * unit_px + np.arange(unit_px) < width
    inside = inside_y[:, None, :, None] & inside_x[:, None, None, :]
    return np.where(inside, values, np.float32(0))


def _halving_matrix() -> NDArray[np.float32]:
    """Return the (16, 32) weights of bicubic halving without antialiasing, clamped at the edges."""
    taps = (-0.09375, 0.59375, 0.59375, -0.09375)
    weights = np.zeros((PATCH_PX, CELL_PX), dtype=np.float32)
    for i in range(PATCH_PX):
        for offset, tap in enumerate(taps, start=-1):
            weights[i, min(max(2 * i + offset, 0), CELL_PX - 1)] += tap
    return weights
