"""Ranks with ties from abilities and their covariance."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.building.calibrate.posterior import Block, Blocks
from fgaesq.building.calibrate.ranks import rank_images


def ranked(abilities: list[float], error: float) -> tuple[list[int], list[int], list[int]]:
    size = len(abilities)
    block = Block(np.array([0]), np.eye(size)[None] * error**2 / 2)  # differences have `error`
    found = rank_images(np.array(abilities), Blocks((block,)), np.array([0, size]))
    return found.rank.tolist(), found.best.tolist(), found.worst.tolist()


def test_certain_images_have_their_own_ranks() -> None:
    assert ranked([0, 2, -2], 0.5) == ([2, 1, 3], [2, 1, 3], [2, 1, 3])


def test_images_that_cannot_be_told_apart_share_a_rank() -> None:
    assert ranked([0, 0.1, -3], 0.5) == ([1, 1, 3], [1, 1, 3], [2, 2, 3])


def test_a_rank_ends_at_what_differs_from_its_first() -> None:
    # Each is like its neighbour; the third differs from the first.
    assert ranked([1.5, 0.75, 0.0], 0.5) == ([1, 1, 3], [1, 1, 2], [2, 3, 3])


def test_the_level_of_the_series_is_no_error() -> None:
    level = np.ones((2, 2)) * 100
    block = Block(np.array([0]), (np.eye(2) + level)[None])
    found = rank_images(np.array([1.0, -1.0]), Blocks((block,)), np.array([0, 2]))
    assert found.error == pytest.approx([np.sqrt(0.5)] * 2)


def test_an_image_alone_is_first() -> None:
    found = rank_images(np.zeros(1), Blocks(()), np.array([0, 1]))
    assert found.rank.tolist() == [1]
