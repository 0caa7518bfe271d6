"""A small writer of TIFF structures: EXIF blocks, maker notes, and RAW files that LibRaw opens."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = "int | float | str | bytes | Directory | list[Directory] | list[int]"

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SIGNED = 1, 2, 3, 4, 5, 7, 10


@dataclass
class Directory:
    """Entries of one directory: tag -> (type, value); a directory as value becomes a pointer."""

    entries: dict[int, tuple[int, Value]] = field(default_factory=dict)
    data: dict[int, bytes] = field(default_factory=dict)
    """Tag -> data that the tag's value will point to (strips, embedded JPEG)."""


def tiff_bytes(
    first: Directory, *, order: str = "<", magic: bytes | None = None, start: int = 8, base: int = 0
) -> bytes:
    """Return a TIFF structure.

    Args:
        first: its first directory.
        order: "<" or ">".
        magic: the first four bytes; by default those of TIFF.
        start: where the first directory lies.
        base: what is added to all offsets.
    """
    head = magic or (b"II*\0" if order == "<" else b"MM\0*")
    body = _directory(first, order, start + base)
    return (head + struct.pack(order + "I", start + base)).ljust(start, b"\0") + body


def directory_bytes(directory: Directory, *, order: str = "<", position: int = 0) -> bytes:
    """Return a directory alone, as maker notes have it; its offsets count from `position`."""
    return _directory(directory, order, position)


def _directory(directory: Directory, order: str, position: int) -> bytes:
    tags = sorted({*directory.entries, *directory.data})
    entries = b""
    after = b""
    free = position + 2 + 12 * len(tags) + 4
    for tag in tags:
        if tag in directory.data:
            entries += struct.pack(order + "HHII", tag, LONG, 1, free + len(after))
            after += directory.data[tag] + b"\0" * (len(directory.data[tag]) % 2)
            continue
        type_, value = directory.entries[tag]
        if isinstance(value, Directory) or (isinstance(value, list) and _are_directories(value)):
            many = [value] if isinstance(value, Directory) else value
            place = free + len(after) + (4 * len(many) if len(many) > 1 else 0)
            bodies, places = b"", []
            for one in many:
                assert isinstance(one, Directory)
                places.append(place + len(bodies))
                bodies += _directory(one, order, places[-1])
                bodies += b"\0" * (len(bodies) % 2)
            packed, count = struct.pack(f"{order}{len(places)}I", *places), len(places)
            if len(packed) > 4:
                entries += struct.pack(order + "HHII", tag, LONG, count, free + len(after))
                after += packed + bodies
            else:
                entries += struct.pack(order + "HHI", tag, LONG, count) + packed
                after += bodies
            continue
        packed, count = _packed(type_, value, order)
        if len(packed) <= 4:
            entries += struct.pack(order + "HHI", tag, type_, count) + packed.ljust(4, b"\0")
        else:
            entries += struct.pack(order + "HHII", tag, type_, count, free + len(after))
            after += packed + b"\0" * (len(packed) % 2)
    return struct.pack(order + "H", len(tags)) + entries + bytes(4) + after


def _are_directories(value: list[Directory] | list[int]) -> bool:
    return bool(value) and isinstance(value[0], Directory)


def _packed(type_: int, value: Value, order: str) -> tuple[bytes, int]:
    if type_ == ASCII:
        text = (value if isinstance(value, bytes) else str(value).encode()) + b"\0"
        return text, len(text)
    if isinstance(value, bytes):
        return value, len(value)
    numbers = value if isinstance(value, list) else [value]
    if type_ in (RATIONAL, SIGNED):
        parts = [Fraction(str(one)).limit_denominator(100000) for one in numbers]
        code = "II" if type_ == RATIONAL else "ii"
        data = b"".join(struct.pack(order + code, p.numerator, p.denominator) for p in parts)
        return data, len(parts)
    codes = {BYTE: "B", SHORT: "H", LONG: "I", 8: "h", 9: "i"}
    return struct.pack(f"{order}{len(numbers)}{codes[type_]}", *numbers), len(numbers)


def raw_directory(mosaic: NDArray[np.uint16], *, has_filter: bool = True) -> Directory:
    """Return the directory of uncompressed 16-bit sensor data, (H, W), with an RGGB filter."""
    height, width = mosaic.shape
    directory = Directory(
        entries={
            254: (LONG, 0),
            256: (LONG, width),
            257: (LONG, height),
            258: (SHORT, 16),
            259: (SHORT, 1),
            262: (SHORT, 32803 if has_filter else 34892),
            277: (SHORT, 1),
            278: (LONG, height),
            279: (LONG, mosaic.nbytes),
            50714: (SHORT, 0),
            50717: (LONG, 4095),
        },
        data={273: mosaic.astype("<u2").tobytes()},
    )
    if has_filter:
        directory.entries |= {33421: (SHORT, [2, 2]), 33422: (BYTE, [0, 1, 1, 2])}
    return directory


def preview_directory(jpeg: bytes, size: tuple[int, int]) -> Directory:
    """Return the directory of an embedded JPEG of (width, height)."""
    return Directory(
        entries={
            254: (LONG, 1),
            256: (LONG, size[0]),
            257: (LONG, size[1]),
            258: (SHORT, [8, 8, 8]),
            259: (SHORT, 7),
            262: (SHORT, 6),
            277: (SHORT, 3),
            278: (LONG, size[1]),
            279: (LONG, len(jpeg)),
        },
        data={273: jpeg},
    )


def dng_bytes(
    mosaic: NDArray[np.uint16] | None,
    *,
    preview: tuple[bytes, tuple[int, int]] | None = None,
    orientation: int = 1,
    exif: Directory | None = None,
    make: str = "Kamera",
    model: str = "Kamera 1",
    has_filter: bool = True,
) -> bytes:
    """Return a DNG file with sensor data and, if given, an embedded JPEG (bytes, size)."""
    inside: list[Directory] = []
    if mosaic is not None:
        inside.append(raw_directory(mosaic, has_filter=has_filter))
    if preview is not None:
        inside.append(preview_directory(*preview))
    first = Directory(
        entries={
            254: (LONG, 1),
            271: (ASCII, make),
            272: (ASCII, model),
            274: (SHORT, orientation),
            330: (LONG, inside),
            50706: (BYTE, [1, 4, 0, 0]),
            50708: (ASCII, model),
            50721: (SIGNED, [1, 0, 0, 0, 1, 0, 0, 0, 1] if has_filter else [1]),
            50728: (RATIONAL, [1, 1, 1] if has_filter else [1]),
            50778: (SHORT, 21),
        }
    )
    if exif is not None:
        first.entries[34665] = (LONG, exif)
    return tiff_bytes(first)


def mosaic_of(picture: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return what an RGGB sensor of 12 bits sees of a picture, (H, W, 3) -> (H, W)."""
    linear = (picture.astype(np.float64) / 255) ** 2.2 * 4095
    mosaic = linear[..., 1].copy()
    mosaic[0::2, 0::2] = linear[0::2, 0::2, 0]
    mosaic[1::2, 1::2] = linear[1::2, 1::2, 2]
    return mosaic.astype(np.uint16)
