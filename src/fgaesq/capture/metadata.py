"""Where the metadata of a file lie: EXIF directories, XMP packets and sizes, without any pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import BinaryIO

from fgaesq.capture.tags import Directory, open_block, read_directory

__all__ = ["Metadata", "add_exif", "add_whole_tiff"]

_EXIF, _GPS, _SUB_DIRECTORIES = 34665, 34853, 330
_WIDTH, _HEIGHT, _ORIENTATION = 256, 257, 274
_RW2_SENSOR = 7, 6, 5, 4
"""Right, bottom, left and top border of the sensor, as Panasonic's RAW files have them."""
_XMP = 700
_MOST_DIRECTORIES = 16


@dataclass(slots=True)
class Metadata:
    """What was found in a file.

    Attributes:
        main: directories that hold camera and time (IFD0 and the like).
        exif: directories that hold the exposure.
        gps: directories that hold the place and its time.
        notes: directories of maker notes that lie apart (CR3).
        xmp: the XMP packet.
        size: (width, height) of the stored image, 0 where it is not known.
        orientation: how it has to be turned, 1 to 8.
    """

    main: list[Directory] = field(default_factory=list)
    exif: list[Directory] = field(default_factory=list)
    gps: list[Directory] = field(default_factory=list)
    notes: list[Directory] = field(default_factory=list)
    xmp: bytes = b""
    size: tuple[int, int] = (0, 0)
    orientation: int | None = None


def add_exif(found: Metadata, exif: bytes) -> None:
    r"""Add a block of EXIF data, with or without the prefix `Exif\0\0`."""
    data = exif.removeprefix(b"Exif\0\0")
    first = open_block(io.BytesIO(data), 0, len(data))
    if first is not None:
        _add_first(found, first)


def add_whole_tiff(found: Metadata, file: BinaryIO, length: int) -> None:
    """Add a file that is a TIFF structure itself; the largest image in it gives the size."""
    first = open_block(file, 0, length)
    if first is None:
        return
    _add_first(found, first)
    found.xmp = found.xmp or first.data(_XMP)
    directories = [first, *first.below(_SUB_DIRECTORIES)]
    last = first
    while last.next_offset and len(directories) < _MOST_DIRECTORIES:
        last = read_directory(first.block, last.next_offset)
        directories.append(last)
    sizes = [(one.whole(_WIDTH) or 0, one.whole(_HEIGHT) or 0) for one in directories]
    borders = [first.whole(tag) for tag in _RW2_SENSOR]
    right, bottom, left, top = (border or 0 for border in borders)
    if borders[0] is not None:
        sizes.append((max(right - left, 0), max(bottom - top, 0)))
    found.size = max(sizes, key=lambda size: size[0] * size[1])


def _add_first(found: Metadata, first: Directory) -> None:
    found.main.append(first)
    found.exif += first.below(_EXIF)
    found.gps += first.below(_GPS)
    if found.orientation is None:
        found.orientation = first.whole(_ORIENTATION)
