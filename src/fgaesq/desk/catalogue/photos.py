"""The photos of the catalogue: read, and what reading a file told of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from fgaesq.capture.records import Capture, PhotoFiles
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.images.discover import natural_key

__all__ = [
    "CataloguePhoto",
    "below",
    "capture_of",
    "current_content",
    "files_in_shoot",
    "in_shoot",
    "photos_below",
    "photos_of_sidecars",
    "save_failure",
    "save_reading",
]


@dataclass(frozen=True, slots=True)
class CataloguePhoto:
    """One photo of the catalogue whose file was there at the last look.

    Attributes:
        id: stays the same when its file is moved or renamed.
        files: of the photo.
        content: key of the main file's content.
        capture: None until the file has been read.
        fingerprint: of its look, as bytes; None until the file has been read.
        failure: why it cannot be used, one sentence; "" if it can.
        group_id: of its group; None until it was grouped.
    """

    id: int
    files: PhotoFiles
    content: bytes
    capture: Capture | None
    fingerprint: bytes | None
    failure: str
    group_id: int | None

    @property
    def name(self) -> str:
        """The content's key in hexadecimal: what rankings call the photo by."""
        return self.content.hex()


def photos_below(catalogue: Catalogue, folders: Sequence[Path]) -> list[CataloguePhoto]:
    """Return the photos below folders and those of the same groups, by time, then by path."""
    scope, values = in_shoot(folders)
    files = _files(catalogue, scope, values)
    rows = catalogue.rows(
        "SELECT id, content, capture, fingerprint, failure, group_id, taken_s FROM photos "  # noqa: S608
        f"WHERE {scope}",
        values,
    )
    found = [
        (
            row[6] is None,
            row[6] or 0.0,
            CataloguePhoto(row[0], files[row[0]], row[1], capture_of(row[2]), *row[3:6]),
        )
        for row in rows
        if row[0] in files
    ]
    found.sort(key=lambda entry: (*entry[:2], natural_key(entry[2].files.main)))
    return [photo for *_, photo in found]


def save_reading(
    catalogue: Catalogue, photo: CataloguePhoto, capture: Capture, fingerprint: bytes
) -> None:
    """Store what a file said; of all photos with that content, as long as it is still theirs."""
    taken = capture.taken
    catalogue.write(
        "UPDATE photos SET capture = ?, taken = ?, taken_s = ?, fingerprint = ?, failure = '' "
        "WHERE content = ?",
        (
            json.dumps(asdict(capture), default=datetime.isoformat),
            taken.isoformat() if taken else "",
            _clock_s(taken) if taken else None,
            fingerprint,
            photo.content,
        ),
    )


def save_failure(catalogue: Catalogue, photo: CataloguePhoto, failure: str) -> None:
    """Store why a photo cannot be used."""
    catalogue.write(
        "UPDATE photos SET failure = ? WHERE id = ? AND content = ?",
        (failure, photo.id, photo.content),
    )


def capture_of(stored: str | None) -> Capture | None:
    """Return what `save_reading` stored."""
    if stored is None:
        return None
    fields = json.loads(stored)
    if fields["taken"]:
        fields["taken"] = datetime.fromisoformat(fields["taken"])
    return Capture(**fields)


def current_content(catalogue: Catalogue, photo: int, path: Path) -> str | None:
    """Return the content's key of a photo; None if its file is not as it was at the last look."""
    try:
        state = path.stat()
    except OSError:
        return None
    rows = catalogue.rows(
        "SELECT content FROM photos JOIN files ON photo_id = photos.id "
        "WHERE photos.id = ? AND path = ? AND size = ? AND mtime_ns = ?",
        (photo, os.fsencode(path), state.st_size, state.st_mtime_ns),
    )
    return rows[0][0].hex() if rows else None


def in_shoot(folders: Iterable[Path]) -> tuple[str, list[bytes]]:
    """Return a condition on `photos` and its values: present, and part of the shoot in folders.

    That is, its main file lies below one of them, or it is in a group with such a photo.
    """
    condition, values = below(folders)
    here = f"(SELECT photo_id FROM files WHERE role = 'main' AND {condition})"  # noqa: S608
    groups = f"(SELECT group_id FROM photos WHERE id IN {here})"  # noqa: S608
    return f"gone = 0 AND (photos.id IN {here} OR group_id IN {groups})", [*values, *values]


def below(folders: Iterable[Path]) -> tuple[str, list[bytes]]:
    """Return a condition on the column `path` and its values: lies below one of the folders."""
    values: list[bytes] = []
    for folder in folders:
        prefix = os.fsencode(os.path.join(folder, ""))
        values += [prefix, prefix[:-1] + bytes([prefix[-1] + 1])]
    parts = ["(path >= ? AND path < ?)"] * (len(values) // 2)
    return f"({' OR '.join(parts) or '0'})", values


def files_in_shoot(catalogue: Catalogue, folders: Sequence[Path]) -> dict[int, PhotoFiles]:
    """Return the files of each photo of the shoot, by its id."""
    return _files(catalogue, *in_shoot(folders))


def photos_of_sidecars(catalogue: Catalogue, folders: Sequence[Path]) -> dict[Path, int]:
    """Return the photo of each sidecar below folders, by the sidecar's path."""
    condition, values = below(folders)
    rows = catalogue.rows(
        f"SELECT path, photo_id FROM files WHERE role = 'sidecar' AND {condition}",  # noqa: S608
        values,
    )
    return {Path(os.fsdecode(path)): photo for path, photo in rows}


def _files(catalogue: Catalogue, scope: str, values: Sequence[bytes]) -> dict[int, PhotoFiles]:
    rows = catalogue.rows(
        "SELECT photo_id, role, path FROM files WHERE photo_id IN "  # noqa: S608
        f"(SELECT id FROM photos WHERE {scope}) ORDER BY path",
        values,
    )
    by_photo: dict[int, dict[str, list[Path]]] = {}
    for photo, role, path in rows:
        by_photo.setdefault(photo, {}).setdefault(role, []).append(Path(os.fsdecode(path)))
    return {
        photo: PhotoFiles(
            main=roles["main"][0],
            raw=next(iter(roles.get("raw", ())), None),
            clip=next(iter(roles.get("clip", ())), None),
            sidecars=tuple(roles.get("sidecar", ())),
        )
        for photo, roles in by_photo.items()
        if "main" in roles
    }


def _clock_s(taken: datetime) -> float:
    """Return a time to sort by: what the clock showed, as not all cameras know their time zone."""
    return taken.replace(tzinfo=UTC).timestamp()
