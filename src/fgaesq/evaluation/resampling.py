"""Intervals and significance by resampling whole series.

The images of a series err together, so that single pairs or images are no independent draws. Every
statistic here is a function of sums over series (`tallies`): a resample is then a vector of how
often each series was drawn, and its statistic one matrix product away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from fgaesq.evaluation.results import Estimate

__all__ = ["DRAWS", "difference_p", "estimate", "ratio"]

_Floats = NDArray[np.float64]

DRAWS = 1000
_PERMUTATIONS = 10_000
_CELLS_AT_ONCE = 4_000_000


def estimate(
    tallies: _Floats, statistic: Callable[[_Floats], _Floats], *, seed: int = 0
) -> Estimate | None:
    """Return a statistic with its 95 % interval, the percentiles of `DRAWS` bootstrap resamples.

    Equal seeds and numbers of series draw the same series, so that estimates of several scorers
    are of the same resamples.

    Args:
        tallies: (S, K), K sums of each series.
        statistic: from sums (..., K) to values (...); NaN where it is undefined.
        seed: of the draws.

    Returns:
        None if there are no series or the statistic is undefined on all of them together.
    """
    if len(tallies) == 0:
        return None
    value = float(statistic(tallies.sum(axis=0)))
    if np.isnan(value):
        return None
    rng = np.random.default_rng(seed)
    drawn = np.concatenate(
        [statistic(counts @ tallies) for counts in _draws(len(tallies), DRAWS, rng)]
    )
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


def difference_p(differences: _Floats, *, seed: int = 0) -> float:
    """Return the two-sided p-value of a paired permutation test over series.

    Under the null hypothesis the two scorers are exchangeable within each series, so that the sign
    of each series' difference is a coin toss. p = (1 + number of sign patterns whose sum is at
    least as far from 0) / (1 + patterns drawn), with 10,000 patterns (Phipson and Smyth 2010: the
    observed one counts, so that p is never 0).

    Args:
        differences: (S,), result of the one scorer minus that of the other per series.
        seed: of the patterns.
    """
    changed = differences[differences != 0]
    if len(changed) == 0:
        return 1.0
    rng = np.random.default_rng(seed)
    observed, as_far, done = abs(float(changed.sum())), 0, 0
    while done < _PERMUTATIONS:
        number = min(_PERMUTATIONS - done, max(1, _CELLS_AT_ONCE // len(changed)))
        signs = rng.integers(2, size=(number, len(changed)), dtype=np.int8) * 2 - 1
        # The tolerance is for sums of equal terms in another order.
        as_far += int((np.abs(signs @ changed) >= observed * (1 - 1e-12)).sum())
        done += number
    return (1 + as_far) / (1 + _PERMUTATIONS)


def ratio(above: int, below: int) -> Callable[[_Floats], _Floats]:
    """Return the statistic `tallies[above] / tallies[below]`, NaN where nothing was counted."""

    def statistic(sums: _Floats) -> _Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            share: _Floats = np.where(
                sums[..., below] > 0, sums[..., above] / sums[..., below], np.nan
            )
        return share

    return statistic


def _draws(series: int, draws: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield how often each series was drawn, (n, S), in portions of `draws` rows together."""
    portion = max(1, _CELLS_AT_ONCE // series)
    for start in range(0, draws, portion):
        number = min(portion, draws - start)
        yield rng.multinomial(series, np.full(series, 1 / series), size=number)
