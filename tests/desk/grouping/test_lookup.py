"""Looking up photos that may look alike, near and far."""

from __future__ import annotations

import numpy as np
import pytest
from tests.desk.sightings import drawn

from fgaesq.desk.grouping.lookup import alike_anywhere, alike_neighbours, descriptions
from fgaesq.desk.likeness import Fingerprints, fingerprint


def described(*frames: tuple[int, int]) -> np.ndarray:
    """Return the descriptions of frames, each (seed of the scene, pixels to the right)."""
    prints = [fingerprint(drawn(seed, right=right)) for seed, right in frames]
    return descriptions(Fingerprints(prints), np.arange(len(prints)))


def test_descriptions_have_length_one() -> None:
    lengths = np.linalg.norm(described((1, 0), (2, 0)), axis=1)
    assert lengths == pytest.approx(1, abs=1e-4)


def test_descriptions_are_near_where_photos_look_alike() -> None:
    same, moved, other = described((1, 0), (1, 16), (2, 0))
    assert same @ moved > 0.8
    assert same @ other < 0.4


def test_a_description_does_not_depend_on_what_else_is_described() -> None:
    assert np.allclose(described((1, 0))[0], described((2, 0), (1, 0))[1], atol=1e-6)


def test_photos_alike_are_found_wherever_they_are() -> None:
    frames = [(seed, 0) for seed in range(20)] + [(3, 6), (11, 6)]
    found = alike_anywhere(described(*frames), least=0.8)
    assert found.tolist() == [[3, 20], [11, 21]]


def test_neighbours_are_looked_at_as_far_as_wanted() -> None:
    frames = described((1, 0), (2, 0), (1, 6), (3, 0), (2, 6))
    assert alike_neighbours(frames, reach=2, least=0.8).tolist() == [[0, 2]]
    assert alike_neighbours(frames, reach=3, least=0.8).tolist() == [[0, 2], [1, 4]]


def test_one_photo_has_no_other() -> None:
    one = described((1, 0))
    assert alike_anywhere(one, least=0.5).shape == alike_neighbours(one, reach=4, least=0.5).shape
    assert len(alike_anywhere(one, least=0.5)) == 0
