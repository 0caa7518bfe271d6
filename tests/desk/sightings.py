"""Sightings of drawn scenes, as cameras would take them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from tests.scenes import scene

from fgaesq.capture.records import Capture
from fgaesq.desk.grouping import Group, Sighting
from fgaesq.desk.likeness import fingerprint
from fgaesq.types import Image

__all__ = ["START", "drawn", "ids_by_kind", "seen", "series_of"]

START = datetime(2025, 6, 14, 9, 0, 0, 500_000)  # noqa: DTZ001 - a camera's clock
_CAMERA = Capture(
    time_source="exif", model="One", exposure_s=1 / 250, aperture=5.6, iso=200, bias_ev=0.0
)


def drawn(seed: int, *, right: int = 0, down: int = 0, stops: float = 0.0) -> Image:
    """Return a frame of 240 x 320 of the scene of a seed, moved by pixels, `stops` brighter."""
    frame = _large(seed)[100 + down : 340 + down, 20 + right : 340 + right] / 255.0
    return (255 * np.clip(frame**2.2 * 0.4 * 2**stops, 0, 1) ** (1 / 2.2)).astype(np.uint8)


@functools.cache
def _large(seed: int) -> Image:
    return scene(480, 1280, seed=seed)


def seen(number: int, image: Image, at_s: float | None, **capture: Any) -> Sighting:  # noqa: ANN401
    """Return the sighting of an image, so many seconds after the start, None for no time."""
    folder, name = capture.pop("folder", "DCIM"), capture.pop("name", f"IMG_{number:04d}.JPG")
    told = Capture() if at_s is None else replace(_CAMERA, taken=START + timedelta(seconds=at_s))
    return Sighting(number, folder, name, replace(told, **capture), fingerprint(image))


def ids_by_kind(groups: Sequence[Group], kind: str) -> list[tuple[int, ...]]:
    """Return the members of all groups of a kind."""
    return [one.members for one in groups if one.kind == kind]


def series_of(groups: Sequence[Group]) -> list[tuple[int, ...]]:
    """Return the members of all series."""
    return ids_by_kind(groups, "series")
