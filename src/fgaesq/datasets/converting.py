"""Any dataset -> our own format: its images once each, and the tables beside them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from fgaesq.datasets.formats.own import EDGES, VOTES
from fgaesq.datasets.parquet import encoded_image
from fgaesq.datasets.records import Dataset, Item
from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["convert_dataset"]

_ITEM = ("id", "image", *EDGES, "unit", "maker", "licence", "prompt")


def convert_dataset(
    dataset: Dataset, folder: Path, *, on_image: Callable[[], None] | None = None
) -> None:
    """Write a dataset in our own format; reading it back gives the same judgements.

    Photo files are copied byte for byte, once each; crops stay boxes in the tables. Images inside
    Parquet files become files. Notes and problems are not kept.

    Args:
        dataset: of `read_dataset`.
        folder: new, or empty.
        on_image: called for each item.

    Raises:
        InputError: the folder is not empty.
        MissingExtraError: images are in Parquet files and pyarrow is not installed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{printable(folder)}: is not an empty folder; give a new one")
    (folder / "images").mkdir(parents=True)
    rows = {}
    written: dict[object, str] = {}
    for item in dataset.items.values():
        key = (item.path, item.cell)
        if key not in written:
            written[key] = f"images/{len(written) + 1:06d}{_suffix(item)}"
            _write_image(item, folder / written[key])
        rows[item.id] = (item.id, written[key], *_box(item), item.source, item.licence, item.prompt)
        if on_image:
            on_image()
    description = {"name": dataset.name, "score_range": dataset.score_range or (1, 10)}
    (folder / "dataset.json").write_text(json.dumps(description) + "\n", encoding="utf-8")
    if dataset.series:
        _write_series(dataset, rows, folder)
    if dataset.scores:
        scores = (
            (*rows[item], one.value, *(one.distribution or [""] * len(VOTES)), one.split or "")
            for item, one in dataset.scores.items()
        )
        _write_table(folder / "scores.csv", (*_ITEM, "score", *VOTES, "split"), scores)


def _write_series(dataset: Dataset, rows: dict[str, tuple[object, ...]], folder: Path) -> None:
    members = (
        (*rows[item], one.id, one.values[k] if one.values else "", one.split or "", one.source)
        for one in dataset.series
        for k, item in enumerate(one.items)
    )
    header = (*_ITEM, "series", "value", "split", "source")
    _write_table(folder / "series.csv", header, members)
    if dataset.pairs:
        pairs = ((p.series, p.first, p.second, p.p, p.votes or "") for p in dataset.pairs)
        _write_table(folder / "pairs.csv", ("series", "first", "second", "p", "votes"), pairs)


def _box(item: Item) -> tuple[object, ...]:
    if item.crop is None:
        return ("", "", "", "", "")
    crop = item.crop
    unit = "fraction" if crop.fractional else "px"
    return (crop.left, crop.top, crop.right, crop.bottom, unit)


def _suffix(item: Item) -> str:
    return ".jpg" if item.cell else item.path.suffix.lower()


def _write_image(item: Item, path: Path) -> None:
    if item.cell:
        path.write_bytes(encoded_image(item.path, item.cell))
    else:
        shutil.copyfile(item.path, path)


def _write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
