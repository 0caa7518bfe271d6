"""What a person can do on the review page: each is one step to undo, and says what it did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

from fgaesq.desk.desk import Applied, Desk, Waiting
from fgaesq.desk.records import DeskGroup, DeskPhoto, Mark, Verb
from fgaesq.desk.review.words import series_count
from fgaesq.errors import InputError
from fgaesq.report.text import printable
from fgaesq.report.words import counted

__all__ = ["Actions", "Done", "Keeping", "Ranking", "Regrouping", "Reversing"]

_SAID: dict[Verb, str] = {"keep": "kept", "reject": "rejected", "undecided": "left undecided"}


@runtime_checkable
class Regrouping(Protocol):
    """What a desk may offer besides: finding the series anew, wider or narrower."""

    def group_size(self) -> float:
        """Return how wide series are, 0 (narrow) to 1 (wide)."""

    def regroup(self, size: float) -> None:
        """Find the series anew, 0 (narrow) to 1 (wide); those made by hand stay."""


@runtime_checkable
class Keeping(Protocol):
    """What a desk may offer besides: a place for thumbnails, so that a review opens fast again."""

    def thumbnails(self) -> Path:
        """Return the folder for them, which need not exist."""

    def content(self, photo_id: int) -> str | None:
        """Return the key of what a photo's file holds now; None if that is not known."""


@runtime_checkable
class Ranking(Protocol):
    """What a desk may offer besides: ranking groups while the person looks at others."""

    def waiting(self, first: int | None = None) -> Waiting:
        """Return how many groups wait for their ranking; that of `first` is made before others."""


@runtime_checkable
class Reversing(Protocol):
    """What a desk may offer besides: taking back what was written."""

    def unapply(self) -> Applied:
        """Bring sidecars and moved files back to what they were before the last `apply`."""


