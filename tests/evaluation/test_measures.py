"""Measures of judgements made by hand, against slow loops and known values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from fgaesq.evaluation.judged import Judgements
from fgaesq.evaluation.measures import (
    absolute_measures,
    calibration_of,
    differences_of,
    gap_classes,
    order_measures,
    paper_summary,
    scorers_of,
)
from fgaesq.evaluation.results import Estimate, OrderMeasures

_Floats = NDArray[np.float64]


def judgements_of(
    scores: list[list[float]],
    values: list[list[float]],
    *,
    groups: list[str] | None = None,
    judged: bool = False,
) -> Judgements:
    """Return judgements of all pairs whose values differ; scorer `s`, and `t` that is all ties."""
    pairs: list[tuple[int, int, float, float]] = []
    start = 0
    for row in values:
        for i, a in enumerate(row):
            pairs += [
                (start + i, start + j, 0.9 if a > row[j] else 0.1, abs(a - row[j]))
                for j in range(i + 1, len(row))
                if a != row[j]
            ]
        start += len(row)
    first, second, p, gap = np.array(pairs).reshape(-1, 4).T
    flat = np.array([score for row in scores for score in row])
    return Judgements(
        groups=groups or ["all of them"] * len(values),
        series=np.repeat(np.arange(len(values)), [len(row) for row in values]),
        values=np.array([value for row in values for value in row]),
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        p=p,
        gap=gap,
        judged=judged,
        scores={"s": flat, "t": np.zeros_like(flat)},
        kinds={"s": "model", "t": "simple"},
        chances={"s": 1 / (1 + np.exp(flat[second.astype(int)] - flat[first.astype(int)]))},
    )


def value_of(estimate: Estimate | None) -> float:
    assert estimate is not None
    return estimate.value


def test_the_truth_scores_1_and_its_opposite_0() -> None:
    values = [[1.0, 2.0, 3.0], [5.0, 4.0]]
    row = order_measures(judgements_of(values, values), "s")
    assert (row.pairs, row.series) == (4, 2)
    for name in ("accuracy", "f1", "top1", "srcc", "kendall"):
        assert getattr(row, name) == Estimate(1.0, 1.0, 1.0), name
    opposite = [[-value for value in one] for one in values]
    row = order_measures(judgements_of(opposite, values), "s")
    found = [value_of(one) for one in (row.accuracy, row.f1, row.top1, row.srcc, row.kendall)]
    assert found == pytest.approx([0, 0, 0, -1, -1])


def test_means_over_series_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    values = [rng.integers(0, 5, 6).astype(float).tolist() for _ in range(8)]
    scores = [rng.integers(0, 5, 6).astype(float).tolist() for _ in range(8)]
    row = order_measures(judgements_of(scores, values), "s")
    both = list(zip(scores, values, strict=True))
    srcc = np.mean([stats.spearmanr(a, b).statistic for a, b in both])
    tau = np.mean([stats.kendalltau(a, b).statistic for a, b in both])
    assert value_of(row.srcc) == pytest.approx(srcc, abs=1e-9)
    assert value_of(row.kendall) == pytest.approx(tau, abs=1e-9)


ROWS = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=2, max_size=5),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_f1_is_that_of_a_slow_loop(rows: list[list[tuple[int, int]]]) -> None:
    scores = [[float(score) for score, _ in row] for row in rows]
    values = [[float(value) for _, value in row] for row in rows]
    if all(len(set(row)) == 1 for row in values):
        return
    judgements = judgements_of(scores, values, judged=True)
    margin = judgements.scores["s"][judgements.first] - judgements.scores["s"][judgements.second]
    truth, said = np.sign(judgements.p - 0.5), np.sign(margin)
    if not judgements.listed:
        truth, said = np.append(truth, -truth), np.append(said, -said)
    wanted = []
    for order in (1, -1):
        hits = ((truth == order) & (said == order)).sum()
        wanted.append(2 * hits / ((truth == order).sum() + (said == order).sum()))
    assert value_of(order_measures(judgements, "s").f1) == pytest.approx(np.mean(wanted))


def test_f1_lies_above_accuracy_where_scores_tie() -> None:
    """As in the paper's table 2: RealQA has accuracy .658 and F1 .666 on natural series."""
    rng = np.random.default_rng(1)
    values = [rng.permutation(2).astype(float).tolist() for _ in range(1000)]
    draws = rng.permutation(1000)  # 658 right, 24 tied, 318 wrong
    scores = [
        row if n < 658 else [0.0, 0.0] if n < 682 else row[::-1]
        for n, row in zip(draws, values, strict=True)
    ]
    row = order_measures(judgements_of(scores, values), "s")
    assert value_of(row.accuracy) == pytest.approx(0.658)
    assert value_of(row.f1) == pytest.approx(0.666, abs=5e-4)


def test_a_scorer_that_ties_everything() -> None:
    row = order_measures(judgements_of([[1.0, 2.0]], [[1.0, 2.0]]), "t")
    found = [value_of(one) for one in (row.accuracy, row.f1, row.top1, row.srcc, row.kendall)]
    assert found == [0, 0, 0.5, 0, 0]


