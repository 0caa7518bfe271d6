"""Camera RAW files, read by LibRaw (extra `raw`): the embedded preview, else the sensor data.

Cameras embed a JPEG of their own development, mostly at full size: it is what the photographer saw,
and costs what a JPEG costs. The sensor's data are developed only where there is no preview that
shows enough.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.images.faults import DECODER_ERRORS, Fault, cut_short, damaged
from fgaesq.images.limits import check_sides
from fgaesq.images.orientation import UPRIGHT, exif_orientation, swaps_sides, valid_orientation
from fgaesq.images.readers import open_image

if TYPE_CHECKING:
    from rawpy import RawPy

__all__ = ["ENOUGH_PX", "RawPicture", "read_raw"]

ENOUGH_PX = 1000
"""Previews with a shorter long side are thumbnails, used only if the sensor has no more."""

_EXIF_OF_FLIP = (1, 2, 4, 3, 5, 8, 6, 7)
"""LibRaw's `flip` (bit 0: left-right, 1: top-bottom, 2: axes exchanged) as EXIF orientation."""


@dataclass(frozen=True, slots=True)
class RawPicture:
    """What is shown of a RAW file.

    Attributes:
        picture: a whole JPEG file, or decoded pixels of mode RGB or L.
        orientation: how it has to be turned, 1 to 8.
    """

    picture: bytes | PILImage.Image
    orientation: int


def read_raw(
    path: str | bytes | os.PathLike[str], *, max_long_side_px: int | None = None
) -> RawPicture:
    """Return the picture of a RAW file.

    Args:
        path: of the file.
        max_long_side_px: how large it needs to be; None for as large as it is.

    Raises:
        Fault: LibRaw does not know the file, or it is damaged.
    """
    import rawpy

    errors = rawpy.LibRawError
    try:
        with _opened(path) as raw:
            check_sides(raw.sizes.width, raw.sizes.height)
            return _preview(raw) or _developed(raw, max_long_side_px)
    except errors as error:
        raise _fault_of_libraw(error) from error


def _opened(path: str | bytes | os.PathLike[str]) -> RawPy:
    """Open a file by its name, so that no more of it is read than is needed."""
    import rawpy

    text = os.fsdecode(path)
    try:
        text.encode()
    except UnicodeEncodeError:  # LibRaw is given UTF-8 only
        with open(path, "rb") as file:
            return rawpy.imread(io.BytesIO(file.read()))
    return rawpy.imread(text)


def _preview(raw: RawPy) -> RawPicture | None:
    """Return the largest preview, or None if there is none that shows enough."""
    import rawpy

    sizes = raw.sizes
    try:
        thumbnail = raw.extract_thumb()
    except (rawpy.LibRawNonFatalError, NotImplementedError):  # none, or of an unknown format
        return None
    flip = _EXIF_OF_FLIP[sizes.flip & 7]
    picture: bytes | PILImage.Image
    if isinstance(thumbnail.data, bytes):
        picture = thumbnail.data
        try:
            with open_image(io.BytesIO(picture), "JPEG") as header:
                size, own = header.size, exif_orientation(header.info.get("exif", b""))
        except DECODER_ERRORS:
            return None
    else:
        picture = _image(thumbnail.data)
        size, own = picture.size, flip
    if max(size) < min(ENOUGH_PX, max(sizes.width, sizes.height)):
        return None
    return RawPicture(picture, _orientation(size, own, flip, sensor=(sizes.width, sizes.height)))


def _orientation(size: tuple[int, int], own: int, flip: int, *, sensor: tuple[int, int]) -> int:
    """Return how a preview has to be turned.

    Args:
        size: (width, height) of the preview.
        own: orientation that its own EXIF data state.
        flip: orientation that the RAW file states.
        sensor: (width, height) of the sensor, not turned.
    """
    if not swaps_sides(flip):
        return own if own != UPRIGHT else flip
    is_turned = (size[0] < size[1]) != (sensor[0] < sensor[1])
    return UPRIGHT if is_turned else valid_orientation(flip)


def _developed(raw: RawPy, max_long_side_px: int | None) -> RawPicture:
    """Develop the sensor's data at half size, or at full size if half is too small.

    Brightness is not fitted to the picture: in a series, exposures must stay comparable.
    """
    half = max(raw.sizes.width, raw.sizes.height) // 2
    enough = min(ENOUGH_PX, max_long_side_px or ENOUGH_PX)
    pixels = raw.postprocess(
        use_camera_wb=True, no_auto_bright=True, half_size=half >= enough, output_bps=8
    )
    return RawPicture(_image(pixels), UPRIGHT)


def _image(pixels: NDArray[np.uint8]) -> PILImage.Image:
    """Return decoded pixels, (H, W, 3), or (H, W, 1) of a sensor without colour filters."""
    return PILImage.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _fault_of_libraw(error: Exception) -> Fault:
    kind = type(error).__name__
    if "Unsupported" in kind or "NotImplemented" in kind:
        return Fault(
            "it is no camera RAW that LibRaw knows", "convert it to DNG, or export it as JPEG"
        )
    if "IOError" in kind:
        return cut_short("camera RAW")
    if "TooBig" in kind or "InsufficientMemory" in kind:
        return Fault("decoding it needs more memory than there is", "export it as JPEG")
    return damaged("camera RAW")
