"""Moving rejects into a folder, with a manifest by which every move can be reversed.

Nothing is deleted and nothing overwritten. The manifest has one line of JSON per file (`from`,
`to`, `sha256`, `time`), on the disk before the file is moved; so a program killed at any moment
leaves each file under its old name, its new one, or both, and `restore` finds which.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence, Set
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fgaesq.desk.decisions import listed, sidecars, sources
from fgaesq.desk.desk import Applied
from fgaesq.desk.journal import append_lines, read_lines
from fgaesq.desk.records import DeskPhoto
from fgaesq.errors import SidecarError
from fgaesq.sidecars.files import (
    explain,
    remove_old_name,
    remove_unfinished,
    rename_new,
    sync_folders,
    unfinished_name,
)
from fgaesq.storage.digests import file_sha256

__all__ = ["move_rejects", "new_manifest", "restore"]


_MANIFEST: Final = "fgaesq-moved-"


def new_manifest(folder: Path, *, now: datetime | None = None) -> Path:
    """Return a name that is free for the manifest of one run in the folder of rejects.

    Args:
        folder: of the rejects; it need not be there yet.
        now: the time that is in the name; that of the clock if not given.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    path, number = folder / f"{_MANIFEST}{stamp}.jsonl", 1
    while path.exists():
        number += 1
        path = folder / f"{_MANIFEST}{stamp}-{number}.jsonl"
    return path


def move_rejects(
    photos: Sequence[DeskPhoto],
    folder: Path,
    manifest: Path,
    *,
    root: Path | None = None,
    dry_run: bool = False,
) -> Applied:
    """Move the rejects among photos, each with all its files, into a folder.

    Below it they keep their places relative to `root`. If a name is taken there, or a file cannot
    be moved, all files of that photo stay. A file that a photo which is not moved has as well (a
    clip or a sidecar) stays. On another disk each file is copied, flushed, read back and compared
    before the first one is removed. Run again after a crash, it moves what is left. Photos that
    are in the folder already stay there.

    Args:
        photos: all that are known of the folders, also those that stay.
        folder: where the rejects go.
        manifest: the file for what was moved, such as `new_manifest(folder)`; if it is there,
            lines are added.
        root: the folder below which the photos are; the innermost such folder if not given.
        dry_run: only say what would be done.

    Raises:
        SidecarError: the folder is that of the photos themselves, or a manifest in it is damaged.
    """
    base, folder = _base(photos) if root is None else root.absolute(), folder.absolute()
    if base.resolve() == folder.resolve():
        raise SidecarError(f"{folder}: the photos are in it; choose another folder for the rejects")
    found = listed(photos)
    files = {photo.id: _files_of(photo, sidecars(photo, found)) for photo in photos}
    staying = {path for one in photos if one.verb != "reject" for path in files[one.id]}
    begun = _begun(manifest, folder)
    if not dry_run:
        remove_unfinished(target for _, target, _ in begun)
    lines: list[str] = []
    failures: list[str] = []
    moved: list[tuple[Path, Path]] = []
    for photo in photos:
        if photo.verb != "reject" or Path(photo.path).absolute().is_relative_to(folder):
            continue
        going = [path for path in files[photo.id] if path not in staying]
        try:
            moves = _checked([(path, _target(path, base, folder)) for path in going], begun)
            if moves and not dry_run:
                _move_all(moves, manifest)
        except SidecarError as error:
            failures.append(str(error))
            continue
        moved += moves
        lines += [f"{source.name} -> {target}" for source, target in moves]
        shared = [path for path in files[photo.id] if path in staying]
        lines += [f"{path.name}: stays, as another photo has it too" for path in shared]
    if not dry_run:
        sync_folders(path.parent for move in moved for path in move)
    return Applied(tuple(lines), 0, len(moved), tuple(failures))


def restore(manifest: Path, *, dry_run: bool = False) -> Applied:
    """Move files back to where a manifest says that they were, latest first.

    It may be killed and run again. A file whose old name was taken meanwhile stays, and is named
    among the failures.

    Raises:
        SidecarError: the manifest cannot be read.
    """
    lines: list[str] = []
    failures: list[str] = []
    pairs = dict.fromkeys((source, target) for source, target, _ in reversed(_read(manifest)))
    if not dry_run:
        remove_unfinished(path for pair in pairs for path in pair)
    for source, target in pairs:
        try:
            done = _restore_one(source, target, dry_run=dry_run)
        except SidecarError as error:
            failures.append(str(error))
        except OSError as error:
            failures.append(str(explain(target, "moved back", error)))
        else:
            lines += [f"{target.name} -> {source}"] if done else []
    if not dry_run:
        sync_folders(path.parent for pair in pairs for path in pair)
    return Applied(tuple(lines), 0, len(lines), tuple(failures))


def _files_of(photo: DeskPhoto, beside: Sequence[Path]) -> list[Path]:
    """Return all files of a photo, the one that is looked at last.

    As that one is moved last, a photo whose main file is gone from its place was moved whole.
    """
    known = [Path(path) for _, path in photo.files]
    main = Path(photo.path).absolute()
    others = [path.absolute() for path in (*beside, *known, *sources(photo))]
    return [*dict.fromkeys(path for path in others if path != main), main]


