"""What the frame as a whole is like: which way its lines run and what its border cuts.

A tilt or a subject that is cut off is not in any one cell. Both are plain in the reduced frame, in
numbers that a network need not find out from pixels. They are ours, not the paper's
(docs/decisions/0007).

In this order:

* the directions of lines about the axes: shares of 17 bins around the nearest axis (-15 to 15
  degrees, fine near 0) for lines near the vertical, then for lines near the horizontal;
* what stands out from its surroundings (Itti, Koch and Niebur, 1998), then what stands out from the
  rim of the frame, which mostly shows ground (Wei et al., ECCV 2012). Of both: how much of it lies
  along each border, in a narrow and a wide strip (borders in ascending order), and in the middle;
  how far its centre is from that of the frame, how far it spreads, how strong it is, its peak;
* how much colours change along each border, and between neighbours there (in ascending order).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageFilter

from fgaesq.tokens.directions import edge_directions
from fgaesq.types import Image

__all__ = ["FRAMING", "frame_framing", "mirrored_framing"]

_EDGES_DEG = np.array([0.75, 1.75, 2.75, 4.0, 5.5, 7.5, 9.5, 12.0, 15.0])
_BINS_DEG = np.concatenate([-_EDGES_DEG[::-1], _EDGES_DEG])
_BINS = len(_BINS_DEG) - 1
_LINE_PX = 2.0  # spread of the neighbourhood whose direction is told
_EDGE_PX = 0.7  # spread of the smoothing before edges are found
_MAP_CELLS = 16
_MAP_PX = 4 * _MAP_CELLS
_NEAR_PX, _FAR_PX = 1.0, 10.0  # spread of what stands out, and of its surroundings, on the map
_CHROMA = 1.5  # of luma: what a step of chroma counts
_STRIPS = (1, 4)  # in cells of the map
_BORDER_PX = 8  # of the reduced frame
_COLUMNS_AT_ONCE = 4
_LEAST = 1.0  # in grey levels: below it, nothing stands out

FRAMING = 2 * _BINS + 2 * (4 * len(_STRIPS) + 5) + 8
"""How many numbers describe a frame."""


def frame_framing(frame: Image) -> NDArray[np.float32]:
    """Return what the frame as a whole is like, (FRAMING,) float32, about 1 in spread.

    Args:
        frame: (H, W, 3) uint8 sRGB, the whole frame, reduced as coarse tokens show it (some 140 to
            250 px); any size of at least 16 px is taken.
    """
    values = _colours(PILImage.fromarray(frame))
    told = np.concatenate([_directions(values[..., 0]), _subject(frame), _along_borders(values)])
    return told.astype(np.float16).astype(np.float32)  # as training keeps statistics


def mirrored_framing(framing: NDArray[Any]) -> NDArray[Any]:
    """Return what is told of the mirrored frames, (..., FRAMING)."""
    out = framing.copy()
    for start in (0, _BINS):
        out[..., start : start + _BINS] = framing[..., start : start + _BINS][..., ::-1]
    return out


def _directions(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the histogram of directions of lines about the axes, (2 * _BINS,)."""
    soft = _blurred(luma, _EDGE_PX)
    down, across = np.gradient(soft)
    squares = (across * across, down * down, across * down)
    xx, yy, xy = (_blurred(np.asarray(one, np.float32), _LINE_PX) for one in squares)
    off_axis, horizontal, weight = edge_directions(xx, yy, xy, least=2.0)
    index = np.searchsorted(_BINS_DEG, off_axis, side="right") - 1
    near = (index >= 0) & (index < _BINS)
    votes = np.bincount(
        (index + _BINS * horizontal)[near], weights=weight[near], minlength=2 * _BINS
    )
    return np.asarray(3 * np.sqrt(votes / (weight.sum() + 1.0)), np.float32)


def _blurred(plane: NDArray[np.float32], spread: float) -> NDArray[np.float32]:
    """Return the plane under a normal blur that ends at the border."""
    return _blurred_down(_blurred_down(plane, spread).T, spread).T


