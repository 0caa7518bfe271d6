"""Series of crops: published boxes, boxes on a grid; nothing is cut."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.building.collect.heaps import collected, made, members
from tests.datasets.miniatures import make_cpc, make_fcdb, make_gaic
from tests.desk.photo_shoots import make_shoot
from tests.photos import burst_image, write_jpeg

from fgaesq.datasets.records import Crop, open_image
from fgaesq.images import read_photo


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


def test_boxes_of_gaic(tmp_path: Path, dataset: Path) -> None:
    done = collected(make_gaic(tmp_path / "GAICD"), dataset, "cropping")
    assert (done.series, done.images) == (7, 21)
    (category, (first, second, third)), *_ = members(dataset)
    assert category == "cropping"
    assert second.crop == Crop(8, 4, 90, 60)
    assert (second.height, second.width) == (56, 82)
    assert first.path == second.path == third.path
    assert (first.source, dict(first.origin)) == ("GAIC", {"boxes": "gaic"})
    assert any("crops that the authors left out (-2): 7" in note for note in done.notes)


def test_a_crop_is_cut_when_it_is_opened(tmp_path: Path, dataset: Path) -> None:
    collected(make_gaic(tmp_path / "GAICD"), dataset, "cropping")
    (_, (_, second, _)), *_ = members(dataset)
    pixels = read_photo(second.path).pixels[4:60, 8:90]
    np.testing.assert_array_equal(open_image(second.item()), pixels)


def test_boxes_of_cpc(tmp_path: Path, dataset: Path) -> None:
    assert collected(make_cpc(tmp_path / "CPC"), dataset, "cropping").images == 6
    assert {len(some) for _, some in members(dataset)} == {3}


def test_boxes_of_fcdb(tmp_path: Path, dataset: Path) -> None:
    assert collected(make_fcdb(tmp_path / "FCDB"), dataset, "cropping").series == 2
    ((_, some), _) = members(dataset)
    assert Crop(40, 20, 80, 50) in [one.crop for one in some]


def test_boxes_that_do_not_fit_are_counted(tmp_path: Path, dataset: Path) -> None:
    folder = make_cpc(tmp_path / "CPC", photos=1)
    content = {
        "scores": [[1, 2, 3, 4, 5]],
        "bboxes": [[0, 0, 90, 60], [0, 0, 97, 60], [8, 4, 72, 52], [8.2, 4, 72, 52], [1, 1, 9, 9]],
    }
    (label,) = (folder / "CollectedAnnotationsRaw").iterdir()
    label.write_text(json.dumps(json.dumps(content)))
    done = collected(folder, dataset, "cropping")
    assert done.left_out.counts == {"outside": 2}
    ((_, some),) = members(dataset)
    assert [one.crop for one in some] == [
        Crop(0, 0, 90, 60), Crop(8, 4, 72, 52), Crop(1, 1, 9, 9)
    ]  # fmt: skip


def test_photos_without_boxes_are_counted(tmp_path: Path, dataset: Path) -> None:
    folder = make_gaic(tmp_path / "GAICD")
    write_jpeg(folder / "images" / "train" / "more.jpg", burst_image(0, seed=3))
    assert collected(folder, dataset, "cropping").left_out.counts == {"no_boxes": 1}


def test_crops_are_proposed_of_other_photos(tmp_path: Path, dataset: Path) -> None:
    make_shoot(tmp_path / "shoot", (2, 1))
    write_jpeg(tmp_path / "shoot" / "small.jpg", burst_image(0, height=40, width=40, seed=9))
    done = collected(tmp_path / "shoot", dataset, "cropping", crops=4)
    assert (done.series, done.images) == (3, 12)
    assert done.left_out.counts == {"small": 1}
    (_, some), *_ = members(dataset)
    assert dict(some[0].origin) == {"boxes": "grid"}
    assert len({one.crop for one in some}) == 4
    assert all(open_image(one.item()).shape == (one.height, one.width, 3) for one in some)


def test_a_photo_gets_crops_once(tmp_path: Path, dataset: Path) -> None:
    make_shoot(tmp_path / "shoot", (2,))
    collected(tmp_path / "shoot", dataset, "cropping", crops=4)
    before = members(dataset)
    done = collected(tmp_path / "shoot", dataset, "cropping", crops=8)
    assert (done.series, done.known) == (0, 2)
    assert members(dataset) == before


def test_a_photo_may_be_in_a_burst_and_have_crops(tmp_path: Path, dataset: Path) -> None:
    make_shoot(tmp_path / "shoot", (2,))
    collected(tmp_path / "shoot", dataset, "cropping", crops=2)
    assert collected(tmp_path / "shoot", dataset).series == 1
    assert [category for category, _ in made(dataset)] == ["cropping", "cropping", "natural"]
