"""Folders and files as the user gives them -> series of photo files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fgaesq.errors import InputError
from fgaesq.images.extras import missing_extra
from fgaesq.images.faults import Fault
from fgaesq.images.kinds import READABLE_EXTENSIONS, UNREADABLE_EXTENSIONS, unreadable
from fgaesq.images.names import printable
from fgaesq.images.opening import fault_of_system
from fgaesq.images.twins import without_raw_twins
from fgaesq.types import Failure

__all__ = ["SKIPPED_FOLDERS", "SeriesFiles", "find_series", "natural_key"]

SKIPPED_FOLDERS = frozenset(("__MACOSX", "@eaDir"))
"""Copies of metadata and thumbnails that macOS archives and Synology disks keep in folders."""

_NO_IMAGES = Fault("no images were found in the folder", "give a folder that holds photos")


@dataclass(frozen=True, slots=True)
class SeriesFiles:
    """The photo files that are ranked together, in natural order of their names.

    Attributes:
        id: one line of printable text with `/` as separator.
        paths: the files, not empty.
    """

    id: str
    paths: tuple[Path, ...]


@dataclass(slots=True)
class _Walk:
    """What a search has found so far; `root` is the position of the given path it came from."""

    found: list[tuple[int, Path, tuple[Path, ...]]] = field(default_factory=list)
    failures: list[tuple[int, Failure]] = field(default_factory=list)
    folders: dict[int, Path] = field(default_factory=dict)
    links: list[tuple[int, Path]] = field(default_factory=list)
    visited: set[tuple[int, int]] = field(default_factory=set)
    overlapping: set[int] = field(default_factory=set)

    def fail(self, root: int, path: Path, fault: Fault) -> None:
        self.failures.append((root, _failure(printable(path), fault)))


def find_series(
    paths: Sequence[str | Path], *, min_images: int = 1
) -> tuple[list[SeriesFiles], list[Failure]]:
    """Return the series in the given folders and files, and what could not be used.

    * Each folder that directly holds photos is one series, at any depth. Its id is the folder's
      path, as given, joined with the sub-folder.
    * The files that are given directly are one series together, whatever their extensions; those
      that a given folder holds already stay in that folder's series. Its id is the deepest folder
      that contains all of them, as given ("." for the current folder); if a folder's series has
      that id, " (files)" is added.
    * From folders, files are taken by their extension (`kinds.READABLE_EXTENSIONS`), in upper or
      lower case. A camera RAW beside a JPEG or HEIC of the same name is left out, as the two are
      one photo. Files of kinds that cannot be read (AVIF and the like; HEIC and RAW without their
      extras) are failures, one per file. Hidden files and folders, `__MACOSX` and `@eaDir` are left
      out.
    * Each folder is visited once, whatever links lead to it, and under its own name rather than a
      link's; each path is taken once.

    Series follow the order of the given paths and, within a folder, the natural order of names
    (`IMG_2` before `IMG_10`); the series of given files comes last. Nothing depends on the order
    in which the file system lists names.

    Args:
        paths: folders and files.
        min_images: series with fewer photos become failures.

    Raises:
        InputError: `paths` is one path instead of a list of them.
    """
    if isinstance(paths, (str, os.PathLike)):
        raise InputError(f"{printable(paths)}: it is one path; give a list of paths")
    given = [Path(path) for path in paths]
    walk = _Walk()
    files = [path for root, path in enumerate(given) if _add_given(walk, root, path)]
    series = _folder_series(walk)
    loose = _not_yet_in(series, files)
    if loose:
        taken = {one.id for one in series}
        series.append(SeriesFiles(_id_of_files(loose, taken), loose))
    walk.failures.sort(key=lambda entry: (entry[0], natural_key(entry[1].path)))
    failures = [failure for _, failure in walk.failures]
    small = [one for one in series if len(one.paths) < min_images]
    failures += [_failure(one.id, _too_few(len(one.paths), min_images)) for one in small]
    return [one for one in series if len(one.paths) >= min_images], failures


def natural_key(path: str | Path) -> tuple[object, ...]:
    """Return a sort key that orders numbers in names by value and letters regardless of case."""
    text = path if isinstance(path, str) else path.as_posix()
    parts = tuple(
        tuple(
            (0, int(piece), "") if piece.isdecimal() else (1, 0, piece.casefold())
            for piece in re.split(r"([0-9]+)", part)
        )
        for part in text.split("/")
    )
    return parts, text


def _add_given(walk: _Walk, root: int, path: Path) -> bool:
    """Search a given folder; return whether `path` is a file instead."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        walk.fail(root, path, fault_of_system(error, path))
        return False
    except ValueError:
        walk.fail(root, path, Fault("no file can have this name", "correct the path"))
        return False
    if not stat.S_ISDIR(mode):
        return True
    walk.folders[root] = path
    _add_folder(walk, root, path)
    return False


