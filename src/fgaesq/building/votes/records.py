"""What the votes are asked of and by whom: annotators, assignments, flags, golden pairs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Literal, TypeAlias

from fgaesq.building.records import Choice, Vote, VoteRole

__all__ = ["Annotator", "Assignment", "Flag", "GoldenPair", "Outcome", "keyed"]

Outcome: TypeAlias = Literal["vote", "skip", "bad"]


@dataclass(frozen=True, slots=True)
class Annotator:
    """A person who votes.

    Attributes:
        id: in the database.
        name: unique.
        seed: of the sides and the order in which this person sees pairs.
        created: seconds since 1970.
        paused: is let in, but asked nothing.
        removed: is not let in any more; the votes stay.
    """

    id: int
    name: str
    seed: int
    created: float
    paused: bool = False
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """A pair that one person is asked, or was.

    Attributes:
        id: in the database; counts up.
        key: random; all that the person's page knows of the pair.
        annotator: id.
        series: id.
        first, second: image ids, `first < second`; an edited copy of image n is -n.
        first_on_left: whether `first` stands on the left.
        role: why it is asked.
        asked: since when, seconds since 1970.
        outcome: how it ended, None while it is open.
        done: when it ended.
    """

    id: int
    key: str
    annotator: int
    series: int
    first: int
    second: int
    first_on_left: bool
    role: VoteRole
    asked: float
    outcome: Outcome | None = None
    done: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A person's word that a series is bad: its images do not belong together, or are broken."""

    annotator: str
    series: int
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class GoldenPair:
    """A pair whose answer is known.

    Attributes:
        series: id.
        first, second: image ids, `first < second`; -n is the copy of image n with `edit`.
        choice: the right answer.
        edit: by which the worse image was made; "" for a pair that the organiser gave.
    """

    series: int
    first: int
    second: int
    choice: Choice
    edit: str = ""


def keyed(votes: Iterable[Vote]) -> Iterator[tuple[str, Vote]]:
    """Yield votes with keys that name their content, so that none is kept twice.

    The n-th of several equal votes has a key of its own, the same one every time: files without
    names or times may hold equal votes of several people.
    """
    seen: Counter[str] = Counter()
    for vote in votes:
        content = json.dumps(astuple(vote), ensure_ascii=True)
        key = hashlib.sha256(content.encode()).hexdigest()[:32]
        yield f"{key}-{seen[key]}", vote
        seen[key] += 1
