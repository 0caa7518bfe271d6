"""Chosen frames as picture files: lossless, with their source and time."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image as PILImage
from PIL.PngImagePlugin import PngInfo

from fgaesq.types import Image

__all__ = ["COVER_EXTENSIONS", "cover_name", "encode_cover"]

COVER_EXTENSIONS = (".png", ".jpg", ".jpeg")
_JPEG_QUALITY = 95
_TIME_ORIGINAL, _FRACTION, _ZONE, _EXIF = 0x9003, 0x9291, 0x9011, 0x8769


def cover_name(clip: Path, time_s: float) -> str:
    """Return the file name of a frame: that of its clip and its time, such as `IMG_1-2.133s.png`.

    >>> cover_name(Path("a/IMG_1.MOV"), 2.1333)
    'IMG_1-2.133s.png'
    """
    return f"{clip.stem}-{time_s:.3f}s.png"


def encode_cover(
    pixels: Image, extension: str, *, clip: str, time_s: float, started: datetime | None = None
) -> bytes:
    """Return a frame as a picture file.

    Args:
        pixels: upright RGB, (H, W, 3) uint8.
        extension: `.png`, which keeps every pixel, or `.jpg`.
        clip: name of the clip, which the file names as its source.
        time_s: the frame's time in the clip.
        started: when the clip began, if it is known; the file then says when the frame was taken.
    """
    taken = started + timedelta(seconds=time_s) if started else None
    exif = _exif(taken) if taken else b""
    image = PILImage.fromarray(pixels)
    content = io.BytesIO()
    if extension == ".png":
        texts = PngInfo()
        texts.add_itxt("Source", clip)
        texts.add_text("Source Time", f"{time_s:.3f} s")
        if taken:
            texts.add_text("Creation Time", taken.isoformat(timespec="milliseconds"))
        image.save(content, "PNG", pnginfo=texts, exif=exif)
    else:
        comment = f"{clip}, {time_s:.3f} s".encode()
        image.save(
            content, "JPEG", quality=_JPEG_QUALITY, subsampling=0, comment=comment, exif=exif
        )
    return content.getvalue()


def _exif(taken: datetime) -> bytes:
    exif = PILImage.Exif()
    times = exif.get_ifd(_EXIF)
    times[_TIME_ORIGINAL] = taken.strftime("%Y:%m:%d %H:%M:%S")
    times[_FRACTION] = f"{taken.microsecond // 1000:03d}"
    if zone := taken.strftime("%z"):
        times[_ZONE] = f"{zone[:3]}:{zone[3:5]}"
    return exif.tobytes()
