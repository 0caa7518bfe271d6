"""A finished dataset, of any format that is read -> a collection with images, ranks and splits."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as PILImage

from fgaesq.building.collect.reading import digest_of
from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import add_images, images
from fgaesq.building.collection.ranks import (
    calibrated_series,
    keep_splits,
    replace_calibration,
    splits,
)
from fgaesq.building.collection.series import add_series, all_series
from fgaesq.building.files import write_file
from fgaesq.building.records import (
    CATEGORIES,
    CalibratedImage,
    CalibratedPair,
    CalibratedSeries,
    Category,
    NewSeries,
    SourceImage,
)
from fgaesq.datasets.parquet import encoded_images
from fgaesq.datasets.records import Crop, Dataset, Item, PairRecord, SeriesRecord, open_image
from fgaesq.errors import DecodeError, InputError
from fgaesq.images import printable
from fgaesq.images.faults import DECODER_ERRORS
from fgaesq.images.orientation import exif_orientation, swaps_sides

__all__ = ["Imported", "categories_of", "import_dataset"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was added.

    Attributes:
        images: how many the dataset has that can be read.
        series, pairs: how many were added.
        known: how many series of the same images were there before, and stay as they are.
        failures: why images are not in it, one sentence each; their pairs are not either.
    """

    images: int
    series: int
    pairs: int
    known: int = 0
    failures: tuple[str, ...] = ()


def import_dataset(
    collection: Collection,
    dataset: Dataset,
    *,
    category: Category | None = None,
    on_image: Callable[[], None] | None = None,
) -> Imported:
    """Add the series of a dataset with their values, pairs and splits to a collection.

    Images in Parquet files become files in the folder of the collection; others stay where they
    are. Published ranks have no intervals: the ends of those kept are the values themselves.

    Args:
        collection: of the dataset in the making; what is in it stays.
        dataset: of series.
        category: of series whose source is none of natural, aigc and cropping.
        on_image: called for each image.

    Raises:
        InputError: the dataset has no series, the category of one is not known, or a photo of a
            Parquet file cannot be written.
    """
    categories = categories_of(dataset, category)
    failures: list[str] = []
    ids = _add_images(collection, dataset, failures, on_image)
    pairs = dataset.pairs_of()
    ranked, sides = calibrated_series(collection), splits(collection)
    there = {frozenset(one.members) for one in all_series(collection)}
    known, added, judged = 0, 0, 0
    with collection.transaction(durable=True):
        for one, kind in zip(dataset.series, categories, strict=True):
            members = tuple(ids[item] for item in one.items if item in ids)
            if len(set(members)) < len(members):
                failures.append(f"series {one.id}: has one image twice; leave one of them out")
                continue
            if len(members) < 2:
                failures.append(f"series {one.id}: fewer than two of its images can be used")
                continue
            if frozenset(members) in there:
                known += 1
                continue
            (series,) = add_series(collection, [NewSeries(kind, members, dataset.name, "imported")])
            found = _ranks(series, one, pairs[one.id], ids)
            ranked += [found] if found.images else []
            added, judged = added + 1, judged + len(found.pairs)
            if one.split:
                sides[series] = one.split
        replace_calibration(collection, ranked)
        keep_splits(collection, sides)
    return Imported(len(ids), added, judged, known, tuple(failures))


def categories_of(dataset: Dataset, otherwise: Category | None = None) -> list[Category]:
    """Return the category of each series, `otherwise` where its source does not say it.

    Raises:
        InputError: the dataset has no series, or the category of one is not known.
    """
    if not dataset.series:
        raise InputError(f"{printable(dataset.root)}: has no series; only those can be imported")
    return [_category(one, otherwise) for one in dataset.series]


def _category(one: SeriesRecord, otherwise: Category | None) -> Category:
    for known in CATEGORIES:
        if one.source == known:
            return known
    if otherwise is None:
        raise InputError(
            f"series {one.id}: its source is '{one.source}'; say with --kind whether the series "
            f"are {', '.join(CATEGORIES)}"
        )
    return otherwise


