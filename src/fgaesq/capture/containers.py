"""The metadata of each kind of photo file, found by walking its outer structure.

Only headers are read: a file of any size costs a few milliseconds.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from fgaesq.capture.boxes import boxes, find_box, read_at
from fgaesq.capture.heif import add_heif
from fgaesq.capture.metadata import Metadata, add_exif, add_whole_tiff
from fgaesq.capture.tags import open_block

__all__ = ["read_metadata"]

_MOST_BYTES = 1 << 20
"""Of one block of metadata; larger ones are not cameras' own."""

_MOST_PARTS = 20_000
"""Of one file; more are the zeros of a damaged one."""

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_XMP = b"XML:com.adobe.xmp\0"
_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_SIZES_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset((0x01, *range(0xD0, 0xD9)))
_RAF_JPEG = 84


def read_metadata(file: BinaryIO, length: int) -> Metadata:
    """Return the metadata of a photo file, by its content; of an unknown kind there are none."""
    found = Metadata()
    head = read_at(file, 0, 32)
    if head.startswith(b"\xff\xd8"):
        _add_jpeg(found, file, 0, length)
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        _add_png(found, file, length)
    elif head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        _add_webp(found, file, length)
    elif head[4:12] == b"ftypcrx ":
        _add_cr3(found, file, length)
    elif head[4:8] == b"ftyp":
        add_heif(found, file, length)
    elif head.startswith(b"FUJIFILMCCD-RAW"):
        offset, size = struct.unpack(">II", read_at(file, _RAF_JPEG, 8).ljust(8, b"\0"))
        _add_jpeg(found, file, offset, min(offset + size, length))
    elif head.startswith(b"\0MRM"):
        _add_mrw(found, file, length)
    elif head[:2] in (b"II", b"MM"):
        add_whole_tiff(found, file, length)
    return found


def _add_jpeg(found: Metadata, file: BinaryIO, start: int, end: int) -> None:
    """Walk the segments of a JPEG file up to its pixels."""
    position = start + 2
    for _ in range(_MOST_PARTS):
        if position + 4 > end:
            return
        mark, code, size = struct.unpack(">BBH", read_at(file, position, 4).ljust(4, b"\0"))
        if mark != 0xFF or code == 0xDA:
            return
        if code == 0xFF or code in _STANDALONE:
            position += 1 if code == 0xFF else 2
            continue
        if code in _SIZES_OF_FRAME and found.size == (0, 0):
            height, width = struct.unpack(">HH", read_at(file, position + 5, 4).ljust(4, b"\0"))
            found.size = width, height
        elif code == 0xE1:
            data = read_at(file, position + 4, max(size - 2, 0))
            if data.startswith(b"Exif\0"):
                add_exif(found, data[6:])
            elif data.startswith(_JPEG_XMP):
                found.xmp = found.xmp or data.removeprefix(_JPEG_XMP)
        position += 2 + size


def _add_png(found: Metadata, file: BinaryIO, length: int) -> None:
    position = 8
    for _ in range(_MOST_PARTS):
        if position + 8 > length:
            return
        size, name = struct.unpack(">I4s", read_at(file, position, 8).ljust(8, b"\0"))
        if name == b"IHDR":
            width, height = struct.unpack(">II", read_at(file, position + 8, 8).ljust(8, b"\0"))
            found.size = width, height
        elif name in (b"eXIf", b"iTXt") and size <= _MOST_BYTES:
            data = read_at(file, position + 8, size)
            if name == b"eXIf":
                add_exif(found, data)
            elif data.startswith(_PNG_XMP):
                found.xmp = _png_text(data)
        elif name == b"IEND":
            return
        position += 12 + size


def _png_text(chunk: bytes) -> bytes:
    """Return the text of an iTXt chunk: keyword 0, compressed, method, language 0, keyword 0."""
    rest = chunk.removeprefix(_PNG_XMP)
    text = rest[2:].split(b"\0", 2)[-1]
    if rest[:1] != b"\1":
        return text
    try:
        return zlib.decompressobj().decompress(text, _MOST_BYTES)
    except zlib.error:
        return b""


def _add_webp(found: Metadata, file: BinaryIO, length: int) -> None:
    position = 12
    for _ in range(_MOST_PARTS):
        if position + 8 > length:
            return
        name, size = struct.unpack("<4sI", read_at(file, position, 8).ljust(8, b"\0"))
        data = read_at(file, position + 8, min(size, _MOST_BYTES if name != b"VP8 " else 10))
        if name == b"EXIF":
            add_exif(found, data)
        elif name == b"XMP ":
            found.xmp = data
        elif found.size == (0, 0) and len(data) >= 10:
            found.size = _webp_size(name, data)
        position += 8 + size + size % 2


def _webp_size(name: bytes, data: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if name == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        width, height = struct.unpack("<HH", data[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _add_cr3(found: Metadata, file: BinaryIO, length: int) -> None:
    """Add Canon's CR3: four TIFF structures (camera, exposure, maker note, place) in boxes."""
    moov = find_box(file, 0, length, b"moov")
    if moov is None:
        return
    for box in boxes(file, moov.start, moov.end):
        if box.name == b"uuid" and read_at(file, box.start, 16) == _CANON_UUID:
            for part in boxes(file, box.start + 16, box.end):
                _add_cr3_part(found, file, part.name, part.start, part.end)
    for box in boxes(file, 0, length):
        if box.name == b"uuid" and read_at(file, box.start, 16) == _XMP_UUID:
            found.xmp = read_at(file, box.start + 16, min(box.end - box.start - 16, _MOST_BYTES))


def _add_cr3_part(found: Metadata, file: BinaryIO, name: bytes, start: int, end: int) -> None:
    first = open_block(file, start, end) if name.startswith(b"CMT") else None
    if first is None:
        return
    if name == b"CMT1":
        found.main.append(first)
        found.orientation = first.whole(274)
    elif name == b"CMT2":
        found.exif.append(first)
    elif name == b"CMT3":
        found.notes.append(first)
    elif name == b"CMT4":
        found.gps.append(first)


def _add_mrw(found: Metadata, file: BinaryIO, length: int) -> None:
    """Add Minolta's MRW: blocks of a name and a size, one of which is a TIFF structure."""
    (size,) = struct.unpack(">I", read_at(file, 4, 4).ljust(4, b"\0"))
    position, end = 8, min(8 + size, length)
    while position + 8 <= end:
        name, size = struct.unpack(">4sI", read_at(file, position, 8).ljust(8, b"\0"))
        if name == b"\0TTW":
            add_exif(found, read_at(file, position + 8, min(size, _MOST_BYTES)))
        position += 8 + size
