"""Measures against SciPy, slow loops and known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, stats

from fgaesq.evaluation.metrics import (
    bootstrap_interval,
    calibration_error,
    fit_temperature,
    pair_accuracy,
    pair_table,
    series_top1,
)

_Floats = NDArray[np.float64]
IMAGES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=24
)
"""Score, level and series of images, with many ties."""


def columns(images: list[tuple[int, int, int]]) -> tuple[_Floats, _Floats, NDArray[np.int64]]:
    scores, level, series = zip(*images, strict=True)
    return np.array(scores, float), np.array(level, float), np.array(series, np.int64)


def slow_pairs(images: list[tuple[int, int, int]]) -> list[tuple[float, float, int]]:
    """Return (margin, gap, series) of every pair of a series whose levels differ."""
    return [
        (score - other, other_level - level, one)
        for score, level, one in images
        for other, other_level, another in images
        if one == another and level < other_level
    ]


@settings(deadline=None)
@given(IMAGES)
def test_pair_table_lists_every_pair_once(images: list[tuple[int, int, int]]) -> None:
    margins, gaps, series = pair_table(*columns(images))
    found = sorted(zip(margins.tolist(), gaps.tolist(), series.tolist(), strict=True))
    assert found == sorted(slow_pairs(images))
    assert margins.dtype == gaps.dtype == np.float64
    assert series.dtype == np.int64


@settings(deadline=None)
@given(IMAGES)
def test_pair_accuracy_counts_pairs_in_order(images: list[tuple[int, int, int]]) -> None:
    pairs = slow_pairs(images)
    if not pairs:
        return
    wanted = sum(1.0 if margin > 0 else 0.5 if margin == 0 else 0.0 for margin, *_ in pairs)
    margins, _, _ = pair_table(*columns(images))
    assert pair_accuracy(margins) == pytest.approx(wanted / len(pairs), abs=1e-9)


def test_pair_accuracy_of_one_series_is_that_of_kendall_and_mann_whitney() -> None:
    rng = np.random.default_rng(0)
    level = np.arange(30.0)
    scores = -level + rng.normal(0, 9, 30)
    accuracy = pair_accuracy(pair_table(scores, level, np.zeros(30, np.int64))[0])
    tau = stats.kendalltau(-level, scores).statistic
    assert accuracy == pytest.approx((1 + tau) / 2, abs=1e-9)
    halves = (level >= 15).astype(float)
    accuracy = pair_accuracy(pair_table(scores, halves, np.zeros(30, np.int64))[0])
    better, worse = scores[:15], scores[15:]
    area = stats.mannwhitneyu(better, worse).statistic / 225
    assert accuracy == pytest.approx(area, abs=1e-9)


@settings(deadline=None)
@given(IMAGES)
def test_top1_agrees_with_a_slow_loop(images: list[tuple[int, int, int]]) -> None:
    found = series_top1(*columns(images))
    wanted = []
    for one in sorted({series for *_, series in images}):
        members = [(score, level) for score, level, series in images if series == one]
        top = [level for score, level in members if score == max(s for s, _ in members)]
        best = min(level for _, level in members)
        wanted.append(sum(level == best for level in top) / len(top))
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_ties_count_for_what_a_coin_would_give() -> None:
    series = np.zeros(4, np.int64)
    level = np.arange(4.0)
    scores = np.full(4, 5.5)
    assert pair_accuracy(pair_table(scores, level, series)[0]) == 0.5
    assert series_top1(scores, level, series).tolist() == [0.25]


def test_no_pairs_give_empty_tables() -> None:
    margins, gaps, series = pair_table(np.ones(3), np.zeros(3), np.array([0, 0, 1]))
    assert margins.shape == gaps.shape == series.shape == (0,)


def accuracy_data() -> tuple[_Floats, NDArray[np.int64]]:
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(80), 5)
    hardness = np.repeat(rng.normal(0, 1, 80), 5)
    return (rng.normal(1, 1, 400) + hardness > 0).astype(float), groups


def test_bootstrap_is_the_same_for_equal_generators() -> None:
    values, groups = accuracy_data()
    first, second, other = (
        bootstrap_interval(values, groups, _mean, rng=np.random.default_rng(seed), draws=200)
        for seed in (1, 1, 2)
    )
    assert first == second != other


def test_bootstrap_draws_whole_series() -> None:
    """Images of a series err together, so that the interval is wider than of single images."""
    values, groups = accuracy_data()
    low, high = bootstrap_interval(values, groups, _mean, rng=np.random.default_rng(0))
    assert low < values.mean() < high
    alone = np.arange(len(values))
    inner = bootstrap_interval(values, alone, _mean, rng=np.random.default_rng(0))
    assert high - low > 1.3 * (inner[1] - inner[0])
    means = values.reshape(80, 5).mean(axis=1)
    half = 1.96 * means.std() / math.sqrt(80)
    assert (high - low) / 2 == pytest.approx(half, rel=0.12)


def test_bootstrap_agrees_with_scipy() -> None:
    rng = np.random.default_rng(6)
    values = rng.exponential(size=60)
    ours = bootstrap_interval(values, np.arange(60), _mean, rng=rng, draws=4000)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=4000, random_state=rng
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.03)


def _mean(values: _Floats) -> float:
    return float(values.mean())


def margins_of(temperature: float, number: int, *, seed: int = 0) -> _Floats:
    """Return margins (better less worse) for which sigmoid(margin / t) is the true chance."""
    rng = np.random.default_rng(seed)
    sizes = rng.exponential(2 * temperature, number)
    right = rng.random(number) < 1 / (1 + np.exp(-sizes / temperature))
    return np.where(right, sizes, -sizes)


@pytest.mark.parametrize("temperature", [0.05, 0.8, 7.0])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    found = fit_temperature(margins_of(temperature, 40_000))
    assert found == pytest.approx(temperature, rel=0.04)


@pytest.mark.parametrize("seed", range(3))
def test_the_temperature_is_the_likeliest(seed: int) -> None:
    margins = margins_of(0.6, 300, seed=seed)
    best = optimize.minimize_scalar(
        lambda log_t: np.logaddexp(0, -margins / np.exp(log_t)).mean(),
        bounds=(-3, 3),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert fit_temperature(margins) == pytest.approx(float(np.exp(best.x)), rel=1e-3)


def test_the_temperature_grows_with_the_scale_of_the_scores() -> None:
    margins = margins_of(0.5, 500)
    assert fit_temperature(3 * margins) == pytest.approx(3 * fit_temperature(margins), rel=2e-3)


def test_faultless_margins_have_the_lowest_temperature() -> None:
    assert fit_temperature(np.array([0.5, 1.0, 2.0])) == pytest.approx(0.01, rel=0.06)


def test_calibrated_margins_have_no_calibration_error() -> None:
    margins = margins_of(0.8, 100_000)
    assert calibration_error(margins, 0.8) < 0.006
    assert calibration_error(margins, 0.1) > 0.1
    assert calibration_error(margins, 8.0) > 0.1


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_calibration_error_agrees_with_a_slow_loop(bins: int) -> None:
    margins = np.append(margins_of(1.5, 200, seed=3), [0.0, 0.0, 1e9])
    edges = np.linspace(0.5, 1.0, bins + 1)
    confidence = [1 / (1 + math.exp(-abs(margin) / 0.9)) for margin in margins]
    wanted = 0.0
    for number in range(bins):
        last = number == bins - 1
        inside = [
            (c, 1.0 if margin > 0 else 0.5 if margin == 0 else 0.0)
            for c, margin in zip(confidence, margins, strict=True)
            if edges[number] <= c and (c < edges[number + 1] or last)
        ]
        if inside:
            gap = np.mean([c for c, _ in inside]) - np.mean([hit for _, hit in inside])
            wanted += len(inside) / len(margins) * abs(float(gap))
    assert calibration_error(margins, 0.9, bins=bins) == pytest.approx(wanted, abs=1e-9)


def test_known_calibration_error() -> None:
    margins = np.array([math.log(9)] * 3 + [-math.log(9)])  # sure at .9, right in 3 of 4
    assert calibration_error(margins, 1.0) == pytest.approx(0.15, abs=1e-9)
