"""Any dataset -> our own format: its images once each, and the tables beside them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from fgaesq.datasets.formats.own import EDGES, VOTES
from fgaesq.datasets.parquet import encoded_image
from fgaesq.datasets.records import Dataset, Item
from fgaesq.datasets.tables import write_table
from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["convert_dataset"]

_ITEM = ("id", "image", *EDGES, "unit", "maker", "licence", "prompt")


def convert_dataset(
    dataset: Dataset,
    folder: Path,
    *,
    write_image: Callable[[Item, Path], Path] | None = None,
    on_image: Callable[[], None] | None = None,
) -> None:
    """Write a dataset in our own format; reading it back gives the same judgements.

    Photo files are copied byte for byte, once each; crops stay boxes in the tables. Images inside
    Parquet files become files. Notes and problems are not kept.

    Args:
        dataset: of `read_dataset`.
        folder: new, or empty.
        write_image: writes the photo of an item (all of it, also of a crop) to a path that lacks
            its ending, and returns the path with it; copies by default.
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
            path = (write_image or _copy_image)(item, folder / "images" / f"{len(written) + 1:06d}")
            written[key] = path.relative_to(folder).as_posix()
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
        write_table(folder / "scores.csv", (*_ITEM, "score", *VOTES, "split"), scores)


def _write_series(dataset: Dataset, rows: dict[str, tuple[object, ...]], folder: Path) -> None:
    members = (
        (*rows[item], one.id, one.values[k] if one.values else "", one.split or "", one.source)
        for one in dataset.series
        for k, item in enumerate(one.items)
    )
    header = (*_ITEM, "series", "value", "split", "source")
    write_table(folder / "series.csv", header, members)
    if dataset.pairs:
        pairs = ((p.series, p.first, p.second, p.p, p.votes or "") for p in dataset.pairs)
        write_table(folder / "pairs.csv", ("series", "first", "second", "p", "votes"), pairs)


def _box(item: Item) -> tuple[object, ...]:
    if item.crop is None:
        return ("", "", "", "", "")
    crop = item.crop
    unit = "fraction" if crop.fractional else "px"
    return (crop.left, crop.top, crop.right, crop.bottom, unit)


def _copy_image(item: Item, stem: Path) -> Path:
    if item.cell:
        path = stem.with_name(f"{stem.name}.jpg")
        path.write_bytes(encoded_image(item.path, item.cell))
    else:
        path = stem.with_name(stem.name + item.path.suffix.lower())
        shutil.copyfile(item.path, path)
    return path
