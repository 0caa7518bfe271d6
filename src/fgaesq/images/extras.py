"""Which kinds of photo files need packages that the base install does not have."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from fgaesq.errors import MissingExtraError
from fgaesq.images.kinds import HEIC_EXTENSIONS, RAW_EXTENSIONS, Kind
from fgaesq.images.names import printable

__all__ = ["check_extra", "missing_extra"]

_EXTRAS: dict[Kind, tuple[str, str]] = {
    "HEIC": ("pillow_heif", "heif"),
    "camera RAW": ("rawpy", "raw"),
}
"""Kind of file -> the module that reads it, and the extra that installs it."""


def missing_extra(path: str | os.PathLike[str]) -> MissingExtraError | None:
    """Return why a file of this name cannot be read here, None if it can; it is not opened."""
    extension = Path(path).suffix.lower()
    if extension in HEIC_EXTENSIONS:
        return _error("HEIC", printable(path))
    if extension in RAW_EXTENSIONS:
        return _error("camera RAW", printable(path))
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
