"""Measure all images and pairs of a dataset once; what is measured is kept in its collection.

The work is cut into tasks that read each of their images once: the members of one series, and
groups of images of different series, which show how alike images are that do not belong together.
What a task found is written at once, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import (
    forget_measures,
    image_measures,
    images,
    keep_image_measures,
    keep_pair_measures,
    pair_measures,
)
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import CATEGORIES, Category, Series, SourceImage
from fgaesq.building.refine.looks import LOOKS, looks_of
from fgaesq.building.refine.resemblance import (
    Prepared,
    overlap_of,
    patch_distance,
    prepared,
    reduced,
    resemblance,
)
from fgaesq.datasets.records import open_image
from fgaesq.errors import FgaError
from fgaesq.types import Image

__all__ = ["PAIRS", "Measured", "Pair", "measure", "pairs_compared", "same_photo"]

Pair: TypeAlias = tuple[int, int]
"""Two image ids, the smaller first."""

PAIRS: Final = ("likeness", "ssim", "matches", "difference", "patches")
"""The names of the measures of pairs, but for `overlap`, which needs no pixels."""

READ_PX: Final = 1536
"""Long side on which images are read for measuring."""

_MARK = "measured-1"  # holds which content was measured; another number when the measures change
_ALL_PAIRS = 12  # members up to which every pair is compared
_NEIGHBOURS = 6  # in larger series, each is compared with so many that follow it
_STRANGERS = 6  # images of a group of different series: 15 pairs
_MOST_GROUPS = 24  # of a category
_WORTH_PROCESSES = 8  # tasks; starting processes takes seconds

Values: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is known of images and pairs.

    Attributes:
        looks: by name of the measure, by image id.
        pairs: by name of the measure, by pair.
        strangers: pairs of images that no series joins, by category.
        unreadable: why images cannot be read, by id.
        measured: how many images were read in this run.
    """

    looks: Mapping[str, Mapping[int, float]]
    pairs: Mapping[str, Mapping[Pair, float]]
    strangers: Mapping[Category, tuple[Pair, ...]] = field(default_factory=dict)
    unreadable: Mapping[int, str] = field(default_factory=dict)
    measured: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    """Images to read, and which measures to take of them and of pairs of them."""

    images: tuple[SourceImage, ...]
    looks: frozenset[int]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a task found; `unreadable` as in `Measured`."""

    looks: Mapping[int, Values]
    pairs: Mapping[Pair, Values]
    unreadable: Mapping[int, str]


def measure(
    collection: Collection,
    *,
    processes: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Measured:
    """Measure what was not yet measured, and return all measures.

    Args:
        collection: of the dataset.
        processes: that work at once.
        progress: called with the tasks done and their number.

    Raises:
        CollectionError: the measures cannot be kept.
    """
    known = images(collection)
    series = [one for one in all_series(collection) if one.drop is None or _found_here(one)]
    _forget_changed(collection, known)
    strangers = _strangers(series)
    tasks = list(_tasks(collection, series, strangers, known))
    unreadable: dict[int, str] = {}
    read = 0
    for done, found in enumerate(_results(tasks, processes), start=1):
        with collection.transaction():
            _keep(collection, found, known)
        unreadable.update(found.unreadable)
        read += len(found.looks)
        if progress is not None:
            progress(done, len(tasks))
    _keep_overlaps(collection, series, known)
    return Measured(
        {name: image_measures(collection, name) for name in LOOKS},
        {name: pair_measures(collection, name) for name in (*PAIRS, "overlap")},
        {
            category: tuple(pair for group in groups for pair in _stranger_pairs(group, known))
            for category, groups in strangers.items()
        },
        unreadable,
        read,
    )


def pairs_compared(members: Sequence[int]) -> list[Pair]:
    """Return the pairs of a series that are compared: all, or in large ones those not far apart."""
    reach = len(members) if len(members) <= _ALL_PAIRS else _NEIGHBOURS
    return [
        (min(one, other), max(one, other))
        for place, one in enumerate(members)
        for other in members[place + 1 : place + 1 + reach]
    ]


def same_photo(first: SourceImage, second: SourceImage) -> bool:
    """Return whether two images are crops of one photo, so that their boxes say it all."""
    return first.path == second.path and first.crop is not None and second.crop is not None


def _found_here(series: Series) -> bool:
    """Return whether a series is out only because of what was measured of it before."""
    return series.drop is not None and series.drop.step == "metrics"


def _forget_changed(collection: Collection, known: Mapping[int, SourceImage]) -> None:
    marks = image_measures(collection, _MARK)
    changed = [id for id, mark in marks.items() if id in known and mark != _mark(known[id])]
    forget_measures(collection, changed)


def _mark(image: SourceImage) -> float:
    """Return a number that is another one when the file is: 48 bits, which a float holds."""
    return float(int(image.digest[:12] or "0", 16))


def _strangers(series: Iterable[Series]) -> dict[Category, list[tuple[int, ...]]]:
    """Return groups of six images of different series, by category; up to 24 groups of each.

    Which images they are depends on the series alone, so that another run draws the same.
    """
    drawn: dict[Category, list[tuple[int, ...]]] = {}
    for category in CATEGORIES:
        members = [one.members for one in series if one.category == category]
        rng = np.random.default_rng(len(members))
        order = rng.permutation(len(members))[: _MOST_GROUPS * _STRANGERS]
        ids = [members[place][int(rng.integers(len(members[place])))] for place in order]
        drawn[category] = [
            tuple(dict.fromkeys(ids[start : start + _STRANGERS]))
            for start in range(0, len(ids), _STRANGERS)
        ]
    return drawn


def _stranger_pairs(
    group: Sequence[int], known: Mapping[int, SourceImage]
) -> list[tuple[int, int]]:
    """Return the pairs of a group of different series, but for those of one photo."""
    return [
        (one, other)
        for one, other in combinations(sorted(group), 2)
        if known[one].digest != known[other].digest
    ]


def _tasks(
    collection: Collection,
    series: Iterable[Series],
    strangers: Mapping[Category, Sequence[Sequence[int]]],
    known: Mapping[int, SourceImage],
) -> Iterator[_Task]:
    """Yield the work that is not done yet."""
    seen = set(image_measures(collection, _MARK))
    compared = set(pair_measures(collection, PAIRS[-1]))
    wanted = [(one.members, pairs_compared(one.members)) for one in series]
    wanted += [
        (tuple(group), _stranger_pairs(group, known))
        for groups in strangers.values()
        for group in groups
    ]
    for members, pairs in wanted:
        new_pairs = tuple(
            pair
            for pair in pairs
            if pair not in compared and not same_photo(known[pair[0]], known[pair[1]])
        )
        new = frozenset(members) - seen
        needed = new | {image for pair in new_pairs for image in pair}
        if needed:
            yield _Task(tuple(known[id] for id in members if id in needed), new, new_pairs)
        seen |= new
        compared.update(new_pairs)


def _keep(collection: Collection, found: _Found, known: Mapping[int, SourceImage]) -> None:
    """Write what a task found, and which content of the files it was."""
    for name in LOOKS:
        values = {image: looks[name] for image, looks in found.looks.items()}
        keep_image_measures(collection, name, values)
    keep_image_measures(collection, _MARK, {image: _mark(known[image]) for image in found.looks})
    for name in PAIRS:
        keep_pair_measures(
            collection, name, {pair: values[name] for pair, values in found.pairs.items()}
        )


def _keep_overlaps(
    collection: Collection, series: Iterable[Series], known: Mapping[int, SourceImage]
) -> None:
    """Write how much crops of one photo overlap; this needs no pixels."""
    overlaps = {}
    for one in series:
        for pair in combinations(sorted(one.members), 2):
            first, second = known[pair[0]], known[pair[1]]
            if same_photo(first, second) and first.crop and second.crop:
                overlaps[pair] = overlap_of(first.crop, second.crop)
    with collection.transaction():
        keep_pair_measures(collection, "overlap", overlaps)


def _results(tasks: Sequence[_Task], processes: int) -> Iterator[_Found]:
    """Yield what the tasks find, as it comes."""
    if processes <= 1 or len(tasks) < _WORTH_PROCESSES:
        yield from map(_work, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting: list[Future[_Found]] = [pool.submit(_work, task) for task in tasks]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _work(task: _Task) -> _Found:
    """Read the images of a task and measure them."""
    ready: dict[int, Prepared] = {}
    looks: dict[int, Values] = {}
    unreadable: dict[int, str] = {}
    paired = {image for pair in task.pairs for image in pair}
    photos = _Photos()
    for image in task.images:
        try:
            pixels = photos.pixels(image)
        except FgaError as error:
            unreadable[image.id] = str(error)
            continue
        if image.id in task.looks:
            looks[image.id] = looks_of(pixels)
        if image.id in paired:
            ready[image.id] = prepared(pixels)
    pairs = {
        (one, other): {
            **resemblance(ready[one], ready[other]),
            "patches": patch_distance(ready[one].pixels, ready[other].pixels),
        }
        for one, other in task.pairs
        if one in ready and other in ready
    }
    return _Found(looks, pairs, unreadable)


class _Photos:
    """Reads images; the crops of one photo, one after the other, decode it once."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._whole: Image | None = None

    def pixels(self, image: SourceImage) -> Image:
        """Return what an image shows, (H, W, 3) uint8, of a long side of `READ_PX` at most.

        Raises:
            DecodeError: it cannot be read.
        """
        crop = image.crop
        if crop is None:
            return open_image(image.item(), max_long_side_px=READ_PX)
        if self._whole is None or self._path != image.path:
            self._whole = open_image(replace(image.item(), crop=None))
            self._path = image.path
        left, top, right, bottom = (
            round(v) for v in (crop.left, crop.top, crop.right, crop.bottom)
        )
        height, width = self._whole.shape[:2]
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            return open_image(image.item())  # which says what is wrong with the box
        return reduced(np.ascontiguousarray(self._whole[top:bottom, left:right]), READ_PX)
