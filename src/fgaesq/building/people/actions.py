"""What a person can do on the page: each is one step to undo, and says what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fgaesq.building.collection.decisions import (
    decide,
    last_action,
    merge,
    redo,
    series_of,
    split,
    split_into,
    undo,
)
from fgaesq.building.people.entries import Entry
from fgaesq.building.people.shelf import Shelf
from fgaesq.building.people.words import reason_name
from fgaesq.errors import InputError
from fgaesq.report.text import printable
from fgaesq.report.words import counted

__all__ = ["Actions", "Done", "Outdated"]


class Outdated(InputError):
    """The series is no longer what the person saw: another one changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did.

    Attributes:
        said: one sentence for the person.
        series: the series to look at afterwards; None to stay.
        nothing: whether there was nothing to undo or redo.
    """

    said: str
    series: int | None = None
    nothing: bool = False


class Actions:
    """The changes of one person.

    Every change of a series names its stamp as the person saw it. Is it another one by now, nothing
    is changed, so that no decision of another person is overruled unseen.

    Args:
        shelf: of the collection, for `shelf.who`.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf, self._collection = shelf, shelf.collection

    def keep(self, series: int, stamp: str) -> Done:
        """Confirm a series; one that is out comes back.

        Raises:
            InputError: fewer than two of its images are in.
            Outdated: it is no longer what the person saw.
        """
        with self._seen(series, stamp) as entry:
            left = [one for one in entry.series.members if one not in entry.series.dropped]
            if len(left) < 2:
                raise InputError(
                    "Fewer than two images are in: bring one back, or drop the series."
                )
            decide(self._collection, series, None, keep=True, who=self._shelf.who)
        return Done(f"Series {series} kept with {counted(len(left), 'image')}")

    def drop(
        self,
        series: int,
        stamp: str,
        images: Sequence[int] | None,
        reason: str,
        detail: str = "",
    ) -> Done:
        """Take images out of a series, or the series as a whole (None)."""
        with self._seen(series, stamp):
            decide(
                self._collection,
                series,
                images,
                keep=False,
                reason=reason,
                detail=detail,
                who=self._shelf.who,
            )
        what = f"Series {series}" if images is None else counted(len(images), "image")
        return Done(f"{what} dropped: {reason_name(reason)}")

    def back(self, series: int, stamp: str, images: Sequence[int]) -> Done:
        """Bring images back into a series."""
        with self._seen(series, stamp):
            decide(self._collection, series, images, keep=True, who=self._shelf.who)
        return Done(f"{counted(len(images), 'image')} brought back")

    def split(self, series: int, stamp: str, images: Sequence[int]) -> Done:
        """Make a series of its own of some images; look at what is left."""
        with self._seen(series, stamp, whole=False):
            taken, rest = split(self._collection, series, images, who=self._shelf.who)
        said = f"{counted(len(images), 'image')} split off as series {taken}"
        return Done(said, rest)

    def split_as_proposed(self, series: int, stamp: str) -> Done:
        """Make series of the proposed parts.

        Raises:
            InputError: no split is proposed.
        """
        self._shelf.entry(series)  # reads what is proposed now
        with self._seen(series, stamp, whole=False) as entry:
            if not entry.parts:
                raise InputError("No split of this series is proposed.")
            ids = split_into(self._collection, series, entry.parts, who=self._shelf.who)
        return Done(f"Series {series} split into {len(ids)}", ids[0])

    def merge(self, series: Sequence[int], stamps: Sequence[str]) -> Done:
        """Make one series of several."""
        with self._shelf.changing():
            for one, stamp in zip(series, stamps, strict=True):
                self._check(one, stamp)
            merged = merge(self._collection, series, who=self._shelf.who)
        return Done(f"{len(series)} series merged into series {merged}", merged)

    def undo(self) -> Done:
        """Take the person's last action back; look at the series that it was about."""
        return self._turn(undo, undone=False)

    def redo(self) -> Done:
        """Do what was taken back last again."""
        return self._turn(redo, undone=True)

    def _turn(self, turn: Callable[..., str | None], *, undone: bool) -> Done:
        who, how = self._shelf.who, "done again" if undone else "undone"
        with self._shelf.changing():
            action = last_action(self._collection, who=who, undone=undone)
            what = turn(self._collection, who=who)
            about = series_of(self._collection, action)
        if what is None:
            return Done(f"There is nothing to be {how}", nothing=True)
        live = {entry.id for entry in self._shelf.entries()}
        return Done(
            f"{how.capitalize()}: {what}", next((one for one in about if one in live), None)
        )

    @contextmanager
    def _seen(self, series: int, stamp: str, *, whole: bool = True) -> Iterator[Entry]:
        """Check the stamp and change the series; it is still there afterwards if `whole`."""
        with self._shelf.changing(*([series] if whole else ())):
            yield self._check(series, stamp)

    def _check(self, series: int, stamp: str) -> Entry:
        try:
            entry = self._shelf.fresh(series)
        except InputError as error:
            raise Outdated(f"Series {series} was split or merged meanwhile.") from error
        if entry.stamp != stamp:
            last = [one.who for one in entry.said.values() if one.who not in ("", self._shelf.who)]
            who = printable(last[-1]) if last else "Something"
            raise Outdated(f"{who} changed series {series} meanwhile; look at it as it is now.")
        return entry
