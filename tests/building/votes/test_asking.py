"""Each question is asked once of a person and ends once, whatever is repeated or comes late."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fgaesq.building.votes import open_votes
from fgaesq.building.votes.annotators import (
    add_annotator,
    all_annotators,
    annotator_of,
    annotator_of_proof,
    renew_proof,
    set_standing,
)
from fgaesq.building.votes.asking import (
    answer,
    ask,
    asked_of,
    assignment_of,
    flag,
    flags,
    golden_pairs,
    keep_golden,
    open_assignments,
    skip,
    take_back,
    to_take_back,
)
from fgaesq.building.votes.counting import state_of_votes
from fgaesq.building.votes.records import Annotator, Assignment, GoldenPair
from fgaesq.building.votes.store import Votes
from fgaesq.errors import InputError


@pytest.fixture
def votes(tmp_path: Path, votes_url: str | None) -> Iterator[Votes]:
    with open_votes(tmp_path, votes_url) as opened:
        yield opened


@pytest.fixture
def anna(votes: Votes) -> Annotator:
    return add_annotator(votes, "anna", "proof of anna")


def asked(votes: Votes, who: Annotator, pair: tuple[int, int] = (1, 2)) -> Assignment:
    found = ask(votes, who.id, 5, pair, first_on_left=False)
    assert found is not None
    return found


def test_a_vote_is_kept_as_it_was_given(votes: Votes, anna: Annotator) -> None:
    one = asked(votes, anna)
    assert answer(votes, anna.id, one.key, "second", seconds=3.5, reasons=["sharper"]) == "done"
    (vote,) = votes.votes()
    assert (vote.series, vote.first, vote.second, vote.choice) == (5, 1, 2, "second")
    assert (vote.annotator, vote.seconds, vote.first_on_left) == ("anna", 3.5, False)
    assert (vote.role, vote.reasons) == ("ordinary", ("sharper",))
    assert open_assignments(votes, anna.id) == []


def test_a_repeated_answer_changes_nothing(votes: Votes, anna: Annotator) -> None:
    one = asked(votes, anna)
    answer(votes, anna.id, one.key, "first", seconds=1)
    assert answer(votes, anna.id, one.key, "second", seconds=1) == "before"
    assert skip(votes, anna.id, one.key) == "before"
    assert flag(votes, anna.id, one.key, "mixed") == "before"
    assert [vote.choice for vote in votes.votes()] == ["first"]


def test_answers_that_come_at_once_make_one_vote(votes: Votes, anna: Annotator) -> None:
    one = asked(votes, anna)
    ended = []
    threads = [
        threading.Thread(
            target=lambda: ended.append(answer(votes, anna.id, one.key, "first", seconds=1))
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["before"] * 5 + ["done"]
    assert len(votes) == 1


def test_the_question_of_another_person_cannot_be_answered(votes: Votes, anna: Annotator) -> None:
    ben = add_annotator(votes, "ben", "proof of ben")
    one = asked(votes, anna)
    assert answer(votes, ben.id, one.key, "first", seconds=1) == "unknown"
    assert assignment_of(votes, ben.id, one.key) is None
    assert votes.votes() == []


def test_a_pair_is_asked_once_of_a_person_in_each_role(votes: Votes, anna: Annotator) -> None:
    asked(votes, anna)
    assert ask(votes, anna.id, 5, (1, 2), first_on_left=True) is None
    assert ask(votes, anna.id, 5, (1, 2), first_on_left=True, role="repeated") is not None


def test_the_last_answer_can_be_taken_back_once(votes: Votes, anna: Annotator) -> None:
    first, second = asked(votes, anna), asked(votes, anna, (1, 3))
    for one in (first, second):
        answer(votes, anna.id, one.key, "first", seconds=1)
    assert to_take_back(votes, anna.id) == second.key
    assert not take_back(votes, anna.id, first.key)
    assert take_back(votes, anna.id, second.key)
    assert not take_back(votes, anna.id, second.key)
    assert to_take_back(votes, anna.id) is None
    (again,) = open_assignments(votes, anna.id)
    assert (again.first, again.second, again.id) == (1, 3, second.id)
    assert answer(votes, anna.id, second.key, "first", seconds=1) == "unknown"
    assert answer(votes, anna.id, again.key, "tie", seconds=1) == "done"
    assert [vote.choice for vote in votes.votes()] == ["first", "tie"]


def test_a_flag_ends_what_is_open_of_the_series_and_can_be_taken_back(
    votes: Votes, anna: Annotator
) -> None:
    one = asked(votes, anna)
    asked(votes, anna, (1, 3))
    assert flag(votes, anna.id, one.key, "mixed") == "done"
    assert open_assignments(votes, anna.id) == []
    assert [(f.annotator, f.series, f.reason) for f in flags(votes)] == [("anna", 5, "mixed")]
    assert take_back(votes, anna.id, one.key)
    assert flags(votes) == []


def test_a_skipped_pair_is_done(votes: Votes, anna: Annotator) -> None:
    one = asked(votes, anna)
    assert skip(votes, anna.id, one.key) == "done"
    assert [other.outcome for other in asked_of(votes, 5)] == ["skip"]
    assert votes.votes() == []


def test_golden_pairs_come_back(votes: Votes) -> None:
    pairs = [GoldenPair(5, -2, 2, "second", "defocus"), GoldenPair(5, 1, 2, "first")]
    keep_golden(votes, pairs)
    keep_golden(votes, pairs)
    assert golden_pairs(votes) == pairs


def test_a_person_is_paused_removed_and_given_a_new_token(votes: Votes, anna: Annotator) -> None:
    assert all_annotators(votes) == [(anna, "proof of anna")]
    set_standing(votes, anna.id, paused=True)
    assert annotator_of(votes, "anna").paused
    assert annotator_of_proof(votes, "proof of anna") is not None
    set_standing(votes, anna.id, paused=False, removed=True)
    assert annotator_of_proof(votes, "proof of anna") is None
    renew_proof(votes, anna.id, "another proof")
    ((known, proof),) = all_annotators(votes)
    assert (known.paused, known.removed, proof) == (False, True, "another proof")


@pytest.mark.parametrize(
    ("name", "words"),
    [("anna", "there is an annotator 'anna' already"), (" ", "is no name"), ("x" * 81, "1 to 80")],
)
def test_a_name_that_cannot_be_used_is_refused(
    votes: Votes, anna: Annotator, name: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        add_annotator(votes, name, "proof")


def test_votes_are_in_another_state_when_one_was_taken_back_and_given_anew(
    votes: Votes, anna: Annotator
) -> None:
    one = asked(votes, anna)
    states = [state_of_votes(votes)]
    answer(votes, anna.id, one.key, "first", seconds=1)
    states.append(state_of_votes(votes))
    take_back(votes, anna.id, one.key)
    states.append(state_of_votes(votes))
    (again,) = open_assignments(votes, anna.id)
    answer(votes, anna.id, again.key, "second", seconds=1)
    states.append(state_of_votes(votes))
    assert len(set(states)) == 4
    assert state_of_votes(votes) == states[-1]
