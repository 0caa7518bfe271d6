"""What a file says of its capture, from its headers alone."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from fgaesq.capture.boxes import read_at
from fgaesq.capture.containers import read_metadata
from fgaesq.capture.libraw import ask_libraw
from fgaesq.capture.makernotes import Note, canon_note, read_note
from fgaesq.capture.metadata import Metadata
from fgaesq.capture.motion import find_motion
from fgaesq.capture.movies import is_movie, read_movie
from fgaesq.capture.records import Capture, TimeSource
from fgaesq.capture.tags import Directory
from fgaesq.capture.times import parse_time
from fgaesq.capture.xmp import xmp_value
from fgaesq.images.kinds import RAW_EXTENSIONS
from fgaesq.images.opening import opened
from fgaesq.images.orientation import swaps_sides, valid_orientation

__all__ = ["read_capture"]

_HEAD_BYTES = 32
_MAKE, _MODEL, _SOFTWARE_TIME, _SERIAL = 0x010F, 0x0110, 0x0132, 0xA431
_UNIQUE_MODEL, _DNG_SERIAL = 0xC614, 0xC62F
_TIMES = (  # time, fraction, zone; the first that is there counts
    (0x9003, 0x9291, 0x9011),
    (0x9004, 0x9292, 0x9012),
    (_SOFTWARE_TIME, 0x9290, 0x9010),
)
_XMP_TIMES = ("DateTimeOriginal", "DateCreated", "CreateDate")
_EXPOSURE, _SHUTTER, _F_NUMBER, _APERTURE = 0x829A, 0x9201, 0x829D, 0x9202
_ISOS = (0x8827, 0x8833, 0x8832)
_FOCAL, _BIAS, _DISTANCE, _EXPOSURE_MODE = 0x920A, 0x9204, 0x9206, 0xA402
_WIDTH, _HEIGHT = 0xA002, 0xA003
_AUTO_BRACKET = 2
_ISO_TOO_LARGE = 65535
_BURST_NAME = re.compile(r"(?:^|_)BURST(\d{14,})|^(.*)_BURST\d{1,4}(?:\D|$)", re.IGNORECASE)


def read_capture(path: str | os.PathLike[str]) -> Capture:
    """Return what a photo file or clip says of how and when it was taken.

    JPEG, HEIC, TIFF, PNG, WebP, the RAW files of all makers that keep EXIF data, MP4 and MOV, by
    their content. Only headers are read; what is damaged is taken for absent. Where a file states
    no time, its own date is taken, and `time_source` says so.

    Raises:
        DecodeError: the file cannot be opened, or is empty.
    """
    with opened(path) as file:
        state = os.fstat(file.fileno())
        capture = _read(file, state.st_size, Path(path))
    if capture.taken is None:
        taken = datetime.fromtimestamp(state.st_mtime, tz=UTC)
        capture = replace(capture, taken=taken, time_source="file")
    return capture


def _read(file: BinaryIO, length: int, path: Path) -> Capture:
    head = read_at(file, 0, _HEAD_BYTES)
    found = read_metadata(file, length)
    if is_movie(head) and not found.main and not found.exif and found.size == (0, 0):
        return read_movie(file, length)
    start = find_motion(file, length, found.xmp)
    capture = _from_metadata(found)
    if capture.taken is None and path.suffix.lower() in RAW_EXTENSIONS:
        capture = _with_libraw(capture, path)
    burst = capture.burst or _burst_of_name(path.name)
    return replace(capture, burst=burst, motion_bytes=length - start if start else 0)


def _with_libraw(capture: Capture, path: Path) -> Capture:
    """Add what LibRaw says of a RAW file in which no time was found."""
    facts = ask_libraw(path)
    if facts is None:
        return capture
    is_sized = capture.width and capture.height
    width, height = (capture.width, capture.height) if is_sized else facts.size
    return replace(
        capture,
        taken=facts.taken,
        time_source="exif" if facts.taken else None,
        exposure_s=capture.exposure_s or facts.exposure_s,
        aperture=capture.aperture or facts.aperture,
        iso=capture.iso or facts.iso,
        focal_mm=capture.focal_mm or facts.focal_mm,
        width=width,
        height=height,
    )


def _from_metadata(found: Metadata) -> Capture:
    taken, source = _time(found)
    main, exif = found.main, found.exif
    make = _text(main, _MAKE)
    note = _note(found, make)
    width, height = _size(found)
    return Capture(
        taken=taken,
        time_source=source,
        make=make,
        model=_text(main, _MODEL) or _text(main, _UNIQUE_MODEL),
        serial=_text(exif, _SERIAL) or _text(main, _DNG_SERIAL),
        exposure_s=_exposure(exif),
        aperture=_aperture(exif),
        iso=_iso(exif),
        focal_mm=_positive(exif, _FOCAL),
        bias_ev=_number(exif, _BIAS),
        focus_m=_positive(exif, _DISTANCE) or note.focus_m,
        auto_bracket=note.auto_bracket or _number(exif, _EXPOSURE_MODE) == _AUTO_BRACKET,
        focus_bracket=note.focus_bracket,
        burst=note.burst or xmp_value(found.xmp, "BurstID"),
        sequence=note.sequence,
        live_id=note.live_id,
        width=width,
        height=height,
    )


def _time(found: Metadata) -> tuple[datetime | None, TimeSource | None]:
    last_change = _text([*found.exif, *found.main], _TIMES[-1][0])
    for tag, *details in _TIMES:
        text = _text([*found.exif, *found.main], tag)
        fraction, zone = (_text(found.exif, detail) for detail in details)
        if text == last_change:  # some cameras give fraction and zone for one of the times only
            other_fraction, other_zone = (_text(found.exif, detail) for detail in _TIMES[-1][1:])
            fraction, zone = fraction or other_fraction, zone or other_zone
        taken = parse_time(text, fraction=fraction, zone=zone)
        if taken is not None:
            return taken, "exif"
    for name in _XMP_TIMES:
        taken = parse_time(xmp_value(found.xmp, name))
        if taken is not None:
            return taken, "xmp"
    return None, None


def _note(found: Metadata, make: str) -> Note:
    for directory in found.notes:
        return canon_note(directory)
    for directory in found.exif:
        return read_note(directory, make)
    return Note()


def _size(found: Metadata) -> tuple[int, int]:
    """Return (width, height) of the upright image."""
    width, height = found.size
    if not width or not height:
        width, height = (
            int(_number(found.exif, _WIDTH) or 0),
            int(_number(found.exif, _HEIGHT) or 0),
        )
    if swaps_sides(valid_orientation(found.orientation)):
        return height, width
    return width, height


def _exposure(exif: list[Directory]) -> float | None:
    seconds = _positive(exif, _EXPOSURE)
    shutter = _number(exif, _SHUTTER)
    if seconds is None and shutter is not None and abs(shutter) < 64:
        return float(2.0**-shutter)  # APEX
    return seconds


def _aperture(exif: list[Directory]) -> float | None:
    number = _positive(exif, _F_NUMBER)
    value = _positive(exif, _APERTURE)
    if number is None and value is not None and value < 64:
        return float(2.0 ** (value / 2))  # APEX
    return number


def _iso(exif: list[Directory]) -> float | None:
    """Return the ISO speed; its old entry has no room for large ones."""
    values = [_positive(exif, tag) for tag in _ISOS]
    return next((iso for iso in values if iso is not None and iso != _ISO_TOO_LARGE), values[0])


def _text(directories: list[Directory], tag: int) -> str:
    return next((text for one in directories if (text := one.text(tag))), "")


def _number(directories: list[Directory], tag: int) -> float | None:
    values = (one.number(tag) for one in directories)
    return next((value for value in values if value is not None), None)


def _positive(directories: list[Directory], tag: int) -> float | None:
    value = _number(directories, tag)
    return value if value is not None and value > 0 else None


def _burst_of_name(name: str) -> str:
    """Return the burst that a file's name states, as Android phones write it."""
    match = _BURST_NAME.search(name)
    return next((group for group in match.groups() if group), "") if match else ""
