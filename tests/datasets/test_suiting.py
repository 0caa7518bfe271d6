"""Which photos an edit makes worse for certain."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.datasets.edits import CROPPING, EDITS, SUITED
from fgaesq.types import Image

PHOTO = scene(160, 240, seed=5)


def edited(kind: str, severity: float, *, image: Image = PHOTO) -> Image:
    return EDITS[kind](image, severity, np.random.default_rng(0))


def grating(turned_degrees: float) -> Image:
    """Return stripes, level or turned."""
    y, x = np.mgrid[:300, :400]
    angle = np.deg2rad(turned_degrees)
    wave = np.sin((y * np.cos(angle) + x * np.sin(angle)) / 6)
    return np.repeat((127 + 90 * wave)[..., None], 3, axis=-1).astype(np.uint8)


def test_all_are_edits_and_a_flat_photo_suits_none_but_those_of_light() -> None:
    assert set(SUITED) <= set(EDITS)
    flat = np.full((80, 120, 3), 128, np.uint8)
    assert {kind for kind, suits in SUITED.items() if suits(flat) >= 1} == {"overexposure"}


def test_a_dark_photo_may_gain_by_more_light() -> None:
    suits = SUITED["overexposure"]
    assert suits(np.full((80, 120, 3), 80, np.uint8)) == pytest.approx(1)
    assert suits(edited("underexposure", 0.7)) < 1 < suits(edited("overexposure", 0.5))


def test_a_soft_photo_may_gain_by_sharpening() -> None:
    suits = SUITED["oversharpening"]
    noise = np.random.default_rng(0).integers(0, 256, (160, 240, 3)).astype(np.uint8)
    assert suits(noise) > 1
    assert suits(cv2.GaussianBlur(noise, (0, 0), 12).astype(np.uint8)) < 1


@pytest.mark.parametrize("quarter", [0, 90])
def test_turning_is_seen_where_lines_are_level_or_plumb(quarter: float) -> None:
    suits = SUITED["tilt"]
    assert suits(grating(quarter)) > 5
    assert suits(grating(quarter + 8)) < 0.5


def test_a_grey_photo_has_no_colours_to_lose() -> None:
    assert SUITED["desaturation"](grating(0)) == 0
    assert SUITED["desaturation"](PHOTO) > 1


@pytest.mark.parametrize("kind", sorted(set(SUITED) - CROPPING))
def test_how_large_a_photo_is_hardly_matters(kind: str) -> None:
    photo = scene(768, 1024, seed=2)
    large = cv2.resize(photo, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    assert SUITED[kind](large) == pytest.approx(SUITED[kind](photo), rel=0.25)
