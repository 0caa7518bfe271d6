"""Which way up a photo is: the EXIF orientation tag, and turning an image by it."""

from __future__ import annotations

import struct

from PIL import Image as PILImage

__all__ = ["UPRIGHT", "exif_orientation", "swaps_sides", "turn_upright", "valid_orientation"]

UPRIGHT = 1

_ORIENTATION_TAG = 0x0112
_SHORT, _LONG = 3, 4

_TURNS = {
    2: PILImage.Transpose.FLIP_LEFT_RIGHT,
    3: PILImage.Transpose.ROTATE_180,
    4: PILImage.Transpose.FLIP_TOP_BOTTOM,
    5: PILImage.Transpose.TRANSPOSE,
    6: PILImage.Transpose.ROTATE_270,
    7: PILImage.Transpose.TRANSVERSE,
    8: PILImage.Transpose.ROTATE_90,
}


def exif_orientation(exif: bytes) -> int:
    r"""Return the orientation, 1 to 8, that a block of EXIF data states.

    Pillow's own reader warns about damaged EXIF data, which threads cannot silence safely; this
    one reads the single tag that matters. Data that are damaged or state no valid orientation
    leave the photo as it is stored (1), which is what viewers do.

    Args:
        exif: a TIFF structure, with or without the prefix `Exif\0\0`.
    """
    data = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, start)
        for index in range(count):
            position = start + 2 + 12 * index
            tag, type_, _ = struct.unpack_from(order + "HHI", data, position)
            if tag == _ORIENTATION_TAG and type_ in (_SHORT, _LONG):
                code = order + ("H" if type_ == _SHORT else "I")
                return valid_orientation(struct.unpack_from(code, data, position + 8)[0])
    except struct.error:
        return UPRIGHT
    return UPRIGHT


def valid_orientation(value: object) -> int:
    """Return `value` if it is an orientation, 2 to 8, otherwise 1 (as it is stored)."""
    return value if isinstance(value, int) and value in _TURNS else UPRIGHT


def swaps_sides(orientation: int) -> bool:
    """Return whether turning by `orientation` exchanges width and height."""
    return orientation >= 5


def turn_upright(image: PILImage.Image, orientation: int) -> PILImage.Image:
    """Return the image as it is meant to be seen; `orientation` is 1 to 8."""
    return image if orientation == UPRIGHT else image.transpose(_TURNS[orientation])
