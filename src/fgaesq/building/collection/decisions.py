"""What people decide of series and their members; each action can be undone and done again.

Several people may decide at once, each under a name, and undo what they did themselves.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from fgaesq.building.collection.series import add_series, one_series
from fgaesq.building.collection.store import Collection
from fgaesq.building.records import Decision, NewSeries
from fgaesq.errors import InputError

__all__ = [
    "decide",
    "decided",
    "last_action",
    "merge",
    "redo",
    "series_of",
    "split",
    "split_into",
    "undo",
]


def decide(
    collection: Collection,
    series: int,
    images: Sequence[int] | None,
    *,
    keep: bool,
    reason: str = "other",
    detail: str = "",
    who: str = "",
) -> None:
    """Keep or drop images of a series, or the series as a whole, whatever steps found.

    Args:
        collection: of the dataset.
        series: id.
        images: ids, all in the series; None for the series.
        keep: in, or out.
        reason: a key of `REASONS`, for what is dropped.
        detail: words of the person.
        who: the person's name.

    Raises:
        InputError: an image is not in the series, or there is no such series.
    """
    with collection.transaction(durable=True):
        _members(collection, series, images or ())
        what = "the series" if images is None else f"{len(images)} of its images"
        action = _act(collection, f"{'kept' if keep else 'dropped'} {what}", who)
        collection.write_all(
            "INSERT INTO decisions (action, series, image, keep, reason, detail) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            ((action, series, image, keep, reason, detail) for image in images or (None,)),
        )


def decided(
    collection: Collection, series: int | None = None
) -> dict[int, dict[int | None, Decision]]:
    """Return what people last said, by series and image; None is the series as a whole.

    Args:
        collection: of the dataset.
        series: id; None for all.
    """
    found: dict[int, dict[int | None, Decision]] = defaultdict(dict)
    for id, image, keep, reason, detail, who in collection.rows(
        "SELECT series, image, keep, reason, detail, who FROM decisions "
        "JOIN actions ON actions.id = decisions.action "
        "WHERE NOT undone AND (? IS NULL OR series = ?) ORDER BY decisions.id",
        (series, series),
    ):
        found[id][image] = Decision(id, image, bool(keep), reason, detail, who)
    return found


def split(
    collection: Collection, series: int, images: Sequence[int], *, who: str = ""
) -> tuple[int, int]:
    """Make two series of one: the images given, and the rest; return both ids.

    Raises:
        InputError: an image is not in the series, or one of the two would be empty.
    """
    with collection.transaction(durable=True):
        members = _members(collection, series, images)
        parts = [
            [image for image in members if (image in images) == taken] for taken in (True, False)
        ]
        taken, rest = _split(
            collection, series, parts, f"split {len(images)} of {len(members)} images off", who
        )
    return taken, rest


def split_into(
    collection: Collection, series: int, parts: Sequence[Sequence[int]], *, who: str = ""
) -> list[int]:
    """Make a series of each part of one; return their ids in order.

    Raises:
        InputError: the parts are not all images of the series, each once, or one is empty.
    """
    with collection.transaction(durable=True):
        members = _members(collection, series, ())
        if sorted(image for part in parts for image in part) != sorted(members):
            raise InputError(f"the parts of series {series} are not each of its images once")
        what = f"split a series of {len(members)} images into {len(parts)}"
        return _split(collection, series, parts, what, who)


def merge(collection: Collection, series: Sequence[int], *, who: str = "") -> int:
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
        action = _act(collection, f"merged {len(found)} series", who)
        (merged,) = _replace(collection, action, [one.id for one in found], [members])
    return merged


def undo(collection: Collection, *, who: str | None = None) -> str | None:
    """Take the last action back; return what it was in words, None if there is none.

    Args:
        collection: of the dataset.
        who: whose last action; None for that of anyone.

    Raises:
        InputError: it split or merged series that another person has worked on since.
    """
    with collection.transaction(durable=True):
        action = _found(collection, "max", "NOT undone", who)
        if action is not None and _was_built_on(collection, action):
            raise InputError(
                "another person has worked on the series that this split or merge made; "
                "let that be undone first"
            )
        return _turned(collection, action, undone=True)


def redo(collection: Collection, *, who: str | None = None) -> str | None:
    """Do the last action that was undone again; return what it was, None if there is none.

    Args:
        collection: of the dataset.
        who: whose; None for that of anyone.

    Raises:
        InputError: it split or merged series that were split or merged otherwise since.
    """
    with collection.transaction(durable=True):
        action = _found(collection, "min", "undone = 1", who)
        for (series,) in collection.rows("SELECT series FROM replaced WHERE action = ?", (action,)):
            one_series(collection, series)
        return _turned(collection, action, undone=False)


def last_action(collection: Collection, *, who: str | None = None, undone: bool = False) -> int:
    """Return the number of the action that `undo` (if `undone`: `redo`) is about; 0 for none."""
    which, state = ("min", "undone = 1") if undone else ("max", "NOT undone")
    return _found(collection, which, state, who) or 0


def series_of(collection: Collection, action: int) -> list[int]:
    """Return the ids of all series that an action is about, replaced ones and new ones too."""
    rows = collection.rows(
        "SELECT series FROM decisions WHERE action = ? UNION "
        "SELECT series FROM replaced WHERE action = ? UNION SELECT id FROM series WHERE action = ?",
        (action, action, action),
    )
    return sorted(series for (series,) in rows)


def _found(collection: Collection, which: str, state: str, who: str | None) -> int | None:
    ((id,),) = collection.rows(
        f"SELECT {which}(id) FROM actions WHERE {state} AND (? IS NULL OR who = ?)",  # noqa: S608
        (who, who),
    )
    return None if id is None else int(id)


def _was_built_on(collection: Collection, action: int) -> bool:
    """Whether a later action, not undone, is about series that this one made."""
    return any(
        collection.rows(
            f"SELECT 1 FROM {table} JOIN actions ON actions.id = {table}.action "  # noqa: S608
            f"WHERE NOT undone AND {table}.action > ? "
            f"AND {table}.series IN (SELECT id FROM series WHERE action = ?) LIMIT 1",
            (action, action),
        )
        for table in ("decisions", "replaced")
    )


def _turned(collection: Collection, action: int | None, *, undone: bool) -> str | None:
    if action is None:
        return None
    collection.write("UPDATE actions SET undone = ? WHERE id = ?", (undone, action))
    ((what,),) = collection.rows("SELECT what FROM actions WHERE id = ?", (action,))
    return str(what)


def _act(collection: Collection, what: str, who: str) -> int:
    # What its person undid before can no longer be done again: 2 is undone for good.
    collection.write("UPDATE actions SET undone = 2 WHERE undone = 1 AND who = ?", (who,))
    return collection.write(
        "INSERT INTO actions (what, who, at) VALUES (?, ?, ?)", (what, who, time.time())
    )


def _split(
    collection: Collection, series: int, parts: Sequence[Sequence[int]], what: str, who: str
) -> list[int]:
    if len(parts) < 2 or not all(parts):
        raise InputError("a split leaves at least one image on either side")
    return _replace(collection, _act(collection, what, who), [series], parts)


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
