"""Keys of files' contents, by which moved and renamed files are recognised.

A key is a digest of the size and of three samples: head, middle and tail. Reading a whole card just
to name the files would cost as much as decoding them, and two photographs never agree in all three:
the head holds the time and number of the shot, and compressed picture data differ from the first
changed pixel on (in RAW files noise differs everywhere). Kinds of file whose pixels may be stored
uncompressed, so that an edit could miss all samples, are digested whole. Where a new file
has the key of one that still exists, both are compared whole (`same_content`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO, Final

from fgaesq.images.opening import open_regular

__all__ = ["content_key", "same_content", "whole_key"]

_SAMPLE_BYTES: Final = 64 * 1024
_UNCOMPRESSED: Final = frozenset((".tif", ".tiff", ".bmp", ".dib"))
_KEY_BYTES: Final = 16


def content_key(path: Path) -> bytes:
    """Return the key of a file's content, 16 bytes.

    Raises:
        OSError: it cannot be read.
        Fault: it is no regular file, or empty.
    """
    with open_regular(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        if size <= 4 * _SAMPLE_BYTES or path.suffix.lower() in _UNCOMPRESSED:
            return _digest_rest(file)
        digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=_KEY_BYTES)
        for start in (0, (size - _SAMPLE_BYTES) // 2, size - _SAMPLE_BYTES):
            file.seek(start)
            digest.update(file.read(_SAMPLE_BYTES))
        return digest.digest()


def whole_key(path: Path) -> bytes:
    """Return a digest of all of a file's content, 16 bytes; raises as `content_key`."""
    with open_regular(path) as file:
        return _digest_rest(file)


def same_content(first: Path, second: Path) -> bool:
    """Tell whether two files of equal keys are equal to the last byte; raises as `content_key`."""
    return whole_key(first) == whole_key(second)


def _digest_rest(file: BinaryIO) -> bytes:
    digest = hashlib.blake2b(digest_size=_KEY_BYTES)
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.digest()
