"""Images made by code that several tests look at: textured scenes, exact ramps, photos of them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.images import photo_from_array
from fgaesq.types import Image, Photo, TokenSet

__all__ = ["coordinates_at", "coordinates_image", "fine_places", "photos_of", "scene"]


def scene(height: int, width: int, *, seed: int = 0) -> Image:
    """Return a scene with structure of every size, unlike that of any other seed."""
    rng = np.random.default_rng(seed)
    light = np.full((height, width, 3), 128, np.float32)
    for cells, amplitude in ((6, 90), (20, 50), (60, 30), (150, 20)):
        rows, columns = (max(3, cells * side // max(height, width)) for side in (height, width))
        grid = rng.standard_normal((rows, columns, 3)).astype(np.float32)
        light += amplitude * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(light, 0, 255).astype(np.uint8)


def coordinates_image(height: int, width: int) -> Image:
    """Return an image each of whose pixels tells its own place (up to 4095 a side)."""
    y, x = np.mgrid[:height, :width]
    return np.stack([y % 256, x % 256, y // 256 * 16 + x // 256], axis=-1).astype(np.uint8)


def coordinates_at(pixel: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the (y, x) that a pixel of `coordinates_image` tells."""
    y, x, high = (int(value) for value in pixel)
    return y + high // 16 * 256, x + high % 16 * 256


def photos_of(images: list[Image]) -> list[Photo]:
    """Return the images as photos called a, b, c, ..."""
    return [photo_from_array(image, name=chr(97 + i)) for i, image in enumerate(images)]


def fine_places(tokens: TokenSet, image: Image) -> NDArray[np.int64]:
    """Return the (top, left) pixel of each fine cell by its first token's centre, (n, 2)."""
    corners = tokens.centres[tokens.scales == 1][::4] * image.shape[:2] - 8
    places = np.rint(corners)
    np.testing.assert_allclose(corners, places, atol=1e-6)
    return np.asarray(places, np.int64)
