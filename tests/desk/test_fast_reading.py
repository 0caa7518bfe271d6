"""The fast reading of a shoot: the size of its photos, and scores that are never mixed."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.desk.photo_shoots import make_shoot, snapshot, write_photo
from tests.photos import burst_image, write_jpeg

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.catalogue.photos import CataloguePhoto, photos_below
from fgaesq.desk.culling import cull
from fgaesq.desk.reading import PhotoReader, at_one_size, enough_px
from fgaesq.desk.records import Reading
from fgaesq.desk.shoot import ShootDesk
from fgaesq.images import photo_from_array, read_photo
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import Photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos of one series, larger than the 512 px that the small model is made for."""
    for frame in range(3):
        image = burst_image(frame, height=452, width=602)
        write_jpeg(tmp_path / "shoot" / f"IMG_{frame}.jpg", image)
    return tmp_path / "shoot"


def readings(catalogue: Catalogue) -> list[str]:
    """Return the readings of which there are rankings."""
    rows = catalogue.rows(
        "SELECT reading FROM rankings JOIN models ON models.id = model_id ORDER BY rankings.id"
    )
    return [reading for (reading,) in rows]


def wait(desk: ShootDesk) -> None:
    """Wait until all groups are ranked, and end the thread that ranks."""
    for _ in range(3000):
        if desk.waiting().left == 0:
            break
        time.sleep(0.01)
    desk.close()