def _folder_series(walk: _Walk) -> list[SeriesFiles]:
    """Follow the links to folders that are left, and return all folders' series in order."""
    while walk.links:
        walk.links.sort(key=lambda entry: (entry[0], natural_key(entry[1])))
        _add_folder(walk, *walk.links.pop(0))
    known = {root for root, *_ in (*walk.found, *walk.failures)} | walk.overlapping
    for root, path in walk.folders.items():
        if root not in known:
            walk.fail(root, path, _NO_IMAGES)
    walk.found.sort(key=lambda entry: (entry[0], natural_key(entry[1])))
    return [SeriesFiles(printable(folder.as_posix()), photos) for _, folder, photos in walk.found]


def _add_folder(walk: _Walk, root: int, top: Path) -> None:
    """Search a folder and those in it, keeping links to folders for later."""
    pending = [top]
    while pending:
        folder = pending.pop()
        try:
            state = os.stat(folder)
            if (state.st_dev, state.st_ino) in walk.visited:
                walk.overlapping.add(root)
                continue
            walk.visited.add((state.st_dev, state.st_ino))
            files, folders, links = _list_folder(folder)
        except OSError as error:
            walk.fail(root, folder, fault_of_system(error, folder))
            continue
        _add_files(walk, root, files)
        pending += folders
        walk.links += [(root, link) for link in links]


def _list_folder(folder: Path) -> tuple[list[Path], list[Path], list[Path]]:
    """Return a folder's files in natural order, its folders, and its links to folders."""
    files: list[Path] = []
    folders: list[Path] = []
    links: list[Path] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith("."):
                continue
            if not _is_folder(entry):
                files.append(path)
            elif entry.name not in SKIPPED_FOLDERS:
                (links if entry.is_symlink() else folders).append(path)
    return sorted(files, key=natural_key), folders, links


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself; reading it as a photo will say so
        return False


def _add_files(walk: _Walk, root: int, files: Iterable[Path]) -> None:
    """Take the photos among the files of one folder, and report those of unreadable kinds."""
    photos = []
    for path in without_raw_twins(files):
        extension = path.suffix.lower()
        if extension in UNREADABLE_EXTENSIONS:
            walk.fail(root, path, unreadable(UNREADABLE_EXTENSIONS[extension]))
        elif extension in READABLE_EXTENSIONS:
            if error := missing_extra(path):
                name = printable(path)
                walk.failures.append((root, Failure(name, "find", str(error))))
            else:
                photos.append(path)
    if photos:
        walk.found.append((root, photos[0].parent, tuple(photos)))


def _not_yet_in(series: Iterable[SeriesFiles], files: Iterable[Path]) -> tuple[Path, ...]:
    """Return the given files in natural order, each once, without those that `series` hold."""
    taken = {os.path.abspath(path) for one in series for path in one.paths}
    loose = []
    for path in sorted(files, key=natural_key):
        place = os.path.abspath(path)
        if place not in taken:
            taken.add(place)
            loose.append(path)
    return tuple(loose)


def _id_of_files(files: Iterable[Path], taken: set[str]) -> str:
    parents = [path.parent for path in files]
    if any(parent.is_absolute() for parent in parents):
        parents = [parent.absolute() for parent in parents]
    common = printable(Path(os.path.commonpath(parents) or ".").as_posix())
    return f"{common} (files)" if common in taken else common


def _too_few(count: int, min_images: int) -> Fault:
    return Fault(f"it holds {count} of at least {min_images} photos", "add photos or leave it out")


def _failure(name: str, fault: Fault) -> Failure:
    return Failure(name, "find", f"{name}: {fault}")
