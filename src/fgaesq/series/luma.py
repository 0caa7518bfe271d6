"""Luma and chroma of an image, its luma at the size at which it is looked at, means over pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.types import Image

__all__ = ["Channels", "Plane", "channels_of", "halved", "smoothed", "viewed_luma"]

_LONG_SIDE_PX = 1024  # as large as an image is looked at on a screen

Plane: TypeAlias = NDArray[np.float32]
"""(H, W), in grey levels or made of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """Luma and both chroma planes (YCbCr of JPEG) of an image at full resolution.

    Attributes:
        luma, blue, red: (H, W) uint8.
    """

    luma: NDArray[np.uint8]
    blue: NDArray[np.uint8]
    red: NDArray[np.uint8]

    def cut(self, rows: slice, columns: slice) -> Channels:
        """Return those of a part of the image; nothing is copied."""
        planes = (self.luma, self.blue, self.red)
        return Channels(*(plane[rows, columns] for plane in planes))


def channels_of(image: Image) -> Channels:
    """Return luma and chroma of an image, (H, W, 3) uint8 sRGB."""
    pil = PILImage.fromarray(np.ascontiguousarray(image)).convert("YCbCr")
    return Channels(*(np.asarray(plane) for plane in pil.split()))


def viewed_luma(image: Image) -> Plane:
    """Return the luma of an image, reduced to a long side of at most 1,024 px.

    Args:
        image: (H, W, 3) uint8 sRGB.
    """
    pil = PILImage.fromarray(np.ascontiguousarray(image)).convert("L")
    longest = max(pil.size)
    if longest > _LONG_SIDE_PX:
        size = [max(1, round(side * _LONG_SIDE_PX / longest)) for side in pil.size]
        pil = pil.resize((size[0], size[1]), PILImage.Resampling.BOX)
    return np.asarray(pil, np.float32)


def halved(plane: Plane | NDArray[np.uint8]) -> Plane:
    """Return means of 2 x 2 px, float32; an odd last row or column is left out."""
    if min(plane.shape) < 2:
        return plane.astype(np.float32)
    height, width = (length // 2 * 2 for length in plane.shape)
    sums = np.uint16 if plane.dtype == np.uint8 else np.float32
    rows = np.add(plane[0:height:2, :width], plane[1:height:2, :width], dtype=sums)
    half: Plane = (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)
    return half


def smoothed(plane: Plane, weights: NDArray[np.float32]) -> Plane:
    """Return the plane under a window, the same down and across; borders are repeated.

    Args:
        plane: (H, W).
        weights: of the pixel itself, of its neighbours on either side, of theirs, and so on.
    """
    return _smoothed_across(_smoothed_across(plane.T, weights).T, weights)


def _smoothed_across(plane: Plane, weights: NDArray[np.float32]) -> Plane:
    reach, width = len(weights) - 1, plane.shape[1]
    padded = np.pad(plane, ((0, 0), (reach, reach)), mode="edge")
    out: Plane = weights[0] * plane
    for k in range(1, reach + 1):
        both = padded[:, reach - k :][:, :width] + padded[:, reach + k :][:, :width]
        both *= weights[k]
        out += both
    return out
