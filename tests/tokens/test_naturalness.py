"""How natural fine structure is: the same in any light, another when it is spoiled."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.tokens.naturalness import NATURALNESS, frame_naturalness
from fgaesq.types import Image

SCENE = scene(480, 672)
_VARIANCE = 0  # place of the log variance at full size


def lit(image: Image, gain: float, offset: float) -> Image:
    return np.asarray(np.clip(image * gain + offset, 0, 255), np.uint8)


def noisy(image: Image, spread: float) -> Image:
    grain = np.random.default_rng(0).normal(0, spread, image.shape[:2])
    return np.clip(image + grain[..., None], 0, 255).astype(np.uint8)


def apart(first: Image, second: Image) -> float:
    return float(np.abs(frame_naturalness(first) - frame_naturalness(second)).mean())


def test_light_and_contrast_matter_little_and_what_spoils_detail_much() -> None:
    soft = lit(SCENE, 0.5, 60)  # no pixel clips
    light = apart(soft, lit(soft, 0.8, 20))
    assert light < 0.1
    blurred = cv2.GaussianBlur(soft, (0, 0), 1.5)
    for spoiled in (np.asarray(blurred, np.uint8), noisy(soft, 12)):
        assert apart(soft, spoiled) > 3 * light


def test_blur_and_noise_move_the_variance_apart() -> None:
    blurred = np.asarray(cv2.GaussianBlur(SCENE, (0, 0), 2.0), np.uint8)
    soft, whole, grainy = (
        frame_naturalness(one)[_VARIANCE] for one in (blurred, SCENE, noisy(SCENE, 20))
    )
    assert soft < whole - 0.2
    assert whole < grainy - 0.2


def test_mirrored_images_are_alike() -> None:
    whole = SCENE[: 96 * 5, : 96 * 7]  # blocks on the same places
    np.testing.assert_allclose(
        frame_naturalness(whole[:, ::-1].copy()), frame_naturalness(whole), atol=0.01
    )


def test_a_large_photo_is_looked_at_as_on_a_screen() -> None:
    reduced = cv2.resize(scene(1200, 2048), (1024, 600), interpolation=cv2.INTER_AREA)
    assert apart(scene(1200, 2048), np.asarray(reduced, np.uint8)) < 0.02


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (16, 16), (17, 3000), (130, 95)])
@pytest.mark.parametrize("flat", [True, False])
def test_any_image_has_finite_numbers(size: tuple[int, int], flat: bool) -> None:
    image = np.full((*size, 3), 7, np.uint8) if flat else scene(200, 3000)[: size[0], : size[1]]
    told = frame_naturalness(np.ascontiguousarray(image))
    assert told.shape == (NATURALNESS,)
    assert told.dtype == np.float32
    assert np.isfinite(told).all()
    assert np.array_equal(told, told.astype(np.float16))
