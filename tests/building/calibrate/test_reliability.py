"""Who can be relied on, and who is flagged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from tests.building.calibrate.votes import by_all, vote, votes

from fgaesq.building.calibrate.annotators import Panel
from fgaesq.building.calibrate.ballots import Ballots, ballots_from_votes
from fgaesq.building.calibrate.reliability import (
    AnnotatorReliability,
    FlagRule,
    agreements,
    golden_answers,
    reliability,
    share_of,
)
from fgaesq.building.records import Vote


def careful(ballots: Ballots) -> Panel:
    """Return annotators who always look, so that only counts can flag them."""
    number = len(ballots.annotators)
    return Panel(
        attention=np.full(number, 0.95),
        attention_interval=np.tile([0.9, 0.99], (number, 1)),
        side_bias=np.zeros(number),
        side_bias_error=np.ones(number),
        log_tie=np.zeros(number),
        guess=np.full((number, 3), 1 / 3),
    )


def judged(
    some: list[Vote], golden: dict[str, tuple[int, int]] | None = None
) -> dict[str, AnnotatorReliability]:
    ballots = ballots_from_votes(some)
    return {one.name: one for one in reliability(ballots, careful(ballots), golden)}


@pytest.mark.parametrize(("count", "of"), [(0, 5), (7, 9), (50, 50)])
def test_intervals_are_wilsons(count: int, of: int) -> None:
    share = share_of(count, of)
    expected = binomtest(count, of).proportion_ci(method="wilson")
    assert share is not None
    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-7)


def test_repeated_pairs_count_for_consistency() -> None:
    again = [replace(one, at=9.0 + one.at) for one in votes("1>2 2=3 1<3")]
    one = judged([*votes("1>2 2>3 1>3"), *again])["ann"]
    assert one.consistency is not None
    assert (one.consistency.count, one.consistency.of) == (1, 3)


def test_agreement_leaves_out_oneself_and_ties() -> None:
    some = [*by_all("1>2 2>3", "abc"), *votes("1<2 2=3", "d")]
    right, can = agreements(ballots_from_votes(some))
    assert can.tolist() == [True] * 6 + [True, False]
    assert right.tolist() == [True] * 6 + [False, False]


def test_agreement_needs_a_majority_of_the_others() -> None:
    _, can = agreements(ballots_from_votes([vote("1>2", "a"), vote("1<2", "b"), vote("1>2", "c")]))
    assert can.tolist() == [False, True, False]


def test_one_side_only_is_flagged() -> None:
    some = [vote("1>2" if n % 2 else "1<2", left=bool(n % 2), at=n + 1) for n in range(40)]
    one = judged(some)["ann"]
    assert one.left is not None
    assert one.left.value == 1
    assert one.left_p == pytest.approx(2 * 0.5**40)
    assert one.flags[0] == "nearly always left: 100% of 40 decided votes"
    assert one.flags[-1] == "pressed 'left' 40 times in a row"


def test_of_sides_that_are_not_known_nothing_is_said() -> None:
    some = [replace(vote("1>2", at=n + 1), first_on_left=None) for n in range(60)]
    one = judged(some)["ann"]
    assert (one.left, one.turns, one.longest_run) == (None, None, 0)
    assert not any(word in flag for flag in one.flags for word in ("left", "right", "row"))


def test_sides_that_are_not_known_are_drawn_for_the_model() -> None:
    some = [replace(vote("1>2", str(n)), first_on_left=None) for n in range(400)]
    ballots = ballots_from_votes(some)
    assert not ballots.side_known.any()
    assert 150 < ballots.first_on_left.sum() < 250


def test_the_answer_on_a_spoiled_copy_is_known_without_a_list() -> None:
    on_copy = replace(vote("-1<1"), role="golden")
    wrong = replace(on_copy, choice="tie")
    other = replace(vote("1>2"), role="golden")
    assert golden_answers([on_copy, wrong, other, vote("1>2")], {}) == {"ann": (1, 2)}
    assert golden_answers([other], {(1, 1, 2): "first"}) == {"ann": (1, 1)}


def test_turns_are_flagged() -> None:
    some = [vote("1>2", left=bool(n % 2), at=n + 1) for n in range(60)]
    assert "left and right in turn: 100% of 59 times" in judged(some)["ann"].flags


def test_golden_pairs_flag_who_is_mostly_wrong() -> None:
    answers = {"ann": (10, 30), "bob": (28, 30)}
    found = judged(by_all("1>2 2>3", ("ann", "bob")), answers)
    assert found["ann"].flags == ("wrong on pairs of known order: 10 of 30 right",)
    assert found["bob"].flags == ()


def test_who_votes_faster_than_one_can_look_is_flagged() -> None:
    rng = np.random.default_rng(0)
    some = [vote("1>2", left=bool(rng.random() < 0.5), at=n) for n in range(30)]
    one = judged([replace(one, seconds=0.2) for one in some])["ann"]
    assert one.flags == ("too fast to have looked: 100% of votes in under 0.6 s",)


def test_few_votes_are_never_flagged() -> None:
    some = [replace(vote("1>2", at=n), seconds=0.1) for n in range(FlagRule().least - 1)]
    assert judged(some)["ann"].flags == ()


def test_imported_votes_without_time_and_moment_are_no_pattern() -> None:
    some = [replace(vote("1=2", at=0), seconds=0.0) for _ in range(60)]
    one = judged(some)["ann"]
    assert one.fast.of == 0
    assert one.flags == ()
