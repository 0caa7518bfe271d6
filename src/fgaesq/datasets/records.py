"""Human-judged images as plain values: what every dataset reader returns.

Two kinds of dataset exist. A `series` dataset judges images against each other: pairs with the
probability that the first is better, or a value per image of a series. An `absolute` dataset
judges each image by itself: a score, often with the distribution it is the mean of. A dataset may
hold both; its kind says what it was collected for.

Nothing here needs torch. Pixels are only read by `open_image`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from fgaesq.errors import DecodeError
from fgaesq.images import photo_from_array, photo_from_pil, read_photo
from fgaesq.types import Image

__all__ = [
    "SPLITS",
    "Cell",
    "Crop",
    "Dataset",
    "Item",
    "ItemScore",
    "Kind",
    "PairRecord",
    "Problem",
    "SeriesRecord",
    "Split",
    "open_image",
    "pairs_from_values",
]

Kind: TypeAlias = Literal["series", "absolute"]
Split: TypeAlias = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of an upright photo that an item shows.

    Attributes:
        left, top, right, bottom: edges; right and bottom lie just outside. In pixels of the whole
            upright photo, or, if `fractional`, in fractions of its width and height, 0 to 1.
        fractional: which of the two.
    """

    left: float
    top: float
    right: float
    bottom: float
    fractional: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of an encoded image inside a Parquet file: its column and row, from 0."""

    column: str
    row: int


@dataclass(frozen=True, slots=True)
class Item:
    """One judged image.

    Attributes:
        id: unique in its dataset.
        path: the photo file, or the Parquet file if `cell` is given.
        crop: the part of the photo that was judged; None for all of it.
        cell: where in a Parquet file the image is; None for a photo file.
        source: who or what made the image (collection, generator), "" if not known.
        licence: of the image, "" if not known.
        prompt: text it was generated from, "" for photos.
    """

    id: str
    path: Path
    crop: Crop | None = None
    cell: Cell | None = None
    source: str = ""
    licence: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """Images that were judged against each other.

    Attributes:
        id: unique in its dataset.
        items: ids, at least two, each once.
        values: one per item, higher is better, on a scale of this series alone; None where only
            pairs were judged.
        split: None if the dataset has no splits.
        source: the part of the dataset that results are listed by (`natural`, `aigc`, ...).
    """

    id: str
    items: tuple[str, ...]
    values: tuple[float, ...] | None = None
    split: Split | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class PairRecord:
    """A judged pair of a series.

    Attributes:
        series: id.
        first, second: item ids, both in the series.
        p: probability in [0, 1] that the first is better; .5 is a tie.
        votes: how many judgements `p` comes from, None if not known.
    """

    series: str
    first: str
    second: str
    p: float
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class ItemScore:
    """The absolute judgement of an image.

    Attributes:
        value: on the dataset's own scale (`Dataset.score_range`), higher is better.
        distribution: shares of ten bins from worst to best, sum 1; None where only means are
            published.
        split: None if the dataset has no splits.
    """

    value: float
    distribution: tuple[float, ...] | None = None
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be used while reading, of one kind.

    Attributes:
        what: in words, such as `images that are not there`.
        count: how many.
        examples: the first few, each with its place.
        harmless: whether nothing was lost by it (a repeated row, say).
    """

    what: str
    count: int
    examples: tuple[str, ...]
    harmless: bool = False

    def __str__(self) -> str:
        more = ", ..." if self.count > len(self.examples) else ""
        return f"{self.what}: {self.count} ({', '.join(self.examples)}{more})"


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A dataset of human judgements.

    Attributes:
        name: of the dataset.
        kind: `series` or `absolute`.
        root: the folder it was read from.
        items: by id; all of them have their image file.
        series: with at least two items each.
        pairs: of these series.
        scores: by item id.
        score_range: lowest and highest possible `ItemScore.value`; None without scores.
        notes: what was decided while reading (direction of labels, splits made, ...).
        problems: what was left out or repaired, counted.
    """

    name: str
    kind: Kind
    root: Path
    items: Mapping[str, Item] = field(default_factory=lambda: MappingProxyType({}))
    series: tuple[SeriesRecord, ...] = ()
    pairs: tuple[PairRecord, ...] = ()
    scores: Mapping[str, ItemScore] = field(default_factory=lambda: MappingProxyType({}))
    score_range: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits that occur, in the order train, val, test."""
        found = {one.split for one in self.series} | {one.split for one in self.scores.values()}
        return tuple(split for split in SPLITS if split in found)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of the series, sorted; () if none is known."""
        return tuple(sorted({one.source for one in self.series} - {""}))

    def pairs_of(self) -> dict[str, tuple[PairRecord, ...]]:
        """Return the pairs by series id, in the order of `series`; () where only values exist."""
        found: dict[str, list[PairRecord]] = {one.id: [] for one in self.series}
        for pair in self.pairs:
            found[pair.series].append(pair)
        return {series: tuple(pairs) for series, pairs in found.items()}

    def of_split(self, split: Split) -> Dataset:
        """Return the dataset with the series and scores of one split only."""
        return self._kept(
            [one for one in self.series if one.split == split],
            {item: one for item, one in self.scores.items() if one.split == split},
        )

    def of_source(self, source: str) -> Dataset:
        """Return the dataset with the series of one source, and the scores of their items."""
        series = [one for one in self.series if one.source == source]
        inside = {item for one in series for item in one.items}
        return self._kept(series, {i: one for i, one in self.scores.items() if i in inside})

    def _kept(self, series: Sequence[SeriesRecord], scores: Mapping[str, ItemScore]) -> Dataset:
        ids = {one.id for one in series}
        used = {item for one in series for item in one.items} | set(scores)
        return replace(
            self,
            items={id: item for id, item in self.items.items() if id in used},
            series=tuple(series),
            pairs=tuple(pair for pair in self.pairs if pair.series in ids),
            scores=scores,
        )


def pairs_from_values(series: SeriesRecord) -> Iterator[PairRecord]:
    """Yield all pairs of a series by its values: p is 1, 0, or .5 for equal values.

    This is for series of which only values are published: these say which image is better, not
    how surely.
    """
    if series.values is None:
        return
    for (first, a), (second, b) in combinations(zip(series.items, series.values, strict=True), 2):
        yield PairRecord(series.id, first, second, 0.5 + 0.5 * float(np.sign(a - b)))


def open_image(item: Item, *, max_long_side_px: int | None = None) -> Image:
    """Return what an item shows as upright sRGB pixels, uint8, (H, W, 3).

    A crop is cut from the upright photo at full size and reduced afterwards, so that crops of one
    photo keep their resolution.

    Args:
        item: from a dataset.
        max_long_side_px: reduce to this long side, at least 16, if the image is larger.

    Raises:
        DecodeError: the file is not a photo that can be read, or the crop does not lie inside it.
        InputError: `max_long_side_px` is below 16.
        MissingExtraError: the image is in a Parquet file and pyarrow is not installed.
    """
    if item.crop is None:
        return _whole(item, max_long_side_px)
    cut = _cut(_whole(item, None), item.crop, str(item.path))
    return photo_from_array(cut, name=item.id, max_long_side_px=max_long_side_px).pixels


def _whole(item: Item, max_long_side_px: int | None) -> Image:
    if item.cell is None:
        return read_photo(item.path, max_long_side_px=max_long_side_px).pixels
    import io

    from PIL import Image as PILImage

    from fgaesq.datasets.parquet import encoded_image

    place = f"{item.path}, row {item.cell.row}"
    encoded = encoded_image(item.path, item.cell)
    try:
        with PILImage.open(io.BytesIO(encoded)) as image:
            return photo_from_pil(image, name=place, max_long_side_px=max_long_side_px).pixels
    except (OSError, ValueError) as error:
        raise DecodeError(
            f"{place}: column '{item.cell.column}' holds no readable image; leave the row out"
        ) from error


def _cut(image: Image, crop: Crop, path: str) -> Image:
    height, width = image.shape[:2]
    across, down = (width, height) if crop.fractional else (1, 1)
    left, right = round(crop.left * across), round(crop.right * across)
    top, bottom = round(crop.top * down), round(crop.bottom * down)
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise DecodeError(
            f"{path}: the crop ({left}, {top}) to ({right}, {bottom}) is not inside the upright "
            f"photo of {width}x{height} px; correct the box"
        )
    return np.ascontiguousarray(image[top:bottom, left:right])
