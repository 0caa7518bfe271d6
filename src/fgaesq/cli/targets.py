"""Files that commands write beside their result: checked before the work, written after it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PIL import Image as PILImage

from fgaesq.errors import InputError

__all__ = ["check_picture_target", "check_target", "picture_bytes", "write_file"]

_PICTURE_FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_JPEG_QUALITY = 90


def check_target(path: Path, photos: Iterable[Path]) -> None:
    """Check, before the work is done, that a file can be written and is none of the photos.

    Raises:
        InputError: it is a folder, its folder is missing or closed, or it is one of `photos`.
    """
    folder = path.absolute().parent
    if path.is_dir():
        raise InputError(f"{path}: it is a folder; give the name of a file")
    if not folder.is_dir():
        raise InputError(f"{path}: there is no folder {folder}; make it or choose another place")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise InputError(f"{path}: writing there is not permitted; choose another place")
    if path.exists() and any(photo.exists() and path.samefile(photo) for photo in photos):
        raise InputError(f"{path}: it is one of the photos; choose another name")


def check_picture_target(path: Path, photos: Iterable[Path]) -> None:
    """Check a target as `check_target` does, and that its ending is one of a picture.

    Raises:
        InputError: see `check_target`; or the ending is none of .png, .jpg, .jpeg and .webp.
    """
    if path.suffix.lower() not in _PICTURE_FORMATS:
        endings = ", ".join(_PICTURE_FORMATS)
        raise InputError(f"{path}: no picture can have this ending; use one of {endings}")
    check_target(path, photos)


def picture_bytes(picture: PILImage.Image, path: Path) -> bytes:
    """Return a picture in the format that the ending of `path` stands for."""
    content = io.BytesIO()
    picture.save(content, _PICTURE_FORMATS[path.suffix.lower()], quality=_JPEG_QUALITY)
    return content.getvalue()


def write_file(path: Path, content: bytes) -> None:
    """Write a result file.

    Raises:
        InputError: it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); choose another place"
        ) from None
