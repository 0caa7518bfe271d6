"""From what the user gives to photos: read in threads, one series ahead, failures kept apart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeAlias

from fgaesq.errors import FgaError, InputError
from fgaesq.images import SeriesFiles, as_photo, printable
from fgaesq.types import Failure, ImageSource, Photo

__all__ = ["MOST_IMAGES", "ReadSeries", "Reader", "SeriesSource", "check_images"]

MOST_IMAGES = 200
"""Of a series: it is held in memory whole, about 8 MB an image, and nobody takes longer bursts."""

SeriesSource: TypeAlias = SeriesFiles | tuple[str, Sequence[ImageSource]]
"""A series as it is asked for: files that were found, or (id, images)."""


@dataclass(frozen=True, slots=True)
class ReadSeries:
    """A series whose images have been read.

    Attributes:
        id: of the series.
        folder: name of the folder that holds all its files; of images from memory, the last part
            of `id`.
        photos: those that could be read, in the order given.
        failures: one for each of the others.
    """

    id: str
    folder: str
    photos: list[Photo]
    failures: list[Failure]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads images the way one model and tokenizer need them (options: see `images.as_photo`)."""

    max_long_side_px: int | None
    as_released: bool

    def read(
        self, images: Sequence[ImageSource], pool: ThreadPoolExecutor, *, first: int = 0
    ) -> tuple[list[Photo], list[Failure]]:
        """Return the photos that could be read, in order, and a failure for each of the others.

        Args:
            images: paths, PIL images or arrays.
            pool: threads to read in.
            first: position of the first image, by which images from memory are named.

        Raises:
            InputError: `images` is not a list of images.
        """
        return _sorted_out(self._submit(images, pool, first))

    def read_ahead(
        self, series: Iterable[SeriesSource], pool: ThreadPoolExecutor
    ) -> Iterator[ReadSeries]:
        """Yield each series read; the one after it is already being read.

        Of a series of more than `MOST_IMAGES` nothing is read: it becomes one failure.
        """
        waiting: tuple[SeriesSource, list[Future[Photo | Failure]]] | None = None
        for one in series:
            images = one.paths if isinstance(one, SeriesFiles) else one[1]
            check_images(images)
            if len(images) > MOST_IMAGES:
                yield _too_long(one, len(images))
                continue
            jobs = self._submit(images, pool, 0)
            if waiting is not None:
                yield _read_series(*waiting)
            waiting = (one, jobs)
        if waiting is not None:
            yield _read_series(*waiting)

    def _submit(
        self, images: Sequence[ImageSource], pool: ThreadPoolExecutor, first: int
    ) -> list[Future[Photo | Failure]]:
        check_images(images)
        return [pool.submit(self._read_one, image, n) for n, image in enumerate(images, first)]

    def _read_one(self, image: ImageSource, position: int) -> Photo | Failure:
        is_path = isinstance(image, (str, os.PathLike))
        name = printable(image) if is_path else f"image-{position + 1}"  # type: ignore[arg-type]
        try:
            return as_photo(
                image,
                name=name,
                max_long_side_px=self.max_long_side_px,
                as_released=self.as_released,
            )
        except FgaError as error:
            return Failure(name, "decode", str(error))
        except Exception as error:  # noqa: BLE001 - one photo must never stop the others
            return Failure(name, "decode", f"{name}: unexpected {type(error).__name__}: {error}")


def check_images(images: object) -> None:
    """Raise InputError unless `images` is a list (or tuple) of images, as opposed to one image."""
    if isinstance(images, (str, bytes, os.PathLike)):
        raise InputError(f"got the single path '{printable(images)}'; give a list of images")
    if not isinstance(images, Sequence):
        raise InputError(f"got one {type(images).__name__}; give a list of images")


def _too_long(source: SeriesSource, number: int) -> ReadSeries:
    name = source.id if isinstance(source, SeriesFiles) else source[0]
    reason = (
        f"{name}: holds {number} images, and a series of near-identical images has at most "
        f"{MOST_IMAGES}; give each series a folder of its own, or score them with 'fgaesq score'"
    )
    return ReadSeries(name, "", [], [Failure(name, "find", reason)])


def _read_series(source: SeriesSource, jobs: Iterable[Future[Photo | Failure]]) -> ReadSeries:
    photos, failures = _sorted_out(jobs)
    if isinstance(source, SeriesFiles):
        folder = os.path.commonpath([os.path.abspath(path.parent) for path in source.paths])
        return ReadSeries(source.id, os.path.basename(folder), photos, failures)
    return ReadSeries(source[0], PurePath(source[0]).name, photos, failures)


def _sorted_out(jobs: Iterable[Future[Photo | Failure]]) -> tuple[list[Photo], list[Failure]]:
    done = [job.result() for job in jobs]
    return (
        [one for one in done if isinstance(one, Photo)],
        [one for one in done if isinstance(one, Failure)],
    )
