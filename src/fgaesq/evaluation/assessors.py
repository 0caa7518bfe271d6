"""Scores of other assessors from a table beside a dataset."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path

from fgaesq.errors import InputError

__all__ = ["read_assessors"]

_LOWER_IS_BETTER = "-"
_ITEM = "image"


def read_assessors(path: Path, items: Iterable[str]) -> dict[str, dict[str, float]]:
    """Read columns of scores, turned so that higher is better.

    The first line names the columns: `image` holds the ids of the dataset's items, every other
    column the scores of one assessor. A name that begins with `-` says that lower is better
    (`-niqe`); it is listed without the sign. Rows of other images are left out.

    Args:
        path: a CSV file in UTF-8.
        items: ids of the images that will be judged.

    Returns:
        Scores by assessor and item id, for every assessor one of every item.

    Raises:
        InputError: the file cannot be read, has no column `image` or no other one, lists an image
            twice, lacks one of the items, or holds something that is no finite number.
    """
    rows = _rows(path)
    names = [name for name in next(iter(rows.values()), {}) if name != _ITEM]
    columns: dict[str, dict[str, float]] = {name.removeprefix("-"): {} for name in names}
    if len(columns) < len(names):
        raise InputError(f"{path}: names an assessor twice; give each column a name of its own")
    for item in items:
        if item not in rows:
            raise InputError(f"{path}: has no scores of the image '{item}'; add a row for it")
        for name in names:
            value = _number(path, item, name, rows[item][name])
            sign = -1.0 if name.startswith(_LOWER_IS_BETTER) else 1.0
            columns[name.removeprefix("-")][item] = sign * value
    return columns


def _rows(path: Path) -> dict[str, dict[str, str]]:
    """Return the rows by image."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            table = csv.DictReader(lines)
            heads = list(table.fieldnames or ())
            rows = list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read ({reason}); give a CSV file in UTF-8") from None
    if _ITEM not in heads or len(heads) < 2:
        raise InputError(
            f"{path}: its first line is '{','.join(heads)}'; it must name the column '{_ITEM}' and "
            "at least one assessor"
        )
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row[_ITEM] in found:
            raise InputError(f"{path}: lists the image '{row[_ITEM]}' twice; leave one row of it")
        found[row[_ITEM]] = row
    return found


def _number(path: Path, item: str, name: str, text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{path}: the score of '{item}' by '{name}' is '{text or ''}', which is no number; "
            "correct it or remove the column"
        )
    return value