@dataclass(frozen=True, slots=True)
class _Step:
    """An action: how many changes of the desk it was, and what was said of it."""

    changes: int
    said: str


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did.

    Attributes:
        said: one sentence for the person.
        group_id: the group to look at afterwards; None to stay.
        nothing: whether there was nothing to undo or redo.
    """

    said: str
    group_id: int | None = None
    nothing: bool = False


class Actions:
    """The changes of one review; safe to be used by several threads.

    An action may be several changes of the desk (prefer: one photo up, one down). How many they
    were is remembered, so that undo takes all of them back.

    Attributes:
        version: rises with every change.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._steps: list[_Step] = []
        self._undone: list[_Step] = []
        self.version = 0

    def mark(self, photo_ids: Sequence[int], mark: Mark) -> Done:
        """Say what is to become of photos."""
        with self._lock:
            said = f"{self._names(photo_ids)} {_mark_words(mark)}"
            return self._do(said, [partial(self._desk.mark, photo_ids, mark)])

    def clear(self, photo_ids: Sequence[int]) -> Done:
        """Let the proposals hold again."""
        with self._lock:
            said = f"{self._names(photo_ids)}: as proposed"
            return self._do(said, [partial(self._desk.clear, photo_ids)])

    def prefer(self, better_id: int, worse_id: int) -> Done:
        """Keep `better`; if `worse` was kept in its stead, the two change places, stars too."""
        with self._lock:
            better, worse = self._desk.photo(better_id), self._desk.photo(worse_id)
            up, down = Mark(verb="keep"), None
            if worse.verb == "keep" and better.verb != "keep":
                up = Mark(verb="keep", stars=max(better.stars, worse.stars))
                down = Mark(verb="reject", stars=min(better.stars, worse.stars))
            changes = [partial(self._desk.mark, [better_id], up)]
            if down is not None:
                changes.append(partial(self._desk.mark, [worse_id], down))
            return self._do(f"{_name(better)} preferred to {_name(worse)}", changes)

    def settle(self, group_id: int, keeper_id: int) -> Done:
        """Keep the champion and reject the undecided others of its group.

        Raises:
            InputError: the group is protected, or the champion is not in it.
        """
        with self._lock:
            group = self._desk.group(group_id)
            keeper = _member(group, keeper_id)
            if group.protected:
                raise InputError("All photos of this group are needed; mark them one by one.")
            others = [p.id for p in group.photos if p.id != keeper_id and p.verb == "undecided"]
            changes = []
            if keeper.mark.verb != "keep":
                changes.append(partial(self._desk.mark, [keeper_id], Mark(verb="keep")))
            if others:
                changes.append(partial(self._desk.mark, others, Mark(verb="reject")))
            rest = f", {counted(len(others), 'other')} rejected" if others else ""
            return self._do(f"{_name(keeper)} kept{rest}", changes)

    def split(self, photo_ids: Sequence[int]) -> Done:
        """Take photos out into a group of their own."""
        with self._lock:
            said = f"{self._names(photo_ids)} taken out into a series of its own"
            return self._do(said, [partial(self._desk.split, photo_ids)])

    def merge(self, group_ids: Sequence[int]) -> Done:
        """Make one group of several."""
        with self._lock:
            said = f"{len(group_ids)} series joined"
            return self._do(said, [partial(self._desk.merge, group_ids)])

    def regroup(self, size: float) -> Done:
        """Find the series anew.

        Raises:
            InputError: this desk cannot.
        """
        desk = self._desk
        if not isinstance(desk, Regrouping):
            raise InputError("The groups of this shoot cannot be found anew from here.")
        with self._lock:
            before = self._desk.groups()
            done = self._do("series found anew", [partial(desk.regroup, size)])
            after = self._desk.groups()
        now = (
            f"{counted(series_count(after), 'series', 'series')} in {counted(len(after), 'group')}"
        )
        said = f"{now} found, before {series_count(before)} in {len(before)}"
        return replace(done, said=f"{said}; those made by hand stayed")

    def undo(self) -> Done:
        """Take the last action back."""
        return self._step(self._steps, self._undone, self._desk.undo, "undone")

    def redo(self) -> Done:
        """Do the last action that was taken back again."""
        return self._step(self._undone, self._steps, self._desk.redo, "done again")

    def apply(self) -> Applied:
        """Write the decisions into the sidecars."""
        with self._lock:
            self.version += 1
            return self._desk.apply()

    def unapply(self) -> Applied:
        """Take the last writing back.

        Raises:
            InputError: this desk cannot, or there is nothing to take back.
        """
        desk = self._desk
        if not isinstance(desk, Reversing):
            raise InputError("The writing cannot be taken back from here.")
        with self._lock:
            self.version += 1
            return desk.unapply()

    def _do(self, said: str, changes: Sequence[Callable[[], object]]) -> Done:
        """Do the changes as one step; of a step that fails half-way, what was done counts.

        A change that says it changed nothing (False) does not: there is nothing of it to undo.
        """
        number, made = 0, None
        try:
            for change in changes:
                made = change()
                number += made is not False
        finally:
            if number:
                self._steps.append(_Step(number, said))
                self._undone.clear()
            self.version += 1
        return Done(said, made if type(made) is int else None)

    def _step(
        self,
        taken: list[_Step],
        given: list[_Step],
        change: Callable[[], str | None],
        how: str,
    ) -> Done:
        with self._lock:
            step = taken.pop() if taken else _Step(1, "")  # of before this page: one by one
            words = [one for one in (change() for _ in range(step.changes)) if one is not None]
            self.version += 1
            if not words:
                return Done(f"There is nothing to be {how}", nothing=True)
            said = step.said or "; ".join(map(printable, words))
            given.append(_Step(len(words), said))
        return Done(f"{how.capitalize()}: {said}")

    def _names(self, photo_ids: Sequence[int]) -> str:
        photos = [self._desk.photo(one) for one in photo_ids]
        return _name(photos[0]) if len(photos) == 1 else counted(len(photos), "photo")


def _mark_words(mark: Mark) -> str:
    words = []
    if mark.verb is not None:
        words.append(_SAID[mark.verb])
    if mark.stars is not None:
        words.append(counted(mark.stars, "star"))
    if mark.label is not None:
        words.append(f"label {mark.label}" if mark.label else "without label")
    return ", ".join(words)


def _member(group: DeskGroup, photo_id: int) -> DeskPhoto:
    found = next((photo for photo in group.photos if photo.id == photo_id), None)
    if found is None:
        raise InputError("That photo is not in this group; look at it again.")
    return found


def _name(photo: DeskPhoto) -> str:
    return printable(photo.name)
