"""Measures of order: pure NumPy, every one checked against SciPy or a slow loop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "kendall",
    "pair_accuracy",
    "pair_table",
    "pearson",
    "ranked",
    "series_top1",
    "spearman",
    "top1",
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
    """Return the share of pairs in the right order; a tie is not an order, so it is wrong.

    Args:
        margins: (M,), score of the better minus score of the worse image.
    """
    return float((margins > 0).mean())


def series_top1(scores: _Floats, level: _Floats, series: NDArray[np.int64]) -> _Floats:
    """Return `top1` of each series; `level` is the truth, lower is better, all of shape (N,)."""
    members = (series == one for one in np.unique(series))
    return np.asarray([top1(scores[m], -level[m]) for m in members], np.float64)


def top1(scores: _Floats, values: _Floats) -> float:
    """Return 1 if the best-scored image has the highest true value, 1/k if k images tie there."""
    best = values[scores == scores.max()] == values.max()
    return float(best.mean())


def spearman(scores: _Floats, values: _Floats) -> float | None:
    """Return Spearman's rank correlation, -1 to 1; constant input as in `pearson`."""
    return pearson(ranked(scores), ranked(values))


def pearson(scores: _Floats, values: _Floats) -> float | None:
    """Return the linear correlation of two (n,) arrays, -1 to 1; 0 for constant scores.

    Constant scores say nothing about the order, which is what 0 stands for. Constant values (and
    fewer than two) leave nothing to be ordered: None.
    """
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    if np.ptp(scores) == 0:
        return 0.0
    a, b = scores - scores.mean(), values - values.mean()
    a, b = a / np.abs(a).max(), b / np.abs(b).max()  # squares of tiny numbers would vanish
    return float(np.clip((a @ b) / np.sqrt((a @ a) * (b @ b)), -1, 1))


def kendall(scores: _Floats, values: _Floats) -> float | None:
    """Return Kendall's tau-b, -1 to 1; constant input as in `pearson`. Memory grows with n^2."""
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    if np.ptp(scores) == 0:
        return 0.0
    upper = np.triu_indices(len(values), 1)
    a = np.sign(scores[:, None] - scores[None, :])[upper]
    b = np.sign(values[:, None] - values[None, :])[upper]
    return float((a @ b) / np.sqrt((a @ a) * (b @ b)))


def ranked(values: _Floats) -> _Floats:
    """Return the rank of each of (n,) values from 1 for the lowest; ties share their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: _Floats = (last - (counts - 1) / 2)[place]
    return mean
