"""The series of a collection as they stand: members, less what steps and people dropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fgaesq.building.collection.store import Collection
from fgaesq.building.records import STEPS, Category, Drop, NewSeries, Series, Step
from fgaesq.errors import InputError

__all__ = [
    "add_series",
    "all_series",
    "found_drops",
    "one_series",
    "placed_images",
    "replace_drops",
    "steps_run",
]

_LIVE = """
    NOT EXISTS (SELECT 1 FROM actions WHERE actions.id = series.action AND actions.undone)
    AND NOT EXISTS (SELECT 1 FROM replaced JOIN actions ON actions.id = replaced.action
                    WHERE replaced.series = series.id AND NOT actions.undone)
"""


def add_series(
    collection: Collection, new: Iterable[NewSeries], *, action: int | None = None
) -> list[int]:
    """Add series; return their ids in order.

    Args:
        collection: of the dataset.
        new: the series.
        action: the split or merge that makes them.
    """
    ids = []
    with collection.transaction(durable=True):
        for one in new:
            if len(set(one.members)) != len(one.members) or not one.members:
                raise ValueError("a series names each of its images once")
            series = collection.write(
                "INSERT INTO series (category, source, why, action) VALUES (?, ?, ?, ?)",
                (one.category, one.source, one.why, action),
            )
            collection.write_all(
                "INSERT INTO members VALUES (?, ?, ?)",
                ((series, place, image) for place, image in enumerate(one.members)),
            )
            ids.append(series)
    return ids


def all_series(collection: Collection) -> list[Series]:
    """Return every series that was not replaced by a split or merge, dropped ones too, by id."""
    return _read(collection, "1")


def one_series(collection: Collection, series: int) -> Series:
    """Return a series.

    Raises:
        InputError: there is none of this id, or it was split or merged.
    """
    found = _read(collection, "series.id = ?", (series,))
    if not found:
        raise InputError(f"series {series} is not in this dataset, or was split or merged")
    return found[0]


def placed_images(collection: Collection, category: Category) -> dict[int, int]:
    """Return all images that are or were in a series of a category, and one of its series each."""
    query = (
        "SELECT image, min(series) FROM members JOIN series ON series.id = series "
        "WHERE category = ? GROUP BY image"
    )
    return dict(collection.rows(query, (category,)))


def found_drops(collection: Collection, series: int) -> dict[int | None, Drop]:
    """Return what steps dropped of a series, also where people overruled them, by image.

    None stands for the series; of several steps the first counts.
    """
    return _found(collection, "series = ?", (series,))[series]


def replace_drops(collection: Collection, step: Step, drops: Iterable[Drop]) -> None:
    """Keep what a step dropped, in place of what it dropped when it ran before.

    Args:
        collection: of the dataset.
        step: any but `people`, whose decisions are actions.
        drops: all of this step.
    """
    if step == "people":
        raise ValueError("people decide; see `decisions`")
    with collection.transaction():
        collection.write("DELETE FROM drops WHERE step = ?", (step,))
        collection.write_all(
            "INSERT INTO drops VALUES (?, ?, ?, ?, ?, ?)",
            ((step, d.series, d.image, d.reason, d.detail, d.other) for d in drops),
        )
        collection.set("steps", sorted({*steps_run(collection), step}, key=STEPS.index))


def steps_run(collection: Collection) -> list[Step]:
    """Return the steps that have run, in their order."""
    return list(collection.setting("steps", []))


def _read(collection: Collection, where: str, values: Sequence[object] = ()) -> list[Series]:
    with collection.transaction():  # all of one moment
        heads = collection.rows(
            f"SELECT id, category, source, why, action FROM series "  # noqa: S608 - our own words
            f"WHERE {where} AND {_LIVE} ORDER BY id",
            values,
        )
        of = where.replace("series.id", "series")
        members: dict[int, list[int]] = defaultdict(list)
        for series, image in collection.rows(
            f"SELECT series, image FROM members WHERE {of} ORDER BY series, place",  # noqa: S608
            values,
        ):
            members[series].append(image)
        drops = _drops(collection, of, values)
        made_of: dict[int, list[int]] = defaultdict(list)
        for series, action in collection.rows("SELECT series, action FROM replaced"):
            made_of[action].append(series)
    return [
        Series(
            id,
            category,
            tuple(members[id]),
            {image: drop for image, drop in drops[id].items() if image is not None},
            drops[id].get(None),
            source,
            why,
            tuple(made_of[action]) if action is not None else (),
        )
        for id, category, source, why, action in heads
    ]


def _drops(
    collection: Collection, of: str, values: Sequence[object]
) -> dict[int, dict[int | None, Drop]]:
    """Return by series what is out: what people say goes before what steps found."""
    found = _found(collection, of, values)
    for series, image, keep, reason, detail in collection.rows(
        "SELECT series, image, keep, reason, detail FROM decisions "  # noqa: S608
        "JOIN actions ON actions.id = decisions.action "
        f"WHERE NOT undone AND {of} ORDER BY decisions.id",
        values,
    ):
        found[series].pop(image, None)
        if not keep:
            found[series][image] = Drop(series, image, "people", reason, detail)
    return found


def _found(
    collection: Collection, of: str, values: Sequence[object]
) -> dict[int, dict[int | None, Drop]]:
    """Return by series and image what steps found, the first step that dropped it."""
    found: dict[int, dict[int | None, Drop]] = defaultdict(dict)
    rows = collection.rows(
        f"SELECT series, image, step, reason, detail, other FROM drops WHERE {of}",  # noqa: S608
        values,
    )
    for row in sorted(rows, key=lambda row: STEPS.index(row[2])):
        found[row[0]].setdefault(row[1], Drop(*row))
    return found
