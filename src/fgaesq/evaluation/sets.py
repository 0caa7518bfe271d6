"""The sets that models are measured on: constructed series and human judgements."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fgaesq.datasets.constructed import read_pool, series_stream
from fgaesq.datasets.edits import EDITS
from fgaesq.datasets.token_cache import DecodedPhotos
from fgaesq.errors import InputError
from fgaesq.evaluation.judged import JudgedSeries
from fgaesq.images import read_photo

__all__ = ["MAKER", "constructed_set", "read_human_pairs"]


MAKER = "maker alone"
"""Column with the mean verdict on an image's generator or method."""


def constructed_set(folder: Path, *, split: str, series: int, seed: int) -> Iterator[JudgedSeries]:
    """Yield constructed series of photos that training never saw (`test` or `val`).

    Raises:
        InputError: `folder` is no pool of photos.
    """
    pool = read_pool(folder, split=split)
    pixels = DecodedPhotos(pool)
    stream = series_stream(pool, pixels, seed=seed, indices=range(series), kinds=tuple(EDITS))
    for number, one in enumerate(stream):
        yield JudgedSeries(number, one.kind, one.images, one.severities, {})


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
    result = []
    for number, one in enumerate(ids):
        members = [row for row in rows if row["series"] == one]
        peers = [key for key in members[0] if key.startswith("peer_")]
        result.append(
            JudgedSeries(
                id=number,
                group=one,
                images=[read_photo(folder / row["image"]).pixels for row in members],
                level=[-_appeal(row) for row in members],
                peers={
                    **{key[5:]: [float(row[key]) for row in members] for key in peers},
                    MAKER: _maker_scores(rows, members),
                },
            )
        )
    return result


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
