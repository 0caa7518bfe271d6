"""The metadata of HEIC files (ISO/IEC 23008-12): items of a `meta` box, found by their places."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from fgaesq.capture.boxes import Box, boxes, find_box, read_at
from fgaesq.capture.metadata import Metadata, add_exif

__all__ = ["add_heif"]

_MOST_BYTES = 1 << 20
_MOST_PARTS = 256
"""Of one item, and items of metadata of one file."""
_QUARTER_TURNS = {0: 1, 1: 8, 2: 3, 3: 6}
"""Quarter turns anticlockwise -> EXIF orientation."""


@dataclass(slots=True)
class _Numbers:
    """Reads big-endian numbers one after the other; past the end they are 0."""

    data: bytes
    position: int = 0

    def take(self, size: int) -> int:
        value = int.from_bytes(self.data[self.position : self.position + size], "big")
        self.position += size
        return value

    @property
    def is_at_end(self) -> bool:
        return self.position >= len(self.data)


def add_heif(found: Metadata, file: BinaryIO, length: int) -> None:
    """Add EXIF and XMP items, and size and turn of the primary image."""
    meta = find_box(file, 0, length, b"meta")
    if meta is None:
        return
    parts = {box.name: box for box in boxes(file, meta.start + 4, meta.end)}
    items = _item_types(file, parts.get(b"iinf"))
    places = _item_places(file, parts.get(b"iloc"), parts.get(b"idat"))
    described = [number for number, type_ in items.items() if type_ in (b"Exif", b"mime")]
    for number in described[:_MOST_PARTS]:
        data = _item(file, places.get(number, []))
        if items[number] == b"Exif":
            skipped = int.from_bytes(data[:4], "big")
            add_exif(found, data[4 + skipped :])
        elif b"<x:xmpmeta" in data or b"<rdf:RDF" in data:
            found.xmp = found.xmp or data
    primary = _whole_box(file, parts.get(b"pitm"))
    if primary and b"iprp" in parts:
        number = int.from_bytes(primary[4:], "big")
        found.orientation = 1  # what EXIF says of it does not count
        _add_properties(found, file, parts[b"iprp"], number)


def _whole_box(file: BinaryIO, box: Box | None) -> bytes:
    if box is None or box.end - box.start > _MOST_BYTES:
        return b""
    return read_at(file, box.start, box.end - box.start)


def _item_types(file: BinaryIO, iinf: Box | None) -> dict[int, bytes]:
    """Return the type of each item by its number."""
    types: dict[int, bytes] = {}
    if iinf is None:
        return types
    count_bytes = 2 if read_at(file, iinf.start, 1) == b"\0" else 4
    for box in boxes(file, iinf.start + 4 + count_bytes, iinf.end):
        data = read_at(file, box.start, min(box.end - box.start, 16))
        if box.name != b"infe" or len(data) < 12:
            continue
        size = 2 if data[0] < 3 else 4  # the item's number, then two bytes of protection
        number = int.from_bytes(data[4 : 4 + size], "big")
        types[number] = data[6 + size : 10 + size]
    return types


def _item_places(
    file: BinaryIO, iloc: Box | None, idat: Box | None
) -> dict[int, list[tuple[int, int]]]:
    """Return the (offset in the file, length) of each item's parts by its number."""
    data = _whole_box(file, iloc)
    places: dict[int, list[tuple[int, int]]] = {}
    if len(data) < 8:
        return places
    version = data[0]
    offset_size, length_size = data[4] >> 4, data[4] & 15
    base_size, index_size = data[5] >> 4, data[5] & 15 if version else 0
    numbers = _Numbers(data, 6)
    wide = 4 if version == 2 else 2
    for _ in range(numbers.take(wide)):
        number = numbers.take(wide)
        method = numbers.take(2) & 15 if version else 0
        numbers.take(2)
        base = numbers.take(base_size)
        if method == 1 and idat is not None:
            base += idat.start
        parts = []
        n_parts = numbers.take(2)
        if n_parts > _MOST_PARTS:
            break
        for _ in range(n_parts):
            numbers.take(index_size)
            offset = numbers.take(offset_size)
            parts.append((base + offset, numbers.take(length_size)))
            if numbers.is_at_end:
                break
        places[number] = parts
        if numbers.is_at_end:
            break
    return places


def _item(file: BinaryIO, places: list[tuple[int, int]]) -> bytes:
    if sum(size for _, size in places) > _MOST_BYTES:
        return b""
    return b"".join(read_at(file, offset, size) for offset, size in places)


def _add_properties(found: Metadata, file: BinaryIO, iprp: Box, number: int) -> None:
    """Add the size and the turn of one image."""
    ipco = find_box(file, iprp.start, iprp.end, b"ipco")
    ipma = _whole_box(file, find_box(file, iprp.start, iprp.end, b"ipma"))
    if ipco is None or len(ipma) < 8:
        return
    properties = list(boxes(file, ipco.start, ipco.end))
    for index in _associations(ipma).get(number, []):
        if not 0 < index <= len(properties):
            continue
        one = properties[index - 1]
        data = read_at(file, one.start, min(one.end - one.start, 16))
        if one.name == b"ispe" and len(data) >= 12:
            found.size = struct.unpack(">II", data[4:12])
        elif one.name == b"clap" and len(data) == 16:  # what is shown of it: four whole numbers
            width, width_by, height, height_by = struct.unpack(">IIII", data)
            found.size = width // max(width_by, 1), height // max(height_by, 1)
        elif one.name == b"irot" and data:
            found.orientation = _QUARTER_TURNS[data[0] & 3]


def _associations(ipma: bytes) -> dict[int, list[int]]:
    """Return which properties each image has, counted from 1."""
    is_wide_number, is_wide_index = ipma[0] > 0, ipma[3] & 1
    numbers = _Numbers(ipma, 4)
    found: dict[int, list[int]] = {}
    for _ in range(numbers.take(4)):
        number = numbers.take(4 if is_wide_number else 2)
        indices = [
            numbers.take(2) & 0x7FFF if is_wide_index else numbers.take(1) & 0x7F
            for _ in range(numbers.take(1))
        ]
        found[number] = indices
        if numbers.is_at_end:
            break
    return found
