"""Measures of a ranker on series: pure NumPy, every one checked against SciPy or a slow loop."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "bootstrap_interval",
    "calibration_error",
    "fit_temperature",
    "pair_accuracy",
    "pair_table",
    "series_top1",
]

_Floats = NDArray[np.float64]


def pair_table(
    scores: _Floats, level: _Floats, series: NDArray[np.int64]
) -> tuple[_Floats, _Floats, NDArray[np.int64]]:
    """List all pairs inside the series whose truth differs.

    Args:
        scores: (N,), higher is better.
        level: (N,), truth, lower is better.
        series: (N,), which series each image belongs to.

    Returns:
        For M pairs: score of the better minus that of the worse, the gap in truth (positive), and
        the series.
    """
    margins, gaps, ids = [], [], []
    for one in np.unique(series):
        members = np.flatnonzero(series == one)
        ordered = members[np.argsort(level[members], kind="stable")]
        for i, better in enumerate(ordered):
            worse = ordered[i + 1 :][level[ordered[i + 1 :]] > level[better]]
            margins.append(scores[better] - scores[worse])
            gaps.append(level[worse] - level[better])
            ids.append(np.full(len(worse), one, np.int64))
    if not margins:
        return np.zeros(0), np.zeros(0), np.zeros(0, np.int64)
    return np.concatenate(margins), np.concatenate(gaps), np.concatenate(ids)


def pair_accuracy(margins: _Floats) -> float:
    """Return the share of pairs in the right order; a tie counts one half."""
    return float((np.sign(margins) + 1).mean() / 2)


def series_top1(scores: _Floats, level: _Floats, series: NDArray[np.int64]) -> _Floats:
    """Return per series 1 if its best-scored image is its best, 1/k if k images tie at the top."""
    hits = []
    for one in np.unique(series):
        members = np.flatnonzero(series == one)
        top = members[scores[members] == scores[members].max()]
        best = level[top] == level[members].min()
        hits.append(best.sum() / len(top))
    return np.asarray(hits, np.float64)


def bootstrap_interval(
    values: _Floats,
    groups: NDArray[np.int64],
    statistic: Callable[[_Floats], float],
    *,
    rng: np.random.Generator,
    draws: int = 1000,
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic by drawing whole groups (series) with replacement."""
    members = [np.flatnonzero(groups == one) for one in np.unique(groups)]
    results = []
    for _ in range(draws):
        chosen = rng.integers(len(members), size=len(members))
        results.append(statistic(values[np.concatenate([members[i] for i in chosen])]))
    low, high = np.percentile(results, [2.5, 97.5])
    return float(low), float(high)


def fit_temperature(margins: _Floats) -> float:
    """Return the temperature t for which sigmoid(margin / t) is the likeliest P(better wins).

    By search on a logarithmic grid from .01 to 100, refined once: exact to a thousandth part.
    """
    grid = np.linspace(math.log(0.01), math.log(100), 400)
    losses = [float(np.logaddexp(0, -margins / math.exp(t)).mean()) for t in grid]
    best = grid[int(np.argmin(losses))]
    fine = np.linspace(best - 0.05, best + 0.05, 101)
    losses = [float(np.logaddexp(0, -margins / math.exp(t)).mean()) for t in fine]
    return math.exp(float(fine[int(np.argmin(losses))]))


def calibration_error(margins: _Floats, temperature: float, *, bins: int = 10) -> float:
    """Return the expected calibration error of P = sigmoid(|margin| / t) against being right."""
    confidence = 1 / (1 + np.exp(-np.abs(margins) / temperature))
    right = (np.sign(margins) + 1) / 2
    slot = np.minimum(((confidence - 0.5) * 2 * bins).astype(int), bins - 1)
    error = 0.0
    for one in np.unique(slot):
        inside = slot == one
        error += inside.mean() * abs(float(confidence[inside].mean() - right[inside].mean()))
    return float(error)
