"""Tables of judged pairs of generated images as Parquet files, such as Pick-a-Pic.

Columns as in Pick-a-Pic (Kirstain et al., NeurIPS 2023): image_0_uid, image_1_uid, label_0,
label_1 (1 and 0, or .5 each for a tie) and caption; images as bytes in jpg_0, jpg_1, or else as
paths below the dataset's folder in image_0_url, image_1_url. Images on the web are not fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Any

from fgaesq.datasets.draft import Draft, RowError, finite
from fgaesq.datasets.parquet import ParquetTable
from fgaesq.datasets.records import Cell, Dataset, Item, Split
from fgaesq.errors import InputError

__all__ = ["is_pick_a_pic", "read_pick_a_pic"]

_REQUIRED = ("image_0_uid", "image_1_uid", "label_0", "label_1", "caption")
_OPTIONAL = ("has_label", "image_0_url", "image_1_url", "model_0", "model_1")
_SPLITS: Mapping[str, Split] = {
    "train": "train",
    "val": "val",
    "validation": "val",
    "validation_unique": "val",
    "test": "test",
    "test_unique": "test",
}


def is_pick_a_pic(root: Path) -> bool:
    """Tell whether it is a Parquet file, or a folder with some (in `data` too)."""
    return bool(_files(root))


def read_pick_a_pic(root: Path) -> Dataset:
    """Read pairs from Parquet files; a series is all images made from one prompt.

    The split is the first part of a file's name (`train-00000-of-00010.parquet`).

    Raises:
        InputError: a file lacks a column, or no series is usable.
        MissingExtraError: pyarrow is not installed.
    """
    draft = Draft("pick-a-pic", "series", root)
    draft.note("a series is all images made from one prompt")
    files = _files(root)
    parts = {path: _part(path) for path in files}
    for path in files:
        part = parts[path]
        if part.endswith("_unique") and part.removesuffix("_unique") in parts.values():
            draft.note(f"{path.name} is left out: it repeats pairs of another file")
            continue
        _read_file(draft, path, _SPLITS.get(part))
    return draft.finish()


def _read_file(draft: Draft, path: Path, split: Split | None) -> None:
    table = ParquetTable(path)
    lacking = [name for name in _REQUIRED if name not in table.columns]
    if lacking:
        raise InputError(f"{path}: has no column '{lacking[0]}'; it needs {', '.join(_REQUIRED)}")
    columns = [name for name in (*_REQUIRED, *_OPTIONAL) if name in table.columns]
    for number, (row, cells) in enumerate(zip(table.rows(columns), _cells(table), strict=True)):
        place = f"{path.name}: row {number}"
        with draft.row(place):
            if row.get("has_label") is False:
                draft.problem("pairs without a label", place, harmless=True)
                continue
            prompt = str(row["caption"])
            series = hashlib.blake2b(prompt.encode(), digest_size=8).hexdigest()
            labels = finite(row["label_0"]), finite(row["label_1"])
            if min(labels) < 0 or not sum(labels):
                raise RowError("pairs without a label")
            draft.series(series, split=split)
            first, second = (_add(draft, path, row, cells[side], side) for side in (0, 1))
            draft.pair(series, first, second, labels[0] / sum(labels))


def _add(draft: Draft, path: Path, row: Mapping[str, Any], cell: Cell | None, side: int) -> str:
    """Add one of the two images of a row and return its id."""
    item = str(row[f"image_{side}_uid"])
    place = str(row.get(f"image_{side}_url") or "")
    if cell is None and (not place or "://" in place):
        raise RowError("pairs whose images are not in the file (get them and name their paths)")
    photo = path if cell else draft.inside(place)
    maker = str(row.get(f"model_{side}") or "")
    draft.item(Item(item, photo, cell=cell, source=maker, prompt=str(row["caption"])))
    return item


def _cells(table: ParquetTable) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Yield for each row where its two images are, None for one that the file does not hold."""
    if "jpg_0" not in table.columns or "jpg_1" not in table.columns:
        yield from repeat((None, None), table.row_count)
        return
    for row, (first, second) in enumerate(
        zip(table.filled("jpg_0"), table.filled("jpg_1"), strict=True)
    ):
        yield Cell("jpg_0", row) if first else None, Cell("jpg_1", row) if second else None


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root] if root.suffix == ".parquet" else []
    return sorted([*root.glob("*.parquet"), *(root / "data").glob("*.parquet")])


def _part(path: Path) -> str:
    """Return `train` of `train-00000-of-00010-abc.parquet`."""
    return re.split(r"[-.]", path.name.lower())[0]
