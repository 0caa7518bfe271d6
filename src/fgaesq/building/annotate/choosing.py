"""Which pair of a series is asked next: all of them in small series, the most telling in large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations
from typing import Protocol, TypeAlias

import numpy as np

from fgaesq.building.records import Choice

__all__ = ["IndexPair", "Judged", "NextPair", "every_pair"]

IndexPair: TypeAlias = tuple[int, int]
"""Places in the series, from 0, the smaller first."""

Judged: TypeAlias = tuple[int, int, Choice]
"""A pair and the better one of it."""


class NextPair(Protocol):
    """A way to choose."""

    def __call__(
        self,
        n_images: int,
        votes_so_far: Sequence[Judged],
        pending: Collection[IndexPair],
        *,
        judged_by_me: Collection[IndexPair],
        rng: np.random.Generator,
    ) -> IndexPair | None:
        """Return the pair to ask next; None if this person has nothing more to say of the series.

        Args:
            n_images: of the series.
            votes_so_far: of everybody, repeated questions left out.
            pending: pairs that others are asked now, one entry for each time.
            judged_by_me: pairs that this person was asked.
            rng: for what is left to chance.
        """


def every_pair(per_pair: int) -> NextPair:
    """Return the way of the paper: every pair of a series, each `per_pair` times.

    Of the pairs that lack votes, one with the fewest comes next, so that a series on which the work
    ends early is judged evenly.
    """

    def next_pair(
        n_images: int,
        votes_so_far: Sequence[Judged],
        pending: Collection[IndexPair],
        *,
        judged_by_me: Collection[IndexPair],
        rng: np.random.Generator,
    ) -> IndexPair | None:
        counts = Counter((first, second) for first, second, _ in votes_so_far)
        counts.update(pending)
        mine = set(judged_by_me)
        lacking = [
            pair
            for pair in combinations(range(n_images), 2)
            if pair not in mine and counts[pair] < per_pair
        ]
        if not lacking:
            return None
        fewest = min(counts[pair] for pair in lacking)
        candidates = [pair for pair in lacking if counts[pair] == fewest]
        return candidates[rng.integers(len(candidates))]

    return next_pair
