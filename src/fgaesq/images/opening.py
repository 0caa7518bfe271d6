"""Open photo files without ever waiting on a pipe or touching a device."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader

from fgaesq.errors import DecodeError
from fgaesq.images.faults import Fault
from fgaesq.images.names import printable

__all__ = ["fault_of_system", "open_regular", "opened"]

_SPECIAL_FILES = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_regular(path: str | bytes | os.PathLike[str]) -> BufferedReader:
    """Open a regular, non-empty file for reading.

    Raises:
        Fault: there is none, it is something else (a folder, pipe, device), it is empty, or the
            system refuses.
    """
    try:
        _check_regular(os.stat(path).st_mode)
        # A pipe that takes the file's place between the two calls must not block either.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise fault_of_system(error, path) from error
    except ValueError as error:  # a name with a null character
        raise Fault("no file can have this name", "correct the path") from error
    try:
        state = os.fstat(file.fileno())
        _check_regular(state.st_mode)
        if state.st_size == 0:
            raise Fault("the file is empty", "copy it again from the camera or card")
    except BaseException:
        file.close()
        raise
    return file


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[BufferedReader]:
    """Open a file as `open_regular` does, for a caller that reads it in the block.

    Raises:
        DecodeError: it cannot be opened or, in the block, read; the message names it.
    """
    try:
        with open_regular(path) as file:
            yield file
    except Fault as fault:
        raise DecodeError(f"{printable(path)}: {fault}") from fault.__cause__
    except OSError as error:
        raise DecodeError(
            f"{printable(path)}: it cannot be read ({error.strerror}); "
            "check the disk or the connection"
        ) from error


def fault_of_system(error: OSError, path: str | bytes | os.PathLike[str]) -> Fault:
    """Return the fault that the operating system's refusal to open `path` stands for."""
    if isinstance(error, FileNotFoundError):
        if os.path.islink(path):
            return Fault("it is a symbolic link to a file that does not exist", "mend the link")
        return Fault("the file does not exist", "check the path")
    if isinstance(error, PermissionError):
        return Fault("reading it is not permitted", "change its permissions")
    if error.errno == errno.ELOOP:
        return Fault("it is a symbolic link that leads back to itself", "mend the link")
    if isinstance(error, NotADirectoryError):
        return Fault("a part of the path is a file, not a folder", "check the path")
    return Fault(f"it cannot be opened ({error.strerror})", "check the path and the disk")


def _check_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise Fault("it is a folder, not a photo", "give the photos in it")
    for is_kind, what in _SPECIAL_FILES:
        if is_kind(mode):
            raise Fault(f"it is {what}, not a file", "save the photo to a file first")
    raise Fault("it is not a regular file", "save the photo to a file first")
