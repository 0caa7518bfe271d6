"""From what a person said of the photos of a group to pairs: the better one and the worse one.

Only what was said counts: a keeper is better than a reject, and of two photos with stars that with
more is the better one. A photo with stars that was not rejected is a keeper too. What is undecided,
or merely proposed by the desk, tells nothing, and photos of different groups are never compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from fgaesq.desk.records import Mark

__all__ = ["MOST_PAIRS", "pairs_of"]

MOST_PAIRS = 60
"""Of a group; of more, so many are taken at even steps. They count no more than those of others."""


def pairs_of(marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Return the pairs of a group, (better, worse) each, as places in `marks`."""
    pairs = [
        (better, worse)
        for better, worse in permutations(range(len(marks)), 2)
        if _is_better(marks[better], marks[worse])
    ]
    if len(pairs) <= MOST_PAIRS:
        return pairs
    return [pairs[place * len(pairs) // MOST_PAIRS] for place in range(MOST_PAIRS)]


def _is_better(one: Mark, other: Mark) -> bool:
    if not _is_kept(one):
        return False
    if other.verb == "reject":
        return one.verb == "keep" or bool(one.stars)
    stars = one.stars, other.stars
    return _is_kept(other) and None not in stars and (one.stars or 0) > (other.stars or 0)


def _is_kept(mark: Mark) -> bool:
    """Return whether something was said of a photo other than that it is a reject or undecided."""
    return mark.verb == "keep" or (mark.verb is None and mark.stars is not None)
