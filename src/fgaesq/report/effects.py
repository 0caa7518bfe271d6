"""Effect maps as numbers and colours: where in an image its score comes from.

Colours go two ways from nothing: blue raises the score, orange lowers it. The two differ for every
kind of colour vision, and opacity rises with the effect.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import InputError
from fgaesq.report.text import printable
from fgaesq.types import EffectMap

__all__ = ["effect_rgba", "effects_of", "effects_top", "region_words", "strongest_cells"]

Box = tuple[float, float, float, float]

_MOST_CELLS = 5
_LEAST_SHARE = 1 / 3  # of the gains, for a ninth of the frame to be named
_ROWS = ("upper", "", "lower")
_COLUMNS = ("left", "centre", "right")
_LEAST_TOP = 0.005  # points of the score; weaker effects than this are not blown up to look strong
_TOP_SHARE = 0.99  # of the cells of all images; single peaks do not make the others invisible
# Steep at first: a coarse token spreads over many cells, and what it does should be seen too.
_STOPS = np.array([-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0])
_STOP_RGBA = np.array(
    [[255, 150, 60, 235], [235, 105, 45, 170], [200, 90, 50, 75], [128, 128, 128, 0],
     [50, 110, 200, 75], [40, 130, 240, 170], [90, 205, 255, 235]],
    np.float64,
)  # fmt: skip


def effects_of(effects: EffectMap, path: str) -> tuple[NDArray[np.float32], Box] | None:
    """Return an image's map and the box (top, left, bottom, right) onto which it falls.

    None for an image that could not be aligned or has nothing to be compared with.

    Raises:
        InputError: the map does not know the image.
    """
    if path not in effects.values:
        raise InputError(
            f"{printable(path)}: the effect map has no values for this image; "
            "draw the map of the series that the image belongs to"
        )
    values, box = effects.values[path], effects.boxes[path]
    return None if values is None or box is None else (values, box)


def effects_top(effects: EffectMap) -> float:
    """Return the effect shown in the strongest colours, the same for all images of the series."""
    known = [np.abs(values).ravel() for values in effects.values.values() if values is not None]
    if not known:
        return _LEAST_TOP
    return max(_LEAST_TOP, float(np.quantile(np.concatenate(known), _TOP_SHARE)))


def effect_rgba(levels: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return colours for `levels` (any shape, -1 lowers most to 1 raises most), RGBA last axis."""
    channels = [np.interp(levels, _STOPS, _STOP_RGBA[:, channel]) for channel in range(4)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colours


def region_words(effects: EffectMap, path: str) -> str:
    """Say where in its frame an image gains what it has over the others.

    The frame is divided into three rows and three columns. The region with the largest share of all
    that raises the score is named if it holds at least a third.

    Returns:
        Such as `mostly upper left`, `mostly centre` or `all over the frame`; empty for an image
        without a map, or where nothing raises the score.
    """
    found = effects_of(effects, path)
    gains = np.maximum(found[0], 0) if found is not None else np.zeros((1, 1))
    if found is None or not gains.any():
        return ""
    top, left, bottom, right = found[1]
    rows = _thirds(top, bottom, gains.shape[0])
    columns = _thirds(left, right, gains.shape[1])
    shares = np.zeros((3, 3))
    np.add.at(shares, (rows[:, None], columns[None, :]), gains / gains.sum())
    row, column = divmod(int(shares.argmax()), 3)
    if shares.max() < _LEAST_SHARE:
        return "all over the frame"
    return " ".join(filter(None, ("mostly", _ROWS[row], _COLUMNS[column])))


def _thirds(start: float, end: float, number: int) -> NDArray[np.intp]:
    """Return for each of `number` cells from `start` to `end` in which third of 0 to 1 it lies."""
    middles = start + (np.arange(number) + 0.5) * (end - start) / number
    return np.clip((3 * middles).astype(np.intp), 0, 2)


def strongest_cells(effects: EffectMap, path: str) -> list[tuple[Box, float]]:
    """Return the five cells that move the image's score most, strongest first.

    Returns:
        Per cell its box (top, left, bottom, right), the part inside the image's frame in fractions
        of it, and its effect. Cells without effect are left out.
    """
    found = effects_of(effects, path)
    if found is None:
        return []
    values, (top, left, bottom, right) = found
    rows, columns = values.shape
    tops = np.clip(np.linspace(top, bottom, rows + 1), 0, 1).tolist()
    lefts = np.clip(np.linspace(left, right, columns + 1), 0, 1).tolist()
    order = np.argsort(-np.abs(values).ravel(), kind="stable")[:_MOST_CELLS]
    cells = []
    for row, column in (divmod(int(cell), columns) for cell in order):
        if effect := float(values[row, column]):
            box = (tops[row], lefts[column], tops[row + 1], lefts[column + 1])
            cells.append((box, effect))
    return cells
