"""What class and coarse tokens bring of the full resolution: of an image alone, or in a series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.series import Box, unshared
from fgaesq.tokens.statistics import (
    TOKEN_STATISTICS,
    series_statistics,
    shared_statistics,
    single_statistics,
)
from fgaesq.types import Image, TokenSet

__all__ = ["alone", "compared"]

_Map: TypeAlias = Callable[..., Iterable[Any]]
_Statistics: TypeAlias = NDArray[np.float32]


def alone(tokens: TokenSet, image: Image, grid: tuple[int, int]) -> TokenSet:
    """Return the tokens of an image on its own with their statistics.

    Args:
        tokens: of the image.
        image: (H, W, 3) uint8 sRGB at the resolution that fine tokens are cut from.
        grid: rows and columns of its coarse tokens.
    """
    own, _ = shared_statistics(image, _shown(tokens, grid), None)
    return _bringing(tokens, single_statistics(own))


def compared(
    sets: Sequence[TokenSet],
    images: Sequence[Image],
    grids: Sequence[tuple[int, int]],
    boxes: Sequence[Box | None],
    *,
    parallel: _Map = map,
) -> list[TokenSet]:
    """Return the tokens of a series with statistics that tell how images on one grid differ.

    Args:
        sets: tokens of the images.
        images: see `alone`.
        grids: likewise.
        boxes: where each shows what all do (`series.shared_boxes`).
        parallel: does what `map` does, for work on one image at a time.
    """
    shown = [_shown(tokens, grid) for tokens, grid in zip(sets, grids, strict=True)]
    told: list[tuple[_Statistics, _Statistics]] = list(
        parallel(shared_statistics, images, shown, boxes)
    )
    lost = _lost(images, grids, boxes, parallel)
    bringing = list(sets)
    for grid in dict.fromkeys(grids):
        members = [index for index, other in enumerate(grids) if other == grid]
        own, shared = (np.stack([told[index][k] for index in members]) for k in (0, 1))
        cells = slice(1, own.shape[1])
        patches = np.stack([sets[index].patches[cells] for index in members])
        brightness = patches.mean(axis=(2, 3, 4), dtype=np.float32)
        whole = series_statistics(own, shared, brightness, [lost[index] for index in members])
        for index, statistics in zip(members, whole, strict=True):
            bringing[index] = _bringing(sets[index], statistics)
    return bringing


def _lost(
    images: Sequence[Image],
    grids: Sequence[tuple[int, int]],
    boxes: Sequence[Box | None],
    parallel: _Map,
) -> list[_Statistics | None]:
    """Return what each image does not share with the others, (C, UNSHARED), None if unknown."""
    known = [(index, box) for index, box in enumerate(boxes) if box is not None]
    lost: list[_Statistics | None] = [None] * len(images)
    if len(known) > 1:  # all of one shape, and so on one grid
        parts = [images[index][box] for index, box in known]
        told = unshared(parts, *grids[known[0][0]], parallel=parallel)
        for (index, _), one in zip(known, told, strict=True):
            lost[index] = one
    return lost


def _shown(tokens: TokenSet, grid: tuple[int, int]) -> Image:
    """Return the frame as the coarse tokens show it, (16 rows, 16 columns, 3) uint8."""
    rows, columns = grid
    tiles = tokens.patches[1 : 1 + rows * columns]
    side = tiles.shape[-1]
    ordered = tiles.reshape(rows, columns, 3, side, side).transpose(0, 3, 1, 4, 2)
    return np.ascontiguousarray(ordered.reshape(rows * side, columns * side, 3))


def _bringing(tokens: TokenSet, told: _Statistics) -> TokenSet:
    statistics = np.zeros((len(tokens.scales), TOKEN_STATISTICS), np.float32)
    statistics[: len(told)] = told
    return replace(tokens, statistics=statistics)
