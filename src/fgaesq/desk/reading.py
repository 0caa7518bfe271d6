"""Photos of the catalogue -> decoded photos: in threads, in order, never many at once in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from fgaesq.capture.reading import read_capture
from fgaesq.capture.records import Capture
from fgaesq.desk.catalogue.photos import CataloguePhoto
from fgaesq.desk.likeness import fingerprint
from fgaesq.errors import FgaError
from fgaesq.images import printable, read_photo
from fgaesq.types import Photo

__all__ = ["Decoded", "PhotoReader"]

_AHEAD = 2
"""Photos decoded ahead for each thread, so that none waits for the one that ranks."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A photo that has been read; its pixels are None if that failed.

    Attributes:
        photo: of the catalogue.
        pixels: as the model reads it, called by its content in hexadecimal.
        capture, fingerprint: what the file said; None if they were not asked for or it failed.
        failure: why it could not be read, one sentence; "" if it could.
    """

    photo: CataloguePhoto
    pixels: Photo | None
    capture: Capture | None = None
    fingerprint: bytes | None = None
    failure: str = ""


class PhotoReader:
    """Reads photos as one model needs them, each file once for all that is wanted of it.

    Args (of the constructor):
        max_long_side_px: as `images.read_photo`.
        threads: photos decoded at once.
    """

    def __init__(self, max_long_side_px: int | None, *, threads: int) -> None:
        self._max_long_side_px = max_long_side_px
        self._threads = threads

    def read_all(self, photos: Iterable[CataloguePhoto], *, whole: bool) -> Iterator[Decoded]:
        """Yield the photos decoded, in the order given, a few ahead of what is asked for.

        Args:
            photos: to read.
            whole: also return capture and fingerprint.
        """
        read = self._read_whole if whole else self.read
        yield from _ahead(read, photos, threads=self._threads, most=_AHEAD * self._threads)

    def read(self, photo: CataloguePhoto) -> Decoded:
        """Read the pixels of a photo; what goes wrong is its `failure`."""
        path = photo.files.main
        try:
            pixels = read_photo(path, max_long_side_px=self._max_long_side_px)
        except FgaError as error:
            return Decoded(photo, None, failure=str(error))
        except Exception as error:  # noqa: BLE001 - one photo must never stop the others
            return Decoded(photo, None, failure=_unexpected(path, error))
        return Decoded(photo, replace(pixels, name=photo.name))

    def _read_whole(self, photo: CataloguePhoto) -> Decoded:
        decoded = self.read(photo)
        if decoded.pixels is None:
            return decoded
        path = photo.files.main
        try:
            capture = read_capture(path)
            look = fingerprint(decoded.pixels.pixels)
        except FgaError as error:
            return Decoded(photo, None, failure=str(error))
        except Exception as error:  # noqa: BLE001 - as above
            return Decoded(photo, None, failure=_unexpected(path, error))
        if not capture.width:
            height, width = decoded.pixels.native_size
            capture = replace(capture, width=width, height=height)
        return replace(decoded, capture=capture, fingerprint=look.to_bytes())


def _unexpected(path: Path, error: Exception) -> str:
    return f"{printable(path)}: unexpected {type(error).__name__}: {error}; please report this"


def _ahead(
    read: Callable[[CataloguePhoto], Decoded],
    photos: Iterable[CataloguePhoto],
    *,
    threads: int,
    most: int,
) -> Iterator[Decoded]:
    """Do what `map` does, in threads, with at most `most` results begun and not yet taken."""
    waiting: deque[Future[Decoded]] = deque()
    rest = iter(photos)
    pool = ThreadPoolExecutor(threads)
    try:
        waiting.extend(pool.submit(read, photo) for photo in islice(rest, most))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(read, photo) for photo in islice(rest, 1))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)
