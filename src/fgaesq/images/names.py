"""File names as text that can be printed, logged and written as JSON."""

from __future__ import annotations

import os
import unicodedata

__all__ = ["printable"]

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories: control characters, lone surrogates, line and paragraph separators."""


def printable(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    r"""Return a path as one line of valid Unicode.

    Bytes of a file name that are not valid in the file system's encoding appear as `\xff`, control
    characters as `\n` or `\x1b`. A name without such characters comes back unchanged. The result
    is for people and reports: it does not open the file.

    >>> printable("holiday/IMG_1.jpg")
    'holiday/IMG_1.jpg'
    >>> print(printable(b"caf\xe9.jpg"))
    caf\xe9.jpg
    """
    text = os.fsdecode(path)
    if text.isprintable():
        return text
    return "".join(_printable_character(character) for character in text)


def _printable_character(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # how Python carries an undecodable byte
        return f"\\x{ord(character) - 0xDC00:02x}"
    if unicodedata.category(character) in _UNPRINTABLE:
        return character.encode("unicode_escape").decode("ascii")
    return character
