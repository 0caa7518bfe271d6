"""Abilities and annotators from votes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad
from tests.building.calibrate.votes import by_all, votes

from fgaesq.building.calibrate import annotators
from fgaesq.building.calibrate.ballots import ballots_from_votes
from fgaesq.building.calibrate.fitting import fit
from fgaesq.building.calibrate.intervals import intervals
from fgaesq.building.calibrate.posterior import pair_table, spreads
from fgaesq.building.calibrate.simulation import Judge, simulate, ten_annotators

NODES = np.array([-1.0, 0.0, 1.0])
WEIGHTS = np.array([0.25, 0.5, 0.25])


def test_the_gradient_of_the_annotators_is_right() -> None:
    rng = np.random.default_rng(0)
    ballots = simulate([3, 4], [Judge(), Judge(attention=0.5)], rng).ballots
    vector = rng.normal(0, 0.5, 6 * 2 + 2)
    d = rng.normal(0, 1, (len(ballots), 1)) + NODES
    error = check_grad(
        lambda x: annotators._objective(x, ballots, d, WEIGHTS, 1.2)[0],
        lambda x: annotators._objective(x, ballots, d, WEIGHTS, 1.2)[1],
        vector,
    )
    assert error < 1e-4


def test_abilities_are_in_the_order_of_the_votes_and_sum_to_zero() -> None:
    found = fit(ballots_from_votes(by_all("1>2 2>3 1>3", "abcd")))
    assert found.abilities.sum() == pytest.approx(0, abs=1e-9)
    assert found.abilities[0] > found.abilities[1] > found.abilities[2]
    assert found.gain[0] > 0


def test_ties_and_even_votes_leave_images_equal() -> None:
    found = fit(ballots_from_votes([*by_all("1=2", "ab"), *votes("1>2", "c"), *votes("1<2", "d")]))
    assert found.abilities == pytest.approx([0, 0], abs=0.05)


def test_series_without_votes_keep_the_prior() -> None:
    found = fit(ballots_from_votes(by_all("1>2", "abc"), {1: (1, 2), 2: (3, 4)}))
    assert found.abilities[2:] == pytest.approx([0, 0])
    assert found.blocks.of(1) == pytest.approx(np.eye(2) * found.scale**2)


def test_no_votes_at_all_on_series_of_a_size_keep_the_prior() -> None:
    found = fit(ballots_from_votes(by_all("1>2", "abc"), {1: (1, 2), 2: (3, 4, 5)}))
    assert found.blocks.of(1) == pytest.approx(np.eye(3) * found.scale**2)


def test_swapping_the_images_swaps_the_abilities() -> None:
    one = fit(ballots_from_votes(by_all("1>2 1>2 2>3", "abc")))
    other = fit(ballots_from_votes(by_all("2<3 2<3 1<2", "abc")))
    np.testing.assert_allclose(one.abilities, other.abilities[::-1], atol=1e-6)


def test_careless_and_biased_annotators_are_found() -> None:
    study = simulate([5] * 40, ten_annotators(), np.random.default_rng(3))
    panel = fit(study.ballots).panel
    assert panel.attention[:8].min() > 0.65
    assert panel.attention[8:].max() < 0.4
    assert panel.guess[8, 0] > 0.9
    assert panel.side_bias[1] > 0 > panel.side_bias[3]
    assert panel.log_tie[4] > panel.log_tie[2]


def test_intervals_cover_the_truth() -> None:
    study = simulate([10] * 15, ten_annotators(), np.random.default_rng(4))
    found = fit(study.ballots)
    ends = intervals(study.ballots, found).difference
    pairs = pair_table(found.abilities, found.blocks, study.ballots.offsets, ends)
    true = study.abilities[pairs.first] - study.abilities[pairs.second]
    inside = (pairs.ends[:, 0] < true) & (true < pairs.ends[:, 1])
    assert 0.92 <= inside.mean() <= 0.98
    assert np.corrcoef(found.abilities, study.abilities)[0, 1] > 0.95


def test_the_pair_table_has_all_pairs_in_order() -> None:
    study = simulate([3, 2, 3], [Judge()] * 3, np.random.default_rng(0))
    found = fit(study.ballots)
    ends = intervals(study.ballots, found).difference
    pairs = pair_table(found.abilities, found.blocks, study.ballots.offsets, ends)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [
        (0, 1), (0, 2), (1, 2), (3, 4), (5, 6), (5, 7), (6, 7),
    ]  # fmt: skip
    assert pairs.series.tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert (pairs.low < pairs.p).all()
    assert (pairs.p < pairs.high).all()
    # Votes know the error of their pair.
    first = np.searchsorted(
        pairs.first * 8 + pairs.second, study.ballots.first * 8 + study.ballots.second
    )
    np.testing.assert_allclose(spreads(study.ballots, found.blocks), pairs.error[first])
