"""Image files that the steps of building write: there as a whole or not at all."""

from __future__ import annotations

import contextlib
from pathlib import Path

from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["write_file"]


def write_file(path: Path, content: bytes) -> None:
    """Write a file that has its name once it is whole; its folder is made if it is not there.

    Raises:
        InputError: it cannot be written; nothing is left of it.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise InputError(
            f"{printable(path)}: cannot be written ({error.strerror}); "
            "make room, or name another folder for the dataset"
        ) from error
