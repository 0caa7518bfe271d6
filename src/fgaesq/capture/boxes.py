"""Boxes of ISO media files (MP4, MOV, HEIC, CR3): where they lie, by ISO/IEC 14496-12."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Box", "boxes", "find_box", "read_at"]

_MOST_BOXES = 10_000


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its content lies at `start` up to `end` of the file, its header from `head` on."""

    name: bytes
    head: int
    start: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes from `start` on, up to the first that is damaged or ends after `end`."""
    position = start
    for _ in range(_MOST_BOXES):
        if position + 8 > end:
            return
        size, name = struct.unpack(">I4s", read_at(file, position, 8).ljust(8, b"\0"))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", read_at(file, position + 8, 8).ljust(8, b"\0"))
            header = 16
        if size == 0 and name != bytes(4):
            size = end - position
        if size < header or position + size > end:
            return
        yield Box(name, position, position + header, position + size)
        position += size


def find_box(file: BinaryIO, start: int, end: int, *path: bytes) -> Box | None:
    """Return the first box of the path of names, such as b"moov", b"mvhd"."""
    found = None
    for name in path:
        found = next((box for box in boxes(file, start, end) if box.name == name), None)
        if found is None:
            return None
        start, end = found.start, found.end
    return found


def read_at(file: BinaryIO, position: int, count: int) -> bytes:
    """Return up to `count` bytes from `position` on."""
    file.seek(position)
    return file.read(count)
