"""Which pairs are asked of whom, in which order, how often, and what is mixed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.building.annotate.conftest import make_dataset

from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.golden import SPOILING, add_spoiled_pairs, pixels_of, read_golden
from fgaesq.building.annotate.plan import Plan, kept_plan
from fgaesq.building.collection import Collection
from fgaesq.building.collection.decisions import decide
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.annotators import add_annotator
from fgaesq.building.votes.asking import answer, golden_pairs, keep_golden, skip
from fgaesq.building.votes.records import Annotator, GoldenPair
from fgaesq.building.votes.store import Votes
from fgaesq.errors import InputError

PLAIN = Plan(per_pair=2, golden_rate=0, repeat_rate=0)


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """Series of 3, 4 and 2 images: 10 pairs."""
    with make_dataset(tmp_path, 3, 4, 2, height=16, width=24) as made:
        yield made


@pytest.fixture
def votes(collection: Collection) -> Iterator[Votes]:
    with open_votes(collection.folder) as opened:
        yield opened


def person(votes: Votes, name: str = "anna") -> Annotator:
    return add_annotator(votes, name, f"proof of {name}")


def work_off(deck: Deck, one: Annotator, most: int = 1000) -> int:
    """Answer all that is dealt to a person; return how many."""
    for done in range(most):
        held = deck.hand(one)
        if not held:
            return done
        answer(deck.votes, one.id, held[0].key, "first", seconds=1.0)
    return most


def pairs(votes: Votes) -> Counter[tuple[int, int]]:
    return Counter((one.first, one.second) for one in votes)


def test_every_pair_is_asked_as_often_as_wanted(collection: Collection, votes: Votes) -> None:
    deck = Deck(collection, votes, PLAIN)
    done = [work_off(deck, person(votes, name)) for name in ("a", "b", "c")]
    assert done == [10, 10, 0]
    assert set(pairs(votes).values()) == {2}
    assert len(pairs(votes)) == 10


def test_a_pair_that_others_are_asked_is_not_asked_too_often(
    collection: Collection, votes: Votes
) -> None:
    deck = Deck(collection, votes, Plan(per_pair=1, golden_rate=0, repeat_rate=0))
    people = [person(votes, name) for name in "abcde"]
    held = [pair for one in people for pair in deck.hand(one)]
    assert len({(one.first, one.second) for one in held}) == 10


def test_dropped_members_are_not_asked_and_open_questions_on_them_go(
    collection: Collection, votes: Votes
) -> None:
    deck, one = Deck(collection, votes, PLAIN), person(votes)
    held = deck.hand(one)
    gone = held[0].first
    decide(collection, held[0].series, [gone], keep=False)
    deck.look_again()
    work_off(deck, one)
    assert gone not in {image for vote in votes for image in (vote.first, vote.second)}


def test_people_see_other_orders_and_sides(collection: Collection, votes: Votes) -> None:
    deck = Deck(collection, votes, Plan(per_pair=9, golden_rate=0, repeat_rate=0))
    for name in "abc":
        work_off(deck, person(votes, name))
    by_name = {name: [(v.first, v.second) for v in votes if v.annotator == name] for name in "abc"}
    assert len({tuple(order) for order in by_name.values()}) == 3
    assert {v.first_on_left for v in votes} == {True, False}


def test_chance_follows_from_the_seed(collection: Collection, tmp_path: Path) -> None:
    def dealt(folder: str, seed: int) -> list[tuple[int, int, bool]]:
        with open_votes(tmp_path / folder) as votes:
            one, found = replace(person(votes), seed=seed), []
            for _ in range(8):
                held = Deck(collection, votes, PLAIN).hand(one)[0]  # as after a restart
                found.append((held.first, held.second, held.first_on_left))
                skip(votes, one.id, held.key)
            return found

    assert dealt("a", 11) == dealt("b", 11)
    assert dealt("c", 12) != dealt("d", 13)


def test_golden_and_repeated_pairs_come_at_the_stated_rates(tmp_path: Path, votes: Votes) -> None:
    (tmp_path / "more").mkdir()
    with make_dataset(tmp_path / "more", *[4] * 40, height=16, width=16) as many:
        add_spoiled_pairs(many, votes, 60)
        deck = Deck(many, votes, Plan(golden_rate=0.1, repeat_rate=0.2))
        work_off(deck, replace(person(votes), seed=3), 200)
    roles = Counter(one.role for one in votes)
    assert sum(roles.values()) == 200
    assert 8 <= roles["golden"] <= 32  # 20, three deviations
    assert 23 <= roles["repeated"] <= 57  # 40


def test_a_repeated_pair_was_asked_a_while_ago(tmp_path: Path, votes: Votes) -> None:
    (tmp_path / "more").mkdir()
    with make_dataset(tmp_path / "more", *[4] * 10, height=16, width=16) as many:
        deck = Deck(many, votes, Plan(golden_rate=0, repeat_rate=0.5))
        work_off(deck, person(votes), 60)
    asked = [((one.first, one.second), one.role) for one in votes]
    assert "repeated" in [role for _, role in asked]
    for place, (pair, role) in enumerate(asked):
        if role == "repeated":
            assert asked.index((pair, "ordinary")) <= place - 10


def test_an_organisers_pair_is_asked_as_golden(collection: Collection, votes: Votes) -> None:
    keep_golden(votes, [GoldenPair(1, 1, 2, "first")])
    deck = Deck(collection, votes, Plan(golden_rate=0.5, repeat_rate=0))
    for number in range(6):
        work_off(deck, person(votes, f"p{number}"))
    golden = [one for one in votes if one.role == "golden"]
    assert {(one.first, one.second) for one in golden} == {(1, 2)}


def test_golden_pairs_are_read_by_id_path_and_name(collection: Collection, tmp_path: Path) -> None:
    file = tmp_path / "golden.csv"
    name = "secret-shoot-of-mine"
    file.write_text(f"better,worse\n2,1\n{name}/{name}-1-0.jpg,{name}-1-3.jpg\n", encoding="utf-8")
    assert read_golden(file, collection) == [
        GoldenPair(1, 1, 2, "second"),
        GoldenPair(2, 4, 7, "first"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n", "has no columns 'better' and 'worse'"),
        ("better,worse\n1,99\n", "line 2: '99' is no one image"),
        ("better,worse\n1,4\n", "line 2: the two are not kept in one series"),
    ],
)
def test_golden_pairs_that_are_none_are_named(
    collection: Collection, tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "golden.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_golden(tmp_path / "golden.csv", collection)


def test_spoiled_pairs_are_made_once(collection: Collection, votes: Votes) -> None:
    assert add_spoiled_pairs(collection, votes, 4) == 4
    first = golden_pairs(votes)
    assert add_spoiled_pairs(collection, votes, 4) == 4
    assert golden_pairs(votes) == first
    assert add_spoiled_pairs(collection, votes, 99) == 9
    assert {one.choice for one in golden_pairs(votes)} == {"second"}


@pytest.mark.parametrize("edit", SPOILING)
def test_a_spoiled_copy_is_plainly_worse_and_as_large(collection: Collection, edit: str) -> None:
    whole, spoiled = pixels_of(collection, 1), pixels_of(collection, -1, edit)
    assert spoiled.shape == whole.shape
    assert np.abs(whole.astype(int) - spoiled).mean() > 2


def test_a_large_series_is_done_when_its_order_is_known(tmp_path: Path, votes: Votes) -> None:
    (tmp_path / "large").mkdir()
    plan = Plan(per_pair=10, every_pair_up_to=5, golden_rate=0, repeat_rate=0)
    with make_dataset(tmp_path / "large", 7, height=16, width=16) as large:
        deck = Deck(large, votes, plan)
        (series,) = deck.live().series.values()
        while not deck.is_complete(series, len(votes)):
            assert work_off(deck, person(votes, f"p{len(votes)}")) > 0
        assert deck.hand(person(votes, "late")) == []
    assert 6 < len(votes) < 10 * 21


def test_the_plan_is_kept_until_it_is_changed(votes: Votes) -> None:
    assert kept_plan(votes, {"per_pair": 5, "bad_after": None}).per_pair == 5
    assert kept_plan(votes, {"golden_rate": 0.1}) == Plan(per_pair=5, golden_rate=0.1)
    with pytest.raises(InputError, match="at most half together"):
        kept_plan(votes, {"golden_rate": 0.4, "repeat_rate": 0.2})
