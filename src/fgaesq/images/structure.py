"""Check that a file is whole before Pillow decodes it.

Pillow reads what it needs and warns about, or ignores, much of the rest. A warning cannot be
silenced safely while several threads decode, and what is ignored would pass as a photo. So the
outer structure of each format is walked first: pixel data whose end is missing, and whatever Pillow
would warn about, is a fault here. JPEG needs no check: its decoder reports a missing end itself.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from fgaesq.images.faults import cut_short, damaged
from fgaesq.images.kinds import Kind
from fgaesq.images.limits import check_pixel_count
from fgaesq.images.tiff_structure import check_sensor_data, check_tiff

__all__ = ["check_boxes", "check_structure"]

_BLOCK = 1 << 20
_MAX_APNG_FRAMES = 0x80000000
_OUTERMOST_BOXES = frozenset(
    (b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"wide", b"uuid", b"mpvd", b"moof")
    + (b"mfra", b"styp", b"sidx", b"udta", b"pnot")
)
_MAX_GROWN_GIF_PIXELS = 64_000_000
"""Pillow enlarges a GIF whose first frame leaves the screen; beyond this it warns of a bomb."""


def check_structure(file: BinaryIO, length: int, kind: Kind) -> None:
    """Walk the outer structure of a file and leave it at its beginning.

    Args:
        file: open at any position.
        length: the file's size in bytes.
        kind: what `kinds.recognise` said.

    Raises:
        Fault: the end is missing, or the structure contradicts the format's rules.
    """
    checks = {
        "PNG": _check_png,
        "WebP": _check_webp,
        "TIFF": check_tiff,
        "BMP": _check_bmp,
        "GIF": _check_gif,
        "HEIC": lambda file, length: check_boxes(file, length, "HEIC"),
        "camera RAW": _check_raw,
    }
    if kind in checks:
        try:
            checks[kind](file, length)
        except struct.error as error:
            raise cut_short(kind) from error
    file.seek(0)


def _check_raw(file: BinaryIO, length: int) -> None:
    """Check that the sensor's data end within the file, for the RAW formats that tell."""
    file.seek(0)
    head = file.read(12)
    if head[4:8] == b"ftyp":
        check_boxes(file, length, "camera RAW")
    elif head[:4] in (b"II*\0", b"MM\0*"):
        check_sensor_data(file, length)


def check_boxes(file: BinaryIO, length: int, kind: str) -> None:
    """Check that the outermost boxes of an ISO media file (HEIC, CR3, clips) end within the file.

    Raises:
        Fault: they do not; its message calls the file `kind`.
    """
    position = 0
    while position + 8 <= length:
        file.seek(position)
        size, name = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        if size == 0 and name != bytes(4):  # up to the end of the file
            return
        if size < 8 or name not in _OUTERMOST_BOXES:  # what a maker adds after the last box
            return
        position += size
    if position > length:
        raise cut_short(kind)


def _check_png(file: BinaryIO, length: int) -> None:
    """Check that all chunks are there up to IEND, with the right checksums where pixels depend."""
    position = 8
    animations = 0
    name = b""
    while name != b"IEND":
        file.seek(position)
        size, name = struct.unpack(">I4s", file.read(8))
        if position + 12 + size > length:
            raise cut_short("PNG")
        if name[:1].isupper():  # a critical chunk
            _check_png_sum(file, name, size)
        elif name == b"acTL":
            animations += 1
            frames = int.from_bytes(file.read(4), "big")
            if size < 8 or not 0 < frames <= _MAX_APNG_FRAMES or animations > 1:
                raise damaged("PNG")
        position += 12 + size


def _check_png_sum(file: BinaryIO, name: bytes, size: int) -> None:
    checksum = zlib.crc32(name)
    while size:
        block = file.read(min(size, _BLOCK))
        checksum = zlib.crc32(block, checksum)
        size -= len(block)
        if not block:
            raise cut_short("PNG")
    if struct.unpack(">I", file.read(4))[0] != checksum:
        raise damaged("PNG")


def _check_webp(file: BinaryIO, length: int) -> None:
    """Check the length and, since Pillow allocates the canvas at once, the declared size."""
    file.seek(4)
    (size,) = struct.unpack("<I", file.read(4))
    if 8 + size > length:
        raise cut_short("WebP")
    file.seek(12)
    name = file.read(4)
    file.seek(20)
    if name == b"VP8X":
        _, width, height = struct.unpack("<I3s3s", file.read(10))
        check_pixel_count(int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1)
    elif name == b"VP8L":
        _, bits = struct.unpack("<BI", file.read(5))
        check_pixel_count((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif name == b"VP8 ":
        _, width, height = struct.unpack("<6sHH", file.read(10))
        check_pixel_count(width & 0x3FFF, height & 0x3FFF)
    else:
        raise damaged("WebP")


def _check_bmp(file: BinaryIO, length: int) -> None:
    """Check that the pixel data end within the file."""
    file.seek(10)
    offset, header = struct.unpack("<II", file.read(8))
    if header == 12:
        width, height, _, bits = struct.unpack("<HHHH", file.read(8))
        compression = data_size = 0
    else:
        width, height, _, bits, compression, data_size = struct.unpack("<iiHHII", file.read(20))
    is_run_length = compression in (1, 2)
    if not is_run_length:
        data_size = (abs(width) * bits + 31) // 32 * 4 * abs(height)
    check_pixel_count(abs(width), abs(height))
    if offset + data_size > length:
        raise cut_short("BMP")


def _check_gif(file: BinaryIO, length: int) -> None:
    """Check that all blocks are there up to the trailer, and that the first frame is no bomb."""
    del length  # a GIF states no sizes; its end is found by walking
    file.seek(6)
    width, height, flags = struct.unpack("<HHB2x", file.read(7))
    _skip_gif_colours(file, flags)
    is_first = True
    while (introducer := _gif_bytes(file, 1)) != b";":
        if introducer == b"!":
            _gif_bytes(file, 1)
            _skip_gif_blocks(file)
        elif introducer == b",":
            left, top, columns, rows, flags = struct.unpack("<HHHHB", _gif_bytes(file, 9))
            grown = max(width, left + columns) * max(height, top + rows)
            if is_first and grown > max(width * height, _MAX_GROWN_GIF_PIXELS):
                raise damaged("GIF")
            is_first = False
            _skip_gif_colours(file, flags)
            _gif_bytes(file, 1)
            _skip_gif_blocks(file)
    if is_first:
        raise damaged("GIF")


def _gif_bytes(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise cut_short("GIF")
    return data


def _skip_gif_colours(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        _gif_bytes(file, 3 << (flags & 7) + 1)


def _skip_gif_blocks(file: BinaryIO) -> None:
    while size := _gif_bytes(file, 1)[0]:
        _gif_bytes(file, size)
