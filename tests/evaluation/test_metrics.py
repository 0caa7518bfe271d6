"""Measures against SciPy, slow loops and known answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from fgaesq.evaluation.metrics import (
    kendall,
    pair_accuracy,
    pair_table,
    pearson,
    ranked,
    series_top1,
    spearman,
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
    wanted = sum(1.0 for margin, *_ in pairs if margin > 0)
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


def test_a_tie_is_no_order_and_shares_the_top() -> None:
    series = np.zeros(4, np.int64)
    level = np.arange(4.0)
    scores = np.full(4, 5.5)
    assert pair_accuracy(pair_table(scores, level, series)[0]) == 0
    assert series_top1(scores, level, series).tolist() == [0.25]


def test_no_pairs_give_empty_tables() -> None:
    margins, gaps, series = pair_table(np.ones(3), np.zeros(3), np.array([0, 0, 1]))
    assert margins.shape == gaps.shape == series.shape == (0,)


TWO_COLUMNS = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=20
).filter(lambda rows: all(len({row[column] for row in rows}) > 1 for column in (0, 1)))


@settings(deadline=None)
@given(TWO_COLUMNS)
def test_correlations_agree_with_scipy(rows: list[tuple[int, int]]) -> None:
    a, b = (np.array(column, float) for column in zip(*rows, strict=True))
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-9)
    assert kendall(a, b) == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-9)
    assert pearson(a, b) == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-9)
    np.testing.assert_array_equal(ranked(a), stats.rankdata(a))


@pytest.mark.parametrize("measure", [spearman, kendall, pearson])
def test_constant_scores_correlate_with_nothing(measure: Callable[..., float | None]) -> None:
    assert measure(np.ones(3), np.arange(3.0)) == 0
    assert measure(np.arange(3.0), np.ones(3)) is None
    assert measure(np.ones(1), np.ones(1)) is None


def test_pearson_of_tiny_numbers() -> None:
    tiny = np.array([1e-200, 2e-200, 3e-200])
    assert pearson(tiny, np.arange(3.0)) == pytest.approx(1)
