"""What people decide of series and their members; each action can be undone and done again."""

from __future__ import annotations

import time
from collections.abc import Sequence

from fgaesq.building.collection.series import add_series, one_series
from fgaesq.building.collection.store import Collection
from fgaesq.building.records import NewSeries
from fgaesq.errors import InputError

__all__ = ["decide", "merge", "redo", "split", "undo"]


def decide(
    collection: Collection,
    series: int,
    images: Sequence[int] | None,
    *,
    keep: bool,
    reason: str = "other",
    detail: str = "",
) -> None:
    """Keep or drop images of a series, or the series as a whole, whatever steps found.

    Args:
        collection: of the dataset.
        series: id.
        images: ids, all in the series; None for the series.
        keep: in, or out.
        reason: a key of `REASONS`, for what is dropped.
        detail: words of the person.

    Raises:
        InputError: an image is not in the series, or there is no such series.
    """
    with collection.transaction(durable=True):
        _members(collection, series, images or ())
        what = "the series" if images is None else f"{len(images)} of its images"
        action = _act(collection, f"{'kept' if keep else 'dropped'} {what}")
        collection.write_all(
            "INSERT INTO decisions (action, series, image, keep, reason, detail) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            ((action, series, image, keep, reason, detail) for image in images or (None,)),
        )


def split(collection: Collection, series: int, images: Sequence[int]) -> tuple[int, int]:
    """Make two series of one: the images given, and the rest; return both ids.

    Raises:
        InputError: an image is not in the series, or one of the two would be empty.
    """
    with collection.transaction(durable=True):
        members = _members(collection, series, images)
        parts = [
            [image for image in members if (image in images) == taken] for taken in (True, False)
        ]
        if not all(parts):
            raise InputError("a split leaves at least one image on either side")
        action = _act(collection, f"split {len(images)} of {len(members)} images off")
        taken, rest = _replace(collection, action, [series], parts)
    return taken, rest


def merge(collection: Collection, series: Sequence[int]) -> int:
    """Make one series of several of one category; an image of two of them is in it once.

    Raises:
        InputError: there are fewer than two, or their categories differ.
    """
    with collection.transaction(durable=True):
        if len(set(series)) < 2:
            raise InputError("name at least two series to merge")
        found = [one_series(collection, one) for one in dict.fromkeys(series)]
        if len({one.category for one in found}) > 1:
            raise InputError("only series of one category can be merged")
        members = list(dict.fromkeys(image for one in found for image in one.members))
        action = _act(collection, f"merged {len(found)} series")
        (merged,) = _replace(collection, action, [one.id for one in found], [members])
    return merged


def undo(collection: Collection) -> str | None:
    """Take the last action back; return what it was in words, None if there is none."""
    return _turn(collection, undone=True, last="max", of="NOT undone")


def redo(collection: Collection) -> str | None:
    """Do the last action that was undone again; return what it was, None if there is none."""
    return _turn(collection, undone=False, last="min", of="undone = 1")


def _turn(collection: Collection, *, undone: bool, last: str, of: str) -> str | None:
    with collection.transaction(durable=True):
        ((id,),) = collection.rows(f"SELECT {last}(id) FROM actions WHERE {of}")  # noqa: S608
        if id is None:
            return None
        collection.write("UPDATE actions SET undone = ? WHERE id = ?", (undone, id))
        ((what,),) = collection.rows("SELECT what FROM actions WHERE id = ?", (id,))
    return str(what)


def _act(collection: Collection, what: str) -> int:
    # What was undone before can no longer be done again: 2 is undone for good.
    collection.write("UPDATE actions SET undone = 2 WHERE undone = 1")
    return collection.write("INSERT INTO actions (what, at) VALUES (?, ?)", (what, time.time()))


def _members(collection: Collection, series: int, images: Sequence[int]) -> tuple[int, ...]:
    members = one_series(collection, series).members
    if stray := set(images) - set(members):
        raise InputError(f"image {min(stray)} is not in series {series}")
    return members


def _replace(
    collection: Collection, action: int, old: Sequence[int], parts: Sequence[Sequence[int]]
) -> list[int]:
    """Put new series in the place of old ones; what was said of their images stays said."""
    first = one_series(collection, old[0])
    new = [NewSeries(first.category, tuple(part), first.source, first.why) for part in parts]
    ids = add_series(collection, new, action=action)
    for series, part in zip(ids, parts, strict=True):
        for image in part:
            for before in old:
                collection.write(
                    "INSERT INTO drops SELECT step, ?, image, reason, detail, other FROM drops "
                    "WHERE series = ? AND image = ?",
                    (series, before, image),
                )
                collection.write(
                    "INSERT INTO decisions (action, series, image, keep, reason, detail) "
                    "SELECT decisions.action, ?, image, keep, reason, detail FROM decisions "
                    "JOIN actions ON actions.id = decisions.action "
                    "WHERE NOT undone AND series = ? AND image = ? ORDER BY decisions.id",
                    (series, before, image),
                )
    collection.write_all("INSERT INTO replaced VALUES (?, ?)", ((one, action) for one in old))
    return ids
