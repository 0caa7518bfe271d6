"""Stand-ins, deleted when the real thing is merged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image as PILImage

from fgaesq.capture.records import Capture, PhotoFiles
from fgaesq.desk.likeness import Fingerprint, likeness
from fgaesq.desk.records import GroupKind

SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Sighting:
    id: int
    folder: str
    name: str
    capture: Capture
    fingerprint: Fingerprint


@dataclass(frozen=True)
class Group:
    members: tuple[int, ...]
    kind: GroupKind
    why: str


@dataclass(frozen=True)
class GroupingSettings:
    size: float = 0.5


def read_capture(path: Path) -> Capture:
    with PILImage.open(path) as image:
        text = image.getexif().get_ifd(0x8769).get(36867) or image.getexif().get(306)
        width, height = image.size
    if text:
        taken = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        return Capture(taken=taken, time_source="exif", width=width, height=height)
    taken = datetime.fromtimestamp(os.stat(path).st_mtime, UTC)
    return Capture(taken=taken, time_source="file", width=width, height=height)


def pair_files(paths: Sequence[Path]) -> list[PhotoFiles]:
    return [
        PhotoFiles(path, sidecars=tuple(s for s in paths if s == path.with_suffix(".xmp")))
        for path in paths
        if path.suffix.lower() in SUFFIXES
    ]


def group(sightings: Sequence[Sighting], settings: GroupingSettings) -> list[Group]:
    groups: list[list[Sighting]] = []
    for one in sightings:
        last = groups[-1][-1] if groups else None
        if last and likeness(one.fingerprint, last.fingerprint) > 1 - settings.size:
            groups[-1].append(one)
        else:
            groups.append([one])
    return [
        Group(tuple(s.id for s in g), "series" if len(g) > 1 else "single", "alike") for g in groups
    ]
