"""Crops of a photo proposed on a grid, spaced by how much they overlap.

The candidates are those of GAIC (Zeng, Li, Cao and Zhang, "Reliable and efficient image cropping: a
grid anchor based approach", CVPR 2019): the photo is divided into 12 x 12 bins; the upper left
corner of a crop is the centre of one of the 4 x 4 bins at the photo's upper left, the lower right
corner of one of those at its lower right; a crop has at least half of the photo's area and an
aspect ratio between 1:2 and 2:1. Of these at most 256 boxes few are taken, whatever the photo's
size: the largest first, then again and again the one that overlaps least with those taken.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.records import Crop

__all__ = ["grid_crops", "iou"]

_BINS: Final = 12
_CORNER_BINS: Final = 4
_LEAST_AREA: Final = 0.5
_LEAST_ASPECT, _MOST_ASPECT = 0.5, 2.0
_MOST_OVERLAP: Final = 0.85  # IoU; boxes that differ less are hard to tell apart
_LEAST_SIDE_PX: Final = 64


def grid_crops(height: int, width: int, *, most: int) -> list[Crop]:
    """Return crops of a photo, the largest first; none overlap by more than an IoU of .85.

    Args:
        height: of the upright photo, px.
        width: likewise.
        most: how many at most.

    Returns:
        In whole px; [] if the photo is too small or too long and narrow for any.
    """
    boxes = _candidates(height, width)
    if not len(boxes):
        return []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    taken = [int(areas.argmax())]
    nearest = iou(boxes[taken[0]], boxes)
    while len(taken) < most:
        farthest = int(nearest.argmin())
        if nearest[farthest] > _MOST_OVERLAP:
            break
        taken.append(farthest)
        nearest = np.maximum(nearest, iou(boxes[farthest], boxes))
    return [Crop(left, top, right, bottom) for left, top, right, bottom in boxes[taken].tolist()]


def iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over union of a box with others.

    Args:
        box: left, top, right, bottom, (4,).
        others: (n, 4).

    Returns:
        (n,), 0 to 1.
    """
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(box[2:] - box[:2])
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    return np.asarray(shared / (area + areas - shared))


def _candidates(height: int, width: int) -> NDArray[np.float64]:
    """Return the boxes of the grid that are large and broad enough, (n, 4) in whole px."""
    near = (np.arange(_CORNER_BINS) + 0.5) / _BINS
    boxes = [
        (round(left * width), round(top * height), round(right * width), round(bottom * height))
        for top, left, bottom, right in product(near, near, 1 - near, 1 - near)
    ]
    every = np.array(boxes, np.float64)
    across, down = (every[:, 2:] - every[:, :2]).T
    fits = (
        (across * down >= _LEAST_AREA * height * width)
        & (across >= _LEAST_ASPECT * down)
        & (across <= _MOST_ASPECT * down)
        & (np.minimum(across, down) >= _LEAST_SIDE_PX)
    )
    fitting: NDArray[np.float64] = every[fits]
    return fitting
