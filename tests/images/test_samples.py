"""Every kind of sample Pillow knows becomes the right 8 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PILImage
from tests.images.corpus import encode, png, scene, tiff, write

from fgaesq.errors import DecodeError
from fgaesq.images import photo_from_pil, read_photo
from fgaesq.types import Image

GREY16 = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60) * 27  # 0 to 64773, no multiple of 257


def rounded(values: NDArray[np.generic], white: float) -> Image:
    """Return grey values scaled so that `white` becomes 255, in three equal channels."""
    grey = np.floor(values.astype(np.float64) * 255 / white + 0.5).astype(np.uint8)
    return np.repeat(grey.reshape(*values.shape[:2], 1), 3, axis=-1)


def read(tmp_path: Path, data: bytes) -> Image:
    return read_photo(write(tmp_path / "photo", data)).pixels


def test_sixteen_bit_grey_png_is_scaled_and_rounded(tmp_path: Path) -> None:
    data = png(GREY16.astype(">u2"), bits=16, colour=0)
    assert np.array_equal(read(tmp_path, data), rounded(GREY16, 65535))


def test_sixteen_bit_grey_png_with_transparent_value(tmp_path: Path) -> None:
    transparent = int(GREY16[2, 3])
    chunk = (b"tRNS", transparent.to_bytes(2, "big"))
    expected = rounded(GREY16, 65535)
    expected[2, 3] = 255
    data = png(GREY16.astype(">u2"), bits=16, colour=0, extra=[chunk])
    assert np.array_equal(read(tmp_path, data), expected)


@pytest.mark.parametrize("order", "<>")
def test_sixteen_bit_grey_tiff_is_scaled_and_rounded(tmp_path: Path, order: str) -> None:
    data = tiff(GREY16.astype(order + "u2"), photometric=1)
    assert np.array_equal(read(tmp_path, data), rounded(GREY16, 65535))


def test_sixteen_bit_tiff_with_white_at_zero_is_inverted(tmp_path: Path) -> None:
    data = tiff(GREY16.astype("<u2"), photometric=0)
    assert np.array_equal(read(tmp_path, data), 255 - rounded(GREY16, 65535))


def test_twelve_bit_grey_tiff_has_its_own_white(tmp_path: Path) -> None:
    values = (np.arange(20 * 32, dtype=np.uint16) * 6).reshape(20, 32)
    first, second = values.reshape(-1, 2).T
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1)
    data = tiff(values, photometric=1, bits=12, data=packed.astype(np.uint8).tobytes())
    assert np.array_equal(read(tmp_path, data), rounded(values, 4095))


@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (6, 4)])
def test_sixteen_bit_rgb_png_keeps_the_upper_bits(
    tmp_path: Path, colour: int, channels: int
) -> None:
    values = np.stack([GREY16, GREY16[::-1], GREY16[:, ::-1], GREY16 | 0xFFFF], axis=-1)
    data = png(values[..., :channels].astype(">u2"), bits=16, colour=colour)
    assert np.array_equal(read(tmp_path, data), (values[..., :3] >> 8).astype(np.uint8))


def test_sixteen_bit_grey_alpha_png_is_laid_on_white(tmp_path: Path) -> None:
    values = np.stack([GREY16, np.where(GREY16 % 2 == 0, 0xFFFF, 0)], axis=-1)
    expected = np.where(GREY16 % 2 == 0, GREY16 >> 8, 255)
    pixels = read(tmp_path, png(values.astype(">u2"), bits=16, colour=4))
    assert np.array_equal(pixels, rounded(expected, 255))


@pytest.mark.parametrize("order", "<>")
def test_sixteen_bit_rgb_tiff_keeps_the_upper_bits(tmp_path: Path, order: str) -> None:
    values = np.stack([GREY16, GREY16[::-1], GREY16[:, ::-1]], axis=-1)
    data = tiff(values.astype(order + "u2"), photometric=2)
    assert np.array_equal(read(tmp_path, data), (values >> 8).astype(np.uint8))


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_shallow_grey_png_spans_black_to_white(tmp_path: Path, bits: int) -> None:
    levels = np.arange(32 * 16).reshape(16, 32) % 2**bits
    unpacked = np.unpackbits(levels.astype(np.uint8)[..., None], axis=-1)[..., 8 - bits :]
    data = png(np.packbits(unpacked.reshape(16, -1), axis=1), bits=bits, colour=0)
    assert np.array_equal(read(tmp_path, data), rounded(levels, 2**bits - 1))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_transparent_value_of_a_grey_png_becomes_white(tmp_path: Path, bits: int) -> None:
    levels = np.arange(32 * 16).reshape(16, 32) % 2**bits
    unpacked = np.unpackbits(levels.astype(np.uint8)[..., None], axis=-1)[..., 8 - bits :]
    chunk = (b"tRNS", (0).to_bytes(2, "big")) if bits == 1 else (b"tRNS", (2).to_bytes(2, "big"))
    rows = np.packbits(unpacked.reshape(16, -1), axis=1)
    expected = rounded(levels, 2**bits - 1)
    expected[levels == (0 if bits == 1 else 2)] = 255
    assert np.array_equal(read(tmp_path, png(rows, bits=bits, colour=0, extra=[chunk])), expected)


@pytest.mark.parametrize("bits", [8, 16])
def test_transparent_colour_of_an_rgb_png_becomes_white(tmp_path: Path, bits: int) -> None:
    picture = scene(20, 30)
    key = picture[4, 5].astype(np.uint16) * (257 if bits == 16 else 1)
    rows = picture.astype(">u2") * 257 if bits == 16 else picture
    data = png(
        rows.astype(">u2") if bits == 16 else rows,
        bits=bits,
        colour=2,
        extra=[(b"tRNS", key.astype(">u2").tobytes())],
    )
    expected = np.where((picture == picture[4, 5]).all(-1, keepdims=True), 255, picture)
    assert np.array_equal(read(tmp_path, data), expected)


def test_palette_png_with_transparency_is_laid_on_white(tmp_path: Path) -> None:
    indices = np.arange(16 * 20, dtype=np.uint8).reshape(16, 20) % 4
    palette = np.array([[255, 0, 0], [0, 200, 0], [0, 0, 100], [9, 9, 9]], dtype=np.uint8)
    alphas = np.array([255, 0, 128, 255])
    chunks = [(b"PLTE", palette.tobytes()), (b"tRNS", alphas[:3].astype(np.uint8).tobytes())]
    pixels = read(tmp_path, png(indices, bits=8, colour=3, extra=chunks))
    mixed = (palette * (alphas[:, None] / 255) + 255 - alphas[:, None])[indices]
    assert np.abs(pixels - mixed).max() <= 0.5 + 1e-9


def test_transparent_gif_is_laid_on_white(tmp_path: Path) -> None:
    image = PILImage.fromarray(np.arange(16 * 20, dtype=np.uint8).reshape(16, 20) % 3)
    image.putpalette([255, 0, 0, 0, 200, 0, 0, 0, 100])
    pixels = read(tmp_path, encode(image, "GIF", transparency=1))
    colours = np.array([[255, 0, 0], [255, 255, 255], [0, 0, 100]], dtype=np.uint8)
    assert np.array_equal(pixels, colours[np.asarray(image)])


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "LA"), ("TIFF", "RGBA"), ("TIFF", "LA"), ("WebP", "RGBA")],
)
def test_alpha_is_laid_on_white(tmp_path: Path, kind: str, mode: str) -> None:
    picture = scene(40, 60)
    alpha = np.tile(np.arange(60, dtype=np.uint8) * 4, (40, 1))
    rgba = PILImage.fromarray(np.dstack([picture, alpha]))
    image = rgba.convert(mode)
    options = {"lossless": True, "exact": True} if kind == "WebP" else {}
    pixels = read(tmp_path, encode(image, kind, **options))
    colours = np.asarray(image.convert("RGBA"))[..., :3].astype(np.float64)
    opacity = alpha[..., None] / 255
    expected = colours * opacity + 255 * (1 - opacity)
    assert np.abs(pixels - expected).max() <= 0.5 + 1e-9


def test_reducing_does_not_mix_in_the_colour_of_transparent_pixels(tmp_path: Path) -> None:
    rgba = np.zeros((64, 64, 4), dtype=np.uint8)
    rgba[:, :, 0] = 255
    rgba[:, 32:, :3] = (0, 0, 255)  # invisible blue beside visible red
    rgba[:, :32, 3] = 255
    path = write(tmp_path / "a.png", encode(PILImage.fromarray(rgba), "PNG"))
    pixels = read_photo(path, max_long_side_px=31).pixels.astype(int)
    assert (pixels[..., 2] - pixels[..., 1]).max() <= 1  # nothing is bluer than it is green


@pytest.mark.parametrize("mode", ["1", "L"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_grey_and_bilevel_files_are_read(tmp_path: Path, kind: str, mode: str) -> None:
    image = PILImage.fromarray(scene(20, 30)).convert(mode)
    pixels = read(tmp_path, encode(image, kind))
    assert np.array_equal(pixels, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("order", "<>")
def test_float_tiff_from_0_to_1_is_scaled(tmp_path: Path, order: str) -> None:
    values = np.linspace(0, 1, 20 * 30).reshape(20, 30)
    pixels = read(tmp_path, tiff(values.astype(order + "f4"), photometric=1, sample_format=3))
    assert np.abs(pixels - values[..., None] * 255).max() <= 0.5 + 1e-4


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (1.5, "run from 0 to 1.5"),
        (-0.25, "run from -0.25 to 0.5"),
        (np.nan, "run from nan to nan"),
        (np.inf, "run from 0 to inf"),
    ],
)
def test_float_tiff_of_unknown_range_is_refused(tmp_path: Path, value: float, seen: str) -> None:
    values = np.zeros((20, 30), dtype=np.float32)
    values[1, 1:3] = value, 0.5
    path = write(tmp_path / "a.tif", tiff(values, photometric=1, sample_format=3))
    with pytest.raises(DecodeError) as caught:
        read_photo(path)
    assert str(caught.value) == (
        f"{path}: its floating-point values {seen}, outside 0 to 1; scale them to 0 to 1"
    )


def test_integer_tiff_of_unknown_range_is_refused(tmp_path: Path) -> None:
    values = np.full((20, 30), 70000, dtype=np.uint32)
    values[0, 0] = 3
    path = write(tmp_path / "a.tif", tiff(values, photometric=1))
    with pytest.raises(DecodeError) as caught:
        read_photo(path)
    assert str(caught.value) == (
        f"{path}: its integer values run from 3 to 70000, outside 0 to 65535; "
        "export it as an 8- or 16-bit image"
    )


@pytest.mark.parametrize(
    ("mode", "by_way_of"),
    [
        *[("RGB", "RGB"), ("RGBA", "RGB"), ("RGBX", "RGB"), ("RGBa", "RGBA"), ("CMYK", "RGB")],
        *[("YCbCr", "RGB"), ("HSV", "RGB"), ("LAB", "RGB"), ("P", "quantize")],
        *[("L", "RGB"), ("LA", "RGB"), ("La", "LA"), ("1", "RGB")],
    ],
)
def test_pil_image_of_any_mode_is_converted(mode: str, by_way_of: str) -> None:
    colour = (255, 255, 255) if mode == "1" else (200, 120, 60)
    picture = PILImage.new("RGB", (30, 20), colour)
    image = picture.quantize(4) if mode == "P" else picture.convert(by_way_of).convert(mode)
    assert image.mode == mode
    pixels = photo_from_pil(image, name="a").pixels
    grey = round(0.299 * 200 + 0.587 * 120 + 0.114 * 60)
    expected = (grey, grey, grey) if mode in ("L", "LA", "La") else colour
    assert np.abs(pixels[10, 10].astype(int) - expected).max() <= 3


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_deep_grey_pil_image_is_scaled(mode: str) -> None:
    image = PILImage.fromarray(GREY16) if mode == "I;16" else None
    if mode == "I":
        image = PILImage.fromarray(GREY16.astype(np.int32))
    elif mode == "I;16B":
        image = PILImage.frombytes("I;16B", (60, 40), GREY16.astype(">u2").tobytes())
    assert image is not None
    assert image.mode == mode
    assert np.array_equal(photo_from_pil(image, name="a").pixels, rounded(GREY16, 65535))
