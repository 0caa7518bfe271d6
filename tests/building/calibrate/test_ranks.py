"""Ranks with ties from abilities and the intervals of their differences."""

from __future__ import annotations

import numpy as np

from fgaesq.building.calibrate.posterior import PairTable
from fgaesq.building.calibrate.ranks import rank_images


def table(abilities: list[float], reach: tuple[float, float]) -> PairTable:
    """Return one series whose differences have intervals from -reach[0] to +reach[1] of them."""
    values = np.array(abilities)
    i, j = np.triu_indices(len(values), 1)
    difference = values[i] - values[j]
    ends = difference[:, None] + [-reach[0], reach[1]]
    return PairTable(np.zeros_like(i), i, j, difference, np.ones(len(i)), ends)


def ranked(abilities: list[float], *reach: float) -> tuple[list[int], list[int], list[int]]:
    pairs = table(abilities, (reach[0], reach[-1]))
    found = rank_images(np.array(abilities), pairs, np.array([0, len(abilities)]))
    return found.rank.tolist(), found.best.tolist(), found.worst.tolist()


def test_certain_images_have_their_own_ranks() -> None:
    assert ranked([0, 2, -2], 1.0) == ([2, 1, 3], [2, 1, 3], [2, 1, 3])


def test_images_that_cannot_be_told_apart_share_a_rank() -> None:
    assert ranked([0, 0.1, -3], 1.0) == ([1, 1, 3], [1, 1, 3], [2, 2, 3])


def test_a_rank_ends_at_what_differs_from_its_first() -> None:
    # Each is like its neighbour; the third differs from the first.
    assert ranked([1.5, 0.75, 0.0], 1.0) == ([1, 1, 3], [1, 1, 2], [2, 3, 3])


def test_only_the_end_towards_equality_counts() -> None:
    assert ranked([2.0, 0.0], 1.0, 9.0) == ([1, 2], [1, 2], [1, 2])
    assert ranked([2.0, 0.0], 3.0, 1.0) == ([1, 1], [1, 1], [2, 2])


def test_series_of_several_sizes_are_ranked_each_by_itself() -> None:
    pairs = PairTable(
        series=np.array([0, 2, 2, 2]),
        first=np.array([0, 3, 3, 4]),
        second=np.array([1, 4, 5, 5]),
        difference=np.array([-2.0, 1.0, 2.0, 1.0]),
        error=np.ones(4),
        ends=np.array([[-3.0, -1], [-1, 3], [1, 3], [0.5, 2]]),
    )
    values = np.array([-1.0, 1, 0, 1, 0, -1])
    found = rank_images(values, pairs, np.array([0, 2, 3, 6]))
    assert found.rank.tolist() == [2, 1, 1, 1, 1, 3]
    assert found.best.tolist() == [2, 1, 1, 1, 1, 3]
    assert found.worst.tolist() == [2, 1, 1, 2, 2, 3]


def test_an_image_alone_is_first() -> None:
    none = np.zeros(0, np.int64)
    pairs = PairTable(none, none, none, np.zeros(0), np.zeros(0), np.zeros((0, 2)))
    assert rank_images(np.zeros(1), pairs, np.array([0, 1])).rank.tolist() == [1]
