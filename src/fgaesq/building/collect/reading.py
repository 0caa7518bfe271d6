"""Image files -> readings: in threads, kept as they come; a bad file stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from fgaesq.building.collect.prompts import generation_of
from fgaesq.building.collect.readings import Readings
from fgaesq.building.collect.records import Found, Reading, Watcher
from fgaesq.building.collect.texts import file_texts, rights_of
from fgaesq.capture.reading import read_capture
from fgaesq.desk.likeness import fingerprint
from fgaesq.desk.scan import FileState
from fgaesq.errors import FgaError
from fgaesq.images import printable, read_photo
from fgaesq.images.opening import opened
from fgaesq.types import Failure

__all__ = ["digest_of", "read_files", "unexpected"]

_LOOK_PX: Final = 512
_AT_ONCE: Final = 64
"""Files per transaction: an interrupted run loses at most so many readings."""

_Read: TypeAlias = Reading | str
"""Or why the file cannot be used, one sentence."""


def read_files(
    paths: Sequence[Path],
    states: Mapping[Path, FileState],
    readings: Readings | None,
    *,
    keep: bool,
    threads: int,
    watcher: Watcher,
) -> tuple[list[Found], list[Failure]]:
    """Return the files that can be read, in order, and the others.

    Args:
        paths: of image files.
        states: of them, as they were found.
        readings: of earlier runs, None if there were none; these files are not opened.
        keep: whether to keep new readings there.
        threads: files read at once.
        watcher: is told how far this is.
    """
    known = readings.known(states) if readings else {}
    new = [path for path in paths if path not in known]
    failures = []
    watcher.begin("reading", len(new))
    for part in _read_parts(new, threads):
        good = [(path, states[path], one) for path, one in part if isinstance(one, Reading)]
        failures += [
            Failure(printable(path), "decode", one) for path, one in part if isinstance(one, str)
        ]
        known.update((path, one) for path, _, one in good)
        if readings and keep:
            readings.keep(good)
        watcher.advance(len(part))
    return [Found(path, known[path]) for path in paths if path in known], failures


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal.

    Raises:
        DecodeError: it cannot be read.
    """
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unexpected(path: Path, error: Exception) -> str:
    """Return the sentence on an exception that nobody thought of."""
    return f"{printable(path)}: unexpected {type(error).__name__}: {error}; please report this"


def _read_parts(paths: Sequence[Path], threads: int) -> Iterator[list[tuple[Path, _Read]]]:
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(paths), _AT_ONCE):
            part = paths[start : start + _AT_ONCE]
            yield list(zip(part, pool.map(_read, part), strict=True))


def _read(path: Path) -> _Read:
    try:
        digest = digest_of(path)
        photo = read_photo(path, max_long_side_px=_LOOK_PX)
        capture = read_capture(path)
        texts = file_texts(path)
    except FgaError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one file must never stop the others
        return unexpected(path, error)
    height, width = photo.native_size
    return Reading(
        digest,
        height,
        width,
        replace(capture, width=width, height=height),
        fingerprint(photo.pixels),
        generation_of(texts),
        rights_of(texts),
    )
