"""The simple competitors see what their names say."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageFilter
from tests.scenes import scene

from fgaesq.evaluation.competitors import COMPETITORS
from fgaesq.types import Image


def blurred(image: Image) -> Image:
    return np.asarray(PILImage.fromarray(image).filter(ImageFilter.GaussianBlur(2)))


@pytest.mark.parametrize("name", ["sharpness", "file size"])
def test_blur_lowers_sharpness_and_file_size(name: str) -> None:
    image = scene(120, 160, seed=1)
    assert COMPETITORS[name](blurred(image)) < 0.8 * COMPETITORS[name](image)


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    rng = np.random.default_rng(0)
    luma = rng.integers(0, 256, (12, 9), dtype=np.uint8)
    slow = [
        float(luma[y - 1, x]) + luma[y + 1, x] + luma[y, x - 1] + luma[y, x + 1] - 4.0 * luma[y, x]
        for y in range(1, 11)
        for x in range(1, 8)
    ]
    image = np.repeat(luma[..., None], 3, axis=2)
    assert COMPETITORS["sharpness"](image) == pytest.approx(np.var(slow), rel=1e-5)


def test_contrast_and_brightness_of_two_halves() -> None:
    image = np.zeros((20, 20, 3), np.uint8)
    image[:, 10:] = 200
    assert COMPETITORS["brightness"](image) == pytest.approx(100)
    assert COMPETITORS["contrast"](image) == pytest.approx(100)


def test_file_size_is_per_pixel() -> None:
    image = scene(64, 64, seed=2)
    tiled = np.tile(image, (4, 4, 1))
    assert COMPETITORS["file size"](tiled) < 1.2 * COMPETITORS["file size"](image)
