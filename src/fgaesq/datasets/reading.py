"""Reading of any dataset: which formats there are, and which one a folder has."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fgaesq.datasets.records import Dataset, Split

__all__ = ["FORMATS", "DatasetFormat", "read_dataset"]


@dataclass(frozen=True, slots=True)
class DatasetFormat:
    """One format of datasets.

    Attributes:
        name: as given to `--format`.
        summary: one line for the list of formats.
        layout: the files it is known by, for messages.
        recognises: whether a folder has this format; looks at names only.
        read: reads it whole, with all splits.
    """

    name: str
    summary: str
    layout: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Dataset]


FORMATS: Mapping[str, DatasetFormat] = {}


def read_dataset(
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002 - the word that users know
    split: Split | None = None,
    *,
    strict: bool = False,
) -> Dataset:
    """Read a dataset of human judgements.

    Args:
        path: its folder (or Parquet file).
        format: a name in `FORMATS`; by default found out from the files of the folder.
        split: only this one; by default all, each series and score with its own.
        strict: raise on the first problem that lost something, rather than list it in `problems`.

    Raises:
        InputError: the folder is not there, has no format or several, a label file is unusable, no
            series or score is left, or `strict` and there is a problem.
        UnknownNameError: there is no such format.
        MissingExtraError: the format is Parquet and pyarrow is not installed.
    """
    raise NotImplementedError
