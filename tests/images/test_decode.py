"""Reading whole photo files: orientation, size, first frames, the released decoding."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage
from tests.images.corpus import KINDS, ORIENTATIONS, encode, exif, scene, stored_as, tiff, write

from fgaesq.errors import InputError, ShapeError
from fgaesq.images import as_photo, photo_from_pil, read_photo
from fgaesq.types import Image

LOSSLESS = {"PNG": {}, "WebP": {"lossless": True, "exact": True}, "TIFF": {}, "BMP": {}}


def psnr(first: Image, second: Image) -> float:
    error = np.mean((first.astype(np.float64) - second) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


@pytest.mark.parametrize("kind", LOSSLESS)
def test_pixels_are_those_of_the_file(tmp_path: Path, kind: str) -> None:
    picture = scene(40, 60)
    photo = read_photo(write(tmp_path / "a", encode(picture, kind, **LOSSLESS[kind])))
    assert np.array_equal(photo.pixels, picture)
    assert photo.pixels.dtype == np.uint8
    assert photo.native_size == (40, 60)
    assert not photo.pixels.flags.writeable


@pytest.mark.parametrize("kind", ["JPEG", "GIF"])
def test_pixels_are_close_to_those_of_a_lossy_file(tmp_path: Path, kind: str) -> None:
    picture = scene(40, 60)
    photo = read_photo(write(tmp_path / "a", encode(picture, kind)))
    assert psnr(photo.pixels, picture) > 25


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", ["PNG", "WebP", "TIFF"])
def test_orientations_agree_exactly(tmp_path: Path, kind: str, orientation: int) -> None:
    upright = scene(40, 60)
    stored = stored_as(upright, orientation)
    if kind == "TIFF":
        data = tiff(stored, photometric=2, extra=[(274, 3, 1, orientation)])
    else:
        data = encode(stored, kind, exif=exif(orientation), **LOSSLESS[kind])
    photo = read_photo(write(tmp_path / "a", data))
    assert np.array_equal(photo.pixels, upright)
    assert photo.native_size == (40, 60)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiff_is_turned_once(tmp_path: Path, compression: str) -> None:
    upright = scene(40, 60)
    data = encode(stored_as(upright, 6), "TIFF", compression=compression, tiffinfo={274: 6})
    photo = read_photo(write(tmp_path / "a.tif", data))
    assert np.array_equal(photo.pixels, upright)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_jpeg_orientations_agree(tmp_path: Path, orientation: int, order: str) -> None:
    upright = scene(48, 64)
    stored = stored_as(upright, orientation)
    data = encode(stored, "JPEG", exif=exif(orientation, order=order), quality=98, subsampling=0)
    photo = read_photo(write(tmp_path / "a.jpg", data))
    assert photo.pixels.shape == (48, 64, 3)
    assert psnr(photo.pixels, upright) > 40


@given(
    orientation=st.sampled_from(ORIENTATIONS),
    height=st.integers(16, 70),
    width=st.integers(16, 70),
    limit=st.integers(16, 80),
)
def test_reduced_orientations_agree_within_rounding(
    orientation: int, height: int, width: int, limit: int
) -> None:
    limit = max(limit, -(-16 * max(height, width) // min(height, width)) + 1)
    upright = scene(height, width, seed=height * 100 + width)
    first = photo_from_pil(PILImage.fromarray(upright), name="a", max_long_side_px=limit)
    turned = PILImage.fromarray(stored_as(upright, orientation))
    turned.info["exif"] = exif(orientation)
    second = photo_from_pil(turned, name="a", max_long_side_px=limit)
    assert second.native_size == (height, width)
    assert second.pixels.shape == first.pixels.shape
    assert max(second.pixels.shape) <= max(limit, 16)
    # The horizontal pass comes first and is rounded, so turning by 90 degrees may cost two levels.
    assert np.abs(first.pixels.astype(int) - second.pixels).max() <= 2


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_impossible_orientation_leaves_the_photo_as_stored(tmp_path: Path, value: int) -> None:
    picture = scene(20, 30)
    photo = read_photo(write(tmp_path / "a", encode(picture, "PNG", exif=exif(value))))
    assert np.array_equal(photo.pixels, picture)


@pytest.mark.parametrize("cut", range(6, 31))
def test_broken_exif_leaves_the_photo_as_stored(tmp_path: Path, cut: int) -> None:
    picture = scene(20, 30)
    data = encode(picture, "PNG", exif=exif(6)[:cut])
    photo = read_photo(write(tmp_path / "a", data))
    assert photo.pixels.shape == ((20, 30, 3) if cut < 26 else (30, 20, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_long_side_is_reduced_and_never_enlarged(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "a", encode(scene(300, 451), kind))
    reduced = read_photo(path, max_long_side_px=97)
    assert reduced.pixels.shape == (65, 97, 3)
    assert reduced.native_size == (300, 451)
    assert read_photo(path, max_long_side_px=451).digest == read_photo(path).digest
    assert read_photo(path, max_long_side_px=5000).digest == read_photo(path).digest


@pytest.mark.parametrize("limit", [40, 97, 150, 199, 300, 500])
@pytest.mark.parametrize("progressive", [False, True])
def test_reduced_jpeg_is_close_to_full_decode_and_resize(
    tmp_path: Path, limit: int, progressive: bool
) -> None:
    rng = np.random.default_rng(7)
    detail = scene(401, 603).astype(np.int16) + rng.normal(0, 12, (401, 603, 1)).astype(np.int16)
    picture = np.clip(detail, 0, 255).astype(np.uint8)
    path = write(tmp_path / "a.jpg", encode(picture, "JPEG", quality=95, progressive=progressive))
    reduced = read_photo(path, max_long_side_px=limit).pixels
    with PILImage.open(path) as image:
        size = reduced.shape[1], reduced.shape[0]
        full = np.asarray(image.convert("RGB").resize(size, PILImage.Resampling.LANCZOS))
    assert max(reduced.shape) == limit
    assert psnr(reduced, full) > 36


def test_reducing_does_not_shift_the_picture(tmp_path: Path) -> None:
    edge = np.zeros((805, 805, 3), dtype=np.uint8)
    edge[:, 403:] = 255  # 402.5 would be the middle; 805 does not divide by 8
    path = write(tmp_path / "a.jpg", encode(edge, "JPEG", quality=100))
    row = read_photo(path, max_long_side_px=100).pixels[50, :, 0].astype(float)
    assert row.sum() / 255 == pytest.approx(100 * 402 / 805, abs=0.05)


def test_panorama_of_20_to_1_is_read_and_reduced(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", encode(scene(50, 1000), "JPEG"))
    assert read_photo(path).pixels.shape == (50, 1000, 3)
    assert read_photo(path, max_long_side_px=320).pixels.shape == (16, 320, 3)


@pytest.mark.parametrize("kind", ["GIF", "WebP", "PNG", "TIFF"])
def test_first_frame_stands_for_an_animation(tmp_path: Path, kind: str) -> None:
    frames = [PILImage.new("RGB", (30, 20), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WebP" else {}
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    photo = read_photo(write(tmp_path / "a", data))
    assert np.array_equal(photo.pixels, np.broadcast_to([255, 0, 0], (20, 30, 3)))


def test_first_picture_of_an_mpo_file_is_read(tmp_path: Path) -> None:
    first = PILImage.new("RGB", (32, 24), "red")
    data = encode(first, "MPO", save_all=True, append_images=[PILImage.new("RGB", (32, 24))])
    photo = read_photo(write(tmp_path / "a.jpg", data))
    assert photo.pixels[5, 5].tolist() == pytest.approx([255, 0, 0], abs=2)


def test_released_decoding_ignores_orientation_and_profile(tmp_path: Path) -> None:
    picture = scene(48, 64)
    data = encode(picture, "JPEG", exif=exif(6), icc_profile=b"not even a profile")
    path = write(tmp_path / "a.jpg", data)
    photo = read_photo(path, as_released=True)
    with PILImage.open(path) as image:
        assert np.array_equal(photo.pixels, np.asarray(image.convert("RGB")))
    assert photo.native_size == (48, 64)


def test_released_decoding_drops_transparency_as_pillow_does(tmp_path: Path) -> None:
    image = PILImage.fromarray(scene(20, 30)).quantize(8)
    image.info["transparency"] = bytes((0, 128, 255))
    data = encode(image, "PNG", transparency=bytes((0, 128, 255)))
    photo = read_photo(write(tmp_path / "a.png", data), as_released=True)
    assert np.array_equal(photo.pixels, np.asarray(image.copy().convert("RGBA"))[..., :3])


def test_released_decoding_does_not_turn_tiff(tmp_path: Path) -> None:
    stored = stored_as(scene(40, 60), 6)
    data = tiff(stored, photometric=2, extra=[(274, 3, 1, 6)])
    photo = read_photo(write(tmp_path / "a.tif", data), as_released=True)
    assert np.array_equal(photo.pixels, stored)
    assert photo.native_size == (60, 40)


def test_options_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_photo(tmp_path / "a.jpg", max_long_side_px=64, as_released=True)
    assert str(caught.value) == (
        "max_long_side_px is 64 and as_released is set; "
        "give one of them, as published scores were made at full size"
    )
    with pytest.raises(InputError) as caught:
        read_photo(tmp_path / "a.jpg", max_long_side_px=15)
    assert str(caught.value) == ("max_long_side_px is 15; give at least 16, the side of one patch")


def test_digest_covers_pixels_and_shape(tmp_path: Path) -> None:
    picture = scene(20, 40)
    names = ["a.png", "b.bmp"]
    digests = {read_photo(write(tmp_path / n, encode(picture, n[2:]))).digest for n in names}
    assert len(digests) == 1
    header = np.array([20, 40, 3], dtype="<u8").tobytes()
    expected = hashlib.blake2b(header + picture.tobytes(), digest_size=16).hexdigest()
    assert digests == {expected}
    reshaped = as_photo(picture.reshape(40, 20, 3), name="c")
    assert reshaped.digest != expected
    changed = picture.copy()
    changed[3, 4, 1] ^= 1
    assert as_photo(changed, name="d").digest != expected


def test_content_decides_when_the_extension_is_wrong(tmp_path: Path) -> None:
    picture = scene(20, 30)
    path = write(tmp_path / "photo.jpg", encode(picture, "PNG"))
    assert np.array_equal(read_photo(path).pixels, picture)


@pytest.mark.parametrize("name", ["写真 été.png", "a;b'c.png", "👩‍🚀.png"])
def test_unicode_name_is_kept(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, encode(scene(16, 16), "PNG"))
    assert read_photo(path).name == str(path)


def test_undecodable_name_is_read_and_escaped(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.png")
    with open(path, "wb") as file:
        file.write(encode(scene(16, 16), "PNG"))
    photo = read_photo(Path(os.fsdecode(path)))
    assert photo.name == f"{tmp_path}/caf\\xe9.png"
    photo.name.encode()


def test_large_tiff_needs_no_warning_and_no_global_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PILImage, "MAX_IMAGE_PIXELS", 300)  # Pillow would refuse over 600
    for kind in ("JPEG", "PNG", "TIFF", "BMP", "GIF"):
        path = write(tmp_path / kind, encode(scene(40, 60), kind))
        assert read_photo(path).native_size == (40, 60)
    assert PILImage.MAX_IMAGE_PIXELS == 300


def test_threads_get_the_same_pixels_and_leave_warnings_alone(tmp_path: Path) -> None:
    filters = list(warnings.filters)
    paths = [write(tmp_path / kind, encode(scene(120, 90), kind)) for kind in KINDS] * 8
    alone = [read_photo(path, max_long_side_px=64).digest for path in paths]
    barrier = threading.Barrier(4)

    def read(path: Path) -> str:
        barrier.wait(timeout=20)
        return read_photo(path, max_long_side_px=64).digest

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, paths)) == alone
    assert warnings.filters == filters


def test_as_photo_takes_paths_images_and_arrays(tmp_path: Path) -> None:
    picture = scene(20, 30)
    path = write(tmp_path / "a.png", encode(picture, "PNG"))
    with PILImage.open(io.BytesIO(path.read_bytes())) as image:
        photos = [as_photo(source, name="image-3") for source in (str(path), path, image, picture)]
    assert [photo.name for photo in photos] == [str(path), str(path), "image-3", "image-3"]
    assert len({photo.digest for photo in photos}) == 1
    with pytest.raises(ShapeError) as caught:
        as_photo([[1, 2], [3, 4]], name="image-0")  # type: ignore[arg-type]
    assert str(caught.value) == "image-0: it is a list; give a path, PIL image or NumPy array"
