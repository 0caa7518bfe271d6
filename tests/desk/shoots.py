"""Small shoots on disk for the tests of decisions: a few bytes for each file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.sidecars.documents import SAMPLES

from fgaesq.desk.records import DeskPhoto, Mark, Proposal, Verb

DECISIONS: tuple[tuple[Verb, int], ...] = (("keep", 4), ("reject", 0), ("undecided", 0))


def photo(
    path: Path,
    verb: Verb = "undecided",
    stars: int = 0,
    *,
    mark: Mark | None = None,
    files: Sequence[tuple[str, Path]] = (),
    number: int = 1,
    failure: str = "",
    make: bool = True,
) -> DeskPhoto:
    """Return a photo with a proposal and a mark; its files are made if they are not there."""
    for each in (path, *(one for _, one in files)):
        if make and not each.exists():
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


def new_shoot(folder: Path, photos: int) -> list[DeskPhoto]:
    """Write a shoot of keepers, rejects and undecided photos, most with sidecars."""
    samples = [SAMPLES[name] for name in sorted(SAMPLES)]
    for number in range(photos):
        raw = folder / f"day {number % 3}" / f"img{number}.cr2"
        raw.parent.mkdir(parents=True, exist_ok=True)
        raw.write_bytes(bytes([number]) * 500)
        raw.with_suffix(".jpg").write_bytes(bytes([number]) * 400)
        if number % 4:
            sidecar = raw.with_suffix(".xmp") if number % 2 else raw.with_name(f"{raw.name}.xmp")
            sidecar.write_bytes(samples[number % len(samples)])
    return photos_of(folder)


def photos_of(folder: Path) -> list[DeskPhoto]:
    """Return the photos of such a shoot; the decisions follow from the number of a photo."""
    found = []
    for jpeg in sorted(folder.rglob("*.jpg")):
        number = int(jpeg.stem.removeprefix("img"))
        verb, stars = DECISIONS[number % 3]
        raw = [("raw", jpeg.with_suffix(".cr2"))]
        found.append(photo(jpeg, verb, stars, files=raw, number=number, make=False))
    return found