def _add_images(
    collection: Collection,
    dataset: Dataset,
    failures: list[str],
    on_image: Callable[[], None] | None,
) -> dict[str, int]:
    """Add all images; return their ids by name. Those that cannot be read are failures."""
    photos: dict[Path, tuple[str, tuple[int, int]]] = {}
    names, found = [], []
    paths = _files(collection, dataset)
    for item in dataset.items.values():
        try:
            found.append(_source_image(item, paths[item.id], photos))
            names.append(item.id)
        except (DecodeError, KeyError) as error:
            failures.append(
                str(error) if isinstance(error, DecodeError) else f"{item.id}: is empty"
            )
        if on_image:
            on_image()
    # What the collection knows of an image already is not overwritten.
    there = {(one.path, one.crop): id for id, one in images(collection).items()}
    new = {(one.path, one.crop): one for one in found if (one.path, one.crop) not in there}
    there |= zip(new, add_images(collection, new.values()), strict=True)
    return {name: there[one.path, one.crop] for name, one in zip(names, found, strict=True)}


def _files(collection: Collection, dataset: Dataset) -> dict[str, Path]:
    """Return the photo of each item; those in Parquet files are written out, in one go a file.

    Raises:
        InputError: a Parquet file cannot be read, or a photo not be written.
    """
    paths = {id: item.path.absolute() for id, item in dataset.items.items() if not item.cell}
    inside: dict[tuple[Path, str], dict[int, str]] = defaultdict(dict)
    for id, item in dataset.items.items():  # noqa: A001 - the word of the record
        if item.cell:
            inside[item.path, item.cell.column][item.cell.row] = id
    folder = collection.folder / "images"
    for (path, column), rows in inside.items():
        for row, content in enumerate(encoded_images(path, column)):
            if row in rows and content is not None:
                digest = hashlib.sha256(content).hexdigest()
                file = folder / (digest[:32] + _suffix(content))
                if not file.exists():
                    write_file(file, content)
                paths[rows[row]] = file
    return paths


def _source_image(
    item: Item, path: Path, photos: dict[Path, tuple[str, tuple[int, int]]]
) -> SourceImage:
    """Return an item as an image of a collection; each photo is looked at once.

    Raises:
        DecodeError: the photo cannot be read.
    """
    if path not in photos:
        photos[path] = digest_of(path), _size(item, path)
    digest, (height, width) = photos[path]
    crop = item.crop
    if crop is not None:
        across, down = (width, height) if crop.fractional else (1, 1)
        crop = Crop(
            round(crop.left * across),
            round(crop.top * down),
            round(crop.right * across),
            round(crop.bottom * down),
        )
        height, width = int(crop.bottom - crop.top), int(crop.right - crop.left)
    return SourceImage(
        path, digest, height, width, crop, item.source, item.licence, item.prompt,
        origin={"imported": item.id},
    )  # fmt: skip


def _size(item: Item, path: Path) -> tuple[int, int]:
    """Return (height, width) of the upright photo; from its head where Pillow can tell."""
    try:
        with PILImage.open(path) as image:
            width, height = image.size
            if image.format in ("JPEG", "PNG", "WEBP"):
                turned = swaps_sides(exif_orientation(image.info.get("exif", b"")))
                return (width, height) if turned else (height, width)
    except DECODER_ERRORS:
        pass  # not a kind that Pillow knows: the photo is read as a whole
    height, width = open_image(Item(item.id, path)).shape[:2]
    return height, width


def _ranks(
    series: int, one: SeriesRecord, pairs: tuple[PairRecord, ...], ids: Mapping[str, int]
) -> CalibratedSeries:
    """Return what a dataset says of a series, as if it had been calibrated here."""
    values = dict(zip(one.items, one.values, strict=True)) if one.values else {}
    known = sorted(((v, ids[item]) for item, v in values.items() if item in ids), reverse=True)
    ranks = {v: rank for rank, (v, _) in reversed(list(enumerate(known, start=1)))}
    images = tuple(CalibratedImage(image, v, v, v, ranks[v]) for v, image in known)
    return CalibratedSeries(series, images, tuple(sorted(_pairs(pairs, ids), key=_order)))


def _pairs(pairs: tuple[PairRecord, ...], ids: Mapping[str, int]) -> Iterator[CalibratedPair]:
    for pair in pairs:
        if pair.first not in ids or pair.second not in ids:
            continue
        first, second, p = ids[pair.first], ids[pair.second], pair.p
        if first > second:
            first, second, p = second, first, 1 - p
        yield CalibratedPair(first, second, p, p, p, pair.votes or 0)


def _order(pair: CalibratedPair) -> tuple[int, int]:
    return pair.first, pair.second


def _suffix(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return ".png"
    return ".webp" if content[8:12] == b"WEBP" else ".jpg"
