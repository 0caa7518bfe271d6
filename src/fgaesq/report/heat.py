"""Difference maps in colours and lines, as numbers: what pictures and pages draw.

The colours lie on one scale from transparent violet (same) over red to yellow (most different);
lightness and opacity rise together, so it reads without colour vision too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import InputError, ShapeError
from fgaesq.report.text import printable
from fgaesq.types import DifferenceMap

__all__ = ["HEAT_LEVELS", "Segment", "box_of", "heat_rgba", "outline", "runs", "scale_top"]

HEAT_LEVELS = 16
"""How many colours a page uses for a map."""

_LEAST_SCALE_TOP = 0.25
_STOPS = np.array([0.0, 0.3, 0.65, 1.0])
_STOP_RGBA = np.array(
    [[70, 40, 150, 0], [150, 50, 160, 90], [240, 90, 60, 190], [255, 225, 90, 235]], np.float64
)


class Segment(NamedTuple):
    """A straight line on the cell grid, from (top, left) to (bottom, right), in whole cells."""

    top: int
    left: int
    bottom: int
    right: int


def scale_top(difference: DifferenceMap) -> float:
    """Return the difference shown in the strongest colour: the largest, but at least 0.25.

    The floor keeps a series with hardly any difference from looking as torn as any other.
    """
    return max(_LEAST_SCALE_TOP, float(difference.values.max(initial=0.0)))


def heat_rgba(levels: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return colours for `levels` (any shape, 0 same to 1 most different), RGBA on a last axis."""
    channels = [np.interp(levels, _STOPS, _STOP_RGBA[:, channel]) for channel in range(4)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colours


def box_of(difference: DifferenceMap, path: str) -> tuple[float, float, float, float] | None:
    """Return the box (top, left, bottom, right) onto which the map falls in the image at `path`.

    None for an image that could not be aligned with the others: nothing is known of where it
    differs.

    Raises:
        InputError: the map does not know the image.
    """
    if path not in difference.boxes:
        raise InputError(
            f"{printable(path)}: the difference map has no place for this image; "
            "draw the map of the series that the image belongs to"
        )
    return difference.boxes[path]


def outline(fine_cells: Iterable[int], grid: tuple[int, int]) -> list[Segment]:
    """Return the border around the cells kept at full resolution, without lines between them.

    Args:
        fine_cells: cell ids in raster order.
        grid: (rows, columns) of the cells.

    Raises:
        ShapeError: an id lies outside the grid.
    """
    rows, columns = grid
    cell_ids = np.array(sorted(set(fine_cells)), dtype=np.int64)
    if cell_ids.size and (cell_ids[0] < 0 or cell_ids[-1] >= rows * columns):
        raise ShapeError(
            f"fine cells {cell_ids[0]} to {cell_ids[-1]} do not fit a grid of "
            f"{rows} x {columns} cells; ids run from 0 to {rows * columns - 1}"
        )
    kept = np.zeros((rows + 2, columns + 2), dtype=np.bool_)
    kept[1 + cell_ids // columns, 1 + cell_ids % columns] = True
    across = kept[:-1, 1:-1] != kept[1:, 1:-1]  # (rows + 1, columns): borders above and below
    down = kept[1:-1, :-1] != kept[1:-1, 1:]  # (rows, columns + 1): borders left and right
    segments = [
        Segment(line, start, line, stop)
        for line in range(rows + 1)
        for start, stop in runs(across[line])
    ]
    segments += [
        Segment(start, line, stop, line)
        for line in range(columns + 1)
        for start, stop in runs(down[:, line])
    ]
    return segments


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (start, stop) of each unbroken run of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]
