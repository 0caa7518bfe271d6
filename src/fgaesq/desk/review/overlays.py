"""The maps of a group for the compare viewer: places, pictures of cells, where to look first."""

from __future__ import annotations

import io
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fgaesq.report.effects import effect_rgba, effects_top
from fgaesq.report.heat import heat_rgba, scale_top
from fgaesq.types import DifferenceMap, EffectMap

__all__ = ["Box", "Spot", "difference_png", "effect_png", "in_frame", "spots"]

Box: TypeAlias = tuple[float, float, float, float]
"""(top, left, bottom, right) in fractions of a frame."""

_SPOT_CELLS = 5  # side of the window that is summed: 160 px of the reference image
_MOST_SPOTS = 3


class Spot(NamedTuple):
    """A place on the grid of a difference map, in fractions of it, and how much differs there."""

    y: float
    x: float
    strength: float


def spots(difference: DifferenceMap) -> list[Spot]:
    """Return up to three places where the photos differ most, strongest first.

    Each is the middle of the window of 5 x 5 cells with the largest sum that does not overlap the
    ones before; windows without difference are left out.
    """
    rows, columns = difference.values.shape
    values = difference.values.astype(np.float64)
    window = (min(_SPOT_CELLS, rows), min(_SPOT_CELLS, columns))
    found: list[Spot] = []
    while len(found) < _MOST_SPOTS:
        sums = np.lib.stride_tricks.sliding_window_view(values, window).sum(axis=(2, 3))
        top, left = np.unravel_index(int(sums.argmax()), sums.shape)
        strength = float(sums[top, left]) / (window[0] * window[1])
        if strength <= 0:
            break
        middle = ((top + window[0] / 2) / rows, (left + window[1] / 2) / columns)
        found.append(Spot(float(middle[0]), float(middle[1]), strength))
        values[top : top + window[0], left : left + window[1]] = 0
    return found


def in_frame(box: Box, grid: Box) -> Box:
    """Return where the whole frame of the reference image falls onto another image.

    The grid of a map is whole cells and covers the reference image only nearly.

    Args:
        box: where the grid falls onto the other image, in fractions of that.
        grid: where it falls onto the reference image, in fractions of that.
    """
    ends = []
    for low, high in ((0, 2), (1, 3)):  # top and bottom, left and right
        scale = (box[high] - box[low]) / (grid[high] - grid[low])
        start = box[low] - grid[low] * scale
        ends.append((start, start + scale))
    (top, bottom), (left, right) = ends
    return top, left, bottom, right


def difference_png(difference: DifferenceMap) -> bytes:
    """Return the difference map as a PNG with one pixel per cell."""
    return _png(heat_rgba(difference.values / scale_top(difference)))


def effect_png(effects: EffectMap, path: str) -> bytes | None:
    """Return an image's effect map as a PNG with one pixel per cell; None if it has none."""
    values = effects.values.get(path)
    return None if values is None else _png(effect_rgba(values / effects_top(effects)))


def _png(colours: NDArray[np.uint8]) -> bytes:
    data = io.BytesIO()
    Image.fromarray(colours).save(data, "PNG")
    return data.getvalue()
