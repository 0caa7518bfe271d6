"""What the `reference` tokenizer decides before it cuts tokens: sizes, importance, random draws.

The order of the draws is part of the released behaviour: one generator per pair, seeded with the
pair's name, is consumed by the choice of the axis, then by the first image (fine cells, dropped
tokens), then by the second. It is Python's `random.Random`, here always a local instance.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fgaesq.tokens.cell_ssim import cell_dissimilarity
from fgaesq.tokens.reference_geometry import (
    BUDGET,
    CELL_PX,
    PATCH_PX,
    Axis,
    align_pair,
    check_image,
    fits_whole,
    size_in_cells,
    size_in_patches,
)
from fgaesq.types import Image

__all__ = [
    "FINE_CELLS",
    "PairPlan",
    "ReferencePlan",
    "grid_of",
    "pair_seed",
    "plan_pair",
    "plan_single",
]

FINE_CELLS: Final = 14
"""Cells kept at full resolution: half of 112 tokens, four tokens a cell."""

_SEEDS = 10_000
_AXES: tuple[Axis, Axis] = ("width", "height")


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePlan:
    """How one image becomes tokens.

    Attributes:
        pixels: RGB uint8 after alignment, before it is fitted to the grid.
        fitted_size: (height, width) after padding or cropping at the bottom and right.
        is_small: the image fits the budget whole: 16 px patches only, none of them fine.
        importance: (n,) float64, 0 to 1, of the first n cells; empty without a second image.
        cells_below: cells below the rows both images have; they have no importance.
        fine_draw: ids of the fine cells in the order drawn.
        drop_draw: ids of the dropped tokens in the order drawn; empty within the budget. Token 0 is
            the class token, then come the coarse tokens, then the fine ones.
    """

    pixels: Image
    fitted_size: tuple[int, int]
    is_small: bool
    importance: NDArray[np.float64]
    cells_below: int
    fine_draw: tuple[int, ...]
    drop_draw: tuple[int, ...]

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of 32 px cells, or of 16 px patches if the image is small."""
        unit_px = PATCH_PX if self.is_small else CELL_PX
        return self.fitted_size[0] // unit_px, self.fitted_size[1] // unit_px

    @property
    def fine_cells(self) -> tuple[int, ...]:
        """Ids of the fine cells, ascending: the order of their tokens."""
        return tuple(sorted(self.fine_draw))

    @property
    def n_tokens(self) -> int:
        """Tokens before dropping, the class token included."""
        rows, columns = self.grid
        return 1 + rows * columns + 3 * len(self.fine_draw)

    @property
    def kept_tokens(self) -> NDArray[np.intp]:
        """Ids of the tokens that remain, ascending, 0 (the class token) first."""
        kept = np.ones(self.n_tokens, dtype=np.bool_)
        kept[list(self.drop_draw)] = False
        return np.flatnonzero(kept)


@dataclass(frozen=True, slots=True, eq=False)
class PairPlan:
    """How two images become tokens: the side that was made equal, and each image's plan."""

    axis: Axis
    first: ReferencePlan
    second: ReferencePlan


def pair_seed(pair_id: str) -> int:
    """Return the seed of a pair's draws, 0 to 9999: MD5 of the pair's name as a number."""
    digest = hashlib.md5(pair_id.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest, "big") % _SEEDS


def plan_pair(first: Image, second: Image, *, pair_id: str) -> PairPlan:
    """Decide how two images become tokens.

    Args:
        first: RGB uint8, (H, W, 3).
        second: RGB uint8, any size.
        pair_id: the pair's name; all draws depend on it.

    Raises:
        ShapeError: not RGB uint8, or an aspect ratio at which the released code fails.
    """
    check_image(first)
    check_image(second)
    rng = random.Random(pair_seed(pair_id))  # noqa: S311 - the released draws, no secret
    axis = rng.choice(_AXES)
    pixels = align_pair(first, second, axis)
    sizes = [size_in_cells(*image.shape[:2]) for image in pixels]
    rows = min(height for height, _ in sizes) // CELL_PX
    importance = _importance(pixels, sizes, rows)
    plans = [
        _plan_cells(image, size, importance, rows, rng)
        for image, size in zip(pixels, sizes, strict=True)
    ]
    return PairPlan(axis, plans[0], plans[1])


