"""What a look into folders changes in the catalogue: new, edited, moved, copied and gone photos.

A photo is its content: where a file that is new or has changed holds the content of a photo whose
own file is gone or holds something else now, it is that photo, moved. Only then does the path
decide: a file that holds new content under a known path is the same photo, edited.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fgaesq.capture.records import PhotoFiles
from fgaesq.desk.catalogue.contents import content_key, same_content, whole_key
from fgaesq.desk.catalogue.photos import below
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.scan import FileState, Found, Role, files_of
from fgaesq.images.faults import Fault

__all__ = ["Changes", "enter_found"]

_AT_ONCE = 500
"""Photos per transaction, so that other processes get their turn."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many photos are new, edited, moved, copies of others, gone, and as they were."""

    new: int = 0
    edited: int = 0
    moved: int = 0
    copied: int = 0
    gone: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Changed:
    """A photo whose main file is not in the state the catalogue knows, and its content's key."""

    photo: PhotoFiles
    key: bytes


_Rows = dict[Path, tuple[int, Role, FileState]]


def enter_found(catalogue: Catalogue, found: Found, *, threads: int = 1) -> Changes:
    """Bring the catalogue to what was found; only new and changed files are opened."""
    known = _known_files(catalogue, found.folders)
    changed: list[PhotoFiles] = []
    unchanged: list[PhotoFiles] = []
    for photo in found.photos:
        row = known.get(photo.main)
        same = row is not None and row[1] == "main" and row[2] == found.states.get(photo.main)
        (unchanged if same else changed).append(photo)
    counts = {"new": 0, "edited": 0, "moved": 0, "copied": 0}
    changed_paths = {photo.main for photo in changed}
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(changed), _AT_ONCE):
            part = changed[start : start + _AT_ONCE]
            keyed = [
                _Changed(photo, key) for photo, key in zip(part, pool.map(_key, part), strict=True)
            ]
            with catalogue.transaction():
                for kind in _Entry(catalogue, found, changed_paths).enter(keyed):
                    counts[kind] += 1
    with catalogue.transaction():
        _update_companions(catalogue, unchanged, known, found)
        gone = _update_gone(catalogue, found)
    return Changes(**counts, gone=gone, unchanged=len(unchanged))


class _Entry:
    """Enters changed photos, within one transaction."""

    def __init__(self, catalogue: Catalogue, found: Found, changed: set[Path]) -> None:
        self._catalogue = catalogue
        self._found = found
        self._changed = changed
        self._claimed: set[int] = set()

    def enter(self, photos: Sequence[_Changed]) -> list[str]:
        """Enter photos; return of each what it was: new, edited, moved or copied."""
        owners = [self._owner(one) for one in photos]
        kinds = []
        for one, owner in zip(photos, owners, strict=True):
            kind, photo_id = ("moved", owner) if owner else self._without_owner(one)
            self._claimed.add(photo_id)
            _write_files(self._catalogue, photo_id, one.photo, self._found)
            kinds.append(kind)
        return kinds

    def _owner(self, one: _Changed) -> int | None:
        """Return the photo whose content this is and whose own file is elsewhere no more."""
        candidates = self._of_content(one.key)
        here = [photo for photo, path in candidates if path == one.photo.main]
        left = [photo for photo, path in candidates if self._left(path, one.key)]
        for photo in here + left:
            if photo not in self._claimed:
                self._claimed.add(photo)
                return photo
        return None

    def _left(self, path: Path | None, key: bytes) -> bool:
        """Tell whether a content is no longer at the place where it was."""
        if path is None or not os.path.lexists(path):
            return True
        return path in self._changed and _key_of(path) != key

    def _of_content(self, key: bytes) -> list[tuple[int, Path | None]]:
        rows = self._catalogue.rows(
            "SELECT id, path FROM photos LEFT JOIN files ON photo_id = id AND role = 'main' "
            "WHERE content = ? ORDER BY id",
            (key,),
        )
        return [(photo, path and Path(os.fsdecode(path))) for photo, path in rows]

    def _without_owner(self, one: _Changed) -> tuple[str, int]:
        """Enter a photo whose content is new, or that of another photo still at its place."""
        key = one.key
        twin = self._twin(one)
        if twin is None and self._of_content(key):
            key = whole_key(one.photo.main)  # the samples agree, the whole does not
        before = self._photo_at(one.photo)
        if before is not None:
            self._catalogue.write(
                "UPDATE photos SET content = ?, capture = NULL, fingerprint = NULL, failure = '' "
                "WHERE id = ?",
                (key, before),
            )
            return "edited", before
        if twin is not None:
            copied = self._catalogue.write(
                "INSERT INTO photos (content, capture, taken, taken_s, fingerprint, failure) "
                "SELECT content, capture, taken, taken_s, fingerprint, failure FROM photos "
                "WHERE id = ?",
                (twin,),
            )
            return "copied", copied
        return "new", self._catalogue.write("INSERT INTO photos (content) VALUES (?)", (key,))

    def _twin(self, one: _Changed) -> int | None:
        """Return a photo whose file, still at its place, is the same to the last byte."""
        for photo, path in self._of_content(one.key):
            try:
                if path is not None and same_content(path, one.photo.main):
                    return photo
            except (Fault, OSError):
                continue
        return None

    def _photo_at(self, files: PhotoFiles) -> int | None:
        """Return the photo that the catalogue has at this path, or at that of its RAW."""
        for path in filter(None, (files.main, files.raw)):
            rows = self._catalogue.rows(
                "SELECT photo_id FROM files WHERE path = ? AND role IN ('main', 'raw')",
                (os.fsencode(path),),
            )
            if rows and rows[0][0] not in self._claimed:
                photo: int = rows[0][0]
                return photo
        return None


