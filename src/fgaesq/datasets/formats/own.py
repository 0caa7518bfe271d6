"""Our own format: tables beside image folders, as CSV or JSON lines (see docs/datasets.md).

`series` lists images of series, `pairs` judged pairs, `scores` absolute scores; any of them may be
missing. A single table with the columns series, image and value is a dataset too, and so is the
folder of human judgements that this project is measured on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fgaesq.datasets.draft import Draft, RowError, finite, probability
from fgaesq.datasets.formats.ava import score_of_votes
from fgaesq.datasets.records import SPLITS, Crop, Dataset, Item, Kind, Split
from fgaesq.datasets.tables import columns_of, json_content, records
from fgaesq.errors import InputError

__all__ = [
    "EDGES",
    "TABLES",
    "VOTES",
    "dataset_name",
    "is_human",
    "is_own",
    "is_table",
    "read_human",
    "read_own",
    "read_table",
]

TABLES: Mapping[str, tuple[str, ...]] = {
    "series": ("series", "image"),
    "pairs": ("series", "first", "second", "p"),
    "scores": ("image",),
}
"""The tables and the columns that each must have."""

EDGES = ("left", "top", "right", "bottom")
VOTES = tuple(f"votes_{k}" for k in range(1, 11))
_SUFFIXES = (".csv", ".jsonl")
_RANGE = (1.0, 10.0)
_HUMAN: Mapping[str, tuple[str, ...]] = {
    "aigc.csv": ("appeal_a", "appeal_b"),
    "superres.csv": ("votes",),
}


def dataset_name(root: Path, otherwise: str) -> str:
    """Return the name that `dataset.json` in a folder gives, `otherwise` if there is none.

    Raises:
        InputError: the file is wrong.
    """
    return _description(root)[0] if (root / "dataset.json").is_file() else otherwise


def is_own(root: Path) -> bool:
    """Tell whether a folder has one of the tables."""
    return root.is_dir() and bool(_tables(root))


def read_own(root: Path) -> Dataset:
    """Read a folder in our own format.

    Raises:
        InputError: a table lacks a column, dataset.json is wrong, or nothing is usable.
    """
    tables = _tables(root)
    name, score_range = _description(root)
    kind: Kind = "absolute" if set(tables) == {"scores"} else "series"
    draft = Draft(name, kind, root, score_range=score_range)
    readers: Mapping[str, Callable[[Draft, Path], None]] = {
        "series": _read_series,
        "pairs": _read_pairs,
        "scores": _read_scores,
    }
    for table, path in tables.items():
        readers[table](draft, path)
    return draft.finish()


def is_table(path: Path) -> bool:
    """Tell whether it is a file with the columns series, image and value."""
    if not path.is_file() or path.suffix not in _SUFFIXES:
        return False
    return {"series", "image", "value"} <= set(columns_of(path))


def read_table(path: Path) -> Dataset:
    """Read a single table with the columns series, image and value; images lie beside it.

    Raises:
        InputError: it lacks a column, or nothing is usable.
    """
    draft = Draft(path.stem, "series", path.parent)
    _read_series(draft, path, required=("series", "image", "value"))
    return draft.finish()


def is_human(root: Path) -> bool:
    """Tell whether a folder has both tables of human judgements."""
    return all((root / name).is_file() for name in _HUMAN)


def read_human(root: Path) -> Dataset:
    """Read mean appeal (`aigc.csv`) and votes (`superres.csv`); all of it is for testing.

    Raises:
        InputError: a table lacks a column, or nothing is usable.
    """
    draft = Draft("human", "series", root)
    draft.note("for evaluation only: never train on it")
    for name, columns in _HUMAN.items():
        for place, row in records(root / name, ["series", "image", *columns]):
            with draft.row(place):
                value = sum(finite(row[column]) for column in columns) / len(columns)
                maker = row.get("generator") or row.get("method") or ""
                draft.item(Item(row["image"], draft.inside(row["image"]), source=maker))
                draft.series(row["series"], split="test", source=Path(name).stem)
                draft.member(row["series"], row["image"], value)
    return draft.finish()


def _read_series(draft: Draft, path: Path, *, required: tuple[str, ...] = TABLES["series"]) -> None:
    for place, row in records(path, required):
        with draft.row(place):
            item = _item(draft, row)
            series, value = _text(row, "series"), row.get("value")
            draft.series(series, split=_split(row), source=str(row.get("source") or ""))
            draft.item(item)
            draft.member(series, item.id, None if value in (None, "") else finite(value))


def _read_pairs(draft: Draft, path: Path) -> None:
    for place, row in records(path, TABLES["pairs"]):
        with draft.row(place):
            series, first, second = (_text(row, name) for name in ("series", "first", "second"))
            p, votes = probability(row["p"]), row.get("votes")
            if not draft.has_series(series):  # no table of series, or not this one
                draft.series(series, split=_split(row), source=str(row.get("source") or ""))
            for image in (first, second):
                if not draft.has_item(image):
                    draft.item(Item(image, draft.inside(image)))
            draft.pair(series, first, second, p, votes=int(votes) if votes else None)


def _read_scores(draft: Draft, path: Path) -> None:
    for place, row in records(path, TABLES["scores"]):
        with draft.row(place):
            value, distribution = _judgement(row, draft.score_range or _RANGE)
            item, split = _item(draft, row), _split(row)
            draft.score(item, value, distribution=distribution, split=split)


def _judgement(
    row: Mapping[str, Any], score_range: tuple[float, float]
) -> tuple[float, tuple[float, ...] | None]:
    """Return the score, else the mean of the votes spread over the range, and their shares."""
    given = row.get("score")
    if row.get(VOTES[0]) in (None, ""):
        return finite(given), None
    mean, distribution = score_of_votes([finite(row[name]) for name in VOTES])
    low, high = score_range
    spread = low + (mean - 1) / 9 * (high - low)
    return spread if given in (None, "") else finite(given), distribution


def _item(draft: Draft, row: Mapping[str, Any]) -> Item:
    image = _text(row, "image")
    edges = [row.get(name) for name in EDGES]
    crop = None
    if any(edge not in (None, "") for edge in edges):
        left, top, right, bottom = (finite(edge) for edge in edges)
        fractional = {"px": False, "fraction": True}[str(row.get("unit") or "px")]
        crop = Crop(left, top, right, bottom, fractional)
    return Item(
        id=str(row.get("id") or image),
        path=draft.inside(image),
        crop=crop,
        source=str(row.get("maker") or ""),
        licence=str(row.get("licence") or ""),
        prompt=str(row.get("prompt") or ""),
    )


def _text(row: Mapping[str, Any], column: str) -> str:
    text = str(row[column])
    if not text:
        raise ValueError(column)
    return text


def _split(row: Mapping[str, Any]) -> Split | None:
    split = row.get("split")
    if not split:
        return None
    if split not in SPLITS:
        raise RowError("rows whose split is none of train, val and test")
    return next(one for one in SPLITS if one == split)


def _tables(root: Path) -> dict[str, Path]:
    paths = {table: [root / (table + suffix) for suffix in _SUFFIXES] for table in TABLES}
    found = {table: [path for path in both if path.is_file()] for table, both in paths.items()}
    return {table: there[0] for table, there in found.items() if there}


def _description(root: Path) -> tuple[str, tuple[float, float]]:
    """Return name and score range from dataset.json, if it is there."""
    path = root / "dataset.json"
    if not path.is_file():
        return root.resolve().name, _RANGE
    content = json_content(path)
    try:
        low, high = (finite(end) for end in content.get("score_range", _RANGE))
        name = str(content.get("name", root.resolve().name))
        if low < high:
            return name, (low, high)
    except (AttributeError, TypeError, ValueError):
        pass
    raise InputError(
        f'{path}: must be an object such as {{"name": "mine", "score_range": [1, 10]}}; correct it'
    )
