"""The image files of an export, and a folder that is there as a whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from PIL import Image as PILImage

from fgaesq.building.publish.metadata import without_metadata
from fgaesq.datasets.parquet import encoded_image
from fgaesq.datasets.records import Item, open_image
from fgaesq.errors import DecodeError, InputError
from fgaesq.images import printable

__all__ = ["JPEG_QUALITY", "ImageFiles", "new_folder"]

JPEG_QUALITY = 95
"""Of images that have to be coded anew as JPEG; colour is not subsampled."""

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """How images become files of an export.

    Attributes:
        keep_metadata: leave EXIF, GPS and the like in the files; by default they are taken out, as
            they tell where and when people were photographed.
        link: make hard links to the originals instead of copies; needs `keep_metadata`.

    Raises:
        InputError: `link` without `keep_metadata`.
    """

    keep_metadata: bool = False
    link: bool = False

    def __post_init__(self) -> None:
        if self.link and not self.keep_metadata:
            raise InputError(
                "links are the original files with their metadata; add --keep-metadata, or --copy"
            )

    def photo(self, item: Item) -> tuple[str, bytes]:
        """Return ending and bytes of the whole photo that an item is, or is a part of.

        JPEG, PNG and WebP stay as they are coded; of other kinds, whose metadata cannot be taken
        out, the upright pixels become a PNG file.

        Raises:
            DecodeError: the file cannot be read.
        """
        content = _content(item)
        if self.keep_metadata:
            return _suffix(item), content
        try:
            bare = without_metadata(content)
        except DecodeError as error:
            raise DecodeError(f"{printable(item.path)}: {error}") from error
        return bare or (".png", _coded(replace(item, crop=None), "PNG"))

    def shown(self, item: Item, form: Literal["JPEG", "PNG"]) -> tuple[str, bytes]:
        """Return ending and bytes of what an item shows; crops are cut and coded in this form.

        As `JPEG`, photos of other kinds are coded anew too (quality 95, colour not subsampled).

        Raises:
            DecodeError: the file cannot be read.
        """
        if item.crop is None:
            suffix, content = self.photo(item)
            if form == "PNG" or content.startswith(_JPEG):
                return (".jpg" if content.startswith(_JPEG) else suffix), content
        return {"JPEG": ".jpg", "PNG": ".png"}[form], _coded(item, form)

    def write_photo(self, item: Item, stem: Path) -> Path:
        """Write the whole photo as a file named `stem` and its ending; return its path."""
        if self.link and item.cell is None:
            return _linked(item.path, stem, _suffix(item))
        return _written(stem, *self.photo(item))

    def write_shown(self, item: Item, stem: Path, form: Literal["JPEG", "PNG"]) -> Path:
        """Write what an item shows as a file named `stem` and its ending; return its path."""
        if self.link and item.cell is None and item.crop is None:
            with item.path.open("rb") as file:
                is_jpeg = file.read(len(_JPEG)) == _JPEG
            if is_jpeg or form == "PNG":
                return _linked(item.path, stem, ".jpg" if is_jpeg else _suffix(item))
        return _written(stem, *self.shown(item, form))


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write into; it takes its name when the block ends well, else it is removed.

    Raises:
        InputError: the folder is there and not empty, or cannot be made.
    """
    folder = folder.resolve()  # so that it has a name
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{printable(folder)}: is not an empty folder; give a new one")
    unfinished = folder.with_name(f".{folder.name}.fgaesq-unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)  # of a run that was killed
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        unfinished.replace(folder)
    except OSError as error:
        raise InputError(
            f"{printable(folder)}: cannot be written ({error.strerror}); make room or give another "
            "folder"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _content(item: Item) -> bytes:
    if item.cell is not None:
        return encoded_image(item.path, item.cell)
    try:
        return item.path.read_bytes()
    except OSError as error:
        raise DecodeError(
            f"{printable(item.path)}: cannot be read ({error.strerror}); bring it back, or drop "
            "the image"
        ) from error


def _coded(item: Item, form: Literal["JPEG", "PNG"]) -> bytes:
    coded = io.BytesIO()
    image = PILImage.fromarray(open_image(item))
    if form == "JPEG":
        image.save(coded, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4")
    else:
        image.save(coded, "PNG")
    return coded.getvalue()


def _suffix(item: Item) -> str:
    return ".jpg" if item.cell else item.path.suffix.lower()


def _written(stem: Path, suffix: str, content: bytes) -> Path:
    path = stem.with_name(stem.name + suffix)
    path.write_bytes(content)
    return path


def _linked(original: Path, stem: Path, suffix: str) -> Path:
    path = stem.with_name(stem.name + suffix)
    try:
        os.link(original.resolve(), path)
    except OSError as error:
        if error.errno == errno.EXDEV:
            raise InputError(
                f"{printable(original)}: lies on another disk, where no link can lead; use --copy"
            ) from error
        raise
    return path
