"""Small shoots of real files, and a catalogue for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image as PILImage
from tests.photos import burst_image

from fgaesq.desk.records import DeskGroup

__all__ = ["START", "make_changing_shoot", "make_shoot", "snapshot", "write_photo"]

START = datetime(2026, 5, 1, 9, 0, 0)
_EXIF, _ORIGINAL = 34665, 36867


def write_photo(
    path: Path, *, scene: int, frame: int = 0, seconds: float = 0.0, other: float = 0.0
) -> Path:
    """Write a JPEG of a scene, taken so many seconds after the start of the shoot.

    `other` is the share of another scene that shines through: .45 makes the likeness .65.
    """
    exif = PILImage.Exif()
    taken = START + timedelta(seconds=seconds)
    exif.get_ifd(_EXIF)[_ORIGINAL] = taken.strftime("%Y:%m:%d %H:%M:%S")
    path.parent.mkdir(parents=True, exist_ok=True)
    image = PILImage.fromarray(burst_image(frame, height=120, width=160, seed=scene))
    if other:
        second = burst_image(frame, height=120, width=160, seed=scene + 1)
        image = PILImage.blend(image, PILImage.fromarray(second), other)
    image.save(path, "JPEG", quality=92, exif=exif)
    return path


def make_shoot(folder: Path, series: tuple[int, ...] = (3, 2, 1)) -> list[Path]:
    """Write a shoot: so many photos of each scene in bursts of 5 a second, an hour apart."""
    return [
        write_photo(
            folder / f"IMG_{scene}{frame}.jpg",
            scene=scene + 1,
            frame=frame,
            seconds=3600.0 * scene + frame // 5,
        )
        for scene, number in enumerate(series)
        for frame in range(number)
    ]


def make_changing_shoot(folder: Path) -> list[Path]:
    """Write a shoot of five photos whose groups are 4 + 1, and tight ones 2 + 2 + 1.

    That is, two photos of a scene, two of it a minute later when it has changed, and another one.
    """
    scene = [
        write_photo(folder / f"IMG_{n}.jpg", scene=1, frame=n % 2, seconds=60.0 * (n // 2),
                    other=0.45 * (n // 2))
        for n in range(4)
    ]  # fmt: skip
    return [*scene, write_photo(folder / "IMG_4.jpg", scene=3, seconds=7200.0)]


def snapshot(groups: Iterable[DeskGroup]) -> list[object]:
    """Return what a person sees of groups, without ids: kinds, names, scores, proposals."""
    return [
        (
            group.kind,
            group.why,
            group.margin,
            [(p.name, p.rank, p.score, p.reasons, p.proposal, p.failure) for p in group.photos],
        )
        for group in groups
    ]
