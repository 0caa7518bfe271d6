"""Small pictures on the disk, so that a page opens fast the next time; deletable at any time."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from pathlib import Path

__all__ = ["KeptPictures"]

_MOST_BYTES = 256 << 20
_AFTER_CLEARING = 0.8
_END = ".jpg"
_UNFINISHED = ".unfinished"


class KeptPictures:
    """JPEG files in a folder of their own, by name; safe to be used by threads and processes.

    What cannot be read or written is made anew the next time: nothing depends on these files.

    Args (of the constructor):
        folder: made when it is needed; nothing else may be in it.
        most_bytes: to be kept; above, those go first that were not asked for the longest.
    """

    def __init__(self, folder: Path, *, most_bytes: int = _MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._lock = threading.Lock()
        self._bytes: int | None = None  # not known before the first writing

    def find(self, name: str) -> bytes | None:
        """Return the picture of a name, None if it is not kept."""
        path = self._folder / f"{name}{_END}"
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return data

    def keep(self, name: str, data: bytes) -> None:
        """Keep a picture; its file has all of it or does not exist, also after a crash."""
        unfinished = self._folder / f"{secrets.token_hex(8)}{_UNFINISHED}"
        with self._lock, contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                unfinished.write_bytes(data)
                unfinished.replace(self._folder / f"{name}{_END}")
            finally:
                unfinished.unlink(missing_ok=True)
            self._bytes = len(data) + (self._clear() if self._bytes is None else self._bytes)
            if self._bytes > self._most_bytes:
                self._bytes = self._clear()

    def _clear(self) -> int:
        """Remove what is too much; return how many bytes are left."""
        found = []
        for entry in os.scandir(self._folder):
            if entry.name.endswith((_END, _UNFINISHED)):
                with contextlib.suppress(OSError):  # another process may have removed it
                    state = entry.stat()
                    found.append((state.st_mtime_ns, state.st_size, Path(entry.path)))
        total = sum(size for _, size, _ in found)
        wanted = self._most_bytes * (_AFTER_CLEARING if total > self._most_bytes else 1)
        for _, size, path in sorted(found):
            if total <= wanted:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
        return total
