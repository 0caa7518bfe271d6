"""The card of a published dataset, and the facts that it states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.building.publish.finished_sets import finished_collection

from fgaesq.building.collection.series import all_series, replace_drops
from fgaesq.building.publish.card import About
from fgaesq.building.publish.facts import step_facts, vote_facts
from fgaesq.building.publish.publishing import Publishing, publish
from fgaesq.building.records import Choice, Drop, Vote


def vote(annotator: str, choice: Choice, *, left: bool = True, at: float = 0.0) -> Vote:
    return Vote(1, 1, 2, choice, annotator, 2.0, left, at=at)


def test_votes_are_described_without_names() -> None:
    votes = [
        vote("ann", "first"),
        vote("ann", "second", at=1),
        vote("bob", "first", left=False),
        vote("eve", "tie"),
        *(Vote(2, 3, 4, "second", name, 4.0, True) for name in ("ann", "bob")),
    ]
    facts = vote_facts(votes)
    assert facts is not None
    assert (facts.votes, facts.annotators, facts.most) == (6, 3, 0.5)
    assert facts.ties == pytest.approx(1 / 6)
    assert facts.left == pytest.approx(1 / 5)
    assert facts.median_s == 2.0
    assert facts.same_again == 0
    assert facts.alpha is not None
    # Coincidences of (first, first, tie) and (second, second): 1, 2 (first with tie, both ways), 2.
    assert facts.alpha.value == pytest.approx(1 - 4 * 2 / (2 * (2 * 2 + 2 * 1 + 2 * 1)))


def test_votes_of_unknown_sides_are_in_no_share_of_the_left() -> None:
    unknown = replace(vote("bob", "first"), first_on_left=None)
    facts = vote_facts([vote("ann", "first"), unknown])
    assert facts is not None
    assert (facts.sided, facts.left) == (1, 1)
    alone = vote_facts([unknown])
    assert alone is not None
    assert (alone.sided, alone.left) == (0, None)


def test_without_votes_nothing_is_said_of_them() -> None:
    assert vote_facts([]) is None


def test_each_step_that_ran_is_counted(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=2, aigc=1, crops=0) as collection:
        one, two, _ = all_series(collection)
        drops = [
            Drop(one.id, one.members[0], "metrics", "empty"),
            Drop(two.id, None, "metrics", "duplicate_series"),
        ]
        replace_drops(collection, "metrics", drops)
        facts = step_facts(collection)
    assert [fact.step for fact in facts] == ["collected", "metrics"]
    assert facts[0].images == {"natural": 6, "aigc": 2}
    assert facts[1].images == {"natural": 2, "aigc": 2}
    assert facts[1].series == {"natural": 1, "aigc": 1}
    assert facts[1].reasons == {"empty": 1, "duplicate_series": 3}


def test_the_card_states_licences_biases_and_how_to_cite(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=4, aigc=1, crops=0) as collection:
        votes = [vote("ann", "first", left=True) for _ in range(50)]
        about = About("A. Wren", "https://example.org/wrens", "Wrens on twigs.")
        publish(collection, tmp_path / "out", Publishing(about=about), votes=votes)
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| CC-BY-4.0 | 12 |" in card
    assert "Of 2 images the licence is not known" in card
    assert "100.0% of the decided votes went to the image on the left" in card
    assert "Few people voted: 1." in card
    assert "  author = {A. Wren},\n" in card
    assert "Hardly any series, or none, of: cropping." in card
    assert "ann" not in card.replace("annotators", "").replace("cannot", "")