def _blurred_down(plane: NDArray[np.float32], spread: float) -> NDArray[np.float32]:
    """Return the plane with its columns blurred.

    In products so small that the linear algebra library leaves each to one thread, as in
    `statistics`.
    """
    blur = _blur(len(plane), spread)
    few = range(0, plane.shape[1], _COLUMNS_AT_ONCE)
    return np.hstack([blur @ plane[:, left : left + _COLUMNS_AT_ONCE] for left in few])


@lru_cache(maxsize=64)
def _blur(length: int, spread: float) -> NDArray[np.float32]:
    """Return the matrix that blurs a line of so many pixels; rows sum to 1."""
    apart = np.arange(length)[:, None] - np.arange(length)
    weights: NDArray[np.float64] = np.exp(-0.5 * (apart / spread) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _subject(frame: Image) -> NDArray[np.float32]:
    """Return where what stands out lies, for both ways to stand out, 13 numbers each."""
    small = PILImage.fromarray(frame).resize((_MAP_PX, _MAP_PX), PILImage.Resampling.BOX)
    near, far = (
        _colours(small.filter(ImageFilter.GaussianBlur(spread))) for spread in (_NEAR_PX, _FAR_PX)
    )
    cells = (_MAP_CELLS, _MAP_PX // _MAP_CELLS, _MAP_CELLS, _MAP_PX // _MAP_CELLS)
    contrast = np.linalg.norm(near - far, axis=-1).reshape(cells).mean(axis=(1, 3))
    mean = _colours(small).reshape(*cells, 3).mean(axis=(1, 3))
    rim = np.concatenate([mean[0], mean[-1], mean[:, 0], mean[:, -1]])
    from_rim = np.linalg.norm(mean[:, :, None] - rim, axis=-1)
    unlike = np.partition(from_rim, len(rim) // 4, axis=-1)[..., len(rim) // 4]
    return np.concatenate([_placed(contrast), _placed(unlike)])


def _colours(image: PILImage.Image) -> NDArray[np.float32]:
    """Return luma and weighted chroma, (H, W, 3), in grey levels."""
    values = np.asarray(image.convert("YCbCr"), np.float32)
    return values * np.array([1.0, _CHROMA, _CHROMA], np.float32)


def _placed(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how a map lies in the frame, 13 numbers."""
    level = found.mean() + _LEAST
    told: list[float] = []
    for strip in _STRIPS:
        sides = (found[:strip], found[-strip:], found[:, :strip], found[:, -strip:])
        told += sorted(float(side.mean() / level) for side in sides)
    middle = found[_MAP_CELLS // 4 : -_MAP_CELLS // 4, _MAP_CELLS // 4 : -_MAP_CELLS // 4]
    above = np.maximum(found - np.median(found), 0) + 1e-6  # the subject, not the ground
    above /= above.sum()
    down, across = np.mgrid[-1 : 1 : _MAP_CELLS * 1j, -1 : 1 : _MAP_CELLS * 1j]
    told += [
        float(middle.mean() / level),
        3 * float(np.hypot((above * down).sum(), (above * across).sum())),
        3 * float((above * (down**2 + across**2)).sum()),
        float(np.log(level)) - 2.5,
        0.3 * float(found.max() / level),
    ]
    return np.array(told, np.float32)


def _along_borders(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much colours change along the borders, 8 numbers."""
    changes = [np.abs(np.diff(values, axis=axis)).mean() for axis in (0, 1)]
    level = sum(changes) + _LEAST
    strips = (values[:_BORDER_PX], values[-_BORDER_PX:])
    lines = [strip.mean(axis=0) for strip in strips]
    strips = (values[:, :_BORDER_PX], values[:, -_BORDER_PX:])
    lines += [strip.mean(axis=1) for strip in strips]
    spread = sorted(float(line.std(axis=0).sum() / 30) for line in lines)
    steps = sorted(float(3 * np.abs(np.diff(line, axis=0)).mean() / level) for line in lines)
    return np.array(spread + steps, np.float32)
