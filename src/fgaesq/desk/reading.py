"""Photos of the catalogue -> decoded photos: in threads, in order, never many at once in memory.

The normal reading brings large photos to the size that the model was made for (2048 px), which
costs nearly as much as decoding them. The fast one takes a JPEG at the smallest size that its
decoder gives for free and that is at least half of that (so 1024 to 2047 px), and resamples
nothing. Photos of one size stay photos of one size, but photos of two sizes may come out up to
twice as large as each other, which `at_one_size` mends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from fgaesq.capture.reading import read_capture
from fgaesq.capture.records import Capture
from fgaesq.desk.catalogue.photos import CataloguePhoto
from fgaesq.desk.likeness import fingerprint
from fgaesq.desk.records import Reading
from fgaesq.errors import FgaError
from fgaesq.images import photo_from_array, printable, read_photo
from fgaesq.types import Photo

__all__ = ["Decoded", "PhotoReader", "at_one_size", "enough_px"]

_ALIKE = 1.25
"""Sizes that differ by less stay as they are: resampling one photo would cost it more sharpness."""

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
        reading: normal, or fast.
        threads: photos decoded at once.
    """

    def __init__(
        self, max_long_side_px: int | None, *, reading: Reading = "normal", threads: int
    ) -> None:
        self._max_long_side_px = max_long_side_px
        self._enough_px = enough_px(max_long_side_px, reading)
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
            pixels = read_photo(
                path, max_long_side_px=self._max_long_side_px, enough_px=self._enough_px
            )
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


def enough_px(max_long_side_px: int | None, reading: Reading) -> int | None:
    """Return the long side that is enough for a model that is made for `max_long_side_px`.

    Returns:
        Half of it for the fast reading; None for the normal one, see `images.read_photo`.
    """
    return max_long_side_px // 2 if reading == "fast" and max_long_side_px else None


def at_one_size(photos: Sequence[Photo], enough: int) -> list[Photo]:
    """Return the photos of a series, read fast, so that none is much larger than the others.

    Sharpness and noise are judged by the pixel, so a photo that was read at twice the size of the
    others would be judged by other standards. Those with a long side of more than 1.25 times the
    shortest one are reduced to that.

    Args:
        photos: at least one.
        enough: long side for which the fast reading aims (`enough_px`); a shorter one is that of a
            small file, for which no other photo is made smaller than this.
    """
    shortest = min(max(photo.pixels.shape) for photo in photos)
    common = max(shortest, enough)
    return [
        _reduced(photo, common) if max(photo.pixels.shape) > _ALIKE * common else photo
        for photo in photos
    ]


def _reduced(photo: Photo, long_side_px: int) -> Photo:
    small = photo_from_array(photo.pixels, name=photo.name, max_long_side_px=long_side_px)
    return replace(small, native_size=photo.native_size)


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
