"""Image files for the tests, built by code: one per trap."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.types import Image

KINDS = ("JPEG", "PNG", "WebP", "TIFF", "BMP", "GIF")
ORIENTATIONS = tuple(range(1, 9))


def scene(height: int, width: int, *, seed: int = 0) -> Image:
    """Return a smooth colour picture without any symmetry, (height, width, 3)."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    smooth = PILImage.fromarray(coarse).resize((width, height), PILImage.Resampling.BICUBIC)
    return np.asarray(smooth)


def encode(image: PILImage.Image | Image, kind: str, **options: object) -> bytes:
    """Return the bytes of an image file."""
    stream = io.BytesIO()
    picture = image if isinstance(image, PILImage.Image) else PILImage.fromarray(image)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def exif(orientation: int, *, order: str = "<") -> bytes:
    """Return EXIF data that hold nothing but the orientation."""
    magic = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + magic + struct.pack(order + "IH", 8, 1) + entry + bytes(4)


def stored_as(upright: Image, orientation: int) -> Image:
    """Return how a camera held by `orientation` stores an upright picture.

    Written from the EXIF standard's description of where row 0 and column 0 of the stored picture
    lie (top left, top right, ...), independently of Pillow's transpositions.
    """
    row_side, column_side = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    stored = upright
    if "right" in (row_side, column_side):
        stored = stored[:, ::-1]
    if "bottom" in (row_side, column_side):
        stored = stored[::-1]
    if row_side in ("left", "right"):
        stored = stored.swapaxes(0, 1)
    return np.ascontiguousarray(stored)


def png(
    rows: NDArray[np.generic],
    *,
    bits: int,
    colour: int,
    extra: list[tuple[bytes, bytes]] | None = None,
) -> bytes:
    """Return a PNG file written by hand.

    Args:
        rows: packed samples (H, bytes per row) or (H, W[, channels]) of type u1 or >u2.
        bits: bit depth.
        colour: PNG colour type.
        extra: chunks between IHDR and IDAT.
    """
    height = rows.shape[0]
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    packed = rows.reshape(height, -1)
    width = packed.shape[1] * 8 // bits // channels if bits < 8 else packed.shape[1] // channels
    raw = b"".join(b"\0" + row.tobytes() for row in packed)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))]
    chunks += [*(extra or []), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    return png_of(chunks)


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks:
        checksum = zlib.crc32(body, zlib.crc32(name))
        data += struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)
    return data


def tiff(
    samples: NDArray[np.generic],
    *,
    photometric: int,
    sample_format: int = 1,
    bits: int | None = None,
    data: bytes | None = None,
    compression: int = 1,
    extra: list[tuple[int, int, int, int]] | None = None,
) -> bytes:
    """Return a single-strip TIFF file written by hand, in the samples' byte order.

    Args:
        samples: (H, W) or (H, W, channels).
        photometric: 0 white is zero, 1 black is zero, 2 RGB.
        sample_format: 1 unsigned, 2 signed, 3 floating point.
        bits: bits a sample, if `data` are packed differently.
        data: the strip, if not simply `samples`.
        compression: TIFF number of how `data` are compressed; 1 not at all, 8 deflate.
        extra: further entries (tag, type, count, value).
    """
    order = ">" if samples.dtype.byteorder == ">" else "<"
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    bits = bits or samples.dtype.itemsize * 8
    strip = data if data is not None else samples.tobytes()
    entries = [
        *[
            (256, 4, 1, width),
            (257, 4, 1, height),
            (259, 3, 1, compression),
            (262, 3, 1, photometric),
        ],
        *[(277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(strip))],
        *(extra or []),
    ]
    count = len(entries) + 3
    after = 8 + 2 + 12 * count + 4
    bits_data = struct.pack(f"{order}{channels}H", *[bits] * channels)
    format_data = struct.pack(f"{order}{channels}H", *[sample_format] * channels)
    values = b""
    if channels > 2:
        entries += [(258, 3, channels, after), (339, 3, channels, after + len(bits_data))]
        values = bits_data + format_data
    else:
        entries += [(258, 3, 1, bits), (339, 3, 1, sample_format)]
    entries.append((273, 4, 1, after + len(values)))
    directory = struct.pack(order + "H", count)
    for tag, type_, number, value in sorted(entries):
        is_short = type_ == 3 and number == 1
        packed = struct.pack(
            order + ("HH" if is_short else "I"), *((value, 0) if is_short else (value,))
        )
        directory += struct.pack(order + "HHI", tag, type_, number) + packed
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return magic + struct.pack(order + "I", 8) + directory + bytes(4) + values + strip
