"""What class and coarse tokens bring of the full resolution: of an image alone, or in a series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.series import Box, unshared
from fgaesq.series.luma import Channels, channels_of
from fgaesq.tokens.statistics import (
    TOKEN_STATISTICS,
    series_statistics,
    shared_statistics,
    single_statistics,
)
from fgaesq.types import Image, TokenSet

__all__ = ["alone", "compared"]

_MOST_KEPT = 12  # images whose channels are kept; of longer series they are made again

_Map: TypeAlias = Callable[..., Iterable[Any]]
_Statistics: TypeAlias = NDArray[np.float32]


def alone(tokens: TokenSet, image: Image, grid: tuple[int, int]) -> TokenSet:
    """Return the tokens of an image on its own with their statistics.

    Args:
        tokens: of the image.
        image: (H, W, 3) uint8 sRGB at the resolution that fine tokens are cut from.
        grid: rows and columns of its coarse tokens.
    """
    own, _ = shared_statistics(image, channels_of(image), _shown(tokens, grid), None)
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
    few = len(images) <= _MOST_KEPT

    def measured(
        image: Image, reduced: Image, box: Box | None
    ) -> tuple[_Statistics, _Statistics, Channels | None]:
        channels = channels_of(image)
        own, shared = shared_statistics(image, channels, reduced, box)
        return own, shared, channels.cut(*box) if few and box else None

    told = list(parallel(measured, images, shown, boxes))
    lost = _lost(images, [one[2] for one in told], grids, boxes, parallel)
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
    parts: Sequence[Channels | None],
    grids: Sequence[tuple[int, int]],
    boxes: Sequence[Box | None],
    parallel: _Map,
) -> list[_Statistics | None]:
    """Return what each image does not share with the others, (C, UNSHARED), None if unknown."""
    known = [(index, box) for index, box in enumerate(boxes) if box is not None]
    lost: list[_Statistics | None] = [None] * len(images)
    if len(known) > 1:  # all of one shape, and so on one grid

        def part_of(number: int) -> Channels:
            index, box = known[number]
            return parts[index] or channels_of(images[index]).cut(*box)

        told = unshared(part_of, len(known), *grids[known[0][0]], parallel=parallel)
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
