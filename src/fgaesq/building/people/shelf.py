"""All series of a collection in memory, in step with the file: for lists, counts and neighbours."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fgaesq.building.collection import Collection
from fgaesq.building.collection.decisions import decided
from fgaesq.building.collection.series import all_series, one_series, steps_run
from fgaesq.building.people.entries import Entry, Filter, entry_of
from fgaesq.building.records import STEPS, Step
from fgaesq.errors import InputError

__all__ = ["Counts", "Place", "Shelf", "StepCounts"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a series stands among those shown; ids are None where there is none.

    Attributes:
        position: from 1; of a series that is not shown (any more), where it would stand.
        of: how many are shown.
        previous, next: the neighbours.
        todo: the next one to check, going round; None if it is the only one.
    """

    position: int
    of: int
    previous: int | None
    next: int | None
    todo: int | None


@dataclass(frozen=True, slots=True)
class StepCounts:
    """What a step took out, by reason, and what was left after it (the paper's Table 1)."""

    step: Step
    series: Counter[str]
    images: Counter[str]
    series_left: int
    images_left: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the check is, and what every step took out.

    Attributes:
        todo: series to check.
        kept, dropped: series that are confirmed, and out.
        series, images: all that were collected.
        steps: those that have run, and `people`.
    """

    todo: int
    kept: int
    dropped: int
    series: int
    images: int
    steps: tuple[StepCounts, ...]


class Shelf:
    """The series of a collection; safe to be used by several threads.

    What other people and programs write is seen at the next question. Series that were split off
    stand where the series was that they come from.

    Args:
        collection: of the dataset.
        who: the person whose decisions are `mine`.
    """

    def __init__(self, collection: Collection, *, who: str = "") -> None:
        self.collection, self.who = collection, who
        self._lock = threading.RLock()
        self._version = -1
        self._entries: dict[int, Entry] = {}
        self._order: list[tuple[int, int]] = []  # of root and id
        self._roots: dict[int, int] = {}
        self._shown: dict[Filter, list[int]] = {}
        self._counts: Counts | None = None

    def version(self) -> str:
        """Return words that are others after every change."""
        with self._lock:
            self._refresh()
            return str(self._version)

    def entries(self) -> list[Entry]:
        """Return all series in order."""
        with self._lock:
            self._refresh()
            return [self._entries[id] for _, id in self._order]

    def entry(self, series: int) -> Entry:
        """Return a series.

        Raises:
            InputError: there is none of this id, or it was split or merged.
        """
        with self._lock:
            self._refresh()
            if series not in self._entries:
                raise InputError(f"series {series} was split, merged or is not in this dataset")
            return self._entries[series]

    def fresh(self, series: int) -> Entry:
        """Return a series as the file has it at this moment; for use inside a transaction.

        Raises:
            InputError: there is none of this id, or it was split or merged.
        """
        said = decided(self.collection, series)[series]
        known = self._entries.get(series)
        found = entry_of(one_series(self.collection, series), said)
        return replace(found, parts=known.parts, same=known.same) if known else found

    @contextmanager
    def changing(self, *series: int) -> Iterator[None]:
        """Do all of the block or nothing, while nobody else writes.

        Args:
            series: ids of all that the block changes, none that it makes or takes away: only they
                are read anew then, which is quicker than reading all; () if that is not known.
        """
        with self._lock:
            with self.collection.transaction(durable=True):
                known = self.up_to_date()
                yield
                version = self.collection.version()
            if known and series:
                with self.collection.transaction():
                    self._entries.update({one: self.fresh(one) for one in series})
                self._version = version
                self._forget()

    def up_to_date(self) -> bool:
        """Whether nothing was written since the last question."""
        with self._lock:
            return self._version == self.collection.version()

    def ids(self, chosen: Filter) -> list[int]:
        """Return the ids of the series that a filter shows, in order."""
        with self._lock:
            self._refresh()
            if chosen not in self._shown:
                self._shown[chosen] = [
                    id for _, id in self._order if chosen.fits(self._entries[id], self.who)
                ]
            return self._shown[chosen]

    def place(self, series: int, chosen: Filter) -> Place:
        """Return where a series stands among those that a filter shows."""
        with self._lock:
            ids = self.ids(chosen)
            here = self._key(series)
            before = bisect_left(ids, here, key=self._key)
            after = bisect_right(ids, here, key=self._key)
            todo = self.ids(replace(chosen, show="open", step="", reason=""))
            next_todo = bisect_right(todo, here, key=self._key)
            rest = [id for id in (*todo[next_todo:], *todo[:1]) if id != series]
            return Place(
                before + 1,
                len(ids),
                ids[before - 1] if before else None,
                ids[after] if after < len(ids) else None,
                rest[0] if rest else None,
            )

    def counts(self) -> Counts:
        """Return how far the check is."""
        with self._lock:
            self._refresh()
            if self._counts is None:
                self._counts = _counted(self.collection, list(self._entries.values()))
            return self._counts

    def _key(self, series: int) -> tuple[int, int]:
        return self._roots.get(series, series), series

    def _refresh(self) -> None:
        if self.up_to_date():
            return
        with self.collection.transaction():
            self._version = self.collection.version()
            found = all_series(self.collection)
            said = decided(self.collection)
            splits = self.collection.setting("proposed_splits", {})
            merges = self.collection.setting("proposed_merges", [])
            self._roots = _roots(self.collection)
        live = {one.id for one in found}
        same: dict[int, Sequence[int]] = {}
        for group in merges:
            left = [id for id in group if id in live]
            same.update(dict.fromkeys(left, left))
        self._entries = {
            one.id: entry_of(
                one,
                said.get(one.id, {}),
                split=splits.get(str(one.id), ()),
                same=same.get(one.id, ()),
            )
            for one in found
        }
        self._order = sorted(self._key(id) for id in self._entries)
        self._forget()

    def _forget(self) -> None:
        self._shown.clear()
        self._counts = None


def _roots(collection: Collection) -> dict[int, int]:
    """Return of each series that a person made the first one that it comes from."""
    parents: dict[int, int] = dict(
        collection.rows(
            "SELECT series.id, min(replaced.series) FROM series "
            "JOIN replaced ON replaced.action = series.action GROUP BY series.id"
        )
    )
    roots: dict[int, int] = {}
    for series in sorted(parents):  # ids rise: a parent is known before what was made of it
        roots[series] = roots.get(parents[series], parents[series])
    return roots


def _counted(collection: Collection, entries: Sequence[Entry]) -> Counts:
    states = Counter(entry.state for entry in entries)
    series: dict[Step, Counter[str]] = defaultdict(Counter)
    images: dict[Step, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        for step, reason, image in entry.losses():
            (series if image is None else images)[step][reason] += 1
    series_left = len(entries)
    images_left = sum(len(entry.series.members) for entry in entries)
    run = {*steps_run(collection), *series, *images, "people"}
    steps = []
    for step in STEPS:
        if step in run:
            series_left -= series[step].total()
            images_left -= images[step].total()
            steps.append(StepCounts(step, series[step], images[step], series_left, images_left))
    return Counts(
        states["open"],
        states["kept"],
        states["dropped"] + states["few"],
        len(entries),
        sum(len(entry.series.members) for entry in entries),
        tuple(steps),
    )
