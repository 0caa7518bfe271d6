"""Label files as rows: text columns, CSV with a header, JSON lines; CSV is written too."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["columns_of", "json_content", "records", "text_rows", "write_table"]


def text_rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield (place, fields) of a headerless text file; white space or commas part the fields.

    Empty lines are skipped. `place` is `file:line`, from 1.

    Raises:
        InputError: the file cannot be opened.
    """
    for place, line in _lines(path):
        fields = line.replace(",", " ").split()
        if fields:
            yield place, fields


def records(path: Path, required: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (place, row) of a CSV file with a header, or of a JSON lines file (`.jsonl`).

    Rows that are no JSON objects come as empty mappings, so that the reader counts them.

    Raises:
        InputError: the file cannot be opened, or a CSV file lacks a required column.
    """
    if path.suffix == ".jsonl":
        for place, line in _lines(path):
            if line.strip():
                yield place, _json_object(line)
        return
    lacking = [name for name in required if name not in columns_of(path)]
    if lacking:
        raise InputError(
            f"{printable(path)}: has no column '{lacking[0]}'; it needs {', '.join(required)}"
        )
    with _opened(path) as lines:
        table = csv.DictReader(lines)
        try:
            for row in table:
                place = f"{path.name}:{table.line_num}"
                yield place, {key: value for key, value in row.items() if key and value is not None}
        except csv.Error as error:
            raise InputError(
                f"{printable(path)}:{table.line_num}: is not CSV ({error}); write it anew"
            ) from error


def columns_of(path: Path) -> list[str]:
    """Return the header of a CSV file, or the keys of the first line of a JSON lines file.

    Raises:
        InputError: the file cannot be opened.
    """
    with _opened(path) as lines:
        if path.suffix == ".jsonl":
            return list(_json_object(lines.readline()))
        return next(csv.reader(lines), [])


def json_content(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return the content of a JSON file.

    Raises:
        InputError: it cannot be opened or is no JSON.
    """
    with _opened(path) as file:
        try:
            return json.load(file)
        except ValueError as error:
            raise InputError(
                f"{printable(path)}: is not valid JSON ({error}); get the file again"
            ) from error


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file with a header; names that are not UTF-8 come back as they were."""
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)


def _json_object(line: str) -> Mapping[str, Any]:
    try:
        content = json.loads(line)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            yield f"{path.name}:{number}", line


def _opened(path: Path) -> TextIO:
    """Open a label file; names that are not UTF-8 survive as they do in the file system."""
    try:
        return path.open(newline="", encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise InputError(
            f"{printable(path)}: cannot be read ({error.strerror}); see docs/datasets.md for the "
            "layout"
        ) from error
