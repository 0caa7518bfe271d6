"""Small shoots on disk for the tests of decisions: a few bytes for each file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fgaesq.desk.records import DeskPhoto, Mark, Proposal, Verb


def photo(
    path: Path,
    verb: Verb = "undecided",
    stars: int = 0,
    *,
    mark: Mark | None = None,
    files: Sequence[tuple[str, Path]] = (),
    number: int = 1,
    failure: str = "",
) -> DeskPhoto:
    """Return a photo with a proposal and a mark; an empty file is made if there is none."""
    for each in (path, *(one for _, one in files)):
        if not each.exists():
            each.parent.mkdir(parents=True, exist_ok=True)
            each.write_bytes(f"content of {each.name} {number}".encode())
    return DeskPhoto(
        id=number,
        path=str(path),
        name=path.name,
        taken="",
        width=0,
        height=0,
        rank=None,
        score=None,
        p_best=None,
        reasons=(),
        proposal=Proposal(verb, stars, "a test"),
        mark=mark or Mark(),
        files=tuple((role, str(one)) for role, one in files),
        failure=failure,
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Return the content of all files below a folder by their relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