def _base(photos: Sequence[DeskPhoto]) -> Path:
    """Return the innermost folder that all photos are below."""
    folders = [str(Path(photo.path).absolute().parent) for photo in photos]
    try:
        return Path(os.path.commonpath(folders or ["."]))
    except ValueError:
        raise SidecarError(
            "the photos are on several disks; move the rejects of one disk at a time"
        ) from None


def _target(path: Path, base: Path, folder: Path) -> Path:
    """Return where a file goes."""
    try:
        return folder / path.relative_to(base)
    except ValueError:
        raise SidecarError(
            f"{path}: it is not below {base}; give the folder that all the photos are in"
        ) from None


def _read(manifest: Path) -> list[tuple[Path, Path, str]]:
    """Return old name, new name and SHA-256 of the lines of a manifest."""
    try:
        return [
            (Path(row["from"]), Path(row["to"]), str(row["sha256"])) for row in read_lines(manifest)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise SidecarError(f"{manifest}: it is no manifest of moved files") from error


def _begun(manifest: Path, folder: Path) -> set[tuple[Path, Path, str]]:
    """Return what this and earlier runs into a folder were to move."""
    manifests = {path for path in (manifest, *folder.glob(f"{_MANIFEST}*.jsonl")) if path.exists()}
    return {row for path in manifests for row in _read(path)}


def _checked(
    pairs: Sequence[tuple[Path, Path]], begun: Set[tuple[Path, Path, str]]
) -> list[tuple[Path, Path]]:
    """Return the moves that are left to do; raise SidecarError if one of them cannot be done.

    A file that is under both names was left so by a crash if it is one and the same, or if a
    manifest says (`begun`) that it was to be moved there.
    """
    moves = []
    for source, target in pairs:
        there, taken = os.path.lexists(source), os.path.lexists(target)
        if not there and not taken and source == pairs[-1][0]:
            raise SidecarError(f"{source}: it is gone; was it moved or its disk removed?")
        if there and taken and not _same_file(source, target):
            sha256 = file_sha256(source)
            if (source, target, sha256) not in begun or file_sha256(target) != sha256:
                raise SidecarError(
                    f"{source}: it was not moved, as {target} is there already; "
                    "choose another folder"
                )
        if there and source != target:
            moves.append((source, target))
    return moves


def _move_all(moves: Sequence[tuple[Path, Path]], manifest: Path) -> None:
    """Move the files of one photo; if one fails, move those before it back."""
    done: list[tuple[Path, Path]] = []
    source = moves[0][0]
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        digests = {one: file_sha256(one) for one, _ in moves}
        append_lines(
            manifest,
            [
                {"from": str(one), "to": str(target), "sha256": digests[one], "time": now}
                for one, target in moves
            ],
        )
        for source, target in moves:
            _move(source, target, digests[source])
            done.append((source, target))
    except (OSError, SidecarError) as error:
        for back, there in reversed(done):
            with suppress(OSError, SidecarError):
                _move(there, back, digests[back])
        if isinstance(error, OSError):
            raise explain(source, "moved", error) from error
        raise


def _move(source: Path, target: Path, sha256: str) -> None:
    """Move a file to a name that is free, also to another disk; raise OSError or SidecarError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(target):  # a crash came between the new name and the end of the old one
        if not _same_file(source, target) and file_sha256(target) != sha256:
            raise FileExistsError(errno.EEXIST, "there is a file of that name already")
        source.unlink()
        return
    try:
        rename_new(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, target, sha256)
        remove_old_name(source, target)


def _copy(source: Path, target: Path, sha256: str) -> None:
    """Copy a file to a free name on another disk and make sure that it arrived."""
    unfinished = unfinished_name(target)
    try:
        with source.open("rb") as reader, unfinished.open("xb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copystat(source, unfinished)
        if file_sha256(unfinished) != sha256:
            raise SidecarError(
                f"{source}: its copy in {target.parent} differs; check that disk, and try again"
            )
        rename_new(unfinished, target)
        sync_folders([target.parent])
    finally:
        unfinished.unlink(missing_ok=True)


def _restore_one(source: Path, target: Path, *, dry_run: bool) -> bool:
    """Move a file back from `target` to `source`; return whether there was anything to do."""
    there, moved = os.path.lexists(source), os.path.lexists(target)
    if not moved:
        if there:
            return False
        raise SidecarError(f"{target}: it is gone; was it moved on, or its disk removed?")
    if there and not _same_file(source, target) and file_sha256(source) != file_sha256(target):
        raise SidecarError(
            f"{target}: it was not moved back, as there is another file {source}; rename that one"
        )
    if not dry_run:
        _move(target, source, file_sha256(target))
    return True


def _same_file(first: Path, second: Path) -> bool:
    """Return whether these are two names of one file; not where a disk has no such thing."""
    try:
        one, other = first.lstat(), second.lstat()
    except OSError:
        return False
    return one.st_nlink > 1 and os.path.samestat(one, other)
