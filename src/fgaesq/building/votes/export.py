"""Votes as CSV: one line each, with the ids of the dataset."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from typing import Final

from fgaesq.building.records import Vote

__all__ = ["COLUMNS", "csv_lines"]

COLUMNS: Final = tuple(field.name for field in fields(Vote))
"""The fields of `building.records.Vote`; reasons are joined by `; `."""


def csv_lines(votes: Iterable[Vote]) -> Iterator[str]:
    """Yield the lines of a CSV file, the first one with the names of the columns."""
    yield _line(COLUMNS)
    for vote in votes:
        values = dict(zip(COLUMNS, astuple(vote), strict=True))
        yield _line([*{**values, "reasons": "; ".join(vote.reasons)}.values()])


def _line(values: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()
