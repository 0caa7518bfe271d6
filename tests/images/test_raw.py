"""Camera RAW files: preview first, upright, and every broken one named."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.images.corpus import ORIENTATIONS, encode, exif, scene, stored_as, write
from tests.tiff_writer import (
    ASCII,
    BYTE,
    LONG,
    SHORT,
    Directory,
    Value,
    dng_bytes,
    mosaic_of,
    raw_directory,
    tiff_bytes,
)

from fgaesq.errors import DecodeError, MissingExtraError
from fgaesq.images import as_photo, read_photo
from fgaesq.types import Image

UPRIGHT = scene(800, 1200)
RAW_OF_ORIENTATION = {1: UPRIGHT, 3: UPRIGHT, 6: scene(1200, 800), 8: scene(1200, 800)}


def difference(first: Image, second: Image) -> float:
    """Return the mean absolute difference in levels; a wrong turn makes dozens."""
    assert first.shape == second.shape
    return float(np.abs(first.astype(int) - second).mean())


def preview_of(picture: Image, **options: object) -> tuple[bytes, tuple[int, int]]:
    return encode(picture, "JPEG", quality=95, **options), (picture.shape[1], picture.shape[0])


def small_mosaic() -> NDArray[np.uint16]:
    """Return sensor data smaller than the previews: they only state the sensor's aspect."""
    return mosaic_of(scene(120, 180, seed=9))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_preview_is_turned_as_the_raw_file_says(tmp_path: Path, orientation: int) -> None:
    upright = UPRIGHT if orientation < 5 else scene(1200, 800)
    preview = preview_of(stored_as(upright, orientation))
    data = dng_bytes(small_mosaic(), preview=preview, orientation=orientation)
    photo = read_photo(write(tmp_path / "a.dng", data))
    assert difference(photo.pixels, upright) < 3
    assert photo.native_size == upright.shape[:2]


@pytest.mark.parametrize("orientation", [6, 8])
def test_preview_that_is_upright_already_is_not_turned_again(
    tmp_path: Path, orientation: int
) -> None:
    upright = scene(1200, 800)
    data = dng_bytes(small_mosaic(), preview=preview_of(upright), orientation=orientation)
    assert difference(read_photo(write(tmp_path / "a.dng", data)).pixels, upright) < 3


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_orientation_of_the_preview_itself_is_applied_once(
    tmp_path: Path, orientation: int
) -> None:
    upright = UPRIGHT if orientation < 5 else scene(1200, 800)
    stored = stored_as(upright, orientation)
    preview = preview_of(stored, exif=exif(orientation))
    data = dng_bytes(small_mosaic(), preview=preview, orientation=orientation)
    assert difference(read_photo(write(tmp_path / "a.dng", data)).pixels, upright) < 3


def test_preview_is_reduced_while_it_is_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dng", dng_bytes(small_mosaic(), preview=preview_of(UPRIGHT)))
    photo = read_photo(path, max_long_side_px=300)
    assert photo.pixels.shape == (200, 300, 3)
    assert photo.native_size == (800, 1200)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_sensor_data_are_developed_upright_where_there_is_no_preview(
    tmp_path: Path, orientation: int
) -> None:
    upright = RAW_OF_ORIENTATION[orientation]
    mosaic = mosaic_of(stored_as(upright, orientation))
    path = write(tmp_path / "a.dng", dng_bytes(mosaic, orientation=orientation))
    shown = read_photo(path).pixels
    assert shown.shape == upright.shape
    half = read_photo(path, max_long_side_px=600).pixels
    assert max(half.shape) == 600
    # Colours and tones are LibRaw's own; the place of light and dark is the picture's.
    grey, wanted = shown.mean(axis=2).ravel(), upright.mean(axis=2).ravel()
    assert np.corrcoef(grey, wanted)[0, 1] > 0.9


def test_thumbnail_is_not_taken_where_the_sensor_shows_more(tmp_path: Path) -> None:
    mosaic = mosaic_of(scene(1300, 2100))
    thumbnail = preview_of(scene(100, 160))
    path = write(tmp_path / "a.dng", dng_bytes(mosaic, preview=thumbnail))
    assert read_photo(path).pixels.shape == (650, 1050, 3)


