"""Importing a finished dataset into a collection that knows its images, or with one twice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.photos import burst

from fgaesq.building.collection import create_collection
from fgaesq.building.collection.images import add_images, images
from fgaesq.building.publish.files import new_folder
from fgaesq.building.publish.importing import import_dataset
from fgaesq.building.records import SourceImage
from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Cell, Item
from fgaesq.errors import InputError


def dataset_of(folder: Path) -> Path:
    burst(folder, ("a.jpg", "b.jpg", "c.jpg"))
    rows = [f"one,{name}.jpg,{value},natural" for value, name in enumerate("abc")]
    (folder / "series.csv").write_text("\n".join(["series,image,value,source", *rows]) + "\n")
    return folder


def test_what_is_known_of_an_image_is_not_overwritten(tmp_path: Path) -> None:
    folder = dataset_of(tmp_path / "set")
    known = SourceImage(
        folder / "a.jpg", "0" * 64, 9, 9, licence="CC0-1.0", origin={"clip": "wren.mp4"}
    )
    with create_collection(tmp_path / "new") as collection:
        (id,) = add_images(collection, [known])
        assert import_dataset(collection, read_dataset(folder)).series == 1
        assert images(collection)[id] == replace(known, id=id)
        assert len(images(collection)) == 3


def test_a_series_with_one_image_twice_is_named(tmp_path: Path) -> None:
    dataset = read_dataset(dataset_of(tmp_path / "set"))
    same = replace(dataset.items["b.jpg"], path=dataset.items["a.jpg"].path)
    twice: dict[str, Item] = {**dataset.items, "b.jpg": same}
    with create_collection(tmp_path / "new") as collection:
        done = import_dataset(collection, replace(dataset, items=twice))
    assert done.failures == ("series one: has one image twice; leave one of them out",)
    assert done.series == 0


def test_the_folder_that_one_is_in_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with new_folder(Path()) as folder:
        (folder / "made").touch()
    assert [one.name for one in here.iterdir()] == ["made"]
    shutil.rmtree(here)


def test_a_photo_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    folder = dataset_of(tmp_path / "set")
    content = (folder / "a.jpg").read_bytes()
    path = tmp_path / "image.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([{"image": content}]), path)
    dataset = read_dataset(folder)
    inside = replace(dataset.items["a.jpg"], path=path, cell=Cell("image", 0))
    items = {**dataset.items, "a.jpg": inside}
    why = r"\.jpg: cannot be written \(File exists\); make room"
    with create_collection(tmp_path / "new") as collection:
        (tmp_path / "new" / "images").write_text("no folder")
        with pytest.raises(InputError, match=why):
            import_dataset(collection, replace(dataset, items=items))
