"""What is known of the images of a token cache beyond their tokens: scores, order, pairs, texts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.token_cache import TokenCache
from fgaesq.texts.templates import template_text

__all__ = ["Truth", "constructed_truth", "series_bounds"]

_CERTAINTY = 8.0
"""By how much a difference of severity raises the log odds of the better image of a pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The truth on n images, in the order of their cache, and on m pairs of them.

    Attributes:
        level: (n,) float32, lower is better; only comparable inside a series.
        score: (n,) float32, absolute, 1 to 10; NaN where it is not known.
        distribution: (n, 10) float32, shares of the scores 1 to 10; rows of NaN where not known.
        pairs: (m, 2) int64, the two images of each pair, the better one first.
        probability: (m,) float32 in [0.5, 1], P that the first beats the second.
        texts: what makes the first image of each pair better, "" where nothing is said.
    """

    level: NDArray[np.float32]
    score: NDArray[np.float32]
    distribution: NDArray[np.float32]
    pairs: NDArray[np.int64]
    probability: NDArray[np.float32]
    texts: tuple[str, ...]

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Which images have an absolute score or a distribution of such, (n,)."""
        known: NDArray[np.bool_] = np.isfinite(self.score)
        return known | np.isfinite(self.distribution).all(axis=1)


def series_bounds(cache: TokenCache) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first image of each series and that behind its last."""
    starts = np.flatnonzero(np.r_[True, cache.series[1:] != cache.series[:-1]])
    return starts.astype(np.int64), np.r_[starts[1:], len(cache.series)].astype(np.int64)


def constructed_truth(cache: TokenCache, *, texts: bool = False) -> Truth:
    """Return the truth on constructed series.

    The order is certain. How sure people would be of it is taken to grow with the difference of
    severity: P = sigmoid(8 gap). Like the absolute score this is a convention; it matters only to
    losses that compare pairs with each other.

    Args:
        cache: of the series.
        texts: whether to say in words what makes the better image of each pair better.
    """
    pairs = []
    for start, end in zip(*series_bounds(cache), strict=True):
        ordered = start + np.argsort(cache.severity[start:end], kind="stable")
        pairs += list(combinations(ordered.tolist(), 2))
    table = np.array(pairs, np.int64).reshape(-1, 2)
    gaps = cache.severity[table[:, 1]] - cache.severity[table[:, 0]]
    number = len(cache.series)
    return Truth(
        level=cache.severity,
        score=_absolute_score(cache),
        distribution=np.full((number, 10), np.nan, np.float32),
        pairs=table,
        probability=(1 / (1 + np.exp(-_CERTAINTY * gaps))).astype(np.float32),
        texts=_texts(cache, table) if texts else ("",) * len(table),
    )


def _texts(cache: TokenCache, pairs: NDArray[np.int64]) -> tuple[str, ...]:
    """Return a sentence for each pair, by the edit of its series; the same ones every time."""
    drawn = (np.random.default_rng([int(a), int(b)]) for a, b in pairs)
    kinds = (cache.kinds[kind] for kind in cache.kind[pairs[:, 0]])
    return tuple(template_text(kind, rng) for kind, rng in zip(kinds, drawn, strict=True))


def _absolute_score(cache: TokenCache) -> NDArray[np.float32]:
    """Return the score an image is taken to deserve.

    8.2 for an untouched photo that people chose for its looks, 6.6 for an ordinary one, less for
    the edit and for the flaw common to its series. The scale is a convention; only the order inside
    a series is certain, and only that enters the ranking loss.
    """
    base = np.where(cache.free, 8.2, 6.6).astype(np.float32)
    weight = np.where(cache.area < 1, 0.65, 1.0)  # a flaw in a part of the frame
    score = base - 5.2 * weight * cache.severity**0.8 - 2.5 * cache.burden
    bounded: NDArray[np.float32] = np.clip(score, 1.2, 9.8).astype(np.float32)
    return bounded
