"""The sizes of the `reference` tokenizer: how images are scaled to each other and cut to a grid.

Everything here follows the released behaviour, faults included (see `fgaesq.tokens.reference`).
Sizes are (height, width); sizes are truncated, never rounded.
"""

from __future__ import annotations

import math
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image as PILImage

from fgaesq.errors import ShapeError
from fgaesq.types import Image

__all__ = [
    "BUDGET",
    "CELL_PX",
    "PATCH_PX",
    "Axis",
    "align_pair",
    "check_image",
    "fits_whole",
    "size_in_cells",
    "size_in_patches",
]

Axis: TypeAlias = Literal["width", "height"]

PATCH_PX: Final = 16
CELL_PX: Final = 32
BUDGET: Final = 512
"""Token slots of an image, the class token's included."""

_ENLARGED_PATCHES = 1.2 * BUDGET
_ENLARGED_SIDE_PX = 384
_FACTOR_TOLERANCE = 0.01
_MAX_ALIGNED_PX = 1 << 27


def check_image(image: Image) -> None:
    """Raise ShapeError unless `image` is a non-empty uint8 array of shape (H, W, 3)."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ShapeError(
            f"the image is {image.dtype} of shape {image.shape}; need RGB uint8 of shape (H, W, 3)"
        )


def fits_whole(height: int, width: int) -> bool:
    """Return whether all 16 px patches of an image are within the budget.

    The class token is not counted here, so an image of exactly 512 patches is a token too large.
    """
    return _patch_count(height, width) <= BUDGET


def size_in_patches(height: int, width: int) -> tuple[int, int]:
    """Return the size after padding to whole 16 px patches."""
    return -(-height // PATCH_PX) * PATCH_PX, -(-width // PATCH_PX) * PATCH_PX


def size_in_cells(height: int, width: int) -> tuple[int, int]:
    """Return the size after padding or cropping (at the bottom and right) to whole 32 px cells.

    One decision for both axes: crop if the corner that cropping loses is smaller than the corner
    that padding adds. A side that is a multiple of 32 already counts as 1 px in both corners.

    Raises:
        ShapeError: cropping leaves nothing; the released code fails there too.
    """
    rest_h, rest_w = height % CELL_PX, width % CELL_PX
    cropped = (rest_h or 1) * (rest_w or 1)
    added_h, added_w = -rest_h % CELL_PX, -rest_w % CELL_PX
    added = (added_h or 1) * (added_w or 1)
    if added <= cropped:
        return height + added_h, width + added_w
    if height < CELL_PX or width < CELL_PX:
        raise ShapeError(
            f"an image of height {height} and width {width} px is cropped to nothing by the "
            "released tokenizer; use the `series` tokenizer"
        )
    return height - rest_h, width - rest_w


def align_pair(first: Image, second: Image, axis: Axis) -> tuple[Image, Image]:
    """Scale two images to equal widths (or heights), and both up if they are small.

    Step 1 brings both to the larger width (or height). Step 2 enlarges each image that fits the
    budget whole until it does not; if the two factors differ by more than 0.01, both images get the
    larger. So the sizes of the results may still differ a little in both axes.

    Args:
        first: RGB uint8.
        second: RGB uint8 of any size.
        axis: which side is made equal.

    Raises:
        ShapeError: the aligned images would exceed 2**27 pixels (an extreme aspect ratio).
    """
    side = 1 if axis == "width" else 0
    target = max(first.shape[side], second.shape[side])
    sizes = [_scaled_to(image, side, target) for image in (first, second)]
    factors = [_enlargement(*size) for size in sizes]
    if abs(factors[0] - factors[1]) > _FACTOR_TOLERANCE:
        factors = [max(factors)] * 2
    return (
        _resized(_resized(first, sizes[0]), _times(sizes[0], factors[0])),
        _resized(_resized(second, sizes[1]), _times(sizes[1], factors[1])),
    )


def _patch_count(height: int, width: int) -> int:
    return -(-height // PATCH_PX) * -(-width // PATCH_PX)


def _scaled_to(image: Image, side: int, target: int) -> tuple[int, int]:
    """Return the size of `image` with axis `side` scaled to `target` px."""
    height, width = image.shape[:2]
    if side == 1:
        return int(height * target / width), target
    return target, int(width * target / height)


def _enlargement(height: int, width: int) -> float:
    """Return the factor by which a small image is enlarged; 1 for all others."""
    if not fits_whole(height, width):
        return 1.0
    by_count = math.sqrt(_ENLARGED_PATCHES / _patch_count(height, width))
    return max(by_count, _ENLARGED_SIDE_PX / min(height, width))


def _times(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return int(size[0] * factor), int(size[1] * factor)


def _resized(image: Image, size: tuple[int, int]) -> Image:
    """Return the image at `size`, by Pillow's Lanczos filter on 8 bit values."""
    height, width = size
    if image.shape[:2] == size:
        return image
    if height * width > _MAX_ALIGNED_PX:
        raise ShapeError(
            f"the released tokenizer would scale an image of height {image.shape[0]} and width "
            f"{image.shape[1]} px to {height} x {width} px, beyond {_MAX_ALIGNED_PX} pixels; "
            "use the `series` tokenizer"
        )
    scaled = PILImage.fromarray(image).resize((width, height), PILImage.Resampling.LANCZOS)
    return np.asarray(scaled)
