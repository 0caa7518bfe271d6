"""JPEG files at the sizes that decoding gives for free, nothing resampled."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.images.corpus import ORIENTATIONS, encode, exif, scene, stored_as, write

from fgaesq.errors import InputError
from fgaesq.images import read_photo
from fgaesq.types import Image


def drafted(data: bytes, parts: int) -> Image:
    """Return what Pillow decodes at 1/parts of the size."""
    with PILImage.open(io.BytesIO(data)) as image:
        image.draft("RGB", (image.width // parts, image.height // parts))
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize(
    ("width", "height", "parts"),
    [
        (799, 533, 8),  # 99.9 px, which the decoder makes 100
        (791, 533, 4),
        (801, 401, 8),
        (402, 603, 4),
        (250, 399, 4),
        (197, 131, 1),
        (60, 40, 1),  # never enlarged
        (1600, 100, 4),  # the short side keeps 16 px
    ],
)
def test_it_is_the_smallest_that_is_enough_as_the_decoder_gives_it(
    tmp_path: Path, width: int, height: int, parts: int
) -> None:
    data = encode(scene(height, width), "JPEG", quality=95)
    photo = read_photo(write(tmp_path / "a.jpg", data), max_long_side_px=900, enough_px=100)
    assert np.array_equal(photo.pixels, drafted(data, parts))
    assert photo.native_size == (height, width)


def test_all_sizes_of_cameras_come_to_less_than_twice_what_is_enough(tmp_path: Path) -> None:
    sides = (64, 100, 127, 128, 190, 255, 256, 377, 499, 511)
    for side in sides:
        path = write(tmp_path / "a.jpg", encode(scene(side * 2 // 3, side), "JPEG"))
        assert 64 <= read_photo(path, max_long_side_px=128, enough_px=64).pixels.shape[1] < 128


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_it_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    stored = stored_as(scene(480, 640), orientation)
    data = encode(stored, "JPEG", exif=exif(orientation), quality=98, subsampling=0)
    photo = read_photo(write(tmp_path / "a.jpg", data), max_long_side_px=200, enough_px=100)
    assert photo.pixels.shape == (120, 160, 3)
    assert photo.native_size == (480, 640)
    whole = np.asarray(PILImage.fromarray(scene(480, 640)).reduce(4)).astype(int)
    assert np.abs(whole - photo.pixels).mean() < 3


@pytest.mark.parametrize("kind", ["PNG", "WebP", "TIFF"])
def test_other_kinds_are_reduced_as_without_it(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "a", encode(scene(300, 451), kind))
    with_it = read_photo(path, max_long_side_px=200, enough_px=100)
    assert with_it.digest == read_photo(path, max_long_side_px=200).digest


def test_what_is_too_large_at_an_eighth_is_reduced_as_without_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", encode(scene(1100, 1650), "JPEG"))
    with_it = read_photo(path, max_long_side_px=200, enough_px=100)
    assert max(with_it.pixels.shape) == 200
    assert with_it.digest == read_photo(path, max_long_side_px=200).digest


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_photo(tmp_path / "a.jpg", enough_px=15)
    assert str(caught.value) == "enough_px is 15; give at least 16, the side of one patch"
    with pytest.raises(InputError, match="enough_px is 100 and as_released is set"):
        read_photo(tmp_path / "a.jpg", enough_px=100, as_released=True)
