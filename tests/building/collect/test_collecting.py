"""Collecting as a whole: run again, moved, changed, doubled, interrupted, bad files, dry runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.building.collect.heaps import collected, content, made, members, sums_up
from tests.desk.photo_shoots import make_shoot, write_photo
from tests.desk.shoots import tree

from fgaesq.building.collect import CollectSettings, collect
from fgaesq.building.collect.readings import READINGS_FILE
from fgaesq.building.collection import open_collection
from fgaesq.building.collection.decisions import split
from fgaesq.errors import InputError


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


FIRST = ("natural", ["IMG_00.jpg", "IMG_01.jpg", "IMG_02.jpg"])
SECOND = ("natural", ["IMG_10.jpg", "IMG_11.jpg"])


def test_a_second_run_changes_nothing(shoot: Path, dataset: Path) -> None:
    done = collected(shoot, dataset)
    assert (done.series, done.images, done.known) == (2, 5, 0)
    assert made(dataset) == [FIRST, SECOND]
    before = content(dataset)
    again = collected(shoot, dataset)
    assert (again.series, again.images, again.known) == (0, 0, 5)
    assert again.left_out.counts == {"single": 1}
    assert content(dataset) == before
    assert sums_up(done, 5)
    assert sums_up(again, 0)


def test_nothing_is_written_beside_the_photos(shoot: Path, dataset: Path) -> None:
    before = tree(shoot)
    collected(shoot, dataset)
    assert tree(shoot) == before


def test_what_is_new_is_added(shoot: Path, dataset: Path) -> None:
    collected(shoot, dataset)
    before = made(dataset)
    for frame in range(2):
        write_photo(shoot / "more" / f"new{frame}.jpg", scene=9, frame=frame, seconds=90_000)
    done = collected(shoot, dataset)
    assert done.series == 1
    assert made(dataset) == [*before, ("natural", ["new0.jpg", "new1.jpg"])]


def test_a_photo_left_alone_before_gets_its_series(shoot: Path, dataset: Path) -> None:
    collected(shoot, dataset)
    write_photo(shoot / "IMG_21.jpg", scene=3, frame=1, seconds=7200)
    assert collected(shoot, dataset).series == 1
    assert made(dataset)[-1] == ("natural", ["IMG_20.jpg", "IMG_21.jpg"])


def test_a_late_photo_of_a_series_leaves_it_as_it_is(shoot: Path, dataset: Path) -> None:
    collected(shoot, dataset)
    write_photo(shoot / "IMG_12.jpg", scene=2, frame=2, seconds=3600)
    done = collected(shoot, dataset)
    assert done.left_out.counts == {"joins": 1, "single": 1}
    assert made(dataset) == [FIRST, SECOND]
    write_photo(shoot / "IMG_13.jpg", scene=2, frame=3, seconds=3600)
    assert collected(shoot, dataset).series == 1
    assert made(dataset)[-1] == ("natural", ["IMG_12.jpg", "IMG_13.jpg"])
    with open_collection(dataset) as collection:
        ((why,),) = collection.rows("SELECT why FROM series WHERE id = 3")
    assert why.endswith("; collected after series 2, which it goes with")


def test_images_of_a_series_that_was_split_stay_in_it(shoot: Path, dataset: Path) -> None:
    collected(shoot, dataset)
    with open_collection(dataset) as collection:
        split(collection, 1, [1])
    before = content(dataset)
    collected(shoot, dataset)
    assert content(dataset) == before


def test_photos_that_moved_are_the_same_images(shoot: Path, dataset: Path) -> None:
    collected(shoot, dataset)
    moved = shoot.rename(shoot.parent / "archive")
    (moved / "IMG_00.jpg").rename(moved / "first.jpg")
    done = collected(moved, dataset)
    assert (done.moved, done.series, done.known) == (5, 0, 5)
    assert made(dataset) == [("natural", ["first.jpg", *FIRST[1][1:]]), SECOND]
    assert {one.path.parent for _, some in members(dataset) for one in some} == {moved}
    assert collected(moved, dataset).moved == 0


def test_crops_move_with_their_photo(shoot: Path, dataset: Path) -> None:
    done = collected(shoot, dataset, "cropping", crops=3)
    moved = shoot.rename(shoot.parent / "archive")
    assert collected(moved, dataset, "cropping", crops=3).series == 0
    found = [one for _, some in members(dataset) for one in some]
    assert len(found) == done.images == 18
    assert {one.path.parent for one in found} == {moved}


def test_copies_are_counted_once(shoot: Path, dataset: Path) -> None:
    shutil.copy(shoot / "IMG_00.jpg", shoot / "A.jpg")
    done = collected(shoot, dataset)
    assert done.left_out.counts == {"duplicate": 1, "single": 1}
    assert made(dataset)[0] == ("natural", ["A.jpg", "IMG_01.jpg", "IMG_02.jpg"])
    shutil.copy(shoot / "IMG_01.jpg", shoot / "0.jpg")  # comes before the one that is known
    done = collected(shoot, dataset)
    assert done.left_out.counts == {"duplicate": 2, "single": 1}
    assert sums_up(done, 0)


def test_a_copy_elsewhere_is_no_second_image(shoot: Path, dataset: Path, tmp_path: Path) -> None:
    collected(shoot, dataset)
    shutil.copytree(shoot, tmp_path / "copy")
    done = collected(tmp_path / "copy", dataset)
    assert done.left_out.counts == {"duplicate": 5, "single": 1}
    assert done.series == done.moved == 0


def test_a_photo_that_changed_is_named_and_stays_as_it_was(shoot: Path, dataset: Path) -> None:
    collected(shoot, dataset)
    before = content(dataset)
    write_photo(shoot / "IMG_00.jpg", scene=7)
    done = collected(shoot, dataset)
    assert done.left_out.counts["changed"] == 1
    assert done.left_out.examples["changed"] == [str(shoot / "IMG_00.jpg")]
    assert content(dataset) == before
    assert sums_up(done, 0)


def test_bad_files_are_named_and_the_rest_goes_on(shoot: Path, dataset: Path) -> None:
    (shoot / "empty.jpg").touch()
    (shoot / "text.png").write_text("no image")
    (shoot / "new.avif").write_bytes(b"\0\0\0\x1cftypavif" + bytes(40))
    done = collected(shoot, dataset)
    assert [one.error for one in done.failures] == [
        f"{shoot}/empty.jpg: the file is empty; copy it again from the camera or card",
        f"{shoot}/new.avif: it is a AVIF file, which this version cannot read; "
        "export it as JPEG or TIFF",
        f"{shoot}/text.png: it is not a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or camera RAW "
        "image; check that it is a photo file",
    ]
    assert done.series == 2
    assert sums_up(done, 5)


def test_a_dry_run_writes_nothing(shoot: Path, dataset: Path) -> None:
    done = collected(shoot, dataset, dry_run=True)
    assert (done.series, done.images) == (2, 5)
    assert not dataset.exists()
    collected(shoot, dataset)
    before = tree(dataset)
    write_photo(shoot / "IMG_21.jpg", scene=3, frame=1, seconds=7200)
    again = collected(shoot, dataset, dry_run=True)
    assert (again.series, again.known) == (1, 5)
    assert {name: tree(dataset)[name] for name in before if name.endswith("3")} == {
        name: data for name, data in before.items() if name.endswith("3")
    }


class Interrupted:
    """A watcher that interrupts after some steps."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt


def test_an_interrupted_run_is_continued(
    shoot: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fgaesq.building.collect.reading._AT_ONCE", 2)
    with pytest.raises(KeyboardInterrupt):
        collected(shoot, dataset, watcher=Interrupted(2))
    assert made(dataset) == []
    for path in shoot.iterdir():  # four photos were read: they are not opened again
        if path.name in ("IMG_00.jpg", "IMG_01.jpg", "IMG_02.jpg", "IMG_10.jpg"):
            times = path.stat()
            path.write_bytes(bytes(times.st_size))
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    done = collected(shoot, dataset)
    assert not done.failures
    assert made(dataset) == [FIRST, SECOND]


class Overtaken:
    """A watcher that lets another run do the same before this one enters anything."""

    def __init__(self, shoot: Path, dataset: Path) -> None:
        self._shoot, self._dataset = shoot, dataset

    def begin(self, what: str, total: int) -> None:
        if what == "joining":
            collected(self._shoot, self._dataset)

    def advance(self, steps: int = 1) -> None: ...


def test_two_runs_at_once_enter_each_image_once(shoot: Path, dataset: Path) -> None:
    done = collected(shoot, dataset, watcher=Overtaken(shoot, dataset))
    assert (done.series, done.series_in_all) == (0, 2)
    assert made(dataset) == [FIRST, SECOND]


def test_readings_can_be_removed(shoot: Path, dataset: Path) -> None:
    collected(shoot, dataset)
    before = content(dataset)
    (dataset / READINGS_FILE).unlink()
    assert collected(shoot, dataset).known == 5
    assert content(dataset) == before


def test_files_of_the_dataset_are_no_source(shoot: Path) -> None:
    collected(shoot, shoot / "dataset")
    shutil.copy(shoot / "IMG_20.jpg", shoot / "dataset" / "x.jpg")
    done = collected(shoot, shoot / "dataset")
    assert done.photos == 6
    assert done.known == 5


def test_files_can_be_named_themselves(shoot: Path, dataset: Path) -> None:
    done = collected(sorted(shoot.glob("IMG_0*.jpg")), dataset, source="mine")
    assert (done.photos, done.series) == (3, 1)
    assert collected(shoot, dataset).known == 3


def test_sources_that_are_not_there(tmp_path: Path, dataset: Path) -> None:
    with pytest.raises(InputError, match="the folder does not exist; check the path"):
        collected(tmp_path / "nowhere", dataset)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no photos were found; give a folder that holds photos"):
        collected(tmp_path / "empty", dataset)
    assert not dataset.exists()


def test_threads_change_nothing(shoot: Path, dataset: Path, tmp_path: Path) -> None:
    collected(shoot, dataset)
    collected(shoot, tmp_path / "other", threads=3)
    assert content(tmp_path / "other") == content(dataset)


def test_the_collection_keeps_what_was_found(shoot: Path, dataset: Path) -> None:
    (shoot / "empty.jpg").touch()
    for _ in range(2):
        collected(shoot, dataset)
        collected(shoot, dataset, "cropping")
    with open_collection(dataset) as collection:
        runs = collection.setting("collected")
    assert [one["kind"] for one in runs] == ["natural", "cropping"]
    assert runs[0] == {
        "kind": "natural",
        "sources": [str(shoot)],
        "photos": 7,
        "clips": 0,
        "unreadable": 1,
        "left_out": {"single": 1},
    }


def test_a_series_too_long_to_be_ranked_becomes_equal_parts(
    shoot: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fgaesq.building.collect.collecting.MOST_IMAGES", 3)
    done = collected(shoot, dataset, folders=True)
    assert (done.series, done.images) == (2, 6)
    assert [len(names) for _, names in made(dataset)] == [3, 3]
    with open_collection(dataset) as collection:
        whys = [why for (why,) in collection.rows("SELECT why FROM series ORDER BY id")]
    assert whys == [f"6 images of the folder shoot; part {part} of 2" for part in (1, 2)]
    assert collected(shoot, dataset, folders=True).series == 0


@pytest.mark.parametrize("given", [{"crops": 1}, {"frames": 0}, {"folders": True}])
def test_settings_that_make_no_sense(given: dict[str, int]) -> None:
    with pytest.raises(InputError):
        CollectSettings("cropping", **given)  # type: ignore[arg-type]


def test_a_link_that_leads_nowhere_is_named(shoot: Path, dataset: Path) -> None:
    (shoot / "lost.jpg").symlink_to(shoot / "nowhere.jpg")
    done = collect([shoot], dataset, CollectSettings("natural"))
    assert len(done.failures) == 1
    assert "mend the link" in done.failures[0].error
