"""What was changed in files, kept so that it can be undone, and safe against being killed.

Each entry is on the disk before what it tells of is done. So what a journal says may not have been
done, but nothing is ever done of which it says nothing.
"""

from __future__ import annotations

import base64
import errno
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from fgaesq.errors import SidecarError
from fgaesq.sidecars.files import explain, sync_folders
from fgaesq.sidecars.marks import Marks

__all__ = ["Change", "FileJournal", "Journal", "append_lines", "read_lines", "written_marks"]


@dataclass(frozen=True, slots=True)
class Change:
    """A sidecar to be written.

    Attributes:
        path: of the sidecar.
        before, after: its bytes; None before if it is new.
        written: what of us is in it then, for `merge(..., previous=...)` of the next time.
        line: what changes in it, one sentence.
    """

    path: Path
    before: bytes | None
    after: bytes
    written: Marks
    line: str


class Journal(Protocol):
    """The changes of one run, or of several, of applying decisions."""

    def record(self, changes: Sequence[Change]) -> None:
        """Keep changes that are about to be made; they must survive a crash once it returns."""

    def changes(self) -> Sequence[Change]:
        """Return what was recorded, oldest first."""


class FileJournal:
    """A journal as a file, one line of JSON a change.

    Args (of the constructor):
        path: of the file; it and its folder are made with the first change.

    Attributes:
        path: the same.

    Raises:
        SidecarError: by its methods: the file cannot be read or written, or is no journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, changes: Sequence[Change]) -> None:
        """Add a line for each change, and flush them to the disk."""
        append_lines(
            self.path,
            [
                {
                    "path": str(change.path),
                    "before": None if change.before is None else _encoded(change.before),
                    "after": _encoded(change.after),
                    "written": asdict(change.written),
                    "line": change.line,
                }
                for change in changes
            ],
        )

    def changes(self) -> Sequence[Change]:
        """Return the changes in the file, oldest first; none if there is no file."""
        if not self.path.exists():
            return []
        try:
            return [_change(row) for row in read_lines(self.path)]
        except (KeyError, TypeError, ValueError) as error:
            raise SidecarError(f"{self.path}: it is no journal of changed sidecars") from error


def written_marks(
    changes: Iterable[Change], contents: Mapping[Path, bytes | None]
) -> dict[Path, Marks]:
    """Return what we last wrote into each sidecar, to be given to `decisions.plan`.

    Changes that were recorded and not made (the program was killed), or made and undone, do not
    count: a sidecar is found among its states before and after each change. One of which nothing
    was recorded, and that has the very bytes of one that was, was moved or renamed.

    Args:
        changes: of all runs so far, oldest first.
        contents: what is in the sidecars now; None or missing where there is none.
    """
    of_path: dict[Path, list[Change]] = {}
    for change in changes:
        of_path.setdefault(change.path, []).append(change)
    made = {path: _made(each, contents.get(path)) for path, each in of_path.items()}
    marks = {path: each[-1].written for path, each in made.items() if each}
    by_content = {change.after: change.written for each in of_path.values() for change in each}
    for path, data in contents.items():
        if path not in of_path and data in by_content:
            marks[path] = by_content[data]
    return marks


def _made(changes: Sequence[Change], now: bytes | None) -> Sequence[Change]:
    """Return the changes of a sidecar that lead to what it is now; all if others changed it."""
    for number in reversed(range(len(changes))):
        if changes[number].after == now:
            return changes[: number + 1]
        if changes[number].before == now:
            return changes[:number]
    return changes


def append_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add lines of JSON to a file and flush them to the disk; half a line of a crash is cut off.

    Raises:
        SidecarError: it cannot be written; the file then ends with its last whole line.
    """
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+", buffering=0) as file:
            end = _end_of_lines(file)
            file.truncate(end)
            if file.write(lines) != len(lines):
                file.truncate(end)
                raise OSError(errno.ENOSPC, "No space left on device")
            os.fsync(file.fileno())
        if end == 0:
            sync_folders([path.parent])
    except OSError as error:
        raise explain(path, "written", error) from error


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file of JSON lines, without half a line that a crash left at its end.

    Raises:
        SidecarError: it cannot be read.
        ValueError: a whole line is not JSON.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise explain(path, "read", error) from error
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def _end_of_lines(file: io.FileIO) -> int:
    """Return where the last whole line of a file ends."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return size
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _change(row: Mapping[str, Any]) -> Change:
    """Return the change that a line of a journal tells of."""
    before, written = row["before"], row["written"]
    keywords, hierarchy = tuple(written["keywords"]), tuple(written["hierarchy"])
    return Change(
        Path(row["path"]),
        None if before is None else base64.b64decode(before, validate=True),
        base64.b64decode(row["after"], validate=True),
        Marks(written["rating"], written["flag"], written["label"], keywords, hierarchy),
        row["line"],
    )
