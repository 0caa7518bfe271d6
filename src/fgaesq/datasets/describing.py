"""Comparative texts for datasets: which pairs are worth one, and those of constructed series."""

from __future__ import annotations

from pathlib import Path

from fgaesq.datasets.records import Dataset, pairs_from_values
from fgaesq.datasets.tables import records
from fgaesq.errors import InputError
from fgaesq.texts.endpoint import PairToDescribe
from fgaesq.texts.records import ComparativeText
from fgaesq.texts.templates import series_texts

__all__ = ["constructed_texts", "pairs_to_describe"]

_TRUTH = "truth.csv"


def pairs_to_describe(dataset: Dataset, *, margin: float = 0.1) -> list[PairToDescribe]:
    """Return the pairs of which one image is clearly enough the better one.

    Args:
        dataset: of series. Where only values are published, all pairs of unequal values count.
        margin: how far P(first is better) must at least be from .5.

    Raises:
        InputError: there is no such pair.
    """
    judged = dataset.pairs_of()
    pairs = [
        PairToDescribe(pair.series, pair.first, pair.second, "first" if pair.p > 0.5 else "second")
        for series in dataset.series
        for pair in judged[series.id] or pairs_from_values(series)
        if pair.p != 0.5 and abs(pair.p - 0.5) >= margin
    ]
    if not pairs:
        raise InputError(
            f"{dataset.root}: has no pair of which one image is better by P of at least "
            f"{0.5 + margin:g}; give a dataset of series, or a smaller --margin"
        )
    return pairs


def constructed_texts(folder: Path) -> tuple[ComparativeText, ...]:
    """Return template texts for all pairs of the series that `fgaesq data construct` wrote.

    Raises:
        InputError: the folder has no truth.csv, or one that lacks a column or has a wrong value.
        UnknownNameError: it names an edit that has no wording.
    """
    path = folder / _TRUTH
    if not path.is_file():
        raise InputError(f"{path}: not found; give a folder that 'fgaesq data construct' wrote")
    edits: dict[str, str] = {}
    severities: dict[str, dict[str, float]] = {}
    for place, row in records(path, ("series", "image", "kind", "severity")):
        try:
            series, image, edit = row["series"], row["image"], row["kind"]
            severity = float(row["severity"])
        except (KeyError, ValueError):
            raise InputError(
                f"{path.parent}/{place}: is no line of a series; need series, image, kind and a "
                "number as severity"
            ) from None
        if edits.setdefault(series, edit) != edit:
            raise InputError(
                f"{path.parent}/{place}: series {series} has the edits {edits[series]} and "
                f"{edit}; construct it again"
            )
        severities.setdefault(series, {})[image] = severity
    return tuple(
        text for series in edits for text in series_texts(series, edits[series], severities[series])
    )
