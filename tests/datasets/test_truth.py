"""What is taken to be true of constructed series."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from tests.training.caches import small_cache

from fgaesq.datasets.token_cache import TokenCache
from fgaesq.datasets.truth import constructed_truth, series_bounds


@pytest.fixture(scope="module")
def cache() -> TokenCache:
    return small_cache()[0]


def test_bounds_are_those_of_the_series(cache: TokenCache) -> None:
    starts, ends = series_bounds(cache)
    assert len(starts) == len(np.unique(cache.series))
    for start, end in zip(starts, ends, strict=True):
        assert len(set(cache.series[start:end].tolist())) == 1
    assert starts.tolist() == [0, *ends[:-1].tolist()]
    assert ends[-1] == len(cache.series)


def test_all_pairs_of_a_series_are_known_with_the_better_image_first(cache: TokenCache) -> None:
    truth = constructed_truth(cache)
    wanted = {
        frozenset(pair)
        for start, end in zip(*series_bounds(cache), strict=True)
        for pair in combinations(range(start, end), 2)
    }
    assert {frozenset(pair) for pair in truth.pairs.tolist()} == wanted
    first, second = cache.severity[truth.pairs].T
    assert (first < second).all()


def test_a_wider_gap_makes_a_pair_surer(cache: TokenCache) -> None:
    truth = constructed_truth(cache)
    gaps = np.diff(cache.severity[truth.pairs], axis=1)[:, 0]
    order = np.argsort(gaps)
    assert (np.diff(truth.probability[order]) >= 0).all()
    np.testing.assert_allclose(truth.probability, 1 / (1 + np.exp(-8 * gaps)), rtol=1e-5)


def test_absolute_scores_fall_with_severity_and_burden(cache: TokenCache) -> None:
    n = len(cache.series)
    plain = replace(
        cache,
        severity=np.linspace(0, 1, n, dtype=np.float32),
        burden=np.zeros(n, np.float32),
        area=np.ones(n, np.float32),
        free=np.ones(n, np.bool_),
    )
    scores = constructed_truth(plain).score
    assert scores[0] == pytest.approx(8.2)
    assert scores[-1] == pytest.approx(3.0)
    assert (np.diff(scores) < 0).all()
    burdened = replace(plain, burden=np.full(n, 0.4, np.float32))
    np.testing.assert_allclose(
        constructed_truth(burdened).score, np.maximum(scores - 1.0, 1.2), atol=1e-5
    )
    local = replace(plain, area=np.full(n, 0.2, np.float32))
    np.testing.assert_allclose(
        constructed_truth(local).score, 8.2 - 0.65 * (8.2 - scores), atol=1e-5
    )
    ordinary = replace(plain, free=np.zeros(n, np.bool_))
    assert constructed_truth(ordinary).score[0] == pytest.approx(6.6)
