"""Judged pairs of generated images in Parquet files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.datasets.miniatures import frame, make_pick_a_pic

from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Cell, Item, open_image
from fgaesq.errors import DecodeError, InputError, MissingExtraError


def rewrite(path: Path, change: dict[str, Any], *, row: int = 0) -> None:
    """Change some cells of a row."""
    import pyarrow as pa
    from pyarrow import parquet

    rows = parquet.ParquetFile(path).read().to_pylist()
    rows[row] |= change
    parquet.write_table(pa.Table.from_pylist(rows), path)


def train_file(root: Path) -> Path:
    return root / "data" / "train-00000-of-00001.parquet"


def test_a_series_is_all_images_of_a_prompt(tmp_path: Path) -> None:
    dataset = read_dataset(make_pick_a_pic(tmp_path))
    assert dataset.splits == ("train", "val")
    assert [len(one.items) for one in dataset.series] == [3, 3, 3, 3]
    assert [pair.p for pair in dataset.pairs[:3]] == [1.0, 0.0, 0.5]
    item = dataset.items[dataset.series[0].items[0]]
    assert (item.prompt, item.source) == ("train prompt 0", "dreamlike")


def test_images_come_out_of_the_file(tmp_path: Path) -> None:
    dataset = read_dataset(make_pick_a_pic(tmp_path))
    for prompt in range(2):
        images = [
            open_image(dataset.items[f"validation-{prompt}-{number}"]).astype(float)
            for number in range(3)
        ]
        errors = [np.abs(images[0] - frame(10 + seed, 0)).mean() for seed in range(2)]
        assert np.argmin(errors) == prompt
        assert images[0].std() > images[1].std() > images[2].std()  # blurred more and more


def test_images_may_be_files_instead(tmp_path: Path) -> None:
    dataset = read_dataset(make_pick_a_pic(tmp_path, as_bytes=False))
    item = dataset.items["train-0-2"]
    assert item.path == tmp_path / "images" / "train-0-2.jpg"
    assert item.cell is None


def test_a_single_file_is_a_dataset(tmp_path: Path) -> None:
    dataset = read_dataset(train_file(make_pick_a_pic(tmp_path)))
    assert (len(dataset.series), dataset.splits) == (2, ("train",))


def test_pairs_of_images_on_the_web_are_counted(tmp_path: Path) -> None:
    make_pick_a_pic(tmp_path)
    rewrite(train_file(tmp_path), {"jpg_1": None})
    (problem,) = read_dataset(tmp_path).problems
    assert str(problem) == (
        "pairs whose images are not in the file (get them and name their paths): 1 "
        "(train-00000-of-00001.parquet: row 0)"
    )


def test_pairs_without_a_label_are_counted(tmp_path: Path) -> None:
    make_pick_a_pic(tmp_path)
    rewrite(train_file(tmp_path), {"has_label": False})
    rewrite(train_file(tmp_path), {"label_0": 0.0, "label_1": 0.0}, row=1)
    assert [(one.count, one.harmless) for one in read_dataset(tmp_path).problems] == [
        (1, False), (1, True),
    ]  # fmt: skip


def test_files_of_unique_prompts_repeat_pairs_and_are_left_out(tmp_path: Path) -> None:
    make_pick_a_pic(tmp_path)
    validation = tmp_path / "data" / "validation-00000-of-00001.parquet"
    unique = validation.with_name("validation_unique-00000-of-00001.parquet")
    unique.write_bytes(validation.read_bytes())
    dataset = read_dataset(tmp_path)
    assert f"{unique.name} is left out: it repeats pairs of another file" in dataset.notes
    assert not dataset.problems


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "train.parquet"
    parquet.write_table(pa.table({"caption": ["a"]}), path)
    with pytest.raises(InputError) as caught:
        read_dataset(path)
    assert str(caught.value) == (
        f"{path}: has no column 'image_0_uid'; it needs image_0_uid, image_1_uid, label_0, "
        "label_1, caption"
    )


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"train.parquet: is not a whole Parquet file"):
        read_dataset(path)


def test_a_cell_that_is_no_image_is_refused(tmp_path: Path) -> None:
    path = train_file(make_pick_a_pic(tmp_path))
    rewrite(path, {"jpg_0": b"no image"})
    with pytest.raises(DecodeError) as caught:
        open_image(Item("a", path, cell=Cell("jpg_0", 0)))
    assert str(caught.value) == (
        f"{path}, row 0: column 'jpg_0' holds no readable image; leave the row out"
    )
    with pytest.raises(DecodeError, match="row 1: column 'caption' holds no image"):
        open_image(Item("a", path, cell=Cell("caption", 1)))


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pick_a_pic(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError) as caught:
        read_dataset(tmp_path)
    assert str(caught.value) == (
        "reading Parquet files needs packages that are not installed; run: "
        "pip install 'fgaesq[data]'"
    )
