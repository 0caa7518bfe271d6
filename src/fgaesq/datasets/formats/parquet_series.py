"""Series as Parquet files with images inside, as `building.publish` writes them for the Hub.

`images/*.parquet` has a row for each image of a series: id, series, source, image (a structure of
`bytes` and `path`), value, maker, licence, prompt. `pairs/*.parquet` has series, first, second, p,
votes. The split is the first part of a file's name: train, validation, test, or all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fgaesq.datasets.draft import Draft, finite, probability
from fgaesq.datasets.formats.own import dataset_name
from fgaesq.datasets.parquet import ParquetTable
from fgaesq.datasets.records import Cell, Dataset, Item, Split
from fgaesq.errors import InputError

__all__ = ["FILE_SPLITS", "is_parquet_series", "read_parquet_series"]

FILE_SPLITS: Mapping[Split, str] = {"train": "train", "val": "validation", "test": "test"}
"""How files of a split are called, as on the Hub."""

_IMAGES = ("id", "series", "source", "value", "maker", "licence", "prompt")
_PAIRS = ("series", "source", "first", "second", "p", "votes")


def is_parquet_series(root: Path) -> bool:
    """Tell whether a folder has Parquet files of images and of pairs."""
    return bool(_files(root, "images")) and bool(_files(root, "pairs"))


def read_parquet_series(root: Path) -> Dataset:
    """Read series whose images are inside Parquet files.

    Raises:
        InputError: a file lacks a column, or no series is usable.
        MissingExtraError: pyarrow is not installed.
    """
    draft = Draft(dataset_name(root, root.resolve().name), "series", root)
    for path, split in _files(root, "images").items():
        for row, (place, one) in enumerate(_rows(path, _IMAGES, also="image")):
            with draft.row(place):
                maker, licence, prompt = (one[name] for name in ("maker", "licence", "prompt"))
                cell = Cell("image", row)
                draft.item(Item(one["id"], path, None, cell, maker, licence, prompt))
                draft.series(one["series"], split=split, source=one["source"])
                value = None if one["value"] is None else finite(one["value"])
                draft.member(one["series"], one["id"], value)
    for path in _files(root, "pairs"):
        for place, one in _rows(path, _PAIRS):
            with draft.row(place):
                p = probability(one["p"])
                draft.pair(one["series"], one["first"], one["second"], p, votes=one["votes"])
    return draft.finish()


def _rows(
    path: Path, columns: tuple[str, ...], *, also: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the place of each row and its columns; `also` has to be there, and is not read."""
    table = ParquetTable(path)
    lacking = [name for name in (*columns, also) if name and name not in table.columns]
    if lacking:
        raise InputError(f"{path}: has no column '{lacking[0]}'; it needs {', '.join(columns)}")
    for number, row in enumerate(table.rows(list(columns))):
        yield f"{path.name}: row {number}", row


def _files(root: Path, table: str) -> dict[Path, Split | None]:
    splits: dict[str, Split] = {name: split for split, name in FILE_SPLITS.items()}
    paths = sorted((root / table).glob("*.parquet"))
    return {path: splits.get(path.name.split("-")[0].split(".")[0]) for path in paths}
