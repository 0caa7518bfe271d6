"""Photos from what is in memory: NumPy arrays and PIL images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.errors import DecodeError, ShapeError
from fgaesq.images.conversion import Traits, convert, make_photo
from fgaesq.images.faults import DECODER_ERRORS, Fault, fault_of_decoder
from fgaesq.images.limits import check_pixel_count, check_request, check_sides, reduced_size
from fgaesq.images.orientation import exif_orientation
from fgaesq.images.samples import floats_to_bytes, words_to_bytes
from fgaesq.types import Photo

__all__ = ["photo_from_array", "photo_from_pil", "plain_rgb"]

_CHANNEL_COUNTS = (1, 3, 4)


def photo_from_array(
    array: NDArray[np.generic], *, name: str, max_long_side_px: int | None = None
) -> Photo:
    """Return an array as a photo; it is copied and taken as upright sRGB.

    Args:
        array: (H, W) or (H, W, 1) grey, (H, W, 3) RGB or (H, W, 4) RGB with straight alpha, which
            is laid on white. uint8; uint16 with white at 65535; or floats with white at 1.
        name: what the photo is called in results.
        max_long_side_px: reduce to this long side if it is larger.

    Raises:
        ShapeError: another shape or type, values outside the range, or a side under 16 px.
        InputError: `max_long_side_px` is below 16.
    """
    check_request(max_long_side_px)
    channels = _channels(array, name)
    try:
        height, width = array.shape[:2]
        check_sides(width, height)
        size = reduced_size(width, height, max_long_side_px)
        samples = _to_bytes(array, name).reshape(height, width, channels)
        if channels == 1:
            samples = samples[..., 0]
        image = PILImage.fromarray(np.ascontiguousarray(samples))
        image = convert(image, Traits(), size=size)
    except Fault as fault:
        raise ShapeError(f"{name}: {fault}") from fault.__cause__
    return make_photo(image, name=name, stored_size=(width, height))


def photo_from_pil(
    image: PILImage.Image,
    *,
    name: str,
    max_long_side_px: int | None = None,
    as_released: bool = False,
) -> Photo:
    """Return a PIL image of any mode as a photo, by the same conversion as a file.

    The EXIF orientation and ICC profile in `image.info` are applied; what Pillow or the caller has
    turned already must no longer carry the tag (`ImageOps.exif_transpose` removes it). The
    image itself is not changed, except that Pillow loads its pixels.

    Args:
        image: any mode; a multi-frame image stands for its current frame.
        name: what the photo is called in results.
        max_long_side_px: reduce to this long side if it is larger.
        as_released: see `read_photo`.

    Raises:
        DecodeError: the pixels cannot be loaded or converted, or the size is out of bounds.
        InputError: the options contradict each other.
    """
    check_request(max_long_side_px, as_released=as_released)
    try:
        check_pixel_count(*image.size)
        try:
            image.load()
            stored_size = image.size  # a TIFF file may only turn out, on loading, to be turned
            check_sides(*stored_size)
            size = reduced_size(*stored_size, max_long_side_px)
            if as_released:
                return make_photo(plain_rgb(image), name=name, stored_size=stored_size)
            orientation = exif_orientation(image.info.get("exif") or b"")
            traits = Traits(orientation, image.info.get("icc_profile") or None)
            converted = convert(image, traits, size=size)
        except DECODER_ERRORS as error:
            raise fault_of_decoder(error, image.format or "image") from error
    except Fault as fault:
        raise DecodeError(f"{name}: {fault}") from fault.__cause__
    return make_photo(converted, name=name, stored_size=stored_size, orientation=traits.orientation)


def plain_rgb(image: PILImage.Image) -> PILImage.Image:
    """Return what `Image.convert("RGB")` gives, without its warning about palette transparency."""
    if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
        image = image.copy()
        del image.info["transparency"]  # has no influence on the result
    return image if image.mode == "RGB" else image.convert("RGB")


def _channels(array: NDArray[np.generic], name: str) -> int:
    channels = 1 if array.ndim == 2 else array.shape[-1]
    if array.ndim in (2, 3) and channels in _CHANNEL_COUNTS:
        return channels
    hint = "give (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"
    if array.ndim == 3 and array.shape[0] in _CHANNEL_COUNTS:
        hint += ", which .transpose(1, 2, 0) makes of channels that come first"
    raise ShapeError(f"{name}: its shape is {array.shape}; {hint}")


def _to_bytes(array: NDArray[np.generic], name: str) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array.astype(np.uint8, copy=False)
    if array.dtype == np.uint16:
        return words_to_bytes(array.astype(np.uint16, copy=False))
    if np.issubdtype(array.dtype, np.floating):
        return floats_to_bytes(array)  # type: ignore[arg-type]
    raise ShapeError(
        f"{name}: its type is {array.dtype}; give uint8, uint16, or floats from 0 to 1"
    )
