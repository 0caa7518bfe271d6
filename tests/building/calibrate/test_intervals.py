"""Intervals from the posterior, against integrals on a grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.building.calibrate.votes import by_all, vote, votes

from fgaesq.building.calibrate.ballots import Ballots, ballots_from_votes
from fgaesq.building.calibrate.fitting import Fit, fit
from fgaesq.building.calibrate.intervals import intervals
from fgaesq.building.calibrate.posterior import pair_table
from fgaesq.building.calibrate.simulation import Judge, simulate, ten_annotators

PEOPLE = [f"p{n}" for n in range(12)]


def by_grid(ballots: Ballots, found: Fit) -> NDArray[np.float64]:
    """Return the 95 % interval of the difference of the one pair, by the sum over a fine grid."""
    d = np.linspace(-40, 40, 80_001)
    density = np.exp(-(d**2) / (4 * found.scale**2))  # the difference of two of N(0, scale^2)
    traits = found.traits
    for a, outcome, left in zip(
        ballots.annotator, ballots.outcome, ballots.first_on_left, strict=True
    ):
        x = d + traits.side[a] * (1 if left else -1)
        odds = np.array([np.exp(x / 2), np.full_like(d, np.exp(traits.log_tie[a])), np.exp(-x / 2)])
        guess = traits.guess[a] if left else traits.guess[a, ::-1]
        look = odds[outcome] / odds.sum(axis=0)
        density = density * (
            traits.attention[a] * look + (1 - traits.attention[a]) * guess[outcome]
        )
    share = density.cumsum() / density.sum()
    return np.interp([0.025, 0.975], share, d)


def one_pair(wins: int, losses: int) -> Ballots:
    text = ["1>2"] * wins + ["1<2"] * losses
    return ballots_from_votes(
        [
            vote(one, name, left=n % 2 == 0)
            for n, (one, name) in enumerate(zip(text, PEOPLE, strict=False))
        ]
    )


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (4, 0), (12, 0), (8, 4), (6, 6), (0, 5)])
def test_one_pair_is_as_by_integration(wins: int, losses: int) -> None:
    ballots = one_pair(wins, losses)
    found = fit(ballots)
    ends = by_grid(ballots, found)
    width = ends[1] - ends[0]
    assert intervals(ballots, found).difference[0] == pytest.approx(ends, abs=0.02 * width)


def test_unanimous_votes_have_a_long_tail_away_from_equality() -> None:
    ballots = one_pair(12, 0)
    found = fit(ballots)
    low, high = intervals(ballots, found).difference[0]
    difference = found.abilities[0] - found.abilities[1]
    assert high - difference > 1.1 * (difference - low) > 0


def test_without_votes_the_interval_is_that_of_the_prior() -> None:
    ballots = ballots_from_votes(by_all("1>2", "abc"), {1: (1, 2), 2: (3, 4), 3: (5,)})
    found = fit(ballots)
    got = intervals(ballots, found)
    reach = 1.959964 * np.sqrt(2) * found.scale
    assert got.difference[1] == pytest.approx([-reach, reach], rel=0.02)
    assert got.ability[2:4] == pytest.approx(np.array([[-reach, reach]] * 2) / 2, rel=0.02)
    assert got.ability[4].tolist() == [0, 0]


def test_two_images_are_half_their_difference_from_the_middle() -> None:
    ballots = one_pair(8, 4)
    got = intervals(ballots, fit(ballots))
    assert got.ability[0] == pytest.approx(got.difference[0] / 2)
    assert got.ability[1] == pytest.approx(-got.ability[0, ::-1])


def test_equal_votes_give_equal_intervals() -> None:
    ballots = simulate([4, 6], [Judge()] * 4, np.random.default_rng(0)).ballots
    found = fit(ballots)
    assert (intervals(ballots, found).difference == intervals(ballots, found).difference).all()


def renumbered(ballots: Ballots, number: NDArray[np.int64]) -> Ballots:
    """Return the ballots on one series with image k called number[k]."""
    first, second = number[ballots.first], number[ballots.second]
    swapped = first > second
    return replace(
        ballots,
        first=np.minimum(first, second),
        second=np.maximum(first, second),
        outcome=np.where(swapped, 2 - ballots.outcome, ballots.outcome),
        first_on_left=ballots.first_on_left ^ swapped,
    )


def test_the_order_of_images_changes_nothing() -> None:
    ballots = simulate([5], [Judge()] * 4, np.random.default_rng(6)).ballots
    number = np.array([3, 1, 4, 0, 2])
    other = renumbered(ballots, number)
    one, two = (intervals(some, fit(some)).ability for some in (ballots, other))
    np.testing.assert_allclose(two[number], one, atol=1e-3)


def test_the_order_of_votes_changes_nothing() -> None:
    some = votes("1>2 1>2 2>3 2=3 3>4 1>4 2>4 1>3 1>5 4>5 3>5 3<5")
    one, two = (ballots_from_votes(some[::step]) for step in (1, -1))
    np.testing.assert_allclose(
        intervals(one, fit(one)).difference, intervals(two, fit(two)).difference, atol=1e-3
    )


def test_series_change_nothing_for_each_other() -> None:
    ballots = simulate([5, 3, 5, 5], [Judge()] * 5, np.random.default_rng(3)).ballots
    found = fit(ballots)
    alone = ballots.only(ballots.series == 2)
    every, one = intervals(ballots, found), intervals(alone, found)
    assert every.ability[8:13] == pytest.approx(one.ability[8:13])
    assert every.difference[13:23] == pytest.approx(one.difference[13:23])


def test_draws_far_from_the_posterior_give_way_to_the_normal_distribution() -> None:
    ballots = simulate([3, 3], ten_annotators(), np.random.default_rng(1)).ballots
    found = fit(ballots)
    wrong = replace(found, abilities=found.abilities + [0, 0, 0, 90, 0, -90])
    got = intervals(ballots, wrong)
    assert got.normal.tolist() == [False, True]
    pairs = pair_table(wrong.abilities, wrong.blocks, ballots.offsets, got.difference)
    reach = 1.959964 * pairs.error[3:]
    assert pairs.ends[3:, 0] == pytest.approx(pairs.difference[3:] - reach)
    assert pairs.ends[3:, 1] == pytest.approx(pairs.difference[3:] + reach)
    assert got.difference[:3] == pytest.approx(intervals(ballots, found).difference[:3])


def test_large_series_keep_enough_effective_draws() -> None:
    ballots = simulate(
        [20, 30], [Judge()] * 3, np.random.default_rng(2), scale=2.0, votes_per_pair=1
    ).ballots
    got = intervals(ballots, fit(ballots))
    assert got.effective[0] > 300
    assert not got.normal.any()


def test_intervals_cover_the_truth_where_images_differ_much() -> None:
    study = simulate([4] * 60, [Judge()] * 6, np.random.default_rng(5), scale=3.0)
    found = fit(study.ballots)
    pairs = pair_table(
        found.abilities,
        found.blocks,
        study.ballots.offsets,
        intervals(study.ballots, found).difference,
    )
    true = study.abilities[pairs.first] - study.abilities[pairs.second]
    assert 0.92 <= ((pairs.ends[:, 0] <= true) & (true <= pairs.ends[:, 1])).mean() <= 0.98
