"""Resemblance: what two images have in common, and whether a difference can be seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.building.refine.resemblance import (
    UNALIKE,
    overlap_of,
    patch_distance,
    prepared,
    resemblance,
)
from fgaesq.datasets.edits import EDITS, as_jpeg
from fgaesq.datasets.records import Crop
from fgaesq.types import Image

LARGE = scene(500, 660, seed=5)
SCENE = np.ascontiguousarray(LARGE[:480, :640])
OTHER = scene(480, 640, seed=6)


def measured(first: Image, second: Image) -> dict[str, float]:
    return resemblance(prepared(first), prepared(second))


def test_an_image_resembles_itself_wholly() -> None:
    found = measured(SCENE, SCENE.copy())
    assert found["ssim"] == pytest.approx(1)
    assert found["likeness"] == pytest.approx(1, abs=0.02)
    assert found["matches"] == 1
    assert found["difference"] == 0


def resized(factor: float) -> Image:
    return np.asarray(cv2.resize(SCENE, None, fx=factor, fy=factor), np.uint8)


@pytest.mark.parametrize(
    "copy",
    [
        as_jpeg(SCENE, 90),
        resized(0.97),
        np.ascontiguousarray(SCENE[1:, 1:]),
        np.clip(SCENE + np.random.default_rng(1).normal(0, 1, SCENE.shape), 0, 255).astype(
            np.uint8
        ),
    ],
    ids=["re-encoded", "resized", "shifted by a pixel", "tiny noise"],
)
def test_no_difference_is_seen_between_copies(copy: Image) -> None:
    assert measured(SCENE, copy)["difference"] < 0.8


@pytest.mark.parametrize(
    "edit", ["oversharpening", "compression", "colour_cast", "ghosting", "tilt"]
)
def test_a_difference_that_is_just_noticeable_is_seen(edit: str) -> None:
    severity = 0.15
    plain = EDITS[edit](SCENE, 0.0, np.random.default_rng(2)) if edit == "tilt" else SCENE
    worse = EDITS[edit](SCENE, severity, np.random.default_rng(2))
    assert measured(plain, worse)["difference"] > 1


def test_a_frame_taken_anew_differs_by_its_framing() -> None:
    anew = np.ascontiguousarray(LARGE[8:488, 10:650])
    found = measured(SCENE, anew)
    assert found["difference"] > 1
    assert found["ssim"] > 0.95


def test_another_scene_has_nothing_in_common() -> None:
    found = measured(SCENE, OTHER)
    assert found["difference"] == UNALIKE
    assert found["matches"] == 0
    assert found["likeness"] < 0.3


def test_the_order_of_two_images_does_not_matter() -> None:
    worse = EDITS["defocus"](SCENE, 0.3, np.random.default_rng(3))
    one, other = measured(SCENE, worse), measured(worse, SCENE)
    assert one == pytest.approx(other, abs=0.05)


def test_frames_without_any_structure_are_compared_too() -> None:
    black = np.zeros((90, 120, 3), np.uint8)
    found = measured(black, np.full_like(black, 255))
    assert found["matches"] == 0
    assert all(np.isfinite(list(found.values())))


def test_overlap_is_intersection_over_union() -> None:
    first, second = Crop(0, 0, 10, 10), Crop(5, 0, 15, 10)
    assert overlap_of(first, second) == pytest.approx(1 / 3)
    assert overlap_of(first, first) == 1
    assert overlap_of(first, Crop(20, 0, 30, 10)) == 0


def test_patches_are_no_distance_from_themselves_and_far_from_another_scene() -> None:
    assert patch_distance(SCENE, SCENE) == 0
    blurred = EDITS["defocus"](SCENE, 0.5, np.random.default_rng(4))
    assert 0 < patch_distance(SCENE, blurred) < patch_distance(SCENE, OTHER) < 1