def plan_single(image: Image, *, seed: int) -> ReferencePlan:
    """Decide how one image becomes tokens when there is nothing to compare it with.

    Args:
        image: RGB uint8, (H, W, 3).
        seed: of the draws. The released code takes none here, so its scores of one large image
            change from call to call.

    Raises:
        ShapeError: not RGB uint8, or an aspect ratio at which the released code fails.
    """
    check_image(image)
    rng = random.Random(seed)  # noqa: S311 - the released draws, no secret
    size = image.shape[:2]
    nothing = np.zeros(0, dtype=np.float64)
    if fits_whole(*size):
        fitted = size_in_patches(*size)
        n_tokens = 1 + (fitted[0] // PATCH_PX) * (fitted[1] // PATCH_PX)
        dropped = _draw_dropped(n_tokens, frozenset(), rng)
        return ReferencePlan(image, fitted, True, nothing, 0, (), dropped)
    fitted = size_in_cells(*size)
    n_cells = (fitted[0] // CELL_PX) * (fitted[1] // CELL_PX)
    fine = rng.sample(range(n_cells), min(FINE_CELLS, n_cells))
    dropped = _draw_dropped(1 + n_cells + 3 * len(fine), frozenset(), rng)
    return ReferencePlan(image, fitted, False, nothing, 0, tuple(fine), dropped)


def grid_of(pixels: Image, fitted_size: tuple[int, int], unit_px: int) -> NDArray[np.uint8]:
    """Return the image fitted to a grid, as (rows, unit, columns, unit, 3) uint8.

    A view where nothing has to be added; what padding adds at the bottom and right is 0.
    """
    height, width = fitted_size
    visible = pixels[:height, :width]
    below, right = height - visible.shape[0], width - visible.shape[1]
    padded = np.pad(visible, ((0, below), (0, right), (0, 0))) if below or right else visible
    return padded.reshape(height // unit_px, unit_px, width // unit_px, unit_px, 3)


def _importance(
    pixels: tuple[Image, Image], sizes: list[tuple[int, int]], rows: int
) -> NDArray[np.float64]:
    """Return how much the cells of the common rows differ, zipped in raster order.

    With unequal widths the k-th cells of the two images are not at the same place (released fault).
    """
    lists = []
    for image, (_, width) in zip(pixels, sizes, strict=True):
        grid = grid_of(image, (rows * CELL_PX, width), CELL_PX)
        lists.append(grid.swapaxes(1, 2).reshape(-1, CELL_PX, CELL_PX, 3))
    n = min(map(len, lists))
    return cell_dissimilarity(lists[0][:n], lists[1][:n])


def _plan_cells(
    pixels: Image,
    fitted_size: tuple[int, int],
    importance: NDArray[np.float64],
    common_rows: int,
    rng: random.Random,
) -> ReferencePlan:
    """Draw one image's fine cells and, over budget, the tokens to drop."""
    rows, columns = fitted_size[0] // CELL_PX, fitted_size[1] // CELL_PX
    n_cells = rows * columns
    cells_below = (rows - common_rows) * columns
    fine = _draw_fine(importance, n_cells, rng)
    n_tokens = 1 + n_cells + 3 * len(fine)
    if n_tokens > BUDGET:
        for _ in range(cells_below):
            rng.random()  # replaces a missing importance that is then not used
    dropped = _draw_dropped(n_tokens, frozenset(fine), rng)
    return ReferencePlan(pixels, fitted_size, False, importance, cells_below, tuple(fine), dropped)


def _draw_fine(importance: NDArray[np.float64], n_cells: int, rng: random.Random) -> list[int]:
    """Draw the fine cells from the more important half; a missing importance is random."""
    missing = [rng.random() for _ in range(n_cells - len(importance))]
    ranked = np.argsort(-np.concatenate([importance, missing]), kind="stable")
    candidates: list[int] = ranked[: max(1, n_cells // 2)].tolist()
    return rng.sample(candidates, min(FINE_CELLS, len(candidates)))


def _draw_dropped(n_tokens: int, protected: frozenset[int], rng: random.Random) -> tuple[int, ...]:
    """Draw the tokens that exceed the budget.

    Protected are the tokens whose number, the class token not counted, equals the id of a fine
    *cell*. As token numbers are not cell ids, these are the wrong ones (released fault).
    """
    if n_tokens <= BUDGET:
        return ()
    droppable = [token for token in range(1, n_tokens) if token - 1 not in protected]
    return tuple(rng.sample(droppable, n_tokens - BUDGET))
