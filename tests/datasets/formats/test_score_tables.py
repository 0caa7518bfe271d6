"""AADB, TAD66K, ICAA17K, BAID and PARA: mean scores beside a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.datasets.miniatures import (
    make_aadb,
    make_baid,
    make_icaa17k,
    make_para,
    make_tad66k,
)
from tests.photos import write_jpeg
from tests.scenes import scene

from fgaesq.datasets.reading import read_dataset
from fgaesq.errors import InputError

THREE, TWO = [3, 2, 2], [3, 2]


@pytest.mark.parametrize(
    ("make", "name", "first", "value", "counts"),
    [
        (make_aadb, "aadb", "farm1_261.jpg", 0.2, THREE),
        (make_tad66k, "tad66k", "pt1.jpg", 2, TWO),
        (make_icaa17k, "icaa17k", "complementary/orange_blue/a1.jpg", 2, TWO),
        (make_baid, "baid", "1.jpg", 2, THREE),
        (make_para, "para", "session1/iaa_pub1_.jpg", 1.8, TWO),
    ],
)
def test_scores_and_splits_are_those_of_the_tables(
    tmp_path: Path, make: Callable[[Path], Path], name: str, first: str, value: float,
    counts: list[int],
) -> None:  # fmt: skip
    dataset = read_dataset(make(tmp_path))
    assert (dataset.name, dataset.kind) == (name, "absolute")
    assert dataset.scores[first].value == pytest.approx(value)
    assert [len(dataset.of_split(split).scores) for split in dataset.splits] == counts
    assert not dataset.problems


def test_images_of_original_size_are_preferred(tmp_path: Path) -> None:
    make_aadb(tmp_path)
    write_jpeg(tmp_path / "datasetImages_warp256" / "farm1_261.jpg", scene(32, 32))
    item = read_dataset(tmp_path).items["farm1_261.jpg"]
    assert item.path.parent.name == "datasetImages_originalSize"


def test_labels_that_are_not_there_are_noted(tmp_path: Path) -> None:
    make_baid(tmp_path)
    (tmp_path / "dataset" / "val_set.csv").unlink()
    dataset = read_dataset(tmp_path)
    assert dataset.splits == ("train", "test")
    assert dataset.notes == ("there are no labels of the split val",)


def test_a_table_without_its_column_is_refused(tmp_path: Path) -> None:
    make_baid(tmp_path)
    table = tmp_path / "dataset" / "val_set.csv"
    table.write_text("image,mark\n1.jpg,3\n")
    with pytest.raises(InputError) as caught:
        read_dataset(tmp_path)
    assert str(caught.value) == f"{table}: has no column 'score'; it needs image, score"


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    make_tad66k(tmp_path)
    with (tmp_path / "labels" / "merge" / "test.csv").open("a") as file:
        file.write("gone.jpg,3\npt1.jpg,2\npt2.jpg,x\npt3.jpg,11\npt4.jpg\n")
    assert [str(problem) for problem in read_dataset(tmp_path).problems] == [
        f"images that are not there: 1 ({tmp_path}/TAD66K/gone.jpg)",
        "images in two splits (kept in the later one): 1 (pt1.jpg)",
        "unreadable lines: 2 (test.csv:6, test.csv:8)",
        "scores outside 0 to 10: 1 (test.csv:7)",
    ]
