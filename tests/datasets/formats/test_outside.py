"""No table leads a reader to files outside of the folder of its dataset."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.datasets.miniatures import frame, write_csv
from tests.photos import write_jpeg

from fgaesq.datasets.reading import read_dataset

_Write = Callable[[Path, str], tuple[Path, str]]


def _series(folder: Path, outside: str) -> tuple[Path, str]:
    rows = [("s", "a.jpg", 2), ("s", "b.jpg", 1), ("s", outside, 3)]
    write_csv(folder / "series.csv", [("series", "image", "value"), *rows])
    return folder, "series.csv:4"


def _pairs(folder: Path, outside: str) -> tuple[Path, str]:
    rows = [("s", "a.jpg", "b.jpg", 1), ("s", "a.jpg", outside, 1)]
    write_csv(folder / "pairs.csv", [("series", "first", "second", "p"), *rows])
    return folder, "pairs.csv:3"


def _scores(folder: Path, outside: str) -> tuple[Path, str]:
    write_csv(folder / "scores.csv", [("image", "score"), ("a.jpg", 2), (outside, 3)])
    return folder, "scores.csv:3"


def _table(folder: Path, outside: str) -> tuple[Path, str]:
    _series(folder, outside)
    (folder / "series.csv").rename(folder / "judged.csv")
    return folder / "judged.csv", "judged.csv:4"


def _human(folder: Path, outside: str) -> tuple[Path, str]:
    rows = [("s", "a.jpg", 2), ("s", "b.jpg", 1), ("s", outside, 3)]
    write_csv(folder / "superres.csv", [("series", "image", "votes"), *rows])
    write_csv(folder / "aigc.csv", [("series", "image", "appeal_a", "appeal_b")])
    return folder, "superres.csv:4"


def _baid(folder: Path, outside: str) -> tuple[Path, str]:
    write_csv(folder / "train_set.csv", [("image", "score"), ("a.jpg", 2), (outside, 3)])
    return folder, "train_set.csv:3"


def _label_studio(folder: Path, outside: str) -> tuple[Path, str]:
    tasks = [
        {"data": {"series": "s", "left": "a.jpg", "right": right, "p": 1}}
        for right in ("b.jpg", outside)
    ]
    (folder / "tasks.json").write_text(json.dumps(tasks))
    return folder, "tasks.json: task 1"


def _pick_a_pic(folder: Path, outside: str) -> tuple[Path, str]:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows: list[dict[str, Any]] = [
        {
            "caption": "a cat", "label_0": 1.0, "label_1": 0.0,
            "image_0_uid": "a.jpg", "image_0_url": "a.jpg",
            "image_1_uid": name, "image_1_url": name,
        }
        for name in ("b.jpg", outside)
    ]  # fmt: skip
    path = folder / "train.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path, "train.parquet: row 1"


@pytest.mark.parametrize(
    "write",
    [_series, _pairs, _scores, _table, _human, _baid, _label_studio, _pick_a_pic],
)
@pytest.mark.parametrize("absolute", [False, True])
def test_an_image_outside_of_the_folder_is_left_out(
    tmp_path: Path, write: _Write, *, absolute: bool
) -> None:
    folder = tmp_path / "downloaded"
    for number, name in enumerate(("a", "b", "../secret")):
        write_jpeg(folder / f"{name}.jpg", frame(1, number))
    outside = str(tmp_path / "secret.jpg") if absolute else "../secret.jpg"
    path, place = write(folder, outside)
    dataset = read_dataset(path)
    assert {item.path.name for item in dataset.items.values()} <= {"a.jpg", "b.jpg"}
    assert str(dataset.problems[0]) == (
        f"images outside of the dataset's folder (name paths below it): 1 ({place}: {outside})"
    )
