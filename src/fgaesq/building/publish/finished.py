"""A collection with calibrated ranks -> the finished dataset, as all of `fgaesq` reads them."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.ranks import calibrated_series, splits
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import CalibratedSeries, Series, SourceImage
from fgaesq.datasets.records import Dataset, Item, PairRecord, SeriesRecord, Split
from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["UNKNOWN_LICENCE", "Finished", "finished_dataset"]

UNKNOWN_LICENCE = "unknown"
"""How images without a licence are called where licences are listed or chosen."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished dataset, and what it is made of.

    Attributes:
        dataset: series named `natural/000123`, their images `natural/000123-01` in the order of the
            series (not by rank), pairs with P and votes, values, sources, licences, prompts.
        series: by name, the id in the collection.
        items: by name, the image of the collection.
        left_out: how many images or series are not in it, by the reason in words.
        missing: photo files that are no longer there, a reason of `left_out`.
    """

    dataset: Dataset
    series: Mapping[str, int]
    items: Mapping[str, SourceImage]
    left_out: Mapping[str, int]
    missing: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Parts:
    """One series as it goes into the dataset: its images in order, its values, its pairs."""

    images: tuple[SourceImage, ...]
    values: tuple[float, ...]
    pairs: tuple[tuple[int, int, float, int], ...]


def finished_dataset(collection: Collection, *, licences: AnyOf[str] | None = None) -> Finished:
    """Return all series that have ranks, less what was dropped or removed.

    An image is in if no step dropped it, it has a value, its file is there, its licence is wanted,
    and a judged pair of it was not removed; a series, if two of its images are in. An image of two
    series is two items.

    Args:
        collection: of the dataset.
        licences: only images of these; `UNKNOWN_LICENCE` stands for none known. By default all.

    Raises:
        InputError: no series is left.
    """
    known, side = images(collection), splits(collection)
    missing = {path for path in {image.path for image in known.values()} if not path.is_file()}
    usable = {id: image for id, image in known.items() if image.path not in missing}
    ranked = {one.series: one for one in calibrated_series(collection)}
    items: dict[str, SourceImage] = {}
    series: list[SeriesRecord] = []
    pairs: list[PairRecord] = []
    ids: dict[str, int] = {}
    left_out: dict[str, int] = {}
    for one in all_series(collection):
        if not one.kept:
            continue
        parts = _parts(one, usable, ranked.get(one.id), licences, left_out)
        if parts is None:
            continue
        record, names = _record(one, parts, side.get(one.id))
        ids[record.id] = one.id
        items.update(zip(names.values(), parts.images, strict=True))
        series.append(record)
        pairs.extend(_pairs(record.id, names, parts))
    if not series:
        found = "; ".join(f"{what}: {number}" for what, number in left_out.items())
        raise InputError(
            f"{printable(collection.folder)}: no series is ready to be published "
            f"({found or 'there are none'}); collect votes and run 'fgaesq data calibrate'"
        )
    dataset = Dataset(
        name=collection.name,
        kind="series",
        root=collection.folder,
        items=MappingProxyType({id: _item(id, image) for id, image in items.items()}),
        series=tuple(series),
        pairs=tuple(pairs),
    )
    return Finished(dataset, ids, items, left_out, tuple(sorted(missing)))


def _parts(
    one: Series,
    usable: Mapping[int, SourceImage],
    ranks: CalibratedSeries | None,
    licences: AnyOf[str] | None,
    left_out: dict[str, int],
) -> _Parts | None:
    """Return what is left of a series, None if too little; count what is left out."""
    if ranks is None:
        _count(left_out, "series without ranks")
        return None
    values = {image.image: image.value for image in ranks.images}
    wanted = set()
    for image in one.kept:
        if image not in values:
            _count(left_out, "images without a rank")
        elif image not in usable:
            _count(left_out, "images whose file is not there")
        elif licences is not None and (usable[image].licence or UNKNOWN_LICENCE) not in licences:
            _count(left_out, "images of another licence")
        else:
            wanted.add(image)
    pairs = tuple(
        (pair.first, pair.second, pair.p, pair.votes)
        for pair in ranks.pairs
        if not pair.removed and pair.first in wanted and pair.second in wanted
    )
    judged = {image for pair in pairs for image in pair[:2]}
    _count(left_out, "images in no pair that is left", len(wanted - judged))
    kept = tuple(image for image in one.kept if image in judged)
    if not kept:
        _count(left_out, "series without a pair that is left")
        return None
    return _Parts(
        tuple(usable[image] for image in kept), tuple(values[image] for image in kept), pairs
    )


def _record(one: Series, parts: _Parts, split: Split | None) -> tuple[SeriesRecord, dict[int, str]]:
    """Return the record of a series and the names of its images by id."""
    name = f"{one.category}/{one.id:06d}"
    names = {image.id: f"{name}-{k:02d}" for k, image in enumerate(parts.images, start=1)}
    items = tuple(names.values())
    return SeriesRecord(name, items, parts.values, split, one.category), names


def _pairs(series: str, names: Mapping[int, str], parts: _Parts) -> Iterator[PairRecord]:
    for first, second, p, votes in parts.pairs:
        yield PairRecord(series, names[first], names[second], p, votes or None)


def _item(id: str, image: SourceImage) -> Item:  # noqa: A002 - the word of the record
    return replace(image.item(), id=id)


def _count(left_out: dict[str, int], what: str, number: int = 1) -> None:
    if number:
        left_out[what] = left_out.get(what, 0) + number
