"""Pictures on the disk: found again, bounded, and nothing depends on them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from fgaesq.types import Image
from fgaesq.web.kept import KeptPictures
from fgaesq.web.pictures import Pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "thumbnails"


def test_a_picture_is_found_again_in_the_next_run(folder: Path) -> None:
    KeptPictures(folder).keep("a", b"picture")
    assert KeptPictures(folder).find("a") == b"picture"
    assert KeptPictures(folder).find("b") is None
    assert [path.name for path in folder.iterdir()] == ["a.jpg"]


def test_the_folder_may_be_deleted_at_any_time(folder: Path) -> None:
    pictures = KeptPictures(folder)
    pictures.keep("a", b"picture")
    (folder / "a.jpg").unlink()
    folder.rmdir()
    assert pictures.find("a") is None
    pictures.keep("a", b"picture")
    assert pictures.find("a") == b"picture"


def test_what_was_not_asked_for_the_longest_goes_first(folder: Path) -> None:
    pictures = KeptPictures(folder, most_bytes=100)
    for number, name in enumerate("abcd"):
        pictures.keep(name, bytes(24))
        os.utime(folder / f"{name}.jpg", (number, number))
    pictures.find("a")
    pictures.keep("e", bytes(24))
    assert sorted(path.stem for path in folder.iterdir()) == ["a", "d", "e"]


def test_what_earlier_runs_left_counts(folder: Path) -> None:
    for name in "abc":
        KeptPictures(folder).keep(name, bytes(50))
    KeptPictures(folder, most_bytes=60).keep("d", bytes(10))
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 60


def test_where_nothing_can_be_kept_pictures_are_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    pictures = Pictures(on_disk=KeptPictures(tmp_path / "file" / "thumbnails"))
    made = pictures.jpeg("a", lambda: np.zeros((4, 4, 3), np.uint8), quality=80, name="a")
    assert made.data.startswith(b"\xff\xd8")


def test_a_named_picture_is_encoded_in_the_first_run_only(folder: Path) -> None:
    def fail() -> Image:
        raise AssertionError("it was to be taken from the disk")

    first = Pictures(on_disk=KeptPictures(folder)).jpeg(
        "a", lambda: np.zeros((4, 4, 3), np.uint8), quality=80, name="content-400"
    )
    again = Pictures(on_disk=KeptPictures(folder)).jpeg("b", fail, quality=80, name="content-400")
    assert again == first
