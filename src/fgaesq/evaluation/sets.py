"""The sets that models are measured on: datasets, constructed series, human judgements."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fgaesq.datasets.records import Dataset, Item
from fgaesq.errors import InputError
from fgaesq.evaluation.judged import JudgedSeries

if TYPE_CHECKING:  # it needs the packages of the train extra
    from fgaesq.datasets.constructed import Making

__all__ = [
    "MAKER",
    "AssessorColumns",
    "constructed_set",
    "dataset_series",
    "of_split",
    "read_human_pairs",
]

MAKER = "maker alone"
"""Column with the mean verdict on an image's generator or method."""

AssessorColumns = Mapping[str, Mapping[str, float]]
"""Scores of other assessors, higher is better, by name and item id."""


def of_split(dataset: Dataset, split: str | None) -> Dataset:
    """Return one split of a dataset; by default `test`, or everything where there are no splits.

    Raises:
        InputError: it has no such split.
    """
    if split == "all" or (split is None and not dataset.splits):
        return dataset
    wanted = split or "test"
    for known in dataset.splits:
        if known == wanted:
            return dataset.of_split(known)
    there = ", ".join(dataset.splits) or "none"
    raise InputError(f"{dataset.root}: has no split '{wanted}', only {there}; choose by --split")


def dataset_series(
    dataset: Dataset, assessors: AssessorColumns | None = None
) -> Iterator[JudgedSeries]:
    """Yield the series of a dataset, listed by their source (without one, by the dataset).

    Args:
        dataset: read and reduced to the wanted split.
        assessors: complete columns (see `read_assessors`).
    """
    pairs = dataset.pairs_of()
    for one in dataset.series:
        place = {item: position for position, item in enumerate(one.items)}
        judged = [(place[pair.first], place[pair.second], pair.p) for pair in pairs[one.id]]
        yield JudgedSeries(
            id=one.id,
            group=one.source or dataset.name,
            names=one.items,
            images=[dataset.items[item] for item in one.items],
            values=one.values,
            pairs=judged if dataset.pairs else None,
            peers={
                name: [column[item] for item in one.items]
                for name, column in (assessors or {}).items()
            },
        )


def constructed_set(
    folder: Path, *, split: str, series: int, seed: int, making: Making = "edited"
) -> Iterator[JudgedSeries]:
    """Yield constructed series of photos that training never saw (`test` or `val`).

    Needs the packages of the train extra.

    Raises:
        InputError: `folder` is no pool of photos.
    """
    from fgaesq.datasets.constructed import read_pool, series_stream
    from fgaesq.datasets.token_cache import DecodedPhotos

    pool = read_pool(folder, split=split)
    pixels = DecodedPhotos(pool)
    stream = series_stream(pool, pixels, seed=seed, indices=range(series), making=making)
    for number, one in enumerate(stream):
        yield JudgedSeries(
            id=f"{number:06d}",
            group=one.kind,
            names=[
                f"{one.source}, {edit} {severity:.2f}"
                for edit, severity in zip(one.edits, one.severities, strict=True)
            ],
            images=one.images,
            values=[-severity for severity in one.severities],
            measure="severity",
        )


def read_human_pairs(folder: Path, name: str) -> list[JudgedSeries]:
    """Return a set of human judgements: `aigc` (mean appeal) or `superres` (votes).

    Args:
        folder: holds `aigc.csv` and `superres.csv` and the images they name.
        name: of the set.

    Raises:
        InputError: the table is not there or names an image that is not.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"{path}: not found; give the folder of human judgements")
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    ids = list(dict.fromkeys(row["series"] for row in rows))
    return [_human_series(folder, name, rows, one) for one in ids]


def _human_series(folder: Path, name: str, rows: list[dict[str, str]], series: str) -> JudgedSeries:
    members = [row for row in rows if row["series"] == series]
    peers = [key for key in members[0] if key.startswith("peer_")]
    return JudgedSeries(
        id=series,
        group=name,
        names=[row["image"] for row in members],
        images=[Item(row["image"], folder / row["image"]) for row in members],
        values=[_appeal(row) for row in members],
        measure="votes" if "votes" in members[0] else "appeal",
        peers={key[5:]: [float(row[key]) for row in members] for key in peers},
        oracles={MAKER: _maker_scores(rows, members)},
    )


def _appeal(row: dict[str, str]) -> float:
    """Return the human verdict, higher is better: mean of two crowd tests, or votes."""
    if "votes" in row:
        return float(row["votes"])
    return (float(row["appeal_a"]) + float(row["appeal_b"])) / 2


def _maker_scores(rows: list[dict[str, str]], members: list[dict[str, str]]) -> list[float]:
    """Return the mean verdict on each image's generator or method over the whole set.

    It knows the truth, so it is no competitor: it tells how much the maker alone explains.
    """
    key = "method" if "method" in rows[0] else "generator"
    mean = {
        maker: float(np.mean([_appeal(row) for row in rows if row[key] == maker]))
        for maker in {row[key] for row in rows}
    }
    return [mean[row[key]] for row in members]
