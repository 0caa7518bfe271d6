"""What a person is asked next: pairs of the live series, golden and repeated ones mixed in.

Series, pairs and sides come in another order for every person; what is left to chance follows from
the person's seed and from how much they were asked before.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Final, TypeAlias

import numpy as np

from fgaesq.building.annotate.plan import Plan
from fgaesq.building.calibrate.sampling import SamplingRule, is_resolved, next_pair
from fgaesq.building.collection import Collection
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import Choice, Series, VoteRole
from fgaesq.building.votes.asking import (
    ask,
    asked_of,
    flags,
    golden_pairs,
    open_assignments,
    withdraw,
)
from fgaesq.building.votes.counting import (
    asked_by_series,
    asked_in_role,
    called_bad,
    how_many,
    repeatable,
    votes_by_series,
)
from fgaesq.building.votes.records import Annotator, Assignment
from fgaesq.building.votes.store import Votes

__all__ = ["Deck", "Live", "Standing"]

_HAND: Final = 2
"""Pairs that a person is dealt at once: one to judge, one whose pictures are fetched meanwhile."""

_TABLE: Final = 12
"""Series between which a person's questions go to and fro, so that a golden pair fits in."""

_REPEAT_AFTER: Final = 12
"""Answers between a question and the same one again, at least."""

_FORGOTTEN_S: Final = 1800.0
"""A question that has waited for so long no longer counts as about to be answered."""

_LOOK_S: Final = 5.0
"""Between two looks whether series, flags, golden pairs and counts changed."""

_Question: TypeAlias = tuple[int, int, int]
"""Series, first and second image."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a person is.

    Attributes:
        done: questions answered, skipped or called bad.
        left: pairs that may still be asked, at most.
    """

    done: int
    left: int


@dataclass(frozen=True, slots=True)
class Live:
    """What is asked at a time.

    Attributes:
        series: by id, those with two or more kept members that are not called bad by too many.
        golden: questions with known answers.
        counts: ordinary votes by series.
    """

    series: Mapping[int, Series]
    golden: Sequence[_Question]
    counts: Mapping[int, int]

    def has(self, question: _Question) -> bool:
        """Whether both images of a question are kept; -n stands for image n."""
        series, first, second = question
        return series in self.series and {abs(first), abs(second)} <= set(self.series[series].kept)


