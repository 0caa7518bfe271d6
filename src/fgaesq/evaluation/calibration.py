"""Is P(A beats B) right in P of the cases? The temperature that makes it so, and the proof."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fgaesq.evaluation.resampling import estimate, ratio
from fgaesq.evaluation.results import Calibration, ReliabilityBin

__all__ = ["calibration_error", "confidence_of", "fit_temperature", "reliability"]

_Floats = NDArray[np.float64]

_BINS = 10


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


def confidence_of(margins: _Floats, temperature: float) -> _Floats:
    """Return sigmoid(|margin| / t): the probability given to the preferred image, .5 to 1."""
    confidence: _Floats = 1 / (1 + np.exp(-np.abs(margins) / temperature))
    return confidence


def calibration_error(confidence: _Floats, right: _Floats, *, bins: int = _BINS) -> float:
    """Return the expected calibration error (Naeini et al. 2015) of (M,) pairs.

    Args:
        confidence: .5 to 1.
        right: 1 if the preferred image is the better one, 0 if not, .5 if none is preferred.
        bins: of equal width between .5 and 1.
    """
    one_series = np.zeros(len(confidence), np.int64)
    return float(_error(_tallies(confidence, right, one_series, bins)[0]))


def reliability(
    confidence: _Floats, right: _Floats, series: NDArray[np.int64]
) -> Calibration | None:
    """Return the reliability curve and the calibration error, with intervals over series.

    Resampling adds noise to each bin, so that the interval of the error lies a little high; its
    lower end is no proof of a fault below some hundredths.

    Args:
        confidence: (M,), .5 to 1.
        right: (M,), as in `calibration_error`.
        series: (M,), of each pair.

    Returns:
        None without pairs.
    """
    tallies = _tallies(confidence, right, series, _BINS)
    error = estimate(tallies, _error)
    if error is None:
        return None
    bins = []
    for one in range(_BINS):
        share = estimate(tallies, ratio(3 * one + 2, 3 * one))
        count, total, _ = tallies[:, 3 * one : 3 * one + 3].sum(axis=0)
        if share is not None:
            bins.append(ReliabilityBin(int(count), float(total / count), share))
    return Calibration(error, tuple(bins))


def _tallies(confidence: _Floats, right: _Floats, series: NDArray[np.int64], bins: int) -> _Floats:
    """Return pairs, their confidence and the right ones by series and bin, (S, 3 bins)."""
    slot = np.minimum(((confidence - 0.5) * 2 * bins).astype(int), bins - 1)
    ids, row = np.unique(series, return_inverse=True)
    table = np.zeros((len(ids), bins, 3))
    entries = np.stack([np.ones(len(slot)), confidence, right], axis=1)
    np.add.at(table, (row, slot), entries)
    return table.reshape(len(ids), 3 * bins)


def _error(sums: _Floats) -> _Floats:
    """Return sum over bins |confidence - right| / pairs of sums (..., 3 bins)."""
    gaps = np.abs(sums[..., 1::3] - sums[..., 2::3]).sum(axis=-1)
    pairs = sums[..., 0::3].sum(axis=-1)
    with np.errstate(invalid="ignore"):
        error: _Floats = gaps / pairs
    return error
