"""Folders of a shoot -> the photos in them, by their names and states alone; nothing is opened."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fgaesq.capture.pairing import pair_files
from fgaesq.capture.records import PhotoFiles
from fgaesq.errors import InputError
from fgaesq.images.discover import SKIPPED_FOLDERS, natural_key
from fgaesq.images.faults import Fault
from fgaesq.images.kinds import READABLE_EXTENSIONS
from fgaesq.images.names import printable
from fgaesq.images.opening import fault_of_system
from fgaesq.types import Failure

__all__ = ["FileState", "Found", "Role", "files_of", "find_photos", "state_of"]

Role = str
"""What a file is to its photo: `main`, `raw`, `clip` or `sidecar`."""


@dataclass(frozen=True, slots=True)
class FileState:
    """By what an unchanged file is known: its size in bytes and the time of its last change.

    The time is only ever compared for equality, so that a clock that jumps does no harm.
    """

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a look into folders has found.

    Attributes:
        folders: that were looked into, absolute, links resolved.
        photos: in natural order of their paths.
        states: of all their files.
        unseen: folders that could not be listed; of what is in them nothing is known.
        failures: one for each of those, and for each link of a photo's name that leads nowhere.
    """

    folders: tuple[Path, ...]
    photos: tuple[PhotoFiles, ...]
    states: dict[Path, FileState]
    unseen: tuple[Path, ...]
    failures: tuple[Failure, ...]


@dataclass(slots=True)
class _Walk:
    files: dict[Path, FileState] = field(default_factory=dict)
    visited: set[tuple[int, int]] = field(default_factory=set)
    unseen: list[Path] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def find_photos(folders: Sequence[Path]) -> Found:
    """Return the photos in folders, at any depth; hidden files and folders are left out.

    Raises:
        InputError: a given folder is not there, or no folder.
    """
    roots = tuple(dict.fromkeys(checked_folder(folder) for folder in folders))
    walk = _Walk()
    for root in roots:
        _list_tree(walk, root)
    photos = pair_files(sorted(walk.files, key=natural_key))
    return Found(roots, tuple(photos), walk.files, tuple(walk.unseen), tuple(walk.failures))


def checked_folder(folder: Path) -> Path:
    """Return the absolute path of a folder, links resolved.

    Raises:
        InputError: it is not there, or no folder.
    """
    try:
        path = folder.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        reason = "the folder does not exist"
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            reason = f"it cannot be opened ({error.strerror})"
        raise InputError(f"{printable(folder)}: {reason}; check the path and the card") from error
    if not path.is_dir():
        raise InputError(f"{printable(folder)}: it is a file; give the folder of a shoot")
    return path


def files_of(photo: PhotoFiles) -> list[tuple[Path, Role]]:
    """Return the files of a photo, each with what it is to it."""
    files = [(photo.main, "main")]
    files += [(photo.raw, "raw")] if photo.raw else []
    files += [(photo.clip, "clip")] if photo.clip else []
    return files + [(path, "sidecar") for path in photo.sidecars]


def state_of(path: Path) -> FileState:
    """Return the state of a file; raises OSError."""
    state = path.stat()
    return FileState(state.st_size, state.st_mtime_ns)


def _list_tree(walk: _Walk, root: Path) -> None:
    """Add all files below a folder; each folder is visited once, whatever links lead to it."""
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            state = folder.stat()
            if (state.st_dev, state.st_ino) in walk.visited:
                continue
            walk.visited.add((state.st_dev, state.st_ino))
            with os.scandir(folder) as entries:
                for entry in entries:
                    _add_entry(walk, folder, entry, pending)
        except OSError as error:
            walk.unseen.append(folder)
            _add_failure(walk, folder, error)


def _add_entry(walk: _Walk, folder: Path, entry: os.DirEntry[str], pending: list[Path]) -> None:
    if entry.name.startswith("."):
        return
    path = folder / entry.name
    try:
        if entry.is_dir():
            if entry.name not in SKIPPED_FOLDERS:
                pending.append(path)
        elif entry.is_file():
            state = entry.stat()
            walk.files[path] = FileState(state.st_size, state.st_mtime_ns)
        elif entry.is_symlink() and path.suffix.lower() in READABLE_EXTENSIONS:
            _add_dead_link(walk, path)
    except OSError:  # vanished since the folder was listed
        return


def _add_dead_link(walk: _Walk, path: Path) -> None:
    try:
        path.stat()
    except OSError as error:
        _add_failure(walk, path, error)


def _add_failure(walk: _Walk, path: Path, error: OSError) -> None:
    name = printable(path)
    fault: Fault = fault_of_system(error, path)
    walk.failures.append(Failure(name, "find", f"{name}: {fault}"))
