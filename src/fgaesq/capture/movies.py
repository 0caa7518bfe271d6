"""What the container of a clip (MP4, MOV) says of its capture."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import BinaryIO

from fgaesq.capture.boxes import Box, boxes, find_box, read_at
from fgaesq.capture.records import Capture
from fgaesq.capture.times import parse_time, time_since_1904

__all__ = ["is_movie", "read_movie"]

_MOVIE_STARTS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_QUICKTIME = "com.apple.quicktime."
_MOST_BYTES = 1 << 16


def is_movie(head: bytes) -> bool:
    """Return whether a file that begins so is an MP4 or MOV file (or another of its family)."""
    return head[4:8] in _MOVIE_STARTS


def read_movie(file: BinaryIO, length: int) -> Capture:
    """Return what a clip says: its own time with zone before the time of its header (UTC)."""
    moov = find_box(file, 0, length, b"moov")
    if moov is None:
        return Capture()
    keys = _keys(file, moov)
    taken = parse_time(keys.get(_QUICKTIME + "creationdate", ""))
    taken = taken or parse_time(_user_text(file, moov, b"\xa9day")) or _header_time(file, moov)
    width, height = _size(file, moov)
    return Capture(
        taken=taken,
        time_source="container" if taken else None,
        make=keys.get(_QUICKTIME + "make", "") or _user_text(file, moov, b"\xa9mak"),
        model=keys.get(_QUICKTIME + "model", "") or _user_text(file, moov, b"\xa9mod"),
        live_id=keys.get(_QUICKTIME + "content.identifier", ""),
        width=width,
        height=height,
    )


def _header_time(file: BinaryIO, moov: Box) -> datetime | None:
    header = find_box(file, moov.start, moov.end, b"mvhd")
    if header is None:
        return None
    data = read_at(file, header.start, 12).ljust(12, b"\0")
    wide = data[0] == 1
    return time_since_1904(int.from_bytes(data[4:12] if wide else data[4:8], "big"))


def _keys(file: BinaryIO, moov: Box) -> dict[str, str]:
    """Return the texts that QuickTime files keep under names such as `com.apple.quicktime.make`."""
    meta = find_box(file, moov.start, moov.end, b"meta")
    if meta is None:
        return {}
    # In MP4 files four bytes of version stand before the first box, in QuickTime files none.
    start = meta.start if read_at(file, meta.start + 4, 4) == b"hdlr" else meta.start + 4
    parts = {box.name: box for box in boxes(file, start, meta.end)}
    if b"keys" not in parts or b"ilst" not in parts:
        return {}
    names = [
        read_at(file, box.start, min(box.end - box.start, _MOST_BYTES)).decode("utf-8", "replace")
        for box in boxes(file, parts[b"keys"].start + 8, parts[b"keys"].end)
    ]
    values = {}
    for item in boxes(file, parts[b"ilst"].start, parts[b"ilst"].end):
        index = int.from_bytes(item.name, "big") - 1
        data = find_box(file, item.start, item.end, b"data")
        if data is not None and 0 <= index < len(names):
            content = read_at(file, data.start + 8, min(data.end - data.start - 8, _MOST_BYTES))
            values[names[index]] = content.decode("utf-8", "replace").strip("\0 ")
    return values


def _user_text(file: BinaryIO, moov: Box, name: bytes) -> str:
    """Return a text of the user data: length, language, characters."""
    box = find_box(file, moov.start, moov.end, b"udta", name)
    if box is None:
        return ""
    data = read_at(file, box.start, min(box.end - box.start, _MOST_BYTES))
    size = int.from_bytes(data[:2], "big")
    return data[4 : 4 + size].decode("utf-8", "replace").strip("\0 ")


def _size(file: BinaryIO, moov: Box) -> tuple[int, int]:
    """Return (width, height) of the first track that has any, turned as its matrix says."""
    for track in boxes(file, moov.start, moov.end):
        header = find_box(file, track.start, track.end, b"tkhd") if track.name == b"trak" else None
        if header is None:
            continue
        data = read_at(file, header.start, header.end - header.start)
        matrix_at = 52 if data[:1] == b"\1" else 40
        if len(data) < matrix_at + 44:
            continue
        matrix = struct.unpack(">9i", data[matrix_at : matrix_at + 36])
        width, height = struct.unpack(">II", data[matrix_at + 36 : matrix_at + 44])
        if width and height:
            is_turned = matrix[0] == 0 and matrix[1] != 0
            size = width >> 16, height >> 16
            return (size[1], size[0]) if is_turned else size
    return 0, 0
