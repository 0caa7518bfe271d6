"""Times as cameras write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

__all__ = ["parse_time", "parse_zone", "time_since_1904"]

_TIME = re.compile(
    r"\s*(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[T\s]+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?"
    r"(?:[.,](\d+))?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_ZONE = re.compile(r"\s*([+-])(\d{1,2}):?(\d{2})")
_FIRST_YEAR = 1970
"""Earlier years are those of clocks that were never set."""
_MOST_ZONE = timedelta(hours=14)
_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)


def parse_time(text: str, *, fraction: str = "", zone: str = "") -> datetime | None:
    """Return the time that a text such as `2023:05:01 12:00:00` states.

    Args:
        text: as in EXIF, or as in XMP and clips (ISO 8601), then also with fraction and zone.
        fraction: digits of the fraction of a second, as EXIF has them in an entry of their own.
        zone: such as `+02:00`, as EXIF has it in an entry of its own.

    Returns:
        None for what is no time, or one of a clock that was not set (zeros, a year before 1970).
    """
    match = _TIME.match(text)
    if match is None:
        return None
    *numbers, digits, own_zone = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    if year < _FIRST_YEAR:
        return None
    digits = re.sub(r"\D", "", fraction) or digits or ""
    micros = int(digits[:6].ljust(6, "0")) if digits else 0
    try:
        return datetime(
            year, month, day, hour, minute, second, micros, parse_zone(own_zone or zone)
        )
    except ValueError:
        return None


def parse_zone(text: str) -> tzinfo | None:
    """Return the time zone of `Z`, `+02:00` or `-0530`, None for anything else."""
    if text.strip() == "Z":
        return UTC
    match = _ZONE.match(text)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _MOST_ZONE:
        return None
    return timezone(-offset if sign == "-" else offset)


def time_since_1904(seconds: int) -> datetime | None:
    """Return the time of a count of seconds since 1904 (UTC), as MP4 and MOV state it."""
    try:
        time = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return time if time.year >= _FIRST_YEAR else None
