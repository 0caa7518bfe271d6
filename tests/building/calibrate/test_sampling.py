"""Which pair to ask for next, and when to stop."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.building.calibrate.sampling import (
    SamplingRule,
    SeriesState,
    expected_gain,
    expected_loss,
    is_resolved,
    next_pair,
    series_state,
)
from fgaesq.building.records import Choice

Votes = list[tuple[int, int, Choice]]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def chain(n: int, times: int) -> Votes:
    return [(i, i + 1, "first") for i in range(n - 1) for _ in range(times)]


def test_small_series_are_judged_in_all_pairs_as_often_as_asked() -> None:
    rule, votes, random = SamplingRule(votes_per_pair=2), list[tuple[int, int, Choice]](), rng()
    while (pair := next_pair(4, votes, rng=random, rule=rule)) is not None:
        votes.append((*pair, "tie"))
    counts = {pair: sum(vote[:2] == pair for vote in votes) for pair in {v[:2] for v in votes}}
    assert len(counts) == 6
    assert set(counts.values()) == {2}
    assert is_resolved(4, votes, rule=rule)
    assert not is_resolved(4, votes[1:], rule=rule)


def test_a_pair_is_asked_once_of_a_person() -> None:
    mine = [(1, 0), (0, 2)]
    assert next_pair(3, [], judged_by_me=mine, rng=rng()) == (1, 2)
    assert next_pair(3, [], judged_by_me=[*mine, (2, 1)], rng=rng()) is None


def test_pending_pairs_count_as_asked() -> None:
    rule = SamplingRule(votes_per_pair=1)
    assert next_pair(3, [(0, 1, "first")], [(2, 1)], rng=rng(), rule=rule) == (0, 2)


def test_people_at_once_are_sent_to_different_pairs() -> None:
    random, pending = rng(), list[tuple[int, int]]()
    for _ in range(5):
        pair = next_pair(10, [], pending, rng=random)
        assert pair is not None
        pending.append(pair)
    assert len({image for pair in pending for image in pair}) == 10


def test_the_most_telling_pair_is_the_doubtful_one() -> None:
    mean = np.array([2.0, 0.1, 0.0, -2.0])
    gain = expected_gain(SeriesState(mean, np.eye(4) * 0.1))
    assert gain.max() == pytest.approx(gain[1, 2])
    assert (gain == gain.T).all()


def test_gain_is_what_answers_tell_of_the_order() -> None:
    # With differences of +-20 and no inattention, the answer is the order: log 2.
    rule = SamplingRule(attention=1 - 1e-12, log_tie=-20.0)
    state = SeriesState(np.zeros(2), np.eye(2) * 1e6)
    assert expected_gain(state, rule)[0, 1] == pytest.approx(np.log(2), rel=1e-3)
    assert expected_gain(state, SamplingRule(attention=0.0))[0, 1] == pytest.approx(0, abs=1e-9)


def test_a_known_order_is_resolved_and_no_more_is_asked() -> None:
    votes = chain(6, 60)
    assert is_resolved(6, votes, rule=SamplingRule(most_per_pair=1000))
    assert next_pair(6, votes, rng=rng(), rule=SamplingRule(most_per_pair=1000)) is None
    assert not is_resolved(6, chain(6, 1))


def test_images_known_to_be_even_are_resolved() -> None:
    even: Votes = [(i, i + 1, choice) for i in range(5) for choice in ("first", "second") * 400]
    assert is_resolved(6, even, rule=SamplingRule(most_per_pair=1e9))


def test_the_most_votes_end_a_series() -> None:
    rule = SamplingRule(most_per_pair=1)
    votes: Votes = [(i, j, "tie") for i in range(6) for j in range(i + 1, 6)]
    assert is_resolved(6, votes, rule=rule)
    assert next_pair(6, votes, rng=rng(), rule=rule) is None


def test_votes_move_the_order_and_lower_the_loss() -> None:
    before, after = series_state(6, []), series_state(6, chain(6, 5))
    assert np.argsort(-after.mean).tolist() == [0, 1, 2, 3, 4, 5]
    assert expected_loss(before) == pytest.approx(0.5)
    assert expected_loss(after) < 0.2


def test_the_state_does_not_depend_on_how_votes_are_written() -> None:
    one = series_state(3, [(0, 1, "first"), (1, 2, "tie")])
    other = series_state(3, [(2, 1, "tie"), (1, 0, "second")])
    np.testing.assert_allclose(one.mean, other.mean, atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)


def test_a_choice_takes_the_same_course_from_the_same_seed() -> None:
    assert next_pair(8, chain(8, 1), rng=rng()) == next_pair(8, chain(8, 1), rng=rng())
