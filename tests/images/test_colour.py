"""ICC profiles and inks, against the colour maths written out in `icc_profiles`."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageCms
from tests.images import icc_profiles as icc
from tests.images.corpus import encode, scene, write

from fgaesq.images import read_photo
from fgaesq.types import Image

LEVELS = 2
"""What Little CMS loses in the darkest tones, where it interpolates its curves."""


def read(tmp_path: Path, data: bytes) -> Image:
    return read_photo(write(tmp_path / "photo", data)).pixels


def largest_difference(first: Image, second: Image) -> int:
    return int(np.abs(first.astype(int) - second).max())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WebP"])
@pytest.mark.parametrize(
    ("primaries", "gamma"), [(icc.DISPLAY_P3, None), (icc.ADOBE_RGB, icc.ADOBE_GAMMA)]
)
def test_wide_gamut_becomes_srgb(
    tmp_path: Path, kind: str, primaries: tuple[tuple[float, float], ...], gamma: float | None
) -> None:
    picture = scene(60, 80)
    options = {"lossless": True, "exact": True} if kind == "WebP" else {}
    profile = icc.rgb_profile(primaries, gamma)
    pixels = read(tmp_path, encode(picture, kind, icc_profile=profile, **options))
    values = picture / 255
    linear = icc.srgb_decode(values) if gamma is None else values**gamma
    expected = icc.d50_to_srgb_bytes(linear @ icc.rgb_to_d50(primaries).T)
    assert largest_difference(pixels, expected) <= LEVELS
    assert largest_difference(pixels, picture) > 20


def test_wide_gamut_jpeg_becomes_srgb(tmp_path: Path) -> None:
    profile = icc.rgb_profile(icc.DISPLAY_P3, None)
    picture = np.broadcast_to(np.array([230, 60, 40], np.uint8), (32, 32, 3))
    path = write(
        tmp_path / "a.jpg", encode(picture, "JPEG", icc_profile=profile, quality=100, subsampling=0)
    )
    with PILImage.open(path) as image:
        stored = np.asarray(image) / 255
    expected = icc.d50_to_srgb_bytes(icc.srgb_decode(stored) @ icc.rgb_to_d50(icc.DISPLAY_P3).T)
    assert largest_difference(read_photo(path).pixels, expected) <= LEVELS
    reduced = read_photo(path, max_long_side_px=16).pixels
    assert largest_difference(reduced, expected[:16, :16]) <= LEVELS


def test_alpha_is_laid_on_white_after_the_colours_are_converted(tmp_path: Path) -> None:
    profile = icc.rgb_profile(icc.DISPLAY_P3, None)
    picture = scene(20, 30)
    rgba = np.dstack([picture, np.full((20, 30), 102, dtype=np.uint8)])
    pixels = read(tmp_path, encode(PILImage.fromarray(rgba), "PNG", icc_profile=profile))
    linear = icc.srgb_decode(picture / 255)
    converted = icc.d50_to_srgb_bytes(linear @ icc.rgb_to_d50(icc.DISPLAY_P3).T)
    assert np.abs(pixels - (converted * 0.4 + 255 * 0.6)).max() <= 1.5


@pytest.mark.parametrize("built_in", [True, False])
def test_srgb_profile_leaves_the_pixels_alone(tmp_path: Path, built_in: bool) -> None:
    profile = (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        if built_in
        else icc.rgb_profile(icc.SRGB, None)
    )
    picture = scene(40, 60)
    assert np.array_equal(read(tmp_path, encode(picture, "PNG", icc_profile=profile)), picture)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_profile_is_applied(tmp_path: Path, mode: str) -> None:
    grey = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    image = PILImage.fromarray(grey).convert(mode)
    pixels = read(tmp_path, encode(image, "PNG", icc_profile=icc.grey_profile(1.5)))
    expected = np.rint(icc.srgb_encode((grey / 255) ** 1.5) * 255)
    assert np.abs(pixels - expected[..., None]).max() <= LEVELS


def test_sixteen_bit_grey_with_profile_is_converted(tmp_path: Path) -> None:
    grey = np.tile(np.arange(256, dtype=np.uint16) * 257, (16, 1))
    image = PILImage.fromarray(grey)
    pixels = read(tmp_path, encode(image, "PNG", icc_profile=icc.grey_profile(1.5)))
    expected = np.rint(icc.srgb_encode((grey / 65535) ** 1.5) * 255)
    assert np.abs(pixels - expected[..., None]).max() <= LEVELS


def test_grey_pixels_with_an_rgb_profile_use_its_curve(tmp_path: Path) -> None:
    grey = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    profile = icc.rgb_profile(icc.SRGB, 1.5)
    pixels = read(tmp_path, encode(PILImage.fromarray(grey), "PNG", icc_profile=profile))
    expected = np.rint(icc.srgb_encode((grey / 255) ** 1.5) * 255)
    assert np.abs(pixels - expected[..., None]).max() <= LEVELS


def inks() -> Image:
    """Return all 16 combinations of no and full ink as 16 px squares in a row, (16, 256, 4)."""
    corners = np.stack(np.meshgrid(*[[0, 255]] * 4, indexing="ij"), axis=-1).reshape(16, 4)
    return np.repeat(np.repeat(corners[None], 16, axis=0), 16, axis=1).astype(np.uint8)


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_profile_is_applied(tmp_path: Path, kind: str) -> None:
    image = PILImage.frombytes("CMYK", (256, 16), inks().tobytes())
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    pixels = read(tmp_path, encode(image, kind, icc_profile=icc.cmyk_profile(), **options))
    expected = icc.d50_to_srgb_bytes(icc.lab_to_d50(icc.ink_lab(inks() / 255)))
    assert largest_difference(pixels, expected) <= 4


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_without_profile_is_plain_inks(tmp_path: Path, kind: str) -> None:
    image = PILImage.frombytes("CMYK", (256, 16), inks().tobytes())
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    data = encode(image, kind, **options)
    assert kind == "TIFF" or b"Adobe\0" in data  # the marker that says: inverted
    parts = inks().astype(float)
    expected = (255 - parts[..., :3]) * (255 - parts[..., 3:]) / 255
    assert np.abs(read(tmp_path, data) - expected).max() <= 2


def ycck_of(data: bytes) -> bytes:
    """Return a CMYK JPEG that calls itself, in its Adobe marker, YCCK."""
    position = data.index(b"Adobe\0") + 11
    return data[:position] + b"\x02" + data[position + 1 :]


def test_ycck_jpeg_is_converted_to_inks_first(tmp_path: Path) -> None:
    stored = np.broadcast_to(
        np.array([200, 100, 160, 255], np.uint8), (32, 32, 4)
    )  # Y, Cb, Cr, black
    image = PILImage.frombytes("CMYK", (32, 32), (255 - stored).tobytes())
    pixels = read(tmp_path, ycck_of(encode(image, "JPEG", quality=100, subsampling=0)))
    luma, blue, red = 200, 100 - 128, 160 - 128
    rgb = [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]
    # The standard turns YCC into RGB and that into inks, 255 - RGB; Adobe stores inks inverted, so
    # that the light which these numbers leave is 255 - RGB too.
    assert np.abs(pixels - (255 - np.array(rgb))).max() <= 2


@pytest.mark.parametrize(
    "profile",
    [b"", b"no profile at all", icc.rgb_profile(icc.DISPLAY_P3, None)[:200], icc.cmyk_profile()],
)
def test_broken_or_foreign_profile_is_ignored_and_logged(
    tmp_path: Path, profile: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    picture = scene(40, 60)
    with caplog.at_level(logging.INFO, logger="fgaesq"):
        pixels = read(tmp_path, encode(picture, "TIFF", icc_profile=profile))
    assert np.array_equal(pixels, picture)
    assert len(caplog.records) == (1 if profile else 0)
    assert all("the ICC profile is ignored" in record.message for record in caplog.records)
