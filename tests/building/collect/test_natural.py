"""Bursts of photos: sets of which all photos are needed stay out; folders as series."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.building.collect.heaps import collected, made, members, sums_up
from tests.desk.photo_shoots import START, make_shoot, write_photo
from tests.photos import burst_image, write_jpeg

from fgaesq.building.collection import open_collection
from fgaesq.building.collection.series import all_series

_EXIF, _ORIGINAL, _EXPOSURE, _BIAS = 0x8769, 0x9003, 0x829A, 0x9204


def write_bracket(folder: Path) -> None:
    """Write three exposures of one framing within a second, as cameras bracket them."""
    image = burst_image(0, height=120, width=160, seed=50)
    folder.mkdir(parents=True, exist_ok=True)
    for number, stops in enumerate((-2, 0, 2)):
        exif = PILImage.Exif()
        fields = exif.get_ifd(_EXIF)
        taken = START + timedelta(days=1, seconds=number)
        fields[_ORIGINAL] = taken.strftime("%Y:%m:%d %H:%M:%S")
        fields[_EXPOSURE] = 2.0**stops / 100
        fields[_BIAS] = float(stops)
        exposed = np.clip(image * 2 ** (stops / 2.2), 0, 255).astype(np.uint8)
        PILImage.fromarray(exposed).save(folder / f"bracket{number}.jpg", exif=exif)


def test_brackets_are_no_series_to_judge(tmp_path: Path) -> None:
    make_shoot(tmp_path / "shoot", (2,))
    write_bracket(tmp_path / "shoot")
    done = collected(tmp_path / "shoot", tmp_path / "dataset")
    assert made(tmp_path / "dataset") == [("natural", ["IMG_00.jpg", "IMG_01.jpg"])]
    assert done.left_out.counts == {"bracket": 3}
    assert sums_up(done, 2)


def test_the_rule_that_joined_a_series_is_kept(tmp_path: Path) -> None:
    make_shoot(tmp_path / "shoot", (3,))
    collected(tmp_path / "shoot", tmp_path / "dataset")
    with open_collection(tmp_path / "dataset") as collection:
        (series,) = all_series(collection)
    assert series.why.startswith("3 photos within 0.0 s, likeness ")
    assert series.source == "shoot"


@pytest.mark.parametrize(("size", "series"), [(0.0, 0), (1.0, 1)])
def test_the_size_of_groups_is_chosen(tmp_path: Path, size: float, series: int) -> None:
    scene = burst_image(0, height=120, width=160, seed=1)
    other = burst_image(0, height=120, width=160, seed=2)
    for number, share in enumerate((0.0, 0.45)):
        mixed = ((1 - share) * scene + share * other).astype(np.uint8)
        write_jpeg(tmp_path / "heap" / f"{number}.jpg", mixed)
    assert collected(tmp_path / "heap", tmp_path / "dataset", size=size).series == series


def test_a_folder_is_a_series_on_request(tmp_path: Path) -> None:
    for scene, folder in enumerate(("a", "a", "b", "b", "b", "c")):
        write_photo(tmp_path / "heap" / folder / f"{scene}.jpg", scene=scene)
    done = collected(tmp_path / "heap", tmp_path / "dataset", folders=True)
    assert made(tmp_path / "dataset") == [
        ("natural", ["0.jpg", "1.jpg"]),
        ("natural", ["2.jpg", "3.jpg", "4.jpg"]),
    ]
    assert done.left_out.counts == {"alone": 1}


def test_an_image_keeps_time_size_and_digest(tmp_path: Path) -> None:
    make_shoot(tmp_path / "shoot", (2,))
    collected(tmp_path / "shoot", tmp_path / "dataset")
    ((_, (first, _)),) = members(tmp_path / "dataset")
    assert (first.height, first.width, first.crop) == (120, 160, None)
    assert first.taken == START.isoformat()
    assert len(first.digest) == 64
    assert (first.source, first.licence, first.prompt) == ("shoot", "", "")


def test_a_time_that_is_only_the_files_own_is_not_kept(tmp_path: Path) -> None:
    for frame in range(2):
        path = write_photo(tmp_path / "shoot" / f"{frame}.jpg", scene=1, frame=frame)
        with PILImage.open(path) as image:
            image.save(path)
    collected(tmp_path / "shoot", tmp_path / "dataset")
    ((_, some),) = members(tmp_path / "dataset")
    assert [one.taken for one in some] == ["", ""]
