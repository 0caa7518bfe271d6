"""Bursts and renderings as `benchmarks.renderings` makes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from benchmarks.renderings import BURSTS, MAKINGS, made


@pytest.mark.parametrize("making", MAKINGS)
def test_a_series_follows_from_its_number(making: str, one_photo: Sequence[str]) -> None:
    first, again, other = (made(making, one_photo, number) for number in (3, 3, 4))
    assert 2 <= len(first) <= 5
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, same)
    assert first[0].shape != other[0].shape or (first[0] != other[0]).any()


@pytest.mark.parametrize("making", [*BURSTS, "renderings"])
def test_images_of_a_series_show_one_scene_and_differ(
    making: str, one_photo: Sequence[str]
) -> None:
    images = [image.astype(float) for image in made(making, one_photo, 1)]
    for image in images[1:]:
        assert image.shape == images[0].shape
        difference = np.abs(image - images[0]).mean()
        assert 0.3 < difference < 40
