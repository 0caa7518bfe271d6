"""Circles of majorities."""

from __future__ import annotations

from tests.building.calibrate.votes import votes

from fgaesq.building.calibrate.ballots import ballots_from_votes
from fgaesq.building.calibrate.cycles import find_cycles


def test_a_triad_is_found_once() -> None:
    cycles = find_cycles(ballots_from_votes(votes("1>2 2>3 1<3")))
    assert cycles.triads.tolist() == [[0, 1, 2]]
    assert cycles.series.tolist() == [0]
    assert cycles.judged.tolist() == [1]
    assert cycles.components == ((0, 1, 2),)


def test_an_order_has_no_circles() -> None:
    cycles = find_cycles(ballots_from_votes(votes("1>2 2>3 1>3 3>4 1>4 2>4")))
    assert cycles.triads.tolist() == []
    assert cycles.judged.tolist() == [4]
    assert cycles.components == ()


def test_a_circle_of_four_needs_no_triad() -> None:
    cycles = find_cycles(ballots_from_votes(votes("1>2 2>3 3>4 1<4")))
    assert cycles.triads.tolist() == []
    assert cycles.judged.tolist() == [0]
    assert cycles.components == ((0, 1, 2, 3),)


def test_an_even_pair_closes_no_circle() -> None:
    cycles = find_cycles(ballots_from_votes(votes("1>2 2>3 1<3 1>3")))
    assert cycles.triads.tolist() == []


def test_series_are_counted_apart() -> None:
    some = [*votes("1>2 2>3 1>3"), *votes("4>5 5>6 4<6", series=2)]
    cycles = find_cycles(ballots_from_votes(some))
    assert cycles.judged.tolist() == [1, 1]
    assert cycles.series.tolist() == [1]
    assert cycles.triads.tolist() == [[3, 4, 5]]
