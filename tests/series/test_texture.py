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


def test_one_image_is_not_rendered_apart() -> None:
    assert not rendered_apart([PHOTO])
