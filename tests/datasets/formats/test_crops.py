"""GAIC, CPC and FCDB: crops of one photo."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.miniatures import make_cpc, make_fcdb, make_gaic

from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Crop, open_image
from fgaesq.errors import InputError
from fgaesq.images import read_photo


def test_gaic_has_the_box_with_its_top_first(tmp_path: Path) -> None:
    dataset = read_dataset(make_gaic(tmp_path))
    series = dataset.series[0]
    assert series.values == (3.5, 4.25, 2.0)
    crop = dataset.items[series.items[1]].crop
    assert crop == Crop(left=8, top=4, right=90, bottom=60)
    assert dataset.splits == ("train", "val", "test")
    assert len(dataset.series) == 7


def test_a_crop_of_gaic_shows_its_part_of_the_photo(tmp_path: Path) -> None:
    dataset = read_dataset(make_gaic(tmp_path))
    item = dataset.items[dataset.series[0].items[2]]
    np.testing.assert_array_equal(open_image(item), read_photo(item.path).pixels[10:50, 20:70])


def test_crops_that_gaic_leaves_out_are_harmless(tmp_path: Path) -> None:
    (problem,) = read_dataset(make_gaic(tmp_path)).problems
    assert (problem.what, problem.count) == ("crops that the authors left out (-2)", 7)
    assert problem.harmless


def test_a_missing_photo_is_counted_once_for_all_its_crops(tmp_path: Path) -> None:
    make_gaic(tmp_path)
    (tmp_path / "images" / "train" / "1.jpg").unlink()
    problems = [str(problem) for problem in read_dataset(tmp_path).problems]
    assert problems[0] == f"images that are not there: 1 ({tmp_path}/images/train/1.jpg)"
    assert "series with fewer than two usable images: 1 (1)" in problems


def test_empty_boxes_and_odd_lines_are_counted(tmp_path: Path) -> None:
    make_gaic(tmp_path)
    with (tmp_path / "annotations" / "train" / "1.txt").open("a") as file:
        file.write("5 5 5 9 3\n1 2 3\n")
    problems = [str(problem) for problem in read_dataset(tmp_path).problems]
    assert "boxes that are empty or begin outside the photo: 1 (1.txt:5)" in problems
    assert "unreadable lines: 1 (1.txt:6)" in problems


def test_cpc_has_the_mean_of_its_workers(tmp_path: Path) -> None:
    dataset = read_dataset(make_cpc(tmp_path))
    assert [one.values for one in dataset.series] == [(2.5, 1.5, 0.0)] * 2
    assert dataset.items["ava_0.jpg#8,4,72,52"].crop == Crop(8, 4, 72, 52)
    assert dataset.splits == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "unreadable label files"),
        ('{"scores": [[1, 2]]}', "unreadable label files"),
        (
            '{"scores": [[1, 2]], "bboxes": [[0, 0, 9, 9]]}',
            "label files with unequal numbers of boxes and scores",
        ),
    ],
)
def test_a_broken_label_file_of_cpc_does_not_stop_the_rest(
    tmp_path: Path, text: str, what: str
) -> None:
    make_cpc(tmp_path)
    (tmp_path / "CollectedAnnotationsRaw" / "ava_1.jpg.txt").write_text(text)
    dataset = read_dataset(tmp_path)
    assert len(dataset.series) == 1
    assert [str(problem) for problem in dataset.problems] == [f"{what}: 1 (ava_1.jpg.txt)"]


def test_cpc_labels_need_not_be_quoted_twice(tmp_path: Path) -> None:
    make_cpc(tmp_path)
    path = tmp_path / "CollectedAnnotationsRaw" / "ava_1.jpg.txt"
    path.write_text(json.loads(path.read_text()))
    assert len(read_dataset(tmp_path).series) == 2


def test_fcdb_has_boxes_of_width_and_height_and_votes(tmp_path: Path) -> None:
    dataset = read_dataset(make_fcdb(tmp_path))
    pair = dataset.pairs[0]
    assert (pair.series, pair.p, pair.votes) == ("4910", 0.8, 5)
    assert dataset.items[pair.second].crop == Crop(40, 20, 80, 50)
    assert len(dataset.series[0].items) == 4


def test_entries_of_fcdb_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    make_fcdb(tmp_path)
    path = tmp_path / "ranking_annotation.json"
    entries = json.loads(path.read_text())
    entries[0]["crops"][0]["vote_for_0"] = entries[0]["crops"][0]["vote_for_1"] = 0
    del entries[0]["crops"][1]["crop_0"]
    entries.append({"url": "x"})
    path.write_text(json.dumps(entries))
    assert [str(problem) for problem in read_dataset(tmp_path).problems] == [
        "pairs without votes: 1 (4910: pair 0)",
        "unreadable pairs: 1 (4910: pair 1)",
        "unreadable entries: 1 (ranking_annotation.json: entry 2)",
        "series with fewer than two usable images: 1 (4910)",
    ]


def test_annotations_of_fcdb_that_are_no_json_are_refused(tmp_path: Path) -> None:
    make_fcdb(tmp_path)
    (tmp_path / "ranking_annotation.json").write_text("[")
    with pytest.raises(InputError, match=r"ranking_annotation.json: is not valid JSON .* again$"):
        read_dataset(tmp_path)
