"""Directories of TIFF structures: EXIF data, maker notes, and RAW files that are TIFF inside.

Nothing is decoded before it is asked for, and what is damaged is taken for absent: a photo whose
EXIF data have a fault still has its other values.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import BinaryIO

from fgaesq.capture.boxes import read_at

__all__ = ["Block", "Directory", "open_block", "read_directory"]

_MOST_ENTRIES = 2000
_MOST_VALUE_BYTES = 1 << 16
_ASCII, _RATIONAL, _UNDEFINED, _SIGNED_RATIONAL = 2, 5, 7, 10
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_UNKNOWN = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Block:
    """A TIFF structure in a file; offsets count from `start`, all of it lies before `end`."""

    file: BinaryIO
    start: int
    end: int
    order: str


@dataclass(frozen=True, slots=True)
class _Entry:
    type_: int
    count: int
    position: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The entries of one directory by tag; what is absent or damaged reads as None or ""."""

    block: Block
    entries: dict[int, _Entry]
    next_offset: int = 0

    def text(self, tag: int) -> str:
        """Return a text without the spaces and zeros around it."""
        data = self.data(tag)
        return data.split(b"\0")[0].decode("utf-8", "replace").strip() if data else ""

    def data(self, tag: int) -> bytes:
        """Return an entry's bytes, at most 64 KiB of them."""
        entry = self.entries.get(tag)
        if entry is None:
            return b""
        size = _SIZES[entry.type_] * entry.count
        return read_at(self.block.file, entry.position, min(size, _MOST_VALUE_BYTES))

    def place(self, tag: int) -> tuple[int, int] | None:
        """Return where an entry's bytes begin and end in the file."""
        entry = self.entries.get(tag)
        if entry is None:
            return None
        return entry.position, entry.position + _SIZES[entry.type_] * entry.count

    def numbers(self, tag: int) -> tuple[float, ...]:
        """Return an entry's numbers; rationals that mean "unknown" are left out."""
        entry = self.entries.get(tag)
        data = self.data(tag)
        if entry is None or not data:
            return ()
        order = self.block.order
        if entry.type_ in (_RATIONAL, _SIGNED_RATIONAL):
            code = "I" if entry.type_ == _RATIONAL else "i"
            parts = struct.unpack(f"{order}{len(data) // 8 * 2}{code}", data[: len(data) // 8 * 8])
            pairs = zip(parts[::2], parts[1::2], strict=True)
            return tuple(up / down for up, down in pairs if down != 0 and up != _UNKNOWN)
        if entry.type_ not in _CODES:
            return ()
        size = _SIZES[entry.type_]
        count = len(data) // size
        return struct.unpack(f"{order}{count}{_CODES[entry.type_]}", data[: count * size])

    def number(self, tag: int) -> float | None:
        """Return the first number of an entry."""
        value = next(iter(self.numbers(tag)), None)
        return value if value is not None and math.isfinite(value) else None

    def whole(self, tag: int) -> int | None:
        """Return the first number of an entry, if it is a whole one."""
        value = self.number(tag)
        return int(value) if value is not None and value == int(value) else None

    def below(self, tag: int) -> list[Directory]:
        """Return the directories that an entry points to."""
        return [
            read_directory(self.block, int(offset))
            for offset in self.numbers(tag)[:16]
            if offset > 0
        ]


def open_block(file: BinaryIO, start: int, end: int) -> Directory | None:
    """Return the first directory of the TIFF structure at `start`, None if there is none.

    The two bytes after the byte order are not looked at: the RAW files of some makers have others.
    """
    head = read_at(file, start, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    (offset,) = struct.unpack(order + "I", head[4:])
    return read_directory(Block(file, start, end, order), offset)


def read_directory(block: Block, offset: int) -> Directory:
    """Return the directory at an offset of the structure; entries that lie outside are left out."""
    position = block.start + offset
    head = read_at(block.file, position, 2) if position + 2 <= block.end else b""
    count = struct.unpack(block.order + "H", head)[0] if len(head) == 2 else 0
    if count > _MOST_ENTRIES:
        count = 0
    data = read_at(block.file, position + 2, 12 * count + 4)
    entries: dict[int, _Entry] = {}
    for index in range(min(count, len(data) // 12)):
        tag, type_, number = struct.unpack_from(block.order + "HHI", data, 12 * index)
        size = _SIZES.get(type_, 0) * number
        place = position + 2 + 12 * index + 8
        if size > 4:
            place = block.start + struct.unpack_from(block.order + "I", data, 12 * index + 8)[0]
        if size and place + size <= block.end:
            entries.setdefault(tag, _Entry(type_, number, place))
    tail = data[12 * count : 12 * count + 4]
    following = struct.unpack(block.order + "I", tail)[0] if len(tail) == 4 else 0
    return Directory(block, entries, following)
