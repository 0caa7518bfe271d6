"""Random damage: every outcome is a photo or a refusal, never another exception or a warning."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.images.corpus import KINDS, encode, scene, tiff, write

from fgaesq.errors import DecodeError
from fgaesq.images import read_photo


def with_right_checksums(data: bytes | bytearray) -> bytes:
    """Return PNG data whose chunks, as far as they can be told, pass their checks again."""
    result, position = bytes(data[:8]), 8
    while position + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, position)
        part = data[position + 4 : position + 8 + size]
        result += data[position : position + 4] + part + struct.pack(">I", zlib.crc32(part))
        position += 12 + size
    return result


def variants(kind: str) -> list[bytes]:
    picture = scene(24, 32)
    alpha = np.dstack([picture, picture[..., 0]])
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    if kind == "JPEG":
        cmyk = PILImage.fromarray(picture).convert("CMYK")
        return [
            encode(picture, kind, exif=exif),
            encode(picture, kind, progressive=True),
            encode(cmyk, kind),
        ]
    if kind == "TIFF":
        plain = [encode(picture, kind, compression=c) for c in (None, "tiff_lzw", "jpeg")]
        return [*plain, tiff(picture[..., 0].astype(">u2"), photometric=0)]
    frames = [PILImage.fromarray(alpha), PILImage.fromarray(alpha[::-1])]
    if kind == "BMP":
        return [encode(picture, kind), encode(PILImage.fromarray(picture).quantize(16), kind)]
    animated = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    return [encode(picture, kind), animated]


@pytest.mark.parametrize("kind", KINDS)
def test_random_damage_gives_a_photo_or_a_decode_error(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(KINDS.index(kind))
    outcomes = {"photo": 0, "refused": 0}
    for data in variants(kind):
        for trial in range(150):
            damaged = bytearray(data)
            reach = len(data) if trial % 2 else min(len(data), 300)  # headers break most things
            for position in rng.integers(0, reach, rng.integers(1, 5)):
                damaged[position] = rng.integers(0, 256)
            if trial % 5 == 0:
                del damaged[rng.integers(0, len(data)) :]
            elif trial % 5 == 1:
                start = rng.integers(0, len(data))
                del damaged[start : start + rng.integers(1, 20)]
            checked = with_right_checksums(damaged) if kind == "PNG" else bytes(damaged)
            path = write(tmp_path / "a", checked)
            outcomes[outcome(path, trial)] += 1
    assert min(outcomes.values()) > 10, outcomes


def outcome(path: Path, trial: int) -> str:
    """Read in one of three ways and return whether that gave a photo or a proper refusal."""
    limit, as_released = [(None, False), (24, False), (None, True)][trial % 3]
    try:
        photo = read_photo(path, max_long_side_px=limit, as_released=as_released)
    except DecodeError as error:
        reason = str(error).removeprefix(f"{path}: ")
        return "refused" if reason.count("; ") == 1 and str(path) not in reason else str(error)
    return "photo" if photo.pixels.dtype == np.uint8 and photo.pixels.ndim == 3 else "no image"
