"""The clip at the end of a Motion Photo: where it is, by what each maker writes."""

from __future__ import annotations

import struct
from typing import BinaryIO

from fgaesq.capture.boxes import boxes, find_box, read_at
from fgaesq.capture.xmp import motion_from_end

__all__ = ["clip_end", "find_motion"]

_SAMSUNG_CLIP = 0x0A30
_CLIP_BOXES = frozenset(
    (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"moof", b"mfra", b"udta")
    + (b"meta", b"sidx", b"styp")
)
_MOST_TRAILER_ENTRIES = 256


def find_motion(file: BinaryIO, length: int, xmp: bytes) -> int:
    """Return where in a photo file its clip begins, 0 if it has none.

    Whatever names the place, a clip must really begin there: copies often lose the clip and keep
    the note of it.

    Args:
        file: the photo file.
        length: its size in bytes.
        xmp: its XMP packet.
    """
    places = []
    if from_end := motion_from_end(xmp):
        places.append(length - from_end)
    places.append(_in_samsung_trailer(file, length))
    if read_at(file, 4, 4) == b"ftyp" and (box := find_box(file, 0, length, b"mpvd")):
        places.insert(0, box.start)
    return next((place for place in places if place > 0 and _is_clip(file, place)), 0)


def clip_end(file: BinaryIO, start: int, length: int) -> int:
    """Return where the clip that begins at `start` ends; Samsung writes a trailer after it."""
    end = start
    for box in boxes(file, start, length):
        if box.name not in _CLIP_BOXES:
            break
        end = box.end
    return end


def _is_clip(file: BinaryIO, place: int) -> bool:
    return read_at(file, place + 4, 4) == b"ftyp"


def _in_samsung_trailer(file: BinaryIO, length: int) -> int:
    """Return the place of the clip that Samsung's trailer lists (a directory, then `SEFT`)."""
    size, name = struct.unpack("<I4s", read_at(file, max(length - 8, 0), 8).ljust(8, b"\0"))
    directory = length - 8 - size
    if name != b"SEFT" or directory <= 0 or read_at(file, directory, 4) != b"SEFH":
        return 0
    (count,) = struct.unpack("<I", read_at(file, directory + 8, 4).ljust(4, b"\0"))
    for index in range(min(count, _MOST_TRAILER_ENTRIES)):
        entry = read_at(file, directory + 12 + 12 * index, 12)
        if len(entry) < 12:
            return 0
        _, type_, offset, _ = struct.unpack("<HHII", entry)
        if type_ == _SAMSUNG_CLIP:
            place: int = directory - offset
            name_size = int.from_bytes(read_at(file, place + 4, 4), "little")
            return place + 8 + name_size
    return 0
