"""Datasets that are a table of mean scores beside a folder: AADB, TAD66K, ICAA17K, BAID, PARA.

Sources: AADB, Kong et al., ECCV 2016. TAD66K, He et al., IJCAI 2022. ICAA17K, He et al., ICCV 2023.
BAID, Yi et al., CVPR 2023. PARA, Yang et al., CVPR 2022.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fgaesq.datasets.draft import Draft, finite
from fgaesq.datasets.records import Dataset, Item, Split
from fgaesq.datasets.tables import records, text_rows

__all__ = ["AADB", "BAID", "ICAA17K", "PARA", "TAD66K", "ScoreTable"]


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Where such a dataset keeps its labels and images.

    Attributes:
        name: of the dataset.
        labels: label files of each split, the first that is there is read.
        image: columns that make up the image's path, for `score` in a CSV header; or () for a text
            file of name and score without a header.
        score: column of the score.
        folders: where images may be; `.` is the dataset's own folder.
        score_range: lowest and highest possible score.
        note: what a user should know of the choice of columns.
    """

    name: str
    labels: Mapping[Split, tuple[str, ...]]
    image: tuple[str, ...]
    score: str
    folders: tuple[str, ...]
    score_range: tuple[float, float]
    note: str = ""

    def recognises(self, root: Path) -> bool:
        """Tell whether a folder has a label file of this dataset."""
        return bool(self._files(root))

    def read(self, root: Path) -> Dataset:
        """Read the label files.

        Raises:
            InputError: a table lacks a column, or no image is usable.
        """
        draft = Draft(self.name, "absolute", root, score_range=self.score_range)
        if self.note:
            draft.note(self.note)
        folders = [root / name for name in self.folders]
        files = self._files(root)
        lacking = [split for split in self.labels if split not in files]
        if lacking:
            draft.note(f"there are no labels of the split {' and '.join(lacking)}")
        for split, path in files.items():
            for place, name, score in self._rows(draft, path):
                with draft.row(place):
                    item = Item(name, draft.first_file(folders, name))
                    draft.score(item, finite(score), split=split)
        return draft.finish()

    def _files(self, root: Path) -> dict[Split, Path]:
        there = {
            split: [root / name for name in names if (root / name).is_file()]
            for split, names in self.labels.items()
        }
        return {split: paths[0] for split, paths in there.items() if paths}

    def _rows(self, draft: Draft, path: Path) -> Iterator[tuple[str, str, str]]:
        """Yield (place, image below a folder, score)."""
        if self.image:
            for place, row in records(path, [*self.image, self.score]):
                with draft.row(place):
                    yield place, "/".join(row[column] for column in self.image), row[self.score]
            return
        for place, fields in text_rows(path):
            with draft.row(place):
                name, score = fields
                yield place, name, score


def _in(folders: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(folder + name for folder in folders)


_AADB_FOLDERS = ("imgListFiles_label/", "imgListFiles_label/imgListFiles_label/", "labels/", "")

AADB = ScoreTable(
    name="aadb",
    labels={
        "train": _in(_AADB_FOLDERS, "imgListTrainRegression_score.txt"),
        "val": _in(_AADB_FOLDERS, "imgListValidationRegression_score.txt"),
        "test": _in(_AADB_FOLDERS, "imgListTestNewRegression_score.txt"),
    },
    image=(),
    score="",
    folders=(
        "datasetImages_originalSize",
        "AADB_newtest_originalSize",
        "datasetImages_warp256",
        "AADB_newtest",
        "images",
    ),
    score_range=(0, 1),
    note="images of original size are taken where they are there, else those of 256 px; the test "
    "images are those of the list 'TestNew'",
)

TAD66K = ScoreTable(
    name="tad66k",
    labels={
        "train": ("labels/merge/train.csv", "merge/train.csv"),
        "test": ("labels/merge/test.csv", "merge/test.csv"),
    },
    image=("image",),
    score="score",
    folders=("TAD66K", "images", "imgs", "."),
    score_range=(0, 10),
)

ICAA17K = ScoreTable(
    name="icaa17k",
    labels={"train": ("1train.csv",), "test": ("1test.csv",)},
    image=("ID",),
    score="MOS",
    folders=("images", "ICAA17K", "."),
    score_range=(0, 10),
    note="the score is the column MOS; the column color is not read. Some photos are listed under "
    "two colour combinations",
)

BAID = ScoreTable(
    name="baid",
    labels={
        "train": _in(("dataset/", ""), "train_set.csv"),
        "val": _in(("dataset/", ""), "val_set.csv"),
        "test": _in(("dataset/", ""), "test_set.csv"),
    },
    image=("image",),
    score="score",
    folders=("images", "."),
    score_range=(0, 10),
)

PARA = ScoreTable(
    name="para",
    labels={
        "train": ("annotation/PARA-GiaaTrain.csv",),
        "test": ("annotation/PARA-GiaaTest.csv",),
    },
    image=("sessionId", "imageName"),
    score="aestheticScore_mean",
    folders=("imgs",),
    score_range=(1, 5),
    note="the votes are in nine half steps from 1 to 5, so no ten-bin distribution is given",
)
