"""What reading files told, kept beside the collection, so that no file is read twice.

A file counts as read while its size and the time of its last change are the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from fgaesq.building.collect.records import Generation, Reading
from fgaesq.building.collection.file import DatasetFile
from fgaesq.desk.catalogue.photos import capture_of
from fgaesq.desk.likeness import Fingerprint
from fgaesq.desk.scan import FileState
from fgaesq.errors import InputError

__all__ = ["READINGS_FILE", "Readings"]

READINGS_FILE: Final = "readings.sqlite3"
"""In the folder of the dataset; removing it costs time only."""

_FIRST = """
CREATE TABLE readings (
    path BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    digest TEXT NOT NULL,
    height INTEGER NOT NULL,
    width INTEGER NOT NULL,
    capture TEXT NOT NULL,              -- JSON
    fingerprint BLOB NOT NULL,
    generation TEXT NOT NULL,           -- JSON
    rights TEXT NOT NULL                -- JSON
);
"""


class Readings(DatasetFile):
    """The readings of a dataset; arguments and errors as of `DatasetFile`."""

    application_id = 0x46474152  # FGAR
    migrations = (_FIRST,)
    if_damaged = "remove it, and the files are read again"

    def known(self, states: Mapping[Path, FileState]) -> dict[Path, Reading]:
        """Return the readings of the files that are as they were."""
        found: dict[Path, Reading] = {}
        for path, size, mtime_ns, *rest in self.rows("SELECT * FROM readings"):
            file = Path(os.fsdecode(path))
            if states.get(file) == FileState(size, mtime_ns) and (reading := _reading(*rest)):
                found[file] = reading
        return found

    def keep(self, read: Iterable[tuple[Path, FileState, Reading]]) -> None:
        """Keep readings, in place of those before."""
        self.write_all(
            "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    os.fsencode(path),
                    state.size,
                    state.mtime_ns,
                    one.digest,
                    one.height,
                    one.width,
                    json.dumps(asdict(one.capture), default=datetime.isoformat),
                    one.fingerprint.to_bytes(),
                    json.dumps(asdict(one.generation) if one.generation else None),
                    json.dumps(dict(one.rights)),
                )
                for path, state, one in read
            ),
        )


def _reading(
    digest: str,
    height: int,
    width: int,
    capture: str,
    fingerprint: bytes,
    generation: str,
    rights: str,
) -> Reading | None:
    """Return a stored reading, None if its fingerprint is of another version."""
    known = capture_of(capture)
    made = json.loads(generation)
    try:
        look = Fingerprint.from_bytes(fingerprint)
    except InputError:
        return None
    if known is None:
        return None
    return Reading(
        digest, height, width, known, look, Generation(**made) if made else None, json.loads(rights)
    )