def _key(photo: PhotoFiles) -> bytes:
    return _key_of(photo.main)


def _key_of(path: Path) -> bytes:
    """Return the content's key; of a file that cannot be read one that belongs to its path."""
    try:
        return content_key(path)
    except (Fault, OSError):  # reading the photo will say what is wrong
        return hashlib.blake2b(b"unreadable" + os.fsencode(path), digest_size=16).digest()


def _known_files(catalogue: Catalogue, folders: Iterable[Path]) -> _Rows:
    condition, values = below(folders)
    rows = catalogue.rows(
        f"SELECT path, photo_id, role, size, mtime_ns FROM files WHERE {condition}",  # noqa: S608
        values,
    )
    return {
        Path(os.fsdecode(path)): (photo, role, FileState(size, mtime_ns))
        for path, photo, role, size, mtime_ns in rows
    }


def _write_files(catalogue: Catalogue, photo_id: int, photo: PhotoFiles, found: Found) -> None:
    """Store the files of a photo, instead of those it had and of the photos that had them."""
    files = files_of(photo)
    catalogue.write("DELETE FROM files WHERE photo_id = ?", (photo_id,))
    catalogue.write_all(
        "INSERT OR REPLACE INTO files (path, photo_id, role, size, mtime_ns) "
        "VALUES (?, ?, ?, ?, ?)",
        [
            (os.fsencode(path), photo_id, role, state.size, state.mtime_ns)
            for path, role in files
            if (state := found.states.get(path, FileState(0, 0)))
        ],
    )
    catalogue.write("UPDATE photos SET gone = 0 WHERE id = ?", (photo_id,))


def _update_companions(
    catalogue: Catalogue, photos: Iterable[PhotoFiles], known: _Rows, found: Found
) -> None:
    """Store the files beside an unchanged main file, where they are others than before."""
    before: dict[int, dict[Path, tuple[Role, FileState]]] = {}
    for path, (photo_id, role, state) in known.items():
        before.setdefault(photo_id, {})[path] = (role, state)
    for photo in photos:
        photo_id = known[photo.main][0]
        now = {path: (role, found.states[path]) for path, role in files_of(photo)}
        if before[photo_id] != now:
            _write_files(catalogue, photo_id, photo, found)


def _update_gone(catalogue: Catalogue, found: Found) -> int:
    """Note which photos below the folders are there; return how many have gone since the last look.

    Of folders that could not be listed nothing is concluded.
    """
    present = {os.fsencode(photo.main) for photo in found.photos}
    condition, values = below(found.folders)
    rows = catalogue.rows(
        "SELECT id, path, gone FROM photos JOIN files ON photo_id = id AND role = 'main' "  # noqa: S608
        f"WHERE {condition}",
        values,
    )
    unseen = tuple(os.fsencode(os.path.join(folder, "")) for folder in found.unseen)
    changes = [
        (int(path not in present), photo)
        for photo, path, gone in rows
        if gone != (path not in present) and not path.startswith(unseen)
    ]
    catalogue.write_all("UPDATE photos SET gone = ? WHERE id = ?", changes)
    return sum(gone for gone, _ in changes)
