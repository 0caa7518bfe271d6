"""Flaws that no training series teaches, as `benchmarks.unseen` makes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from benchmarks.unseen import FLAWS, SEVERITIES, made
from tests.scenes import scene


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_the_further_from_the_photo_the_stronger_it_is(flaw: str) -> None:
    image = scene(420, 560, seed=4)
    distances = []
    for severity in SEVERITIES[1:]:
        values = FLAWS[flaw](image, severity, np.random.default_rng(1))
        assert values.shape == image.shape
        distances.append(float(np.abs(np.clip(values, 0, 255) - image).mean()))
    assert distances[0] > 0.05
    assert min(np.diff(distances)) > 0


@pytest.mark.parametrize("flaw", ["dust", "zoom blur"])
def test_a_series_follows_from_its_number(flaw: str, one_photo: Sequence[str]) -> None:
    first, again, other = (made(flaw, one_photo, number) for number in (3, 3, 4))
    assert len(first) == len(SEVERITIES)
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, same)
    assert first[0].shape != other[0].shape or (first[0] != other[0]).any()
