"""Arrays and PIL images become the same photos as files would."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PILImage
from tests.images import icc_profiles as icc
from tests.images.corpus import encode, exif, scene, stored_as, tiff

from fgaesq.errors import DecodeError, InputError, ShapeError
from fgaesq.images import photo_from_array, photo_from_pil

LAYOUTS = "give (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"


def refusal(array: NDArray[np.generic]) -> str:
    with pytest.raises(ShapeError) as caught:
        photo_from_array(array, name="image-2")
    return str(caught.value)


def test_rgb_array_is_taken_as_it_is() -> None:
    picture = scene(20, 30)
    photo = photo_from_array(picture, name="image-0")
    assert photo.name == "image-0"
    assert photo.native_size == (20, 30)
    assert np.array_equal(photo.pixels, picture)


def test_array_is_copied() -> None:
    picture = scene(20, 30).copy()
    photo = photo_from_array(picture, name="a")
    picture[:] = 0
    assert np.array_equal(photo.pixels, scene(20, 30))
    assert not photo.pixels.flags.writeable


def test_array_with_any_strides_is_accepted() -> None:
    picture = scene(20, 30)
    flipped = photo_from_array(picture[:, ::-1], name="a")
    assert np.array_equal(flipped.pixels, picture[:, ::-1])


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 1)])
def test_grey_array_becomes_three_equal_channels(shape: tuple[int, ...]) -> None:
    grey = scene(20, 30)[..., 0]
    pixels = photo_from_array(grey.reshape(shape), name="a").pixels
    assert np.array_equal(pixels, np.repeat(grey[..., None], 3, axis=-1))


def test_alpha_array_is_laid_on_white() -> None:
    picture = scene(20, 30)
    alpha = scene(20, 30, seed=1)[..., 0]
    pixels = photo_from_array(np.dstack([picture, alpha]), name="a").pixels
    opacity = alpha[..., None] / 255
    assert np.abs(pixels - (picture * opacity + 255 * (1 - opacity))).max() <= 0.5 + 1e-9


def test_deep_arrays_are_scaled_and_rounded() -> None:
    words = scene(20, 30).astype(np.uint16) * 257
    assert np.array_equal(photo_from_array(words, name="a").pixels, scene(20, 30))
    near = np.minimum(words.astype(int) + 128, 65535).astype(np.uint16)
    assert np.array_equal(photo_from_array(near, name="a").pixels, scene(20, 30))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float_arrays_are_scaled_and_rounded(dtype: type[np.floating]) -> None:
    values = (scene(20, 30) / 255).astype(dtype)
    pixels = photo_from_array(values, name="a").pixels
    assert np.abs(pixels.astype(int) - scene(20, 30)).max() <= (1 if dtype is np.float16 else 0)


def test_array_is_reduced() -> None:
    photo = photo_from_array(scene(200, 300), name="a", max_long_side_px=60)
    assert photo.pixels.shape == (40, 60, 3)
    assert photo.native_size == (200, 300)
    with pytest.raises(InputError):
        photo_from_array(scene(200, 300), name="a", max_long_side_px=0)


@pytest.mark.parametrize(
    ("array", "seen"),
    [
        (np.zeros((20, 30, 2), np.uint8), f"its shape is (20, 30, 2); {LAYOUTS}"),
        (np.zeros((1, 20, 30, 3), np.uint8), f"its shape is (1, 20, 30, 3); {LAYOUTS}"),
        (np.zeros(20, np.uint8), f"its shape is (20,); {LAYOUTS}"),
        (
            np.zeros((3, 20, 30), np.uint8),
            f"its shape is (3, 20, 30); {LAYOUTS}, "
            "which .transpose(1, 2, 0) makes of channels that come first",
        ),
        (np.zeros((20, 30), bool), "its type is bool; give uint8, uint16, or floats from 0 to 1"),
        (
            np.zeros((20, 30), np.int64),
            "its type is int64; give uint8, uint16, or floats from 0 to 1",
        ),
        (
            np.full((20, 30), 255.0),
            "its floating-point values run from 255 to 255, outside 0 to 1; scale them to 0 to 1",
        ),
        (
            np.full((20, 30, 3), np.nan),
            "its floating-point values run from nan to nan, outside 0 to 1; scale them to 0 to 1",
        ),
        (
            np.zeros((15, 30, 3), np.uint8),
            "it is 30x15 px, smaller than one 16 px patch; use the original photo",
        ),
        (
            np.zeros((0, 0, 3), np.uint8),
            "it is 0x0 px, smaller than one 16 px patch; use the original photo",
        ),
    ],
)
def test_array_that_cannot_be_an_image_is_refused(array: NDArray[np.generic], seen: str) -> None:
    assert refusal(array) == f"image-2: {seen}"


def test_pil_image_gets_orientation_and_profile_of_its_file() -> None:
    upright = scene(40, 60)
    profile = icc.rgb_profile(icc.DISPLAY_P3, None)
    data = encode(stored_as(upright, 8), "PNG", exif=exif(8), icc_profile=profile)
    with PILImage.open(io.BytesIO(data)) as image:
        photo = photo_from_pil(image, name="image-1")
        assert image.size == (40, 60)  # the caller's image is not turned
        assert np.array_equal(np.asarray(image), stored_as(upright, 8))
        released = photo_from_pil(image, name="image-1", as_released=True)
    expected = photo_from_array(upright, name="a").pixels
    assert photo.pixels.shape == expected.shape
    assert photo.native_size == (40, 60)
    assert np.abs(photo.pixels.astype(int) - expected).max() > 20
    assert np.array_equal(released.pixels, stored_as(upright, 8))


def test_pil_image_of_a_tiff_that_pillow_turns_is_turned_once() -> None:
    upright = scene(40, 60)
    data = tiff(stored_as(upright, 6), photometric=2, extra=[(274, 3, 1, 6)])
    with PILImage.open(io.BytesIO(data)) as image:
        photo = photo_from_pil(image, name="a", max_long_side_px=60)
    assert np.array_equal(photo.pixels, upright)
    assert photo.native_size == (40, 60)


def test_pil_jpeg_is_not_drafted_under_the_caller() -> None:
    with PILImage.open(io.BytesIO(encode(scene(200, 300), "JPEG"))) as image:
        photo = photo_from_pil(image, name="a", max_long_side_px=30)
        assert image.size == (300, 200)
    assert photo.pixels.shape == (20, 30, 3)


def test_pil_image_that_cannot_be_loaded_is_refused() -> None:
    image = PILImage.open(io.BytesIO(encode(scene(200, 300), "JPEG")[:-500]))
    with pytest.raises(DecodeError) as caught:
        photo_from_pil(image, name="image-4")
    assert str(caught.value) == (
        "image-4: the JPEG file is cut short; copy it again from the camera or card"
    )


def test_small_pil_image_is_refused() -> None:
    with pytest.raises(DecodeError) as caught:
        photo_from_pil(PILImage.new("RGB", (1, 1)), name="image-4")
    assert str(caught.value) == (
        "image-4: it is 1x1 px, smaller than one 16 px patch; use the original photo"
    )
