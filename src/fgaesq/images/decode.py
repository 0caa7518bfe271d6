"""Photo files -> upright sRGB pixels: the main path of this package."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image as PILImage
from PIL.ImageFile import ImageFile

from fgaesq.errors import DecodeError, ShapeError
from fgaesq.images.conversion import Box, Traits, convert, make_photo
from fgaesq.images.extras import check_extra
from fgaesq.images.faults import DECODER_ERRORS, Fault, fault_of_decoder
from fgaesq.images.kinds import HEAD_BYTES, Kind, recognise
from fgaesq.images.limits import check_request, check_sides, reduced_size
from fgaesq.images.memory import photo_from_array, photo_from_pil, plain_rgb
from fgaesq.images.names import printable
from fgaesq.images.opening import open_regular
from fgaesq.images.raw import read_raw
from fgaesq.images.readers import (
    decode_at_free_size,
    open_image,
    reduce_while_decoding,
    traits_of,
)
from fgaesq.images.structure import check_structure
from fgaesq.images.tiff_structure import holds_sensor_data
from fgaesq.types import ImageSource, Photo

__all__ = ["as_photo", "read_photo"]


def read_photo(
    path: str | os.PathLike[str],
    *,
    max_long_side_px: int | None = None,
    enough_px: int | None = None,
    as_released: bool = False,
) -> Photo:
    """Read a photo file (its first frame or page) as upright sRGB.

    JPEG, PNG, WebP, TIFF, BMP and GIF; HEIC with the extra `heif`; camera RAW with the extra `raw`,
    by its embedded preview, see `raw`. The content decides what a file is, not its name (which only
    tells the RAW formats that look like TIFF). The EXIF orientation and an embedded ICC
    profile are applied, transparency is laid on white and deeper samples become 8 bits; the rules
    for odd cases stand in `orientation`, `colour` and `samples`. The result depends on the
    file's bytes and the three options only.

    Args:
        path: a file. Links are followed; pipes and devices are refused without being opened.
        max_long_side_px: reduce to this long side, at least 16, if the photo is larger. JPEG files
            are decoded at a fraction of their size where that is enough.
        enough_px: take a JPEG (also one that a RAW file embeds) as its decoder gives it, at the
            smallest of 1/1, 1/2, 1/4 and 1/8 of its size whose long side has so many pixels, at
            least 16. Nothing is resampled, which is what it is for: it saves time. Other kinds, and
            what is over `max_long_side_px` at that size, are read as without it.
        as_released: decode as for the published reference scores: full size, orientation and
            profile ignored, whatever `Image.convert("RGB")` gives. A broken file still fails.

    Returns:
        The photo; its `name` is the path as given (see `printable`), its `pixels` are read-only.

    Raises:
        DecodeError: it is not there, not a photo, not whole, of a kind that cannot be read, over
            `MAX_PIXELS`, or under 16 px on a side. The message names the path, reason and remedy.
        MissingExtraError: the packages that read this kind of file are not installed.
        InputError: `max_long_side_px` or `enough_px` is below 16, or given together with
            `as_released`.
    """
    check_request(max_long_side_px, enough_px=enough_px, as_released=as_released)
    name = printable(path)
    wanted = _Wanted(name, max_long_side_px, enough_px, as_released)
    try:
        with open_regular(path) as file:
            return _read_file(file, path, wanted)
    except Fault as fault:
        raise DecodeError(f"{name}: {fault}") from fault.__cause__
    except MemoryError as error:
        raise DecodeError(
            f"{name}: decoding it needs more memory than there is; reduce it first"
        ) from error


def as_photo(
    source: ImageSource,
    *,
    name: str,
    max_long_side_px: int | None = None,
    as_released: bool = False,
) -> Photo:
    """Return a path, PIL image or array as a photo.

    Args:
        source: what `read_photo`, `photo_from_pil` or `photo_from_array` accepts.
        name: what an image from memory is called in results; a file is called by its path.
        max_long_side_px: as in `read_photo`.
        as_released: as in `read_photo`. Arrays carry neither orientation nor profile, so that it
            makes no difference to them.

    Raises:
        DecodeError: the file or PIL image cannot be used.
        ShapeError: the array cannot be used, or `source` is none of the three.
        InputError: the options contradict each other.
    """
    check_request(max_long_side_px, as_released=as_released)
    if isinstance(source, (str, os.PathLike)):
        return read_photo(source, max_long_side_px=max_long_side_px, as_released=as_released)
    if isinstance(source, PILImage.Image):
        return photo_from_pil(
            source, name=name, max_long_side_px=max_long_side_px, as_released=as_released
        )
    if isinstance(source, np.ndarray):
        return photo_from_array(source, name=name, max_long_side_px=max_long_side_px)
    raise ShapeError(
        f"{name}: it is a {type(source).__name__}; give a path, PIL image or NumPy array"
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a file is read as; see `read_photo`."""

    name: str
    max_long_side_px: int | None
    enough_px: int | None
    as_released: bool


