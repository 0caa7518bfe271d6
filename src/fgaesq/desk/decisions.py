"""Decisions into sidecars: what would be written, writing it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from fgaesq.desk.desk import Applied
from fgaesq.desk.journal import Change, Journal
from fgaesq.desk.records import DeskPhoto
from fgaesq.errors import SidecarError
from fgaesq.sidecars.files import (
    Style,
    digest,
    explain,
    read_bytes,
    remove_unfinished,
    sidecar_of,
    sidecars_of,
    sync_folders,
    write_atomically,
)
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.xmp import Merged, merge

__all__ = [
    "Found",
    "Overwrite",
    "Plan",
    "apply_changes",
    "listed",
    "look",
    "plan",
    "sidecars",
    "sources",
    "undo",
    "wanted_marks",
]

Overwrite: TypeAlias = Literal["never", "marked", "always"]
"""Whose values in sidecars are overwritten: none of the user's, those of the photos that a person
marked in the review, or all."""


_BATCH: Final = 100
"""Changes that are recorded at once, as each flush of a disk takes up to some 20 ms."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands beside the photos.

    Attributes:
        files: those of the photos' folders, by folder and by the name before the extension in
            lower case.
        contents: of the sidecars of the photos.
        failures: one sentence per sidecar that cannot be read, by its path.
    """

    files: Mapping[tuple[Path, str], tuple[Path, ...]]
    contents: Mapping[Path, bytes]
    failures: Mapping[Path, str]

    def beside(self, photo: Path) -> tuple[Path, ...]:
        """Return the files that share a photo's name up to its extension, itself included."""
        return self.files.get((photo.parent, photo.stem.lower()), ())


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying decisions would do.

    Attributes:
        changes: the sidecars to be written.
        kept: one sentence per sidecar in which something of the user stays.
        failures: one sentence per sidecar that cannot be read.
    """

    changes: tuple[Change, ...]
    kept: tuple[str, ...]
    failures: tuple[str, ...]


def look(photos: Iterable[DeskPhoto]) -> Found:
    """Return what stands beside photos, with what is in their sidecars."""
    photos = list(photos)
    found = listed(photos)
    contents: dict[Path, bytes] = {}
    failures: dict[Path, str] = {}
    for path in dict.fromkeys(path for photo in photos for path in sidecars(photo, found)):
        try:
            data = read_bytes(path)
        except SidecarError as error:
            failures[path] = str(error)
        else:
            contents |= {} if data is None else {path: data}
    return Found(found.files, contents, failures)


def listed(photos: Iterable[DeskPhoto]) -> Found:
    """Return which files stand beside photos; folders that cannot be listed have none."""
    files: dict[tuple[Path, str], list[Path]] = {}
    for folder in dict.fromkeys(path.parent for photo in photos for path in sources(photo)):
        for path in _inside(folder):
            stem = path.stem.lower()
            stems = {stem, Path(stem).stem} if path.suffix.lower() == ".xmp" else {stem}
            for key in stems:  # IMG.CR2.xmp stands under img.cr2 and under img
                files.setdefault((folder, key), []).append(path)
    return Found({key: tuple(sorted(paths)) for key, paths in files.items()}, {}, {})


def sources(photo: DeskPhoto) -> tuple[Path, ...]:
    """Return the image files of a photo; the RAW, to which a new sidecar belongs, first."""
    raws = [path for role, path in photo.files if role == "raw"]
    return tuple(Path(path) for path in dict.fromkeys((*raws, photo.path)))


def sidecars(photo: DeskPhoto, found: Found) -> tuple[Path, ...]:
    """Return all sidecars that a photo has."""
    paths = [path for one in sources(photo) for path in sidecars_of(one, found.beside(one))]
    return tuple(dict.fromkeys(paths))


def wanted_marks(photo: DeskPhoto, previous: Marks) -> Marks:
    """Return what the sidecar of a photo is to say.

    A reject has the rating -1 and the flags of a reject, a keeper its stars. Where nothing is to
    be said, what we said before (`previous`) is taken back.
    """
    label = photo.mark.label
    if label is None and previous.label:
        label = ""
    if photo.failure:
        return Marks()
    if photo.verb == "reject":
        return Marks(rating=-1, flag=-1, label=label)
    silent = photo.mark.stars is None and photo.stars == 0 and not previous.rating
    return Marks(
        rating=None if silent else photo.stars,
        flag=0 if previous.flag == -1 else None,
        label=label,
    )


def plan(
    photos: Iterable[DeskPhoto],
    found: Found,
    *,
    previous: Mapping[Path, Marks] | None = None,
    style: Style | None = None,
    overwrite: Overwrite = "never",
    wanted: Callable[[DeskPhoto, Marks], Marks] = wanted_marks,
) -> Plan:
    """Return what applying decisions would do; nothing is read or written.

    Every sidecar that a photo has is written, so that they agree; a photo with none gets one. If
    the user said something in one of several, that stands for all of them.

    Args:
        photos: with their decisions.
        found: what stands beside them, of `look`.
        previous: what we last wrote into each sidecar, of `written_marks`.
        style: how new sidecars are named (`sidecar_of`).
        overwrite: whether values of the user may be overwritten.
        wanted: what a sidecar is to say, from the photo and what we last wrote.
    """
    changes: dict[Path, Change] = {}
    kept: list[str] = []
    failures: list[str] = []
    for photo in photos:
        paths = sidecars(photo, found)
        if not paths:
            source = sources(photo)[0]
            paths = (sidecar_of(source, found.beside(source), style),)
        may = overwrite == "always" or (
            overwrite == "marked" and (photo.mark.verb, photo.mark.stars) != (None, None)
        )
        try:
            merged = _merge_all(photo, paths, found, previous or {}, wanted, overwrite=may)
        except SidecarError as error:
            failures.append(str(error))
            continue
        for path, one in merged.items():
            kept += [f"{path.name}: {phrase}" for phrase in one.kept.values()]
            if one.changes:
                line = f"{path.name}: {', '.join(one.changes)}"
                changes[path] = Change(path, found.contents.get(path), one.data, one.written, line)
    return Plan(tuple(changes.values()), tuple(kept), tuple(failures))


def apply_changes(planned: Plan, journal: Journal, *, dry_run: bool = False) -> Applied:
    """Write the sidecars of a plan; one that fails does not keep the others from being written.

    Args:
        planned: of `plan`.
        journal: where each change is recorded before it is made.
        dry_run: only say what would be done.

    Raises:
        SidecarError: the journal cannot be written; nothing is written without it.
    """
    lines = list(planned.kept)
    failures = list(planned.failures)
    written = 0
    if not dry_run:
        remove_unfinished(change.path for change in planned.changes)
    for start in range(0, len(planned.changes), _BATCH):
        batch = planned.changes[start : start + _BATCH]
        if not dry_run:
            batch = tuple(change for change in batch if _is_as_before(change, failures))
            if batch:
                journal.record(batch)
            batch = tuple(change for change in batch if _write(change, failures))
            sync_folders(change.path.parent for change in batch)
        written += len(batch)
        lines += [change.line for change in batch]
    return Applied(tuple(lines), written, 0, tuple(failures))


def undo(journal: Journal, *, dry_run: bool = False) -> Applied:
    """Take back a run of `apply_changes`, also one that was killed, or a killed `undo`.

    Each sidecar gets the very bytes that it had; one that the run made is removed. Sidecars that
    changed since are left as they are and named among the failures.

    Raises:
        SidecarError: the journal cannot be read.
    """
    lines: list[str] = []
    failures: list[str] = []
    changes = journal.changes()
    if not dry_run:
        remove_unfinished(change.path for change in changes)
    for change in reversed(changes):
        try:
            line = _undo_one(change, dry_run=dry_run)
        except SidecarError as error:
            failures.append(str(error))
        else:
            lines += [line] if line else []
    if not dry_run:
        sync_folders(change.path.parent for change in changes)
    return Applied(tuple(lines), len(lines), 0, tuple(failures))


def _merge_all(
    photo: DeskPhoto,
    paths: Sequence[Path],
    found: Found,
    previous: Mapping[Path, Marks],
    wanted: Callable[[DeskPhoto, Marks], Marks],
    *,
    overwrite: bool,
) -> dict[Path, Merged]:
    """Return the merge of each sidecar of a photo; raises SidecarError that names the file."""
    merged: dict[Path, Merged] = {}
    silent: set[str] = set()
    for _ in range(2):  # again without what the user decided in one of them
        for path in paths:
            if path in found.failures:
                raise SidecarError(found.failures[path])
            before = previous.get(path, Marks())
            marks = wanted(photo, before)
            if "rating" in silent and "rating" not in merged[path].kept:
                marks = replace(marks, rating=None, flag=None)
            if "label" in silent and "label" not in merged[path].kept:
                marks = replace(marks, label=None)
            existing = found.contents.get(path)
            try:
                merged[path] = merge(existing, marks, overwrite=overwrite, previous=before)
            except SidecarError as error:
                raise SidecarError(f"{path}: {error}") from error
        silent = {field for one in merged.values() for field in one.kept}
        if len(paths) == 1 or not silent:
            break
    return merged


def _is_as_before(change: Change, failures: list[str]) -> bool:
    """Return whether a sidecar is still what the plan was made for; add to the failures if not."""
    try:
        if digest(read_bytes(change.path)) == digest(change.before):
            return True
        raise SidecarError(f"{change.path}: another program changed it meanwhile; apply again")
    except SidecarError as error:
        failures.append(str(error))
        return False


def _write(change: Change, failures: list[str]) -> bool:
    """Write a sidecar; return whether that could be done, and add to the failures if not."""
    try:
        write_atomically(change.path, change.after, expected=digest(change.before))
    except SidecarError as error:
        failures.append(str(error))
        return False
    return True


def _undo_one(change: Change, *, dry_run: bool) -> str | None:
    """Give a sidecar the bytes that it had; return what was done, None if they are there."""
    path = change.path
    now = digest(read_bytes(path))
    if now == digest(change.before):
        return None
    if now != digest(change.after):
        raise SidecarError(f"{path}: it was changed since and is left as it is")
    if change.before is not None:
        if not dry_run:
            write_atomically(path, change.before, expected=now)
        return f"{path.name}: as before"
    if not dry_run:
        try:
            path.unlink()
        except OSError as error:
            raise explain(path, "removed", error) from error
    return f"{path.name}: removed, as it was new"


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
