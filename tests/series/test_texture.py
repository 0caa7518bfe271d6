"""Texture that images of one picture have in common, or each for itself."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.renderings import SHAPE, grain, picture

from fgaesq.series import rendered_apart
from fgaesq.series.texture import own_texture

SHARED = grain(0)
PHOTO = picture(SHARED)


def noisy(image: NDArray[np.uint8], seed: int, sigma: float = 8) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, sigma, (*SHAPE, 1))
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_images_that_each_made_up_their_texture_are_rendered_apart() -> None:
    assert rendered_apart([picture(grain(seed)) for seed in range(3)])
    assert own_texture(picture(grain(0)), picture(grain(1))).share > 0.4


def textured(seed: int, rows: slice) -> NDArray[np.uint8]:
    """Return a rendering with texture of uneven strength in some rows, and soft forms elsewhere."""
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.standard_normal(SHAPE).astype(np.float32), (0, 0), 0.7)
    uneven = np.zeros(SHAPE, np.float32)
    uneven[rows] = np.linspace(0.3, 1.5, SHAPE[1], dtype=np.float32)
    soft = cv2.GaussianBlur(picture(SHARED, 0), (0, 0), 2).astype(np.float32)
    image = soft + 7 * (uneven * fine / fine.std())[..., None] + 0.5
    return np.asarray(np.clip(image, 0, 255), np.uint8)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(slice(0, SHAPE[0]), id="everywhere"),
        pytest.param(slice(500, 600), id="in a strip"),
    ],
)
def test_neither_flat_cells_nor_many_textured_ones_are_needed(rows: slice) -> None:
    assert rendered_apart([textured(seed, rows) for seed in range(3)])


def test_made_up_texture_grows_with_that_of_a_cell_and_noise_does_not() -> None:
    rows = slice(0, SHAPE[0])
    assert own_texture(textured(1, rows), textured(2, rows)).growth > 0.8
    noise = own_texture(noisy(textured(1, rows), 1, 14), noisy(textured(1, rows), 2, 14))
    assert noise.share > 0.2
    assert noise.growth < 0.4


def test_what_noise_hides_is_not_made_up_by_the_clean_image() -> None:
    found = own_texture(PHOTO, noisy(PHOTO, 1))
    assert found.share > 0.1
    assert found.growth < 0.4


def test_two_that_share_it_are_enough_to_tell_otherwise() -> None:
    assert not rendered_apart([picture(grain(1)), PHOTO, picture(grain(2)), PHOTO // 2 + 20])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(PHOTO, id="the same"),
        pytest.param(cv2.GaussianBlur(PHOTO, (0, 0), 1.5), id="blurred"),
        pytest.param(cv2.blur(PHOTO, (9, 1)), id="shaken"),
        pytest.param(np.roll(PHOTO, (2, -1), axis=(0, 1)), id="shifted"),
        pytest.param(picture(SHARED, 25), id="sharpened"),
        pytest.param(noisy(PHOTO, 1), id="noisy"),
    ],
)
def test_flaws_of_one_photo_are_not_texture_of_its_own(other: NDArray[np.uint8]) -> None:
    assert not rendered_apart([PHOTO, other])


def test_frames_that_are_shaken_in_unlike_directions_are_not_renderings() -> None:
    shaken = [np.asarray(cv2.blur(PHOTO, size), np.uint8) for size in ((9, 1), (1, 9))]
    assert not rendered_apart(shaken)


def test_noise_of_all_photos_is_not_texture_of_their_own() -> None:
    assert not rendered_apart([noisy(PHOTO, seed, 14) for seed in range(3)])


def test_other_outlines_are_not_another_rendering() -> None:
    turned = np.rot90(PHOTO, 2).copy()
    assert own_texture(PHOTO, turned).likeness < 0.5
    assert not rendered_apart([PHOTO, turned])


@pytest.mark.parametrize("shape", [(1, 1), (20, 30), (200, 200), (8, 1500)])
def test_small_and_narrow_images_cannot_be_told(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for _ in range(2)]
    assert not rendered_apart(images)


def test_cells_that_are_all_the_same_do_not_disturb() -> None:
    tile = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    tiled = np.tile(tile, (20, 20, 1))
    assert not rendered_apart([tiled, tiled[:, ::-1].copy()])


def test_one_image_is_not_rendered_apart() -> None:
    assert not rendered_apart([PHOTO])
