"""What persons said in sidecars with other programs becomes marks of the catalogue.

A sidecar is read when its size or time is another one than at the last look. What is in it counts
where it differs from what was in it then, so that the last word stands, whether it was said here or
there. A sidecar that has the very bytes that we wrote tells nothing new.
"""

from __future__ import annotations

import os
from pathlib import Path

from fgaesq.desk.catalogue.journal import change, set_marks
from fgaesq.desk.catalogue.photos import photos_of_sidecars
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.records import Mark, Verb
from fgaesq.desk.scan import FileState, Found
from fgaesq.errors import SidecarError
from fgaesq.images.names import printable
from fgaesq.sidecars.files import read_bytes
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.xmp import read_marks
from fgaesq.types import Failure

__all__ = ["read_sidecars"]


def read_sidecars(catalogue: Catalogue, found: Found) -> list[Failure]:
    """Take over what new and changed sidecars say; return a failure for each unreadable one."""
    known = _known(catalogue)
    failures = []
    for path, photo in sorted(photos_of_sidecars(catalogue, found.folders).items()):
        state = found.states.get(path)
        before = known.get(path)
        if state is None or (before is not None and before[0] == state):
            continue
        try:
            data = read_bytes(path)
            if data is None:  # it vanished meanwhile
                continue
            now = read_marks(data)
        except SidecarError as error:
            name = printable(path)
            said = str(error)
            sentence = said if said.startswith(name) else f"{name}: {said}"
            failures.append(Failure(name, "decode", sentence))
            continue
        with catalogue.transaction(durable=True):
            if not _is_ours(catalogue, path, data):
                _take_over(catalogue, path, photo, before[1] if before else Marks(), now)
            _remember(catalogue, path, state, now)
    return failures


def _take_over(catalogue: Catalogue, path: Path, photo: int, before: Marks, now: Marks) -> None:
    mark = Mark(
        verb=_verb(before, now),
        stars=now.stars if now.stars != before.stars else None,
        label=now.label if now.label != before.label else None,
    )
    if mark != Mark():
        with change(catalogue, f"read {printable(path.name)}", [photo]):
            set_marks(catalogue, [photo], mark)


def _verb(before: Marks, now: Marks) -> Verb | None:
    if now.rejected != before.rejected:
        return "reject" if now.rejected else "keep"
    return "keep" if now.flag == 1 and before.flag != 1 else None


def _is_ours(catalogue: Catalogue, path: Path, data: bytes) -> bool:
    return bool(
        catalogue.rows(
            "SELECT 1 FROM sidecar_changes WHERE path = ? AND after = ? LIMIT 1",
            (os.fsencode(path), data),
        )
    )


def _known(catalogue: Catalogue) -> dict[Path, tuple[FileState, Marks]]:
    rows = catalogue.rows("SELECT path, size, mtime_ns, rating, flag, label FROM sidecars_read")
    return {
        Path(os.fsdecode(path)): (FileState(size, mtime_ns), Marks(rating, flag, label))
        for path, size, mtime_ns, rating, flag, label in rows
    }


def _remember(catalogue: Catalogue, path: Path, state: FileState, marks: Marks) -> None:
    catalogue.write(
        "INSERT OR REPLACE INTO sidecars_read (path, size, mtime_ns, rating, flag, label) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (os.fsencode(path), state.size, state.mtime_ns, marks.rating, marks.flag, marks.label),
    )