def _read_file(file: BinaryIO, path: str | bytes | os.PathLike[str], wanted: _Wanted) -> Photo:
    length = os.fstat(file.fileno()).st_size
    kind = recognise(file.read(HEAD_BYTES), Path(wanted.name).suffix.lower())
    try:
        if kind == "TIFF" and holds_sensor_data(file, length):
            kind = "camera RAW"
        check_extra(kind, wanted.name)
        check_structure(file, length, kind)
        if kind == "camera RAW":
            return _read_raw_file(path, wanted)
        return _read_image(file, kind, wanted)
    except DECODER_ERRORS as error:
        raise fault_of_decoder(error, kind) from error


def _read_raw_file(path: str | bytes | os.PathLike[str], wanted: _Wanted) -> Photo:
    raw = read_raw(path, max_long_side_px=wanted.max_long_side_px)
    if isinstance(raw.picture, bytes):
        return _read_image(io.BytesIO(raw.picture), "JPEG", wanted, orientation=raw.orientation)
    image = raw.picture
    size = reduced_size(*image.size, wanted.max_long_side_px)
    converted = convert(image, Traits(raw.orientation), size=size)
    return make_photo(
        converted, name=wanted.name, stored_size=image.size, orientation=raw.orientation
    )


def _read_image(
    file: BinaryIO, kind: Kind, wanted: _Wanted, *, orientation: int | None = None
) -> Photo:
    """Decode and convert an image that Pillow reads.

    Args:
        file: the file, at its beginning.
        kind: what it is.
        wanted: how it is wanted.
        orientation: how it has to be turned, if that is known better than by the image itself.
    """
    with open_image(file, kind) as image:
        stored_size = image.size
        check_sides(*stored_size)
        if wanted.as_released:
            image.load()
            return make_photo(plain_rgb(image), name=wanted.name, stored_size=stored_size)
        traits = traits_of(image, file)
        if orientation is not None:
            traits = replace(traits, orientation=orientation)
        size, box = _reduce_while_decoding(image, wanted)
        image.load()
        converted = convert(image, traits, size=size, box=box)
    return make_photo(
        converted, name=wanted.name, stored_size=stored_size, orientation=traits.orientation
    )


def _reduce_while_decoding(image: ImageFile, wanted: _Wanted) -> tuple[tuple[int, int], Box | None]:
    """Set the size at which an image will be decoded.

    Returns:
        The (width, height) that is wanted, before turning, and the part of the decoded image that
        holds the picture; None for all of it.
    """
    size = reduced_size(*image.size, wanted.max_long_side_px)
    enough = wanted.enough_px
    if enough is not None and decode_at_free_size(image, enough, at_most_px=max(size)):
        return image.size, None
    return size, reduce_while_decoding(image, size)
