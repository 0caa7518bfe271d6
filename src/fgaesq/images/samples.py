"""Bring the samples of any Pillow mode to 8 bits, before anything else is done with them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.images.faults import Fault

__all__ = ["SIXTEEN_BITS", "floats_to_bytes", "to_eight_bits", "words_to_bytes"]

SIXTEEN_BITS = 65535

_EIGHT_BIT_MODES = ("L", "LA", "RGB", "RGBA", "CMYK", "LAB")
_MODES_TO_CONVERT = {
    "1": "L",
    "La": "LA",
    "RGBa": "RGBA",
    "PA": "RGBA",
    "RGBX": "RGB",
    "YCbCr": "RGB",
    "HSV": "RGB",
}
_PLAIN_EXPORT = "export it as an 8- or 16-bit image"


def to_eight_bits(
    image: PILImage.Image, *, full_scale: int = SIXTEEN_BITS, is_inverted: bool = False
) -> PILImage.Image:
    """Return the image with 8 bits a sample, its transparency in an alpha band.

    16-bit greys are scaled by 255 / `full_scale` and rounded. (16-bit RGB needs nothing: Pillow
    itself keeps only the upper eight bits of it.) Floating-point samples must lie in 0 to 1 and
    32-bit integers in 0 to `full_scale`: another range could mean anything, so it is refused.

    Args:
        image: decoded, of any mode.
        full_scale: the value of white in modes I;16 and I.
        is_inverted: whether white is 0 in modes I;16, I and F.

    Returns:
        An image of mode L, LA, RGB, RGBA, CMYK or LAB.

    Raises:
        Fault: the range of the values is unknown, or Pillow has no way from this mode.
    """
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _deep_grey(image, full_scale, is_inverted)
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in _MODES_TO_CONVERT:
        image = image.convert(_MODES_TO_CONVERT[image.mode])
    if image.mode not in _EIGHT_BIT_MODES:
        raise Fault(f"its Pillow mode {image.mode} is not supported", _PLAIN_EXPORT)
    if image.mode in ("L", "RGB") and "transparency" in image.info:
        return image.convert("LA" if image.mode == "L" else "RGBA")
    return image


def words_to_bytes(
    values: NDArray[np.uint16], *, full_scale: int = SIXTEEN_BITS
) -> NDArray[np.uint8]:
    """Return 16-bit samples scaled by 255 / `full_scale` and rounded; larger ones become 255."""
    steps = np.arange(SIXTEEN_BITS + 1, dtype=np.float64) * (255.0 / full_scale)
    table = np.minimum(np.rint(steps), 255).astype(np.uint8)
    return np.take(table, values)


def floats_to_bytes(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return floating-point samples scaled by 255 and rounded.

    Raises:
        Fault: a value is not a number, or outside 0 to 1.
    """
    low, high = float(values.min()), float(values.max())
    if not (low >= 0.0 and high <= 1.0):  # False for NaN, which min() and max() pass on
        raise Fault(
            f"its floating-point values run from {low:g} to {high:g}, outside 0 to 1",
            "scale them to 0 to 1",
        )
    scaled: NDArray[np.uint8] = np.rint(values * 255).astype(np.uint8)
    return scaled


def _deep_grey(image: PILImage.Image, full_scale: int, is_inverted: bool) -> PILImage.Image:
    values = np.asarray(image)
    if image.mode == "F":
        grey = floats_to_bytes(values)
    else:
        if image.mode == "I":
            low, high = int(values.min()), int(values.max())
            if low < 0 or high > full_scale:
                raise Fault(
                    f"its integer values run from {low} to {high}, outside 0 to {full_scale}",
                    _PLAIN_EXPORT,
                )
        grey = words_to_bytes(values.astype(np.uint16, copy=False), full_scale=full_scale)
    result = PILImage.fromarray(255 - grey if is_inverted else grey)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = np.where(values == transparent, 0, 255).astype(np.uint8)
        result = PILImage.merge("LA", (result, PILImage.fromarray(alpha)))
    return result
