"""Pillow's readers of the formats, opened without `PIL.Image.open`; that of HEIC is an extra.

`Image.open` checks Pillow's process-wide pixel limit, and warns. The limit here is our own and the
process's warning filters belong to the application, so the format is recognised by
`kinds.recognise`, its structure is checked by `structure`, and the reader is built directly. The
readers below differ from Pillow's where those would parse metadata that we do not use (and warn
about them) or would turn the image themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from PIL import Image as PILImage
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from fgaesq.images.conversion import Box, Traits
from fgaesq.images.kinds import Kind
from fgaesq.images.limits import MIN_SIDE_PX
from fgaesq.images.orientation import exif_orientation, valid_orientation
from fgaesq.images.samples import SIXTEEN_BITS

__all__ = ["decode_at_free_size", "open_image", "reduce_while_decoding", "traits_of"]

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _ORIENTATION = 256, 257, 258, 262, 274
_WHITE_IS_ZERO = 0


class _JpegReader(JpegImageFile):
    """JPEG, or the first image of an MPO file; looks for no resolution in the EXIF data."""

    def getexif(self) -> PILImage.Exif:
        return PILImage.Exif()


class _TiffReader(TiffImageFile):
    """TIFF as it is stored: neither turned by Pillow nor held to Pillow's pixel limit."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, "")
        self._size = self.stored_size

    @property
    def stored_size(self) -> tuple[int, int]:
        return self.tag_v2[_WIDTH], self.tag_v2[_HEIGHT]

    def getexif(self) -> PILImage.Exif:
        return PILImage.Exif()

    def load_prepare(self) -> None:
        if getattr(self, "_im", None) is None:
            self.im = PILImage.new(self.mode, self.stored_size).im
        super().load_prepare()


def open_image(file: BinaryIO, kind: Kind) -> ImageFile:
    """Return a reader that knows the image's size and mode but has decoded no pixels.

    Raises:
        Exception: one of `faults.DECODER_ERRORS`, if the header is damaged.
    """
    if kind == "HEIC":
        return _heif_reader(file)
    if kind == "JPEG":
        return _JpegReader(file, "")
    if kind == "TIFF":
        return _TiffReader(file)
    readers: dict[Kind, Callable[[BinaryIO, str], ImageFile]] = {
        "PNG": PngImageFile,
        "WebP": WebPImageFile,
        "BMP": BmpImageFile,
        "GIF": GifImageFile,
    }
    # No file name is passed on: Pillow would map the file into memory by it, and a file that
    # shrinks while it is mapped ends the process.
    return readers[kind](file, "")


def traits_of(image: ImageFile, file: BinaryIO) -> Traits:
    """Return what the file says about its pixels besides their values.

    Args:
        image: what `open_image` returned.
        file: the file it reads; its position is kept.
    """
    profile = image.info.get("icc_profile")
    if image.format == "HEIF":  # turned by libheif; what its EXIF data say does not count
        return Traits(profile=profile or None)
    if not isinstance(image, _TiffReader):
        exif = image.info.get("exif", b"")
        if isinstance(image, PngImageFile):
            _scale_transparent_colour(image, file)
        return Traits(orientation=exif_orientation(exif), profile=profile or None)
    bits = image.tag_v2.get(_BITS, (1,))[0]
    is_deep = bits > 8 and image.mode not in ("RGB", "RGBA", "CMYK")
    return Traits(
        orientation=valid_orientation(image.tag_v2.get(_ORIENTATION)),
        profile=profile or None,
        full_scale=2**bits - 1 if 8 < bits <= 16 else SIXTEEN_BITS,
        is_inverted=is_deep and image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
    )


def reduce_while_decoding(image: ImageFile, size: tuple[int, int]) -> Box:
    """Let a JPEG be decoded at 1/2, 1/4 or 1/8 of its size if that is at least `size`.

    Of a HEIC file its embedded thumbnail is decoded instead, if it is a true copy and large enough.

    Returns:
        The part (left, top, right, bottom) of the decoded image that holds the picture. The right
        and lower edge may run through the last pixels, where sizes do not divide evenly.
    """
    whole = 0.0, 0.0, float(image.width), float(image.height)
    can_reduce = isinstance(image, JpegImageFile) or image.format == "HEIF"
    drafted = image.draft(None, size) if can_reduce else None
    return drafted[1] if drafted else whole


def decode_at_free_size(image: ImageFile, enough_px: int, *, at_most_px: int) -> bool:
    """Let a JPEG be decoded at the smallest of 1/1, 1/2, 1/4 and 1/8 of its size that is enough.

    libjpeg computes only the pixels of that size, so it costs less than all others. Where sizes do
    not divide evenly the last column or row is one of which the picture fills a part.

    Args:
        image: no pixel of which has been decoded.
        enough_px: that the long side has at least, at least 16. The short side keeps one patch.
        at_most_px: that the long side may have.

    Returns:
        Whether `image` now has that size. If not, it is no JPEG or too large even so, and is left
        as it was.
    """
    if not isinstance(image, JpegImageFile):
        return False
    width, height = image.size
    for parts in (8, 4, 2, 1):
        free = -(-width // parts), -(-height // parts)
        if parts == 1 or (max(free) >= enough_px and min(free) >= MIN_SIDE_PX):
            break
    if max(free) > at_most_px:
        return False
    image.draft(None, (width // parts, height // parts))
    return image.size == free


def _scale_transparent_colour(image: PngImageFile, file: BinaryIO) -> None:
    """Bring a PNG's transparent colour from the file's bit depth to that of the pixels."""
    transparent = image.info.get("transparency")
    position = file.tell()
    file.seek(24)
    bits = file.read(1)[0]
    file.seek(position)
    if image.mode == "L" and isinstance(transparent, int):
        image.info["transparency"] = transparent * 255 // (2**bits - 1)
    elif image.mode == "RGB" and isinstance(transparent, tuple) and bits > 8:
        image.info["transparency"] = tuple(level >> 8 for level in transparent)


def _heif_reader(file: BinaryIO) -> ImageFile:
    """Return the reader of HEIC files; the image that it decodes is upright."""
    from pillow_heif import HeifImageFile

    reader: ImageFile = HeifImageFile(file, "")  # type: ignore[no-untyped-call]
    return reader
