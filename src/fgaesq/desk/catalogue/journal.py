"""What persons decided, and how each change is undone and done again.

A change is kept as the rows that it touched, before and after: undoing writes the former back,
redoing the latter. A change and its entry are one transaction, written through to the disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from fgaesq.desk.catalogue.sizes import forget_sizes, save_sizes, sizes_of
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.records import Mark

__all__ = ["Step", "change", "marks_of", "redo", "set_marks", "undo"]

_State: TypeAlias = dict[str, dict[str, Any]]
"""Rows by table and id; None for a row that is not there."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change that was undone or done again.

    Attributes:
        words: what the change was.
        photos: that it touched.
        regrouped: whether it touched groups, and not marks alone.
    """

    words: str
    photos: frozenset[int]
    regrouped: bool


@contextmanager
def change(
    catalogue: Catalogue,
    words: str,
    photos: Sequence[int],
    groups: Sequence[int] = (),
    *,
    folders: Sequence[Path] = (),
) -> Iterator[list[int]]:
    """Do the block as one change that can be undone.

    Args:
        catalogue: to be changed.
        words: what is done, such as `mark 3 photos as keep`.
        photos: whose marks or groups the block may change.
        groups: whose rows it may change.
        folders: whose size of groups it may change.

    Yields:
        A list to which the block adds the ids of groups that it makes.
    """
    made: list[int] = []
    with catalogue.transaction(durable=True):
        before = _state(catalogue, photos, groups, folders)
        yield made
        after = _state(catalogue, photos, [*groups, *made], folders)
        if before == after:
            return
        before["groups"] |= {str(group): None for group in made}
        _leave_out_same_marks(before, after)
        _forget_undone(catalogue, photos)
        catalogue.write(
            "INSERT INTO journal (at, words, before, after) VALUES (?, ?, ?, ?)",
            (datetime.now(UTC).isoformat(), words, json.dumps(before), json.dumps(after)),
        )


def set_marks(catalogue: Catalogue, photos: Iterable[int], mark: Mark | None) -> None:
    """Store what a person said of photos; fields that are None stay, None forgets all."""
    with catalogue.transaction():
        for photo in photos:
            if mark is None:
                catalogue.write("DELETE FROM marks WHERE photo_id = ?", (photo,))
                continue
            catalogue.write(
                "INSERT INTO marks (photo_id, verb, stars, label) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (photo_id) DO UPDATE SET verb = coalesce(excluded.verb, verb), "
                "stars = coalesce(excluded.stars, stars), "
                "label = coalesce(excluded.label, label)",
                (photo, mark.verb, mark.stars, mark.label),
            )


def marks_of(catalogue: Catalogue, photos: Iterable[int]) -> dict[int, Mark]:
    """Return what a person said of photos."""
    marks = {}
    for photo in photos:
        rows = catalogue.rows("SELECT verb, stars, label FROM marks WHERE photo_id = ?", (photo,))
        marks[photo] = Mark(*rows[0]) if rows else Mark()
    return marks


def undo(catalogue: Catalogue, photos: Iterable[int]) -> Step | None:
    """Undo the last change of any of these photos; return it, None if there is none."""
    return _step(catalogue, set(photos), undoing=True)


def redo(catalogue: Catalogue, photos: Iterable[int]) -> Step | None:
    """Do the change again that was undone last; return it, None if there is none."""
    return _step(catalogue, set(photos), undoing=False)


def _step(catalogue: Catalogue, photos: set[int], *, undoing: bool) -> Step | None:
    order = "undone = 0 ORDER BY id DESC" if undoing else "undone = 1 ORDER BY id"
    with catalogue.transaction(durable=True):
        rows = catalogue.rows(
            f"SELECT id, words, before, after FROM journal WHERE {order}"  # noqa: S608
        )
        for number, words, before, after in rows:
            touched = _photos_of(before)
            if touched.isdisjoint(photos):
                continue
            _restore(catalogue, json.loads(before if undoing else after))
            catalogue.write("UPDATE journal SET undone = ? WHERE id = ?", (undoing, number))
            return Step(words, frozenset(touched), bool(json.loads(after)["groups"]))
    return None


def _forget_undone(catalogue: Catalogue, photos: Sequence[int]) -> None:
    """Drop what was undone of these photos: after a new change it cannot be done again."""
    wanted = set(photos)
    rows = catalogue.rows("SELECT id, before FROM journal WHERE undone = 1")
    stale = [(number,) for number, before in rows if not _photos_of(before).isdisjoint(wanted)]
    catalogue.write_all("DELETE FROM journal WHERE id = ?", stale)


def _photos_of(state: str) -> set[int]:
    return {int(photo) for photo in json.loads(state)["members"]}


def _leave_out_same_marks(before: _State, after: _State) -> None:
    """Drop marks that did not change: undoing shall not bring back what they were at that time."""
    for photo in list(before["marks"]):
        if before["marks"][photo] == after["marks"][photo]:
            del before["marks"][photo], after["marks"][photo]


def _state(
    catalogue: Catalogue, photos: Sequence[int], groups: Sequence[int], folders: Sequence[Path]
) -> _State:
    """Return the rows of marks, memberships, groups and sizes of groups."""
    state: _State = {"marks": {}, "members": {}, "groups": {}}
    state["sizes"] = {str(one): size for one, size in sizes_of(catalogue, folders).items()}
    for photo in photos:
        marks = catalogue.rows("SELECT verb, stars, label FROM marks WHERE photo_id = ?", (photo,))
        state["marks"][str(photo)] = list(marks[0]) if marks else None
        member = catalogue.rows("SELECT group_id FROM photos WHERE id = ?", (photo,))
        state["members"][str(photo)] = member[0][0] if member else None
    for group in groups:
        rows = catalogue.rows(
            "SELECT kind, why, by_hand, ranking_id FROM groups WHERE id = ?", (group,)
        )
        state["groups"][str(group)] = list(rows[0]) if rows else None
    return state


def _restore(catalogue: Catalogue, state: _State) -> None:
    _restore_sizes(catalogue, state.get("sizes", {}))  # entries of older catalogues have none
    for group, row in state["groups"].items():
        if row is not None:
            catalogue.write(
                "INSERT INTO groups (id, kind, why, by_hand, ranking_id) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, why = excluded.why, "
                "by_hand = excluded.by_hand, ranking_id = excluded.ranking_id",
                (int(group), *row),
            )
    for photo, group in state["members"].items():
        # A change of marks alone shall not bring back the groups of that time.
        if state["groups"]:
            catalogue.write("UPDATE photos SET group_id = ? WHERE id = ?", (group, int(photo)))
    for photo, row in state["marks"].items():
        set_marks(catalogue, [int(photo)], None)
        if row is not None:
            set_marks(catalogue, [int(photo)], Mark(*row))
    for group, row in state["groups"].items():
        if row is None:
            catalogue.write(
                "DELETE FROM groups WHERE id = ? AND NOT EXISTS "
                "(SELECT 1 FROM photos WHERE group_id = ?)",
                (int(group), int(group)),
            )


def _restore_sizes(catalogue: Catalogue, sizes: dict[str, float | None]) -> None:
    forget_sizes(catalogue, map(Path, sizes))
    save_sizes(
        catalogue, [(Path(folder), size) for folder, size in sizes.items() if size is not None]
    )