def test_series_of_pairs_alone_have_no_measures_of_whole_series() -> None:
    judgements = judgements_of([[1.0, 2.0]], [[1.0, 2.0]])
    row = order_measures(replace(judgements, values=np.full(2, np.nan)), "s")
    assert value_of(row.accuracy) == 1
    assert (row.top1, row.srcc, row.kendall) == (None, None, None)


def test_groups_are_measured_apart() -> None:
    values = [[1.0, 2.0], [1.0, 2.0], [3.0, 1.0]]
    scores = [[1.0, 2.0], [2.0, 1.0], [2.0, 1.0]]
    judgements = judgements_of(scores, values, groups=["b", "a", "b"])
    scorer = scorers_of(judgements, {"every pair": np.ones(3, bool)})[0]
    assert {group: row.series for group, row in scorer.groups.items()} == {"all": 3, "a": 1, "b": 2}
    assert [value_of(row.accuracy) for row in scorer.groups.values()] == [2 / 3, 0, 1]
    assert (scorer.pair, scorer.series) == (0.5, 0.25)  # (0 + 1) / 2; ((0 - 1) + (1 + 1)) / 4
    assert value_of(scorer.gaps["every pair"].accuracy) == 2 / 3
    assert scorer.gaps["every pair"].top1 is None


def test_the_summary_of_the_only_group_is_that_of_all() -> None:
    values = [[1.0, 2.0, 3.0]]
    scorer = scorers_of(judgements_of([[1.0, 3.0, 2.0]], values), {})[0]
    assert list(scorer.groups) == ["all"]
    assert scorer.pair == pytest.approx(2 / 3)
    assert scorer.series == pytest.approx(0.25)


def test_the_summary_lacks_what_a_source_lacks() -> None:
    one = Estimate(0.6, 0, 1)
    whole = OrderMeasures(1, 1, one, one, one, one, one)
    assert paper_summary([whole, replace(whole, srcc=None)]) == (0.6, None)
    assert paper_summary([]) == (None, None)


def test_gap_classes_of_probabilities_are_a_tenth_wide() -> None:
    gap = np.abs(np.array([0.6, 0.61, 0.3, 1.0, 0.55]) - 0.5)
    classes = gap_classes(gap, gaps_are_p=True)
    assert {label: np.flatnonzero(mask).tolist() for label, mask in classes.items()} == {
        "0 to 0.1": [0, 4],
        "0.1 to 0.2": [1, 2],
        "0.4 to 0.5": [3],
    }


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_every_pair_is_in_one_class(gaps: list[int]) -> None:
    classes = gap_classes(np.array(gaps, float), gaps_are_p=False)
    assert np.sum(list(classes.values()), axis=0).tolist() == [1] * len(gaps)
    assert len(classes) <= 4


def test_classes_of_many_values_are_equally_large() -> None:
    classes = gap_classes(np.random.default_rng(0).random(400), gaps_are_p=False)
    assert [int(mask.sum()) for mask in classes.values()] == [100] * 4


def test_differences_are_paired() -> None:
    """Where two scorers err on the same series, their difference has a narrow interval."""
    rng = np.random.default_rng(2)
    values = [[0.0, 1.0] for _ in range(60)]
    hits = rng.random(60) < 0.6
    judgements = judgements_of([[0.0, 1.0] if hit else [1.0, 0.0] for hit in hits], values)
    close = judgements.scores["s"].copy()
    close[:2] = close[:2][::-1]
    judgements = replace(judgements, scores={"s": judgements.scores["s"], "close": close})
    (found,) = differences_of(judgements, "s")
    assert (found.model, found.other) == ("s", "close")
    assert abs(found.accuracy.value) == pytest.approx(1 / 60)
    assert found.accuracy.high - found.accuracy.low < 0.06
    assert found.accuracy_p == 1
    assert found.top1 is not None
    assert found.top1.value == pytest.approx(found.accuracy.value)


def test_a_clear_difference_is_significant() -> None:
    values = [[0.0, 1.0] for _ in range(40)]
    (found,) = differences_of(judgements_of(values, values), "s")
    assert found.accuracy == Estimate(1, 1, 1)
    assert found.accuracy_p < 0.001


def test_calibration_takes_the_probability_of_the_preferred_image() -> None:
    judgements = judgements_of([[1.0, 2.0], [2.0, 1.0]], [[1.0, 2.0], [1.0, 2.0]])
    judgements = replace(judgements, chances={"s": np.array([0.2, 0.8])})
    found = calibration_of(judgements, "s")
    assert found is not None
    assert [(one.pairs, one.right.value) for one in found.bins] == [(2, 0.5)]
    assert found.bins[0].confidence == pytest.approx(0.8)
    assert found.error.value == pytest.approx(0.3)


def test_absolute_measures_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=200)
    scores = values + rng.normal(0, 1, 200)
    found = absolute_measures(scores, values)
    assert found.images == 200
    assert value_of(found.srcc) == pytest.approx(stats.spearmanr(scores, values).statistic)
    assert value_of(found.plcc) == pytest.approx(stats.pearsonr(scores, values).statistic)
    theirs = stats.pearsonr(scores, values).confidence_interval()
    assert found.plcc is not None
    assert (found.plcc.low, found.plcc.high) == pytest.approx((theirs.low, theirs.high), abs=0.03)


def test_absolute_measures_of_too_little() -> None:
    found = absolute_measures(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert (found.images, found.srcc, found.plcc) == (2, None, None)
