"""Reading of any dataset: which formats there are, and which one a folder has."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fgaesq.datasets.formats import (
    ava,
    crops,
    label_studio,
    own,
    parquet_series,
    pick_a_pic,
    six_columns,
)
from fgaesq.datasets.formats.score_tables import AADB, BAID, ICAA17K, PARA, TAD66K
from fgaesq.datasets.records import Dataset, Split
from fgaesq.errors import InputError, UnknownNameError
from fgaesq.images import printable

__all__ = ["FORMATS", "DatasetFormat", "read_dataset"]


@dataclass(frozen=True, slots=True)
class DatasetFormat:
    """One format of datasets.

    Attributes:
        name: as given to `--format`.
        summary: one line for the list of formats.
        layout: the files it is known by.
        recognises: whether a path has this format; looks at names, not into label files.
        read: reads it whole, with all splits.
    """

    name: str
    summary: str
    layout: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Dataset]


_FORMATS = (
    DatasetFormat(
        "human", "human judgements for evaluation only", "aigc.csv and superres.csv",
        own.is_human, own.read_human,
    ),
    DatasetFormat(
        "own", "our own format: tables beside image folders",
        "series.csv, pairs.csv or scores.csv (or .jsonl)", own.is_own, own.read_own,
    ),
    DatasetFormat(
        "table", "one table of series, image and value", "a .csv or .jsonl file",
        own.is_table, own.read_table,
    ),
    DatasetFormat(
        "fgaesthetics", "FGAesthetics: series of near-identical images, pairs with P",
        "natural_train.txt and the like", six_columns.is_fgaesthetics,
        six_columns.read_fgaesthetics,
    ),
    DatasetFormat(
        "phototriage", "PhotoTriage: photo series, pairs with P", "train_val/train_pairlist.txt",
        six_columns.is_phototriage, six_columns.read_phototriage,
    ),
    DatasetFormat(
        "pick-a-pic", "Pick-a-Pic and the like: judged pairs of generated images",
        "*.parquet or data/*.parquet", pick_a_pic.is_pick_a_pic, pick_a_pic.read_pick_a_pic,
    ),
    DatasetFormat(
        "parquet", "series as Parquet files with images inside",
        "images/*.parquet, pairs/*.parquet", parquet_series.is_parquet_series,
        parquet_series.read_parquet_series,
    ),
    DatasetFormat(
        "label-studio", "Label Studio: tasks that compare two images", "tasks.json",
        label_studio.is_label_studio, label_studio.read_label_studio,
    ),
    DatasetFormat(
        "gaic", "GAIC: crops with mean opinions", "annotations/**/*.txt and images",
        crops.is_gaic, crops.read_gaic,
    ),
    DatasetFormat(
        "cpc", "CPC: crops scored by workers", "CollectedAnnotationsRaw", crops.is_cpc,
        crops.read_cpc,
    ),
    DatasetFormat(
        "fcdb", "FCDB: pairs of crops with votes", "ranking_annotation.json", crops.is_fcdb,
        crops.read_fcdb,
    ),
    DatasetFormat(
        "ava", "AVA: ten vote counts per photo", "AVA.txt", ava.is_ava, ava.read_ava,
    ),
    DatasetFormat(
        "aadb", "AADB: mean scores, 0 to 1", "imgListFiles_label/imgListTrainRegression_score.txt",
        AADB.recognises, AADB.read,
    ),
    DatasetFormat(
        "tad66k", "TAD66K: mean scores, 0 to 10", "labels/merge/train.csv",
        TAD66K.recognises, TAD66K.read,
    ),
    DatasetFormat(
        "icaa17k", "ICAA17K: mean scores, 0 to 10", "1train.csv", ICAA17K.recognises, ICAA17K.read,
    ),
    DatasetFormat(
        "baid", "BAID: scores of artistic images, 0 to 10", "dataset/train_set.csv",
        BAID.recognises, BAID.read,
    ),
    DatasetFormat(
        "para", "PARA: mean scores, 1 to 5", "annotation/PARA-GiaaTrain.csv",
        PARA.recognises, PARA.read,
    ),
)  # fmt: skip

FORMATS: Mapping[str, DatasetFormat] = {one.name: one for one in _FORMATS}
"""All formats by name."""


def read_dataset(
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002 - the word that users know
    split: Split | None = None,
    *,
    strict: bool = False,
) -> Dataset:
    """Read a dataset of human judgements.

    Args:
        path: its folder, or a table or Parquet file.
        format: a name in `FORMATS`; by default found out from the files of the folder.
        split: only this one; by default all, each series and score with its own.
        strict: raise on the first problem that lost something, rather than list it in `problems`.

    Raises:
        InputError: the path is not there, has no format or several, a label file is unusable, no
            series or score is left, or `strict` and there is a problem.
        UnknownNameError: there is no such format.
        MissingExtraError: the format is Parquet and pyarrow is not installed.
    """
    root = Path(path)
    if not root.exists():
        raise InputError(f"{printable(root)}: not found; give the folder of a dataset")
    if format is None:
        format = _detected(root)  # noqa: A001 - the same
    elif format not in FORMATS:
        raise UnknownNameError("format of datasets", format, FORMATS)
    elif not FORMATS[format].recognises(root):
        raise InputError(
            f"{printable(root)}: does not have the files of the format '{format}' "
            f"({FORMATS[format].layout}); see docs/datasets.md"
        )
    dataset = FORMATS[format].read(root)
    lost = [problem for problem in dataset.problems if not problem.harmless]
    if strict and lost:
        raise InputError(f"{printable(root)}: {lost[0]}; correct it, or read it without 'strict'")
    if split is None:
        return dataset
    part = dataset.of_split(split)
    if not part.items:
        there = ", ".join(dataset.splits) or "none"
        raise InputError(f"{printable(root)}: has no split '{split}'; it has: {there}")
    return part


def _detected(root: Path) -> str:
    found = [name for name, one in FORMATS.items() if one.recognises(root)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{printable(root)}: could be {' or '.join(found)}; say which with --format"
        )
    raise InputError(
        f"{printable(root)}: has the files of no known format; see 'fgaesq data formats' and "
        "docs/datasets.md, and give --format"
    )
