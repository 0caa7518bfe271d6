"""Our own format, single tables, and the folder of human judgements."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.datasets.miniatures import frame, make_own, write_csv
from tests.photos import write_jpeg

from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Crop
from fgaesq.errors import InputError

HUMAN = Path(__file__).parents[4] / "shared" / "human"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with a.jpg, b.jpg and c.jpg."""
    for number, name in enumerate("abc"):
        write_jpeg(tmp_path / f"{name}.jpg", frame(1, number))
    return tmp_path


def test_series_and_pairs_are_read_together(tmp_path: Path) -> None:
    dataset = read_dataset(make_own(tmp_path))
    assert dataset.splits == ("train", "val", "test")
    assert dataset.sources == ("mine",)
    assert dataset.series[0].values == (0, -1, -2)
    assert (len(dataset.pairs), dataset.pairs[0].p, dataset.pairs[0].votes) == (21, 0.6, 10)
    assert not dataset.problems


def test_pairs_alone_are_a_dataset(images: Path) -> None:
    write_csv(
        images / "pairs.csv",
        [("series", "first", "second", "p", "split"), ("s", "a.jpg", "b.jpg", 0.7, "val")],
    )
    dataset = read_dataset(images)
    assert dataset.series[0].items == ("a.jpg", "b.jpg")
    assert dataset.splits == ("val",)


def test_tables_may_be_json_lines(images: Path) -> None:
    rows = [
        {"series": "s", "image": "a.jpg", "value": 2, "prompt": "a cat, seen from above"},
        {"series": "s", "image": "b.jpg", "value": 1, "licence": "CC0"},
    ]
    lines = [json.dumps(row) for row in rows]
    (images / "series.jsonl").write_text("\n".join([*lines, "", "[1]", "{"]) + "\n")
    dataset = read_dataset(images)
    assert dataset.series[0].values == (2, 1)
    assert dataset.items["a.jpg"].prompt == "a cat, seen from above"
    assert dataset.items["b.jpg"].licence == "CC0"
    assert [str(problem) for problem in dataset.problems] == [
        "unreadable lines: 2 (series.jsonl:4, series.jsonl:5)"
    ]


def test_crops_have_an_id_and_edges(images: Path) -> None:
    header = ("series", "id", "image", "left", "top", "right", "bottom", "unit", "value")
    rows = [
        ("s", "whole", "a.jpg", "", "", "", "", "", 1),
        ("s", "part", "a.jpg", 8, 4, 72, 52, "", 2),
        ("s", "share", "a.jpg", 0.1, 0.1, 0.9, 0.9, "fraction", 3),
        ("s", "odd", "a.jpg", 0.1, 0.1, 0.9, 0.9, "inch", 4),
    ]
    write_csv(images / "series.csv", [header, *rows])
    dataset = read_dataset(images)
    assert dataset.series[0].items == ("whole", "part", "share")
    assert dataset.items["whole"].crop is None
    assert dataset.items["part"].crop == Crop(8, 4, 72, 52)
    assert dataset.items["share"].crop == Crop(0.1, 0.1, 0.9, 0.9, fractional=True)
    assert [problem.what for problem in dataset.problems] == ["unreadable lines"]


def test_scores_and_votes_are_absolute(images: Path) -> None:
    votes = tuple(f"votes_{k}" for k in range(1, 11))
    rows = [
        ("a.jpg", "", "train", *[0] * 9, 4),
        ("b.jpg", 3.5, "test", *[""] * 10),
        ("c.jpg", 7, "test", *[1] * 10),
    ]
    write_csv(images / "scores.csv", [("image", "score", "split", *votes), *rows])
    dataset = read_dataset(images)
    assert dataset.kind == "absolute"
    assert [score.value for score in dataset.scores.values()] == [10, 3.5, 7]
    assert dataset.scores["b.jpg"].distribution is None
    assert dataset.scores["c.jpg"].distribution == (0.1,) * 10


def test_a_description_names_the_dataset_and_its_range(images: Path) -> None:
    write_csv(images / "scores.csv", [("image", "score"), ("a.jpg", 77), ("b.jpg", 101)])
    (images / "dataset.json").write_text('{"name": "mine", "score_range": [0, 100]}')
    dataset = read_dataset(images)
    assert (dataset.name, dataset.score_range) == ("mine", (0, 100))
    assert [problem.what for problem in dataset.problems] == ["scores outside 0 to 100"]


@pytest.mark.parametrize("text", ["[]", '{"score_range": [5, 1]}', '{"score_range": "x"}'])
def test_a_wrong_description_is_refused(images: Path, text: str) -> None:
    write_csv(images / "scores.csv", [("image", "score"), ("a.jpg", 7)])
    (images / "dataset.json").write_text(text)
    with pytest.raises(InputError, match=r"dataset.json: must be an object such as .* correct it"):
        read_dataset(images)


def test_unknown_splits_are_counted(images: Path) -> None:
    rows = [("s", "a.jpg", 1, "train"), ("s", "b.jpg", 2, "train"), ("s", "c.jpg", 3, "tset")]
    write_csv(images / "series.csv", [("series", "image", "value", "split"), *rows])
    assert [str(problem) for problem in read_dataset(images).problems] == [
        "rows whose split is none of train, val and test: 1 (series.csv:4)"
    ]


def test_a_single_table_is_a_dataset(images: Path) -> None:
    rows = [("s", "a.jpg", 1.5), ("s", "b.jpg", 2)]
    path = write_csv(images / "judged.csv", [("series", "image", "value"), *rows])
    dataset = read_dataset(path)
    assert dataset.name == "judged"
    assert dataset.series[0].values == (1.5, 2)


@pytest.mark.skipif(not HUMAN.is_dir(), reason="needs ../shared/human")
def test_human_judgements_are_for_testing_only() -> None:
    dataset = read_dataset(HUMAN)
    assert dataset.name == "human"
    assert dataset.splits == ("test",)
    assert dataset.notes == ("for evaluation only: never train on it",)
    assert len(dataset.of_source("aigc").items) == 55
    assert len(dataset.of_source("superres").items) == 40
    first = dataset.series[0]
    assert first.values is not None
    assert first.values[0] == pytest.approx((2.6364 + 2.56) / 2)
    assert not dataset.problems
