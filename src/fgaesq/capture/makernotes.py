"""What the maker notes of some cameras say of bursts, brackets, focus and Live Photos.

Maker notes are undocumented; the numbers of their tags are those that exiftool's documentation
lists (https://exiftool.org/TagNames). Only what tells series from brackets is read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from fgaesq.capture.boxes import read_at
from fgaesq.capture.tags import Block, Directory, open_block, read_directory

__all__ = ["Note", "canon_note", "read_note"]

_MAKER_NOTE = 0x927C
_INFINITE_CM = 65535


@dataclass(frozen=True, slots=True)
class Note:
    """What a maker note says; see `records.Capture` for the names."""

    burst: str = ""
    live_id: str = ""
    sequence: int | None = None
    auto_bracket: bool = False
    focus_bracket: bool = False
    focus_m: float | None = None


def read_note(exif: Directory, make: str) -> Note:
    """Return what the maker note in an EXIF directory says; nothing for makers not known here."""
    place = exif.place(_MAKER_NOTE)
    if place is None:
        return Note()
    start, end = place
    head = read_at(exif.block.file, start, 16)
    for prefix, read in _BY_PREFIX.items():
        if head.startswith(prefix):
            return read(exif.block, start, end)
    maker = next((name for name in _BY_MAKE if make.lower().startswith(name)), None)
    if maker is None:
        return Note()
    directory = read_directory(exif.block, start - exif.block.start)
    return _BY_MAKE[maker](directory)


def _apple(block: Block, start: int, end: int) -> Note:
    order = "<" if read_at(block.file, start + 12, 2) == b"II" else ">"
    note = read_directory(Block(block.file, start, end, order), 14)
    return Note(burst=note.text(0x000B), live_id=note.text(0x0011))


def canon_note(note: Directory) -> Note:
    """Return what a Canon maker note says: of its drive, its shots and its files."""
    shot, file = note.numbers(0x0004), note.numbers(0x0093)
    is_bracket = _at(file, 3) == 1 or _at(shot, 16) not in (None, 0)
    is_stack = _at(file, 3) == 2
    sequence = _at(file, 5) if is_bracket or is_stack else _at(shot, 9)
    upper, lower = (_at(file, 20), _at(file, 21)) if file else (_at(shot, 19), _at(shot, 20))
    return Note(
        sequence=int(sequence) if sequence is not None and sequence > 0 else None,
        auto_bracket=is_bracket,
        focus_bracket=is_stack,
        focus_m=_between(upper, lower),
    )


def _sony(note: Directory) -> Note:
    sequence = note.whole(0xB04A)
    return Note(
        sequence=sequence if sequence is not None and 0 < sequence < 0xFFFF else None,
        auto_bracket=note.whole(0xB049) == 5,
    )


def _sony_with_head(block: Block, start: int, end: int) -> Note:
    del end
    return _sony(read_directory(block, start + 12 - block.start))


def _nikon(block: Block, start: int, end: int) -> Note:
    note = open_block(block.file, start + 10, end)
    mode = note.whole(0x0089) if note else None
    return Note(auto_bracket=bool(mode and mode & 16))


def _panasonic(block: Block, start: int, end: int) -> Note:
    del end
    note = read_directory(block, start + 12 - block.start)
    # Mode 2 is an exposure bracket in some models and a burst in others; EXIF tells the former.
    return Note(sequence=note.whole(0x002B) or None, focus_bracket=note.whole(0x002A) == 3)


def _fujifilm(block: Block, start: int, end: int) -> Note:
    (offset,) = struct.unpack("<I", read_at(block.file, start + 8, 4).ljust(4, b"\0"))
    note = read_directory(Block(block.file, start, end, "<"), offset)
    return Note(sequence=note.whole(0x1101) or None, auto_bracket=note.whole(0x1100) == 1)


def _olympus(block: Block, start: int, end: int) -> Note:
    """Return what the notes of Olympus and OM System say; offsets count from the note."""
    head = read_at(block.file, start, 16)
    first = 16 if head.startswith(b"OM SYSTEM") else 12
    order = ">" if head[first - 4 : first - 2] == b"MM" else "<"
    note = read_directory(Block(block.file, start, end, order), first)
    drive: tuple[float, ...] = next((one.numbers(0x0600) for one in note.below(0x2020)), ())
    mode, shot, bits = _at(drive, 0), _at(drive, 1), int(_at(drive, 2) or 0)
    is_bracketing = mode == 5
    return Note(
        sequence=int(shot) if shot else None,
        auto_bracket=mode in (2, 4) or (is_bracketing and bool(bits & (1 | 32))),
        focus_bracket=is_bracketing and bool(bits & 64),
    )


def _between(upper: float | None, lower: float | None) -> float | None:
    """Return the middle in metres of a range in centimetres whose ends may be infinite."""
    ends = [end % 65536 for end in (upper, lower) if end is not None]
    known = [end for end in ends if 0 < end < _INFINITE_CM]
    return sum(known) / len(known) / 100 if known else None


def _at(values: tuple[float, ...], index: int) -> float | None:
    return values[index] if index < len(values) else None


_BY_PREFIX: dict[bytes, Callable[[Block, int, int], Note]] = {
    b"Apple iOS\0": _apple,
    b"Nikon\0\x02": _nikon,
    b"SONY DSC \0": _sony_with_head,
    b"SONY CAM \0": _sony_with_head,
    b"Panasonic\0": _panasonic,
    b"FUJIFILM": _fujifilm,
    b"OLYMPUS\0": _olympus,
    b"OM SYSTEM\0": _olympus,
}
_BY_MAKE: dict[str, Callable[[Directory], Note]] = {"canon": canon_note, "sony": _sony}
"""Makers whose notes are a directory at once."""