def test_exposures_of_developed_files_stay_comparable(tmp_path: Path) -> None:
    mosaic = mosaic_of(scene(100, 160))
    bright = read_photo(write(tmp_path / "a.dng", dng_bytes(mosaic))).pixels
    dark = read_photo(write(tmp_path / "b.dng", dng_bytes(mosaic // 4))).pixels
    assert dark.mean() < 0.7 * bright.mean()


def test_sensor_without_colour_filters(tmp_path: Path) -> None:
    picture = scene(100, 160)
    data = dng_bytes(mosaic_of(picture), has_filter=False, orientation=6)
    pixels = read_photo(write(tmp_path / "a.dng", data)).pixels
    assert pixels.shape == (160, 100, 3)
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


def test_preview_that_is_no_jpeg(tmp_path: Path) -> None:
    thumbnail = scene(120, 160)
    entries: dict[int, tuple[int, Value]] = {
        254: (LONG, 1),
        256: (LONG, 160),
        257: (LONG, 120),
        258: (SHORT, [8, 8, 8]),
        259: (SHORT, 1),
        262: (SHORT, 2),
        271: (ASCII, "Kamera"),
        272: (ASCII, "Eins"),
        274: (SHORT, 6),
        277: (SHORT, 3),
        278: (LONG, 120),
        279: (LONG, thumbnail.nbytes),
        330: (LONG, [raw_directory(mosaic_of(scene(90, 120)))]),
        50706: (BYTE, [1, 4, 0, 0]),
        50708: (ASCII, "Eins"),
    }
    first = Directory(entries, data={273: thumbnail.tobytes()})
    photo = read_photo(write(tmp_path / "a.dng", tiff_bytes(first)))
    assert np.array_equal(photo.pixels, np.rot90(thumbnail, -1))


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    jpeg = write(tmp_path / "a.CR2", encode(scene(40, 60), "JPEG"))
    assert read_photo(jpeg).pixels.shape == (40, 60, 3)
    for name in ("a.tif", "a.jpg"):
        data = dng_bytes(small_mosaic(), preview=preview_of(UPRIGHT))
        assert read_photo(write(tmp_path / name, data)).native_size == (800, 1200)


def test_name_that_is_no_unicode(tmp_path: Path) -> None:
    path = Path(str(tmp_path) + "/caf\udce9.dng")
    write(path, dng_bytes(small_mosaic(), preview=preview_of(UPRIGHT)))
    assert read_photo(path).native_size == (800, 1200)


def refusal(path: Path) -> str:
    with pytest.raises(DecodeError) as caught:
        read_photo(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_truncated_file_is_named_though_its_preview_is_whole(tmp_path: Path, cut: float) -> None:
    data = dng_bytes(mosaic_of(scene(1000, 1500)), preview=preview_of(UPRIGHT))
    path = write(tmp_path / "a.dng", data[: int(len(data) * cut)])
    assert refusal(path) == (
        "the camera RAW file is cut short; copy it again from the camera or card"
    )


@pytest.mark.parametrize("name", ["a.cr2", "a.CR3", "a.raf", "a.nef"])
def test_text_named_as_a_raw_file(tmp_path: Path, name: str) -> None:
    assert refusal(write(tmp_path / name, b"Dear diary,\n" * 50)) == (
        "it is not a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or camera RAW image; "
        "check that it is a photo file"
    )


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.cr3", b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom"),
        ("a.cr2", b"II*\0\x10\0\0\0CR\x02\0"),
        ("a.raf", b"FUJIFILMCCD-RAW 0201FF"),
        ("a.rw2", b"IIU\0\x18\0\0\0"),
        ("a.orf", b"IIRO\x08\0\0\0"),
        ("a.x3f", b"FOVb\0\0\2\0"),
        ("a.mrw", b"\0MRM\0\0\1\0"),
        ("a.nef", b"MM\0*\0\0\0\x08"),
        ("a.dng", b"II*\0\x08\0\0\0"),
    ],
)
@pytest.mark.parametrize("rest", [0, 5000])
def test_head_of_a_raw_file_without_the_rest(
    tmp_path: Path, name: str, head: bytes, rest: int
) -> None:
    assert refusal(write(tmp_path / name, head + bytes(rest))) in (
        "the camera RAW file is cut short; copy it again from the camera or card",
        "the camera RAW data are damaged; copy it again from the camera or card",
        "it is no camera RAW that LibRaw knows; convert it to DNG, or export it as JPEG",
    )


def test_damaged_bytes_never_raise_anything_else(tmp_path: Path) -> None:
    data = dng_bytes(mosaic_of(scene(60, 90)), preview=preview_of(scene(64, 96)))
    rng = np.random.default_rng(0)
    for number in range(60):
        broken = bytearray(data)
        for place in rng.integers(0, min(len(data), 600), 6):
            broken[place] = rng.integers(0, 256)
        path = write(tmp_path / f"{number}.dng", bytes(broken))
        with contextlib.suppress(DecodeError):
            assert read_photo(path).pixels.dtype == np.uint8


def test_missing_extra_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.dng", dng_bytes(small_mosaic()))
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(MissingExtraError) as caught:
        as_photo(path, name="a")
    assert str(caught.value) == (
        f"{path}: reading camera RAW needs packages that are not installed; "
        "run: pip install 'fgaesq[raw]'"
    )
