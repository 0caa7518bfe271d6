"""What LibRaw says of RAW files whose time is found nowhere else (CRW, X3F and the like)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

__all__ = ["LibrawFacts", "ask_libraw"]

_FIRST_YEAR = 1971  # LibRaw gives 1970 where a file states no time


@dataclass(frozen=True, slots=True)
class LibrawFacts:
    """Time and exposure as LibRaw found them; None where it found none."""

    taken: datetime | None
    exposure_s: float | None
    aperture: float | None
    iso: float | None
    focal_mm: float | None
    size: tuple[int, int]


def ask_libraw(path: str | os.PathLike[str]) -> LibrawFacts | None:
    """Return what LibRaw says of a file; None if it does not know it, or is not installed."""
    try:
        import rawpy
    except ImportError:
        return None
    try:
        with rawpy.imread(os.fspath(path)) as raw:
            other, sizes = raw.other, raw.sizes
    except (rawpy.LibRawError, OSError, ValueError):  # damaged, or a name that is no Unicode
        return None
    swaps_sides = bool(sizes.flip & 4)
    size = (sizes.height, sizes.width) if swaps_sides else (sizes.width, sizes.height)
    taken = other.timestamp
    return LibrawFacts(
        taken=taken if taken.year >= _FIRST_YEAR else None,
        exposure_s=_positive(other.shutter_speed),
        aperture=_positive(other.aperture),
        iso=_positive(other.iso_speed),
        focal_mm=_positive(other.focal_length),
        size=size,
    )


def _positive(value: float) -> float | None:
    return float(value) if value > 0 else None
