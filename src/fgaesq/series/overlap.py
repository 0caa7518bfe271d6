"""The part of the scene that all images of a series show, and where it lies in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from fgaesq.series.alignment import Placement, SeriesFrame
from fgaesq.types import Image

__all__ = ["Box", "shared_boxes"]

Box: TypeAlias = tuple[slice, slice]
"""Rows and columns of an image, in pixels."""

_SAME_SCALE = 0.02
_MOST_SHIFT = 0.06  # of a side; what is shifted further would leave little for the others


def shared_boxes(images: Sequence[Image], frame: SeriesFrame) -> list[Box | None]:
    """Return where each image shows what all images framed nearly like the reference show.

    Args:
        images: of a series, each (H, W, 3) uint8.
        frame: where they lie.

    Returns:
        One per image: boxes of equal shape that show the same part of the scene to within a pixel,
        or None for an image of another shape or scale than the reference, one shifted by more than
        6 % of a side, and one that could not be placed.
    """
    shape = images[frame.reference].shape
    shifts = [
        _shift(placement, shape) if image.shape == shape else None
        for image, placement in zip(images, frame.placements, strict=True)
    ]
    known = [shift for shift in shifts if shift is not None]
    tops, lefts = zip(*known, strict=True)
    top, bottom = max(0, -min(tops)), min(shape[0], shape[0] - max(tops))
    left, right = max(0, -min(lefts)), min(shape[1], shape[1] - max(lefts))
    return [
        None
        if by is None
        else (slice(top + by[0], bottom + by[0]), slice(left + by[1], right + by[1]))
        for by in shifts
    ]


def _shift(placement: Placement | None, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return by how many pixels an image is shifted, None for one that is framed otherwise."""
    if placement is None or abs(placement.scale - 1) > _SAME_SCALE:
        return None
    top, left = round(placement.top), round(placement.left)
    near = abs(top) <= _MOST_SHIFT * shape[0] and abs(left) <= _MOST_SHIFT * shape[1]
    return (top, left) if near else None
