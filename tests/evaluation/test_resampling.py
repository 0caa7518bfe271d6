"""Intervals and p-values against closed forms and SciPy."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from fgaesq.evaluation.resampling import difference_p, estimate, ratio

_Floats = NDArray[np.float64]


def counted(values: _Floats) -> _Floats:
    """Return the tallies of a mean: how many, and their sum."""
    return np.stack([np.ones(len(values)), values], axis=1)


def test_an_estimate_is_the_statistic_of_the_sums() -> None:
    found = estimate(np.array([[2.0, 1.0], [4.0, 4.0]]), ratio(1, 0))
    assert found is not None
    assert found.value == 5 / 6
    assert (found.low, found.high) == (0.5, 1.0)


def test_the_interval_is_that_of_scipy() -> None:
    values = np.random.default_rng(6).exponential(size=80)
    found = estimate(counted(values), ratio(1, 0))
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.03)


def test_series_are_drawn_whole() -> None:
    """Pairs of a series err together, so that the interval follows the number of series."""
    hits = (np.random.default_rng(2).random(100) < 0.7).astype(float)
    once = estimate(counted(hits), ratio(1, 0))
    copied = estimate(7 * counted(hits), ratio(1, 0))
    assert once == copied
    assert once is not None
    half = 1.96 * hits.std() / math.sqrt(100)
    assert (once.high - once.low) / 2 == pytest.approx(half, rel=0.12)


def test_equal_seeds_draw_equal_series() -> None:
    values = np.random.default_rng(3).random(30)
    first, again, other = (estimate(counted(values), ratio(1, 0), seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_nothing_has_no_estimate() -> None:
    assert estimate(np.zeros((0, 2)), ratio(1, 0)) is None
    assert estimate(np.zeros((3, 2)), ratio(1, 0)) is None


def test_p_is_that_of_all_sign_patterns() -> None:
    differences = np.array([3.0, 1.0, -1.0, 2.0, 2.0, -0.5, 1.5, 1.0])
    sums = [abs(np.dot(signs, differences)) for signs in product((-1, 1), repeat=8)]
    exact = np.mean([total >= abs(differences.sum()) - 1e-12 for total in sums])
    assert difference_p(differences) == pytest.approx(exact, abs=0.01)


def test_p_agrees_with_scipy() -> None:
    differences = np.random.default_rng(4).normal(0.3, 1, 40)
    theirs = stats.permutation_test(
        (differences, np.zeros(40)),
        lambda a, b: np.sum(a - b),
        permutation_type="samples",
        n_resamples=9999,
        rng=np.random.default_rng(0),
    ).pvalue
    assert difference_p(differences) == pytest.approx(theirs, abs=0.015)


def test_p_of_no_difference_is_1_and_of_a_clear_one_as_low_as_can_be() -> None:
    assert difference_p(np.zeros(10)) == 1
    assert difference_p(np.zeros(0)) == 1
    assert difference_p(np.ones(60)) == pytest.approx(1 / 10_001)


def test_p_is_uniform_where_there_is_no_difference() -> None:
    rng = np.random.default_rng(7)
    values = [difference_p(rng.normal(size=20), seed=n) for n in range(60)]
    assert stats.kstest(values, "uniform").pvalue > 0.01
