"""Votes as arrays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.building.calibrate.votes import vote, votes

from fgaesq.building.calibrate.ballots import ballots_from_votes
from fgaesq.building.calibrate.davidson import FIRST, SECOND, TIE
from fgaesq.errors import InputError


def test_images_are_numbered_by_series_and_id() -> None:
    some = [*votes("8>9 7=9", series=4), *votes("1<3", "bob", series=2)]
    ballots = ballots_from_votes(some)
    assert ballots.series_ids == (2, 4)
    assert ballots.image_ids == (1, 3, 7, 8, 9)
    assert ballots.offsets.tolist() == [0, 2, 5]
    assert ballots.first.tolist() == [3, 2, 0]
    assert ballots.second.tolist() == [4, 4, 1]
    assert ballots.outcome.tolist() == [FIRST, TIE, SECOND]
    assert [ballots.annotators[a] for a in ballots.annotator] == ["ann", "ann", "bob"]
    assert ballots.series.tolist() == [1, 1, 0]


def test_members_without_votes_have_their_place() -> None:
    ballots = ballots_from_votes(votes("5>6"), {1: (6, 5, 4), 2: (1, 2)})
    assert ballots.image_ids == (4, 5, 6, 1, 2)
    assert ballots.sizes.tolist() == [3, 2]


def test_an_image_may_be_in_two_series() -> None:
    ballots = ballots_from_votes([*votes("1>2", series=1), *votes("1>2", series=2)])
    assert ballots.first.tolist() == [0, 2]


@pytest.mark.parametrize(("sign", "left", "key"), [(">", True, 0), (">", False, 2), ("=", True, 1)])
def test_the_key_is_what_was_pressed(sign: str, left: bool, key: int) -> None:
    assert ballots_from_votes([vote(f"1{sign}2", left=left)]).key.tolist() == [key]


def test_a_vote_outside_the_series_is_named() -> None:
    with pytest.raises(InputError, match=r"^series 1: a vote of ann is on image 3, which is not "):
        ballots_from_votes(votes("1>3"), {1: (1, 2)})


def test_an_image_against_itself_is_an_error() -> None:
    odd = vote("1>2")
    object.__setattr__(odd, "second", 1)
    with pytest.raises(InputError, match="compares image 1 with itself"):
        ballots_from_votes([odd], {1: (1, 2)})


def test_only_keeps_images_and_annotators() -> None:
    ballots = ballots_from_votes([*votes("1>2 2>3"), replace(vote("1=3"), annotator="bob")])
    some = ballots.only(ballots.outcome == TIE)
    assert len(some) == 1
    assert some.images == 3
    assert some.annotators == ("ann", "bob")
