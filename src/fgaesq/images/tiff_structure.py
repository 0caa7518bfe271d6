"""Check the directories of a TIFF file before it is decoded (see `structure`)."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from fgaesq.images.faults import Fault, cut_short, damaged

__all__ = ["check_sensor_data", "check_tiff", "holds_sensor_data"]

_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TYPE_BYTES[16] = 8
_LONG8 = 16
_INTEGER_CODES = {3: "u2", 4: "u4", 13: "u4", _LONG8: "u8"}

_NEW_SUBFILE_TYPE, _DNG_VERSION = 254, 50706
_SUB_DIRECTORIES = 330
_MOST_SUB_DIRECTORIES = 16
_ROUNDED_UP = 1.02
_REDUCED_IMAGE = 1
_STRIPS_AND_TILES = ((273, 279), (324, 325))
_SINGLE_VALUED = frozenset(
    (254, 256, 257, 259, 262, 266, 274, 277, 278, 282, 283, 284, 296, 317, 322, 323)
)
"""Tags that Pillow reads as one number, and warns about if there are more."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the numbers of this TIFF file are stored (classic or BigTIFF, which byte order)."""

    order: str
    count: str
    entry: str
    offset: str

    def unpack(self, code: str, data: bytes) -> tuple[int, ...]:
        return struct.unpack(self.order + code, data)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One directory entry: its values lie in the file at `position`."""

    type_: int
    count: int
    position: int


def check_tiff(file: BinaryIO, length: int) -> None:
    """Check that the first directory and all that it points to lie within the file.

    Raises:
        Fault: something is missing or damaged.
    """
    layout, position = _read_header(file)
    entries = _read_directory(file, length, layout, position)
    for offsets_tag, counts_tag in _STRIPS_AND_TILES:
        offsets = _values(file, layout, entries.get(offsets_tag))
        counts = _values(file, layout, entries.get(counts_tag))
        if offsets is None or counts is None:
            continue
        if len(offsets) != len(counts):
            raise damaged("TIFF")
        if bool((offsets.astype(np.float64) + counts > length).any()):
            raise cut_short("TIFF")


def holds_sensor_data(file: BinaryIO, length: int) -> bool:
    """Return whether the first image of a TIFF file is the thumbnail of a camera's RAW data.

    DNG, NEF, ARW and others are TIFF files inside. The file is left at its beginning.

    Raises:
        Fault: its first directory is missing or damaged.
    """
    try:
        layout, position = _read_header(file)
        entries = _read_directory(file, length, layout, position)
        kinds = _values(file, layout, entries.get(_NEW_SUBFILE_TYPE))
    except struct.error as error:
        raise cut_short("TIFF") from error
    file.seek(0)
    return _DNG_VERSION in entries or (kinds is not None and bool(kinds[0] & _REDUCED_IMAGE))


def check_sensor_data(file: BinaryIO, length: int) -> None:
    """Check that the images of a RAW file with TIFF structure do not lie beyond its end.

    LibRaw would show the preview of a file whose sensor data are missing. What it would not find
    in the directories, or finds damaged, is left to it.

    Raises:
        Fault: the file is cut short.
    """
    for layout, entries in _sensor_directories(file, length):
        for offsets_tag, counts_tag in _STRIPS_AND_TILES:
            offsets = _values(file, layout, entries.get(offsets_tag))
            counts = _values(file, layout, entries.get(counts_tag))
            if offsets is None or counts is None or len(offsets) != len(counts):
                continue
            # Some cameras round sizes up: a little may be missing at the very end.
            if bool((offsets.astype(np.float64) + counts > length * _ROUNDED_UP).any()):
                raise cut_short("camera RAW")


def _sensor_directories(file: BinaryIO, length: int) -> list[tuple[_Layout, dict[int, _Entry]]]:
    """Return the first directory and those below it, without what is damaged.

    Raises:
        Fault: one of them lies beyond the end of the file.
    """
    found: list[tuple[_Layout, dict[int, _Entry]]] = []
    places: list[int] = []
    with contextlib.suppress(struct.error, Fault):
        layout, position = _read_header(file)
        entries = _read_directory(file, length, layout, position)
        found.append((layout, entries))
        below = _values(file, layout, entries.get(_SUB_DIRECTORIES))
        places = [] if below is None else below[:_MOST_SUB_DIRECTORIES].tolist()
    if any(place >= length for place in places):
        raise cut_short("camera RAW")
    for place in places:
        with contextlib.suppress(struct.error, Fault):
            found.append((layout, _read_directory(file, length, layout, place)))
    return found


def _read_header(file: BinaryIO) -> tuple[_Layout, int]:
    file.seek(0)
    magic = file.read(4)
    order = "<" if magic[:2] == b"II" else ">"
    if 43 in magic[2:]:
        layout = _Layout(order, "Q", "HHQ", "Q")
        file.seek(8)
    else:
        layout = _Layout(order, "H", "HHI", "I")
    (position,) = layout.unpack(layout.offset, file.read(struct.calcsize(layout.offset)))
    return layout, position


def _read_directory(
    file: BinaryIO, length: int, layout: _Layout, position: int
) -> dict[int, _Entry]:
    code = layout.order
    count_size, offset_size = struct.calcsize(code + layout.count), struct.calcsize(layout.offset)
    entry_size = struct.calcsize(code + layout.entry) + offset_size
    if position > length:
        raise cut_short("TIFF")
    file.seek(position)
    (count,) = layout.unpack(layout.count, file.read(count_size))
    position += count_size
    if position + count * entry_size + offset_size > length:
        raise cut_short("TIFF")
    entries: dict[int, _Entry] = {}
    outside = 0
    for index in range(count):
        file.seek(position + index * entry_size)
        tag, entry = _read_entry(file, layout, offset_size)
        size = _TYPE_BYTES.get(entry.type_, 0) * entry.count
        if size > offset_size:
            outside += size
            if entry.position + size > length:
                raise cut_short("TIFF")
        if tag in _SINGLE_VALUED and entry.count != 1:
            raise damaged("TIFF")
        entries.setdefault(tag, entry)
    if outside > length:  # entries that share their data, to make the reader's work explode
        raise damaged("TIFF")
    return entries


def _read_entry(file: BinaryIO, layout: _Layout, offset_size: int) -> tuple[int, _Entry]:
    """Read one directory entry; a value of up to `offset_size` bytes stands in the entry itself."""
    head = file.read(struct.calcsize(layout.order + layout.entry))
    tag, type_, count = layout.unpack(layout.entry, head)
    position = file.tell()
    if _TYPE_BYTES.get(type_, 0) * count > offset_size:
        (position,) = layout.unpack(layout.offset, file.read(offset_size))
    return tag, _Entry(type_, count, position)


def _values(
    file: BinaryIO, layout: _Layout, entry: _Entry | None
) -> NDArray[np.unsignedinteger] | None:
    """Return an entry's whole numbers, or None if it is absent, empty or of another type."""
    if entry is None or entry.type_ not in _INTEGER_CODES or entry.count == 0:
        return None
    dtype = np.dtype(layout.order + _INTEGER_CODES[entry.type_])
    file.seek(entry.position)
    return np.frombuffer(file.read(entry.count * dtype.itemsize), dtype=dtype)
