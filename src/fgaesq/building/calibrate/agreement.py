"""Krippendorff's alpha: how far annotators agree beyond chance, with votes missing.

K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (University of Pennsylvania, 2011),
and Content Analysis (2004), chapter 11. A unit is a pair of images, a value the choice. One
annotator's later votes on a pair are left out, as they are agreement with oneself.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.evaluation.resampling import DRAWS, estimate
from fgaesq.evaluation.results import Estimate

__all__ = ["Level", "alpha", "alpha_of_votes", "coincidences", "first_votes"]

_Floats = NDArray[np.float64]

Level = Literal["nominal", "ordinal"]


def coincidences(counts: _Floats) -> _Floats:
    """Return each unit's table of values met with each other, (U, K, K).

    Args:
        counts: (U, K), how often each value was given to each unit; units with fewer than two
            values hold no pair of values and get 0.
    """
    given = counts.sum(axis=1)
    products = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(
        counts.shape[1]
    )
    tables: _Floats = products / np.maximum(given - 1, 1)[:, None, None]
    return tables


def alpha(tables: _Floats, level: Level) -> _Floats:
    """Return alpha: 1 - observed / expected disagreement; NaN where only one value occurs.

    Args:
        tables: (..., K, K), sums of `coincidences`.
        level: `nominal` counts different values as disagreement; `ordinal` by how many values lie
            between them (squared, half of the ends).

    Returns:
        1 for perfect agreement, 0 for chance, (...).
    """
    values = tables.sum(axis=-1)
    distance = _distances(values, level)
    total = values.sum(axis=-1)
    observed = (tables * distance).sum(axis=(-2, -1))
    expected = (values[..., :, None] * values[..., None, :] * distance).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        result: _Floats = np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan)
    return result


def first_votes(ballots: Ballots) -> NDArray[np.bool_]:
    """Return which votes are an annotator's first on their pair, (V,)."""
    order = np.lexsort((ballots.at, ballots.pair, ballots.annotator))
    keys = np.stack([ballots.annotator, ballots.pair])[:, order]
    fresh = np.r_[True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)][: len(order)]
    first = np.zeros(len(order), np.bool_)
    first[order[fresh]] = True
    return first


def alpha_of_votes(
    ballots: Ballots, level: Level = "nominal", *, over: Literal["pairs", "series"] = "series"
) -> Estimate | None:
    """Return alpha of votes with its 95 % interval by bootstrap, None if no pair has two votes.

    Args:
        ballots: votes; each pair's images stand in the order of their numbers.
        level: see `alpha`. Choices are ordered first, tie, second.
        over: what is drawn. Votes on the pairs of a series hang together, so that drawing pairs
            gives intervals that are too short where series differ.
    """
    once = ballots.only(first_votes(ballots))
    pairs, unit = np.unique(once.pair, return_inverse=True)
    counts = np.bincount(unit * 3 + once.outcome, minlength=3 * len(pairs)).reshape(-1, 3)
    judged = counts.sum(axis=1) > 1
    counts, series = (
        counts[judged],
        np.searchsorted(once.offsets, pairs[judged] // max(once.images, 1), side="right"),
    )
    if over == "pairs":
        return _over_pairs(counts, level)
    _, place = np.unique(series, return_inverse=True)
    tables = coincidences(counts.astype(np.float64)).reshape(-1, 9)
    tallies = np.stack([np.bincount(place, column) for column in tables.T], axis=1).astype(float)
    return estimate(tallies, lambda sums: alpha(sums.reshape(*sums.shape[:-1], 3, 3), level))


def _over_pairs(counts: NDArray[np.int64], level: Level) -> Estimate | None:
    """Return the estimate with pairs drawn: equal pairs are one kind, drawn together."""
    if len(counts) == 0:
        return None
    kinds, often = np.unique(counts, axis=0, return_counts=True)
    tables = coincidences(kinds.astype(np.float64)).reshape(-1, 9)
    value = float(alpha((often @ tables).reshape(3, 3), level))
    if np.isnan(value):
        return None
    drawn = np.random.default_rng(0).multinomial(len(counts), often / len(counts), size=DRAWS)
    values = alpha((drawn @ tables).reshape(-1, 3, 3), level)
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


def _distances(values: _Floats, level: Level) -> _Floats:
    """Return the squared distances of values, (..., K, K), from how often each occurs, (..., K)."""
    number = values.shape[-1]
    if level == "nominal":
        return np.broadcast_to(1 - np.eye(number), (*values.shape, number))
    upto = values.cumsum(axis=-1)
    middle = upto - values / 2
    squares: _Floats = (middle[..., :, None] - middle[..., None, :]) ** 2
    return squares
