"""HEIC files: upright by their own transformation, and every broken one named."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image as PILImage
from tests.images.corpus import exif, scene, write

from fgaesq.errors import DecodeError, MissingExtraError
from fgaesq.images import read_photo
from fgaesq.types import Image


def heic(picture: Image, **options: object) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(PILImage.fromarray(picture)).save(stream, quality=90, **options)
    return stream.getvalue()


def refusal(path: Path) -> str:
    with pytest.raises(DecodeError) as caught:
        read_photo(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", ["a.heic", "a.HIF", "a.jpg"])
def test_heic_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    picture = scene(128, 192)
    photo = read_photo(write(tmp_path / name, heic(picture)))
    assert photo.native_size == (128, 192)
    assert np.abs(photo.pixels.astype(int) - picture).mean() < 4


def test_heic_is_reduced(tmp_path: Path) -> None:
    photo = read_photo(write(tmp_path / "a.heic", heic(scene(128, 192))), max_long_side_px=96)
    assert photo.pixels.shape == (64, 96, 3)


def test_trailer_that_a_maker_adds_is_no_damage(tmp_path: Path) -> None:
    trailer = b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data" + bytes(40) + b"SEFT"
    path = write(tmp_path / "a.heic", heic(scene(128, 192)) + trailer)
    assert read_photo(path).native_size == (128, 192)


def test_orientation_in_exif_does_not_turn_it_twice(tmp_path: Path) -> None:
    picture = PILImage.fromarray(scene(128, 192))
    picture.info["exif"] = exif(6)
    stream = io.BytesIO()
    pillow_heif.from_pillow(picture).save(stream, quality=90)
    path = write(tmp_path / "a.heic", stream.getvalue())
    expected = np.asarray(pillow_heif.open_heif(path).to_pillow())
    assert np.array_equal(read_photo(path).pixels, expected)


@pytest.mark.parametrize("cut", [0.05, 0.3, 0.6, 0.95])
def test_truncated_heic(tmp_path: Path, cut: float) -> None:
    data = heic(scene(128, 192))
    assert refusal(write(tmp_path / "a.heic", data[: int(len(data) * cut)])) == (
        "the HEIC file is cut short; copy it again from the camera or card"
    )


def test_damaged_bytes_never_raise_anything_else(tmp_path: Path) -> None:
    data = heic(scene(64, 96))
    rng = np.random.default_rng(0)
    for number in range(60):
        broken = bytearray(data)
        for place in rng.integers(12, len(data), 4):
            broken[place] = rng.integers(0, 256)
        path = write(tmp_path / f"{number}.heic", bytes(broken))
        with contextlib.suppress(DecodeError):
            assert read_photo(path).pixels.dtype == np.uint8


def test_missing_extra_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.heic", heic(scene(64, 96)))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingExtraError) as caught:
        read_photo(path)
    assert str(caught.value) == (
        f"{path}: reading HEIC needs packages that are not installed; "
        "run: pip install 'fgaesq[heif]'"
    )
