"""Looks: what is measured of one image."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.building.refine.looks import looks_of
from fgaesq.datasets.edits import as_jpeg, from_linear, to_linear
from fgaesq.types import Image

SCENE = scene(240, 320, seed=3)


def gradient() -> Image:
    y, x = np.mgrid[:240, :320]
    levels = np.stack([80 + x / 4, 90 + y / 5, 60 + x / 8 + y / 9], -1)
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def test_a_smooth_gradient_of_light_is_no_content() -> None:
    assert looks_of(gradient())["content"] < 0
    assert looks_of(np.zeros((100, 150, 3), np.uint8))["content"] == pytest.approx(math.log2(0.01))
    assert looks_of(SCENE)["content"] > 3


def test_sharpness_falls_with_the_resolution_of_the_content() -> None:
    small = np.kron(scene(24, 32, seed=3), np.ones((10, 10, 1))).astype(np.uint8)
    blurred = np.asarray(small, float)
    for axis in (0, 1):
        for _ in range(60):
            blurred = (blurred + np.roll(blurred, 1, axis) + np.roll(blurred, -1, axis)) / 3
    assert looks_of(blurred.astype(np.uint8))["sharpness"] < looks_of(SCENE)["sharpness"] - 1


def test_light_is_in_stops_below_white() -> None:
    white = np.full((64, 64, 3), 255, np.uint8)
    assert looks_of(white)["light"] == 0
    darker = from_linear(to_linear(SCENE) / 16)
    assert looks_of(darker)["light"] < looks_of(SCENE)["light"] - 3


def test_blown_is_the_share_of_white() -> None:
    half = SCENE.copy() // 2
    half[:120] = 255
    assert looks_of(half)["blown"] == 0.5


def test_a_grey_band_is_broken_as_far_as_it_goes() -> None:
    cut = SCENE.copy()
    cut[160:] = 128
    cut[144:160, 200:] = 128  # a JPEG that was cut short in the middle of a row
    missing = (80 * 320 + 16 * 120) / (240 * 320)
    assert looks_of(cut)["broken"] == pytest.approx(missing, abs=0.01)
    assert looks_of(as_jpeg(cut, 90))["broken"] == pytest.approx(missing, abs=0.04)


def test_blocks_of_one_colour_are_broken_and_clipped_ones_are_not() -> None:
    blocks, clipped = SCENE.copy(), SCENE.copy()
    blocks[40:72, 80:144] = (210, 20, 180)
    clipped[40:72, 80:144] = 255
    assert looks_of(blocks)["broken"] == pytest.approx(32 * 64 / (240 * 320))
    assert looks_of(clipped)["broken"] == 0
    assert looks_of(SCENE)["broken"] == 0


def test_a_plain_round_thing_is_not_broken() -> None:
    y, x = np.mgrid[:240, :320]
    disc = SCENE.copy()
    disc[(y - 120) ** 2 + (x - 160) ** 2 < 90**2] = (40, 160, 70)
    assert looks_of(disc)["broken"] == 0


def test_entropy_is_that_of_the_histogram() -> None:
    halves = np.zeros((64, 64, 3), np.uint8)
    halves[:32] = 200
    assert looks_of(halves)["entropy"] == pytest.approx(1)


def test_copies_have_nearly_the_same_hash_and_other_scenes_not() -> None:
    def bits(image: Image) -> int:
        return int(looks_of(image)["hash"])

    assert (bits(SCENE) ^ bits(as_jpeg(SCENE, 80))).bit_count() <= 1
    assert (bits(SCENE) ^ bits(scene(240, 320, seed=4))).bit_count() > 10