class Deck:
    """Deals the pairs of a dataset; usable from several threads.

    Args:
        collection: whose kept members are judged.
        votes: where questions and answers are kept.
        plan: how many of each kind.
    """

    def __init__(self, collection: Collection, votes: Votes, plan: Plan) -> None:
        self.collection, self.votes, self.plan = collection, votes, plan
        self._rule = SamplingRule(
            exhaustive_to=plan.every_pair_up_to,
            votes_per_pair=plan.per_pair,
            most_per_pair=plan.per_pair,
        )
        self._resolved: dict[int, tuple[int, bool]] = {}
        self._lock = threading.RLock()
        self._live: tuple[float, Live] = (-_LOOK_S, Live({}, (), {}))
        self._orders: dict[int, tuple[float, list[int]]] = {}

    def hand(self, annotator: Annotator) -> list[Assignment]:
        """Return what a person is asked now and next, dealing new pairs as needed.

        Empty if there is nothing left, or the person is paused.
        """
        if annotator.paused or annotator.removed:
            return []
        with self._lock:
            live = self.live()
            held = []
            for one in open_assignments(self.votes, annotator.id):
                if live.has((one.series, one.first, one.second)):
                    held.append(one)
                else:
                    withdraw(self.votes, one.id)
            while len(held) < _HAND and (new := self._deal(annotator, live)) is not None:
                held.append(new)
            return held

    def live(self) -> Live:
        """Return what is asked; looked up anew every few seconds."""
        with self._lock:
            at, found = self._live
            if time.monotonic() - at >= _LOOK_S:
                found = self._look()
                self._live = time.monotonic(), found
            return found

    def look_again(self) -> None:
        """Forget what was looked up: a series was called bad, or an answer was taken back."""
        with self._lock:
            self._live = (-_LOOK_S, self._live[1])
            self._orders.clear()

    def standing(self, annotator: Annotator) -> Standing:
        """Return how far a person is."""
        asked = asked_by_series(self.votes, annotator.id)
        live, bad = self.live(), called_bad(self.votes, annotator.id)
        left = sum(
            self._lacking(one, live, asked.get(one.id, 0))
            for one in live.series.values()
            if one.id not in bad
        )
        waiting = sum(one.role == "ordinary" for one in open_assignments(self.votes, annotator.id))
        return Standing(how_many(self.votes, annotator.id, done=True), left + waiting)

    def is_complete(self, series: Series, votes: int) -> bool:
        """Return whether a series that has so many ordinary votes needs no more of them."""
        n = len(series.kept)
        if n <= self.plan.every_pair_up_to or votes < n - 1:
            return votes >= self.plan.per_pair * comb(n, 2)
        known_at, found = self._resolved.get(series.id, (-1, False))
        if known_at != votes:
            found = is_resolved(n, self._judged(series), rule=self._rule)
            self._resolved[series.id] = votes, found
        return found

    def _look(self) -> Live:
        bad = Counter(flag.series for flag in flags(self.votes))
        series = {
            one.id: one
            for one in all_series(self.collection)
            if len(one.kept) > 1 and bad[one.id] < self.plan.bad_after
        }
        if series.keys() != self._live[1].series.keys():
            self._orders.clear()
        live = Live(series, (), votes_by_series(self.votes))
        golden = [(one.series, one.first, one.second) for one in golden_pairs(self.votes)]
        return Live(series, [one for one in golden if live.has(one)], live.counts)

    def _lacking(self, series: Series, live: Live, asked: int) -> int:
        """Return how many pairs of a series may be asked of someone who was asked so many."""
        pairs = comb(len(series.kept), 2)
        votes = self.plan.per_pair * pairs - live.counts.get(series.id, 0)
        return max(0, min(pairs - asked, votes))

    def _deal(self, annotator: Annotator, live: Live) -> Assignment | None:
        for _ in range(_HAND):  # another server may have asked the same just now
            asked = how_many(self.votes, annotator.id, done=False)
            rng = np.random.default_rng((annotator.seed, asked))
            question, role = self._question(annotator, live, rng)
            if question is None:
                return None
            series, *pair = question
            left = bool(rng.integers(2))
            first, second = pair
            new = ask(
                self.votes, annotator.id, series, (first, second), first_on_left=left, role=role
            )
            if new is not None:
                return new
        return None

    def _question(
        self, annotator: Annotator, live: Live, rng: np.random.Generator
    ) -> tuple[_Question | None, VoteRole]:
        draw = rng.random()
        ordinary = self._ordinary(annotator, live, rng)
        if ordinary is None:
            return None, "ordinary"
        role: VoteRole = "golden"
        candidates: Sequence[_Question] = ()
        if draw < self.plan.golden_rate:
            before = asked_in_role(self.votes, annotator.id, "golden")
            candidates = [one for one in live.golden if one not in before]
        elif draw < self.plan.golden_rate + self.plan.repeat_rate:
            role = "repeated"
            found = repeatable(self.votes, annotator.id, leave_out=_REPEAT_AFTER)
            candidates = [one for one in found if live.has(one)]
        if candidates:
            return candidates[int(rng.integers(len(candidates)))], role
        return ordinary, "ordinary"

    def _ordinary(
        self, annotator: Annotator, live: Live, rng: np.random.Generator
    ) -> _Question | None:
        order = self._order(annotator, live)
        while order:
            place = int(rng.integers(min(_TABLE, len(order))))
            series = live.series[order[place]]
            pair = self._pair(annotator, series, rng)
            if pair is not None:
                return series.id, *pair
            order.pop(place)
        return None

    def _order(self, annotator: Annotator, live: Live) -> list[int]:
        """Return the series that this person may still be asked, in an order of their own."""
        at, order = self._orders.get(annotator.id, (-np.inf, []))
        # One who is through may get more work when a question of another person is forgotten.
        if not order and time.monotonic() - at > _LOOK_S:
            asked = asked_by_series(self.votes, annotator.id)
            bad = called_bad(self.votes, annotator.id)
            ids = sorted(live.series)
            shuffled = np.random.default_rng(annotator.seed).permutation(len(ids))
            order = [
                id
                for id in (ids[place] for place in shuffled)
                if id not in bad and self._lacking(live.series[id], live, asked.get(id, 0))
            ]
            self._orders[annotator.id] = time.monotonic(), order
        return order

    def _pair(
        self, annotator: Annotator, series: Series, rng: np.random.Generator
    ) -> tuple[int, int] | None:
        images = sorted(series.kept)
        places = {image: place for place, image in enumerate(images)}
        soon = time.time() - _FORGOTTEN_S
        mine, pending = set(), []
        for one in asked_of(self.votes, series.id):
            if one.role != "ordinary" or not {one.first, one.second} <= places.keys():
                continue
            pair = places[one.first], places[one.second]
            if one.annotator == annotator.id:
                mine.add(pair)
            elif one.outcome is None and one.asked > soon:
                pending.append(pair)
        found = next_pair(
            len(images),
            self._judged(series),
            pending,
            judged_by_me=mine,
            rng=rng,
            rule=self._rule,
        )
        return None if found is None else (images[found[0]], images[found[1]])

    def _judged(self, series: Series) -> list[tuple[int, int, Choice]]:
        """Return the ordinary votes on a series by the places of its images."""
        places = {image: place for place, image in enumerate(sorted(series.kept))}
        return [
            (places[vote.first], places[vote.second], vote.choice)
            for vote in self.votes.votes(series.id)
            if vote.role == "ordinary" and {vote.first, vote.second} <= places.keys()
        ]
