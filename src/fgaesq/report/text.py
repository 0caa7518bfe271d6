"""File names made safe and short enough to show: control characters, columns, common folders."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import PurePath

__all__ = ["cell_width", "display_names", "escape_surrogates", "printable", "shorten_middle"]

ELLIPSIS = "…"

# Characters that reorder the text around them: a name could show "gpj.exe" as "exe.jpg".
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_WIDTHLESS_CATEGORIES = frozenset({"Mn", "Me", "Cf"})


def escape_surrogates(text: str) -> str:
    r"""Return `text` with each lone surrogate as a `\udcxx` escape, so that UTF-8 can encode it.

    Python puts lone surrogates where a file name is not valid UTF-8. Inside a JSON string the
    escape reads back as the same name.
    """
    if text.isascii():
        return text
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)


def printable(text: str) -> str:
    r"""Return `text` with everything that could disturb a terminal or a page as `\x1b` escapes.

    Control characters, line separators, lone surrogates and characters that reorder text are
    escaped; everything else, including letters of all scripts, stays.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if _is_unsafe(c) else c for c in text)


def _is_unsafe(character: str) -> bool:
    return character in _REORDERING or unicodedata.category(character) in _UNSAFE_CATEGORIES


def _escaped(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def cell_width(text: str) -> int:
    """Return how many terminal columns `text` takes: 2 for wide East Asian and emoji characters.

    Combining marks, joiners and the vowels and finals of decomposed Hangul take none. What a
    terminal joins to one glyph (emoji families, flags) is counted part by part.
    """
    if text.isascii():
        return len(text)
    return sum(_character_width(c) for c in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in _WIDTHLESS_CATEGORIES:
        return 0
    if "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten_middle(text: str, columns: int) -> str:
    """Return `text` cut in the middle to at most `columns` terminal columns (at least 1).

    The end gets the larger part: it holds the number and the extension that tell files apart.
    """
    if cell_width(text) <= columns:
        return text
    room = max(columns, 1) - cell_width(ELLIPSIS)
    tail_columns = (room * 3 + 4) // 5
    head = _prefix(text, room - tail_columns)
    tail = _prefix(text[::-1], tail_columns)[::-1]
    return head + ELLIPSIS + tail


def _prefix(text: str, columns: int) -> str:
    """Return the longest beginning of `text` of at most `columns` columns."""
    used = 0
    for position, character in enumerate(text):
        used += _character_width(character)
        if used > columns:
            return text[:position]
    return text


def display_names(paths: Sequence[str]) -> list[str]:
    """Return `paths` without the folders that all of them share, made printable.

    Each keeps at least its file name; of one path only the file name stays.
    """
    parts = [PurePath(path).parts for path in paths]
    shared = max(0, min((len(p) - 1 for p in parts), default=0))
    for depth in range(shared):
        if len({p[depth] for p in parts}) > 1:
            shared = depth
            break
    return [printable(str(PurePath(*p[shared:]))) for p in parts]