def sized(width: int, height: int, native: int = 6000) -> Photo:
    pixels = np.zeros((height, width, 3), np.uint8)
    photo = photo_from_array(pixels, name=f"{width}")
    return Photo(photo.name, photo.pixels, (native * height // width, native), photo.digest)


def read_by(catalogue: Catalogue, folder: Path, reading: Reading) -> list[Photo | None]:
    photos: list[CataloguePhoto] = photos_below(catalogue, [folder])
    reader = PhotoReader(512, reading=reading, threads=1)
    return [one.pixels for one in reader.read_all(photos, whole=False)]


def test_photos_are_at_the_free_size_and_of_one_size(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker, reading="fast")
    shapes = {one.pixels.shape for one in read_by(catalogue, folder, "fast") if one}
    assert shapes == {(226, 301, 3)}
    shapes = {one.pixels.shape for one in read_by(catalogue, folder, "normal") if one}
    assert shapes == {(384, 512, 3)}


def test_the_ranking_is_that_of_the_photos_read_so(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    culled = cull([folder], catalogue, ranker, reading="fast")
    paths = sorted(folder.iterdir())
    photos = [read_photo(path, max_long_side_px=512, enough_px=256) for path in paths]
    expected = ranker.rank_photos("series", photos)
    (group,) = culled.groups
    assert [p.path for p in group.photos] == [image.path for image in expected.images]
    assert [p.score for p in group.photos] == pytest.approx([i.score for i in expected.images])
    assert culled.reading == "fast"


def test_each_reading_keeps_its_scores(folder: Path, catalogue: Catalogue, ranker: Ranker) -> None:
    fast = cull([folder], catalogue, ranker, reading="fast")
    assert readings(catalogue) == ["fast"]
    normal = cull([folder], catalogue, ranker)
    assert normal.read == 3, "scored anew"
    assert normal.reading == "normal"
    assert {p.score for p in normal.groups[0].photos}.isdisjoint(
        p.score for p in fast.groups[0].photos
    )
    again = cull([folder], catalogue, ranker, reading="fast")
    assert again.read == 0, "scored before"
    assert snapshot(again.groups) == snapshot(fast.groups)


def test_normal_scores_do_not_depend_on_a_fast_run_before(
    folder: Path, tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker, reading="fast")
    after = cull([folder], catalogue, ranker)
    with Catalogue(tmp_path / "fresh") as fresh:
        assert snapshot(after.groups) == snapshot(cull([folder], fresh, ranker).groups)


@pytest.mark.parametrize("runs", [["fast"], ["normal"], ["normal", "fast"], ["fast", "normal"]])
def test_what_the_review_ranks_is_read_as_in_the_last_run(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker, runs: list[Reading]
) -> None:
    make_shoot(tmp_path / "shoot")
    for reading in runs:
        cull([tmp_path / "shoot"], catalogue, ranker, reading=reading)
    desk = ShootDesk([tmp_path / "shoot"], catalogue, ranker=ranker)
    before = len(readings(catalogue))
    desk.split([desk.groups()[0].photos[0].id])
    assert desk.readings() == {runs[-1]}
    assert set(readings(catalogue)[before:]) == {runs[-1]}


def test_groups_that_wait_are_read_as_in_the_last_run(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    make_shoot(tmp_path / "shoot")
    cull([tmp_path / "shoot"], catalogue, ranker, reading="fast")
    desk = ShootDesk([tmp_path / "shoot"], catalogue, ranker=ranker)
    desk.regroup(0.0)
    wait(desk)
    assert set(readings(catalogue)) == {"fast"}
    assert all(p.score is not None for group in desk.groups() for p in group.photos)


def test_undoing_brings_back_no_ranking_of_another_reading(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    folder = tmp_path / "shoot"
    make_shoot(folder)
    cull([folder], catalogue, ranker, reading="fast")
    desk = ShootDesk([folder], catalogue, ranker=ranker)
    desk.split([desk.groups()[0].photos[0].id])
    cull([folder], catalogue, ranker)
    desk.undo()
    wait(desk)
    assert desk.readings() == {"normal"}


def test_a_folder_in_a_shoot_that_was_culled_otherwise_is_noticed(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    one, two = tmp_path / "shoot" / "one", tmp_path / "shoot" / "two"
    write_photo(one / "a.jpg", scene=1)
    write_photo(two / "b.jpg", scene=5, seconds=7200)
    cull([tmp_path / "shoot"], catalogue, ranker)
    cull([two], catalogue, ranker, reading="fast")
    assert ShootDesk([tmp_path / "shoot"], catalogue).readings() == {"normal", "fast"}
    assert ShootDesk([one], catalogue).readings() == {"normal"}
    cull([tmp_path / "shoot"], catalogue, ranker)
    assert ShootDesk([tmp_path / "shoot"], catalogue).readings() == {"normal"}


def test_a_series_of_photos_of_two_sizes_is_ranked_at_one(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    folder = tmp_path / "shoot"
    write_jpeg(folder / "a.jpg", burst_image(0, height=450, width=600))  # read at 300 px
    image = PILImage.fromarray(burst_image(1, height=450, width=600)).resize((500, 375))
    write_jpeg(folder / "b.jpg", np.asarray(image))  # read at 500 px
    (group,) = cull([folder], catalogue, ranker, reading="fast").groups
    photos = [read_photo(path, max_long_side_px=512, enough_px=256) for path in folder.iterdir()]
    assert {max(one.pixels.shape) for one in photos} == {300, 500}
    expected = ranker.rank_photos("series", at_one_size(photos, 256))
    scores = {image.path: image.score for image in expected.images}
    assert {p.path: p.score for p in group.photos} == pytest.approx(scores)


def test_photos_of_one_size_stay_as_they_were_read() -> None:
    photos = [sized(1500, 1000), sized(1000, 1500), sized(1501, 1001), sized(1800, 1200)]
    assert [id(one) for one in at_one_size(photos, 1024)] == [id(one) for one in photos]


def test_a_photo_that_was_read_much_larger_is_brought_to_the_size_of_the_others() -> None:
    larger, smaller = sized(2000, 1500, native=4000), sized(1040, 780, native=4160)
    first, second = at_one_size([larger, smaller], 1024)
    assert second is smaller
    assert first.pixels.shape == (780, 1040, 3)
    assert (first.name, first.native_size) == (larger.name, larger.native_size)


def test_a_small_file_does_not_make_the_others_small() -> None:
    first, second = at_one_size([sized(600, 400, native=600), sized(1500, 1000)], 1024)
    assert first.pixels.shape == (400, 600, 3)
    assert second.pixels.shape == (683, 1024, 3)


def test_what_is_enough_is_half_of_what_the_model_is_made_for() -> None:
    assert enough_px(2048, "fast") == 1024
    assert enough_px(2048, "normal") is None
