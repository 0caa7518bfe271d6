"""Krippendorff's alpha against the worked examples of its author."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.building.calibrate.agreement import Level, alpha, alpha_of_votes, coincidences
from fgaesq.building.calibrate.simulation import Judge, simulate

# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", University of Pennsylvania, 2011,
# sections A (binary data, two observers), B (nominal data, two observers) and C (any number of
# observers, missing data); values to three decimals. 0 stands for no value.
BINARY = ([1, 2, 1, 1, 1, 1, 1, 1, 2, 1], [2, 2, 2, 1, 1, 2, 1, 1, 1, 1])
NOMINAL = ([1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1], [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4])
MISSING = (
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
)


def counts(observers: tuple[list[int], ...]) -> np.ndarray:
    table = np.array(observers)
    return np.stack([(table == value).sum(axis=0) for value in range(1, table.max() + 1)], axis=1)


@pytest.mark.parametrize(
    ("observers", "level", "published"),
    [
        (BINARY, "nominal", 0.095),
        (NOMINAL, "nominal", 0.692),
        (MISSING, "nominal", 0.743),
        (MISSING, "ordinal", 0.815),
    ],
)
def test_alpha_is_the_published_one(
    observers: tuple[list[int], ...], level: Level, published: float
) -> None:
    tables = coincidences(counts(observers).astype(float))
    assert float(alpha(tables.sum(axis=0), level)) == pytest.approx(published, abs=5e-4)


def test_alpha_is_one_where_all_agree() -> None:
    tables = coincidences(np.array([[3.0, 0, 0], [0, 0, 2], [0, 4, 0]]))
    assert float(alpha(tables.sum(axis=0), "ordinal")) == 1


def test_alpha_is_undefined_with_a_single_value() -> None:
    assert np.isnan(alpha(coincidences(np.array([[3.0, 0], [2, 0]])).sum(axis=0), "nominal"))


def test_the_interval_holds_the_value_and_is_wider_over_series() -> None:
    ballots = simulate([6] * 30, [Judge()] * 5, np.random.default_rng(0), scale=1.0).ballots
    pairs, series = (alpha_of_votes(ballots, over=over) for over in ("pairs", "series"))
    assert pairs is not None
    assert series is not None
    assert pairs.value == pytest.approx(series.value)
    for one in (pairs, series):
        assert one.low < one.value < one.high
    assert series.high - series.low > pairs.high - pairs.low


def test_no_pair_with_two_votes_has_no_alpha() -> None:
    ballots = simulate([3], [Judge()], np.random.default_rng(0)).ballots
    assert alpha_of_votes(ballots) is None
    assert alpha_of_votes(ballots, over="pairs") is None


def test_random_votes_agree_by_chance() -> None:
    judges = [Judge(attention=0.0)] * 4
    found = alpha_of_votes(simulate([8] * 40, judges, np.random.default_rng(1)).ballots)
    assert found is not None
    assert found.low < 0 < found.high
