"""Decisions of the catalogue into sidecars and folders; each run is recorded and can be undone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fgaesq.desk import decisions
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.decisions import Overwrite
from fgaesq.desk.desk import Applied
from fgaesq.desk.journal import Change, written_marks
from fgaesq.desk.moving import move_rejects, new_manifest, restore
from fgaesq.desk.records import DeskPhoto
from fgaesq.errors import InputError
from fgaesq.sidecars.files import Style
from fgaesq.sidecars.marks import Marks

__all__ = ["Applying", "CatalogueJournal", "apply_shoot", "undo_last"]


@dataclass(frozen=True, slots=True)
class Applying:
    """How decisions are written.

    Attributes:
        style: how new sidecars are named; None for the usual name of each kind of file.
        overwrite: whose values in sidecars are overwritten.
        rejects_folder: where rejects are moved; None to leave them at their place.
    """

    style: Style | None = None
    overwrite: Overwrite = "never"
    rejects_folder: Path | None = None


class CatalogueJournal:
    """A journal of changed sidecars in the catalogue; an entry is on the disk once it is made."""

    def __init__(self, catalogue: Catalogue, run: int) -> None:
        self._catalogue = catalogue
        self._run = run

    def record(self, changes: Sequence[Change]) -> None:
        """Keep changes that are about to be made."""
        with self._catalogue.transaction(durable=True):
            self._catalogue.write_all(
                "INSERT INTO sidecar_changes (run_id, path, before, after, written, line) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        self._run,
                        os.fsencode(change.path),
                        change.before,
                        change.after,
                        json.dumps(asdict(change.written)),
                        change.line,
                    )
                    for change in changes
                ],
            )

    def changes(self) -> Sequence[Change]:
        """Return what was recorded, oldest first."""
        return _changes(self._catalogue, "run_id = ?", (self._run,))


def apply_shoot(
    catalogue: Catalogue, photos: Sequence[DeskPhoto], how: Applying, *, dry_run: bool = False
) -> Applied:
    """Write stars, rejects and labels into sidecars, then move the rejects if that was asked for.

    Raises:
        CatalogueError: the run cannot be recorded; nothing is written without that.
        SidecarError: the rejects cannot be moved where they are to go.
    """
    found = decisions.look(photos)
    changes = _changes(catalogue, "run_id IN (SELECT id FROM runs WHERE undone = 0)", ())
    planned = decisions.plan(
        photos,
        found,
        previous=written_marks(changes, found.contents),
        style=how.style,
        overwrite=how.overwrite,
    )
    run = 0 if dry_run else _new_run(catalogue)
    journal = CatalogueJournal(catalogue, run)
    applied = decisions.apply_changes(planned, journal, dry_run=dry_run)
    if how.rejects_folder is None:
        return applied
    manifest = new_manifest(how.rejects_folder)
    if not dry_run:
        with catalogue.transaction(durable=True):
            catalogue.write(
                "UPDATE runs SET manifest = ? WHERE id = ?",
                (os.fsencode(manifest.absolute()), run),
            )
    moved = move_rejects(photos, how.rejects_folder, manifest, dry_run=dry_run)
    if not dry_run and not manifest.exists():
        with catalogue.transaction(durable=True):
            catalogue.write("UPDATE runs SET manifest = NULL WHERE id = ?", (run,))
    return _both(applied, moved)


def undo_last(catalogue: Catalogue, *, dry_run: bool = False) -> Applied:
    """Take back the last run of `apply_shoot` that was not: moved files first, then sidecars.

    A file or sidecar that changed since stays as it is and is named among the failures; once
    nothing else is left of the run, it counts as taken back.

    Raises:
        InputError: there is nothing to take back, or the folder of the rejects is not there.
        SidecarError: the manifest of moved files cannot be read.
    """
    rows = catalogue.rows(
        "SELECT id, manifest FROM runs WHERE undone = 0 AND (manifest IS NOT NULL OR id IN "
        "(SELECT run_id FROM sidecar_changes)) ORDER BY id DESC LIMIT 1"
    )
    if not rows:
        raise InputError("nothing was applied, or all of it has been undone already")
    run, stored = rows[0]
    manifest = Path(os.fsdecode(stored)) if stored else None
    moved = Applied((), 0, 0, ())
    if manifest is not None:
        if not manifest.parent.is_dir():
            raise InputError(f"{manifest.parent}: the folder of rejects is gone; connect its disk")
        if manifest.exists():  # else the run was killed before it moved anything
            moved = restore(manifest, dry_run=dry_run)
    sidecars = decisions.undo(CatalogueJournal(catalogue, run), dry_run=dry_run)
    undone = _both(moved, sidecars)
    if not dry_run and (not undone.failures or not undone.lines):
        with catalogue.transaction(durable=True):
            catalogue.write("UPDATE runs SET undone = 1 WHERE id = ?", (run,))
    return undone


def _new_run(catalogue: Catalogue) -> int:
    with catalogue.transaction(durable=True):
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return catalogue.write("INSERT INTO runs (at) VALUES (?)", (now,))


def _changes(catalogue: Catalogue, condition: str, values: Iterable[object]) -> list[Change]:
    rows = catalogue.rows(
        "SELECT path, before, after, written, line FROM sidecar_changes "  # noqa: S608
        f"WHERE {condition} ORDER BY id",
        values,
    )
    return [
        Change(Path(os.fsdecode(path)), before, after, _marks(written), line)
        for path, before, after, written, line in rows
    ]


def _marks(stored: str) -> Marks:
    marks = Marks(**json.loads(stored))
    return replace(marks, keywords=tuple(marks.keywords), hierarchy=tuple(marks.hierarchy))


def _both(first: Applied, second: Applied) -> Applied:
    return Applied(
        first.lines + second.lines,
        first.written + second.written,
        first.moved + second.moved,
        first.failures + second.failures,
    )
