"""Which kinds of photo files need packages that the base install does not have."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from fgaesq.errors import MissingExtraError
from fgaesq.images.faults import Fault
from fgaesq.images.kinds import HEAD_BYTES, HEIC_EXTENSIONS, RAW_EXTENSIONS, Kind, recognise
from fgaesq.images.names import printable
from fgaesq.images.opening import open_regular

__all__ = ["check_extra", "missing_extra"]

_EXTRAS: dict[Kind, tuple[str, str]] = {
    "HEIC": ("pillow_heif", "heif"),
    "camera RAW": ("rawpy", "raw"),
}
"""Kind of file -> the module that reads it, and the extra that installs it."""


def missing_extra(path: str | os.PathLike[str]) -> MissingExtraError | None:
    """Return why a file cannot be read here whose kind needs an extra; None if that is not why.

    Its name says whether to look, its content what it is, as when it is read: a false one, and one
    that cannot be opened, is left to that.
    """
    extension = Path(path).suffix.lower()
    named: Kind = "HEIC" if extension in HEIC_EXTENSIONS else "camera RAW"
    if extension not in HEIC_EXTENSIONS | RAW_EXTENSIONS or _error(named, "") is None:
        return None
    try:
        with open_regular(path) as file:
            return _error(recognise(file.read(HEAD_BYTES), extension), printable(path))
    except (Fault, OSError):
        return None


def check_extra(kind: Kind, name: str) -> None:
    """Check that a kind of file can be read here.

    Args:
        kind: of the file.
        name: of the file, for the message.

    Raises:
        MissingExtraError: its packages are not installed.
    """
    if error := _error(kind, name):
        raise error


def _error(kind: Kind, name: str) -> MissingExtraError | None:
    if kind not in _EXTRAS or find_spec(_EXTRAS[kind][0]) is not None:
        return None
    return MissingExtraError(f"{name}: reading {kind}", _EXTRAS[kind][1])
