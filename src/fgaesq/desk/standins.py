"""Stand-ins, deleted when the real thing is merged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from fgaesq.capture.records import Capture, PhotoFiles
from fgaesq.desk.records import GroupKind
from fgaesq.types import Image

SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Sighting:
    id: int
    capture: Capture
    fingerprint: bytes


@dataclass(frozen=True)
class Grouped:
    kind: GroupKind
    why: str
    ids: tuple[int, ...]


@dataclass(frozen=True)
class GroupSettings:
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


def fingerprint(image: Image) -> bytes:
    small = PILImage.fromarray(image).convert("L").resize((16, 16), PILImage.Resampling.BOX)
    return np.asarray(small).tobytes()


def group(sightings: Sequence[Sighting], settings: GroupSettings) -> list[Grouped]:
    groups: list[list[Sighting]] = []
    for one in sightings:
        a = np.frombuffer(one.fingerprint, np.uint8).astype(float)
        b = np.frombuffer(groups[-1][-1].fingerprint, np.uint8).astype(float) if groups else a
        if groups and np.abs(a - b).mean() < 40 * settings.size:
            groups[-1].append(one)
        else:
            groups.append([one])
    return [
        Grouped("series" if len(g) > 1 else "single", "alike", tuple(s.id for s in g))
        for g in groups
    ]
