"""Which files are one photo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.capture.media import (
    LIVE_ID,
    apple_note,
    exif_block,
    exif_directory,
    jpeg,
    movie,
    mvhd,
    quicktime_keys,
)
from tests.images.corpus import write

from fgaesq.capture.pairing import pair_files
from fgaesq.capture.records import PhotoFiles

FOLDER = Path("shoot")


def paired(*names: str, ids: Mapping[str, str] | None = None) -> list[PhotoFiles]:
    known = ids or {}
    return pair_files([FOLDER / name for name in names], live_id=lambda p: known.get(p.name, ""))


def files(main: str, *sidecars: str, raw: str | None = None, clip: str | None = None) -> PhotoFiles:
    return PhotoFiles(
        FOLDER / main,
        FOLDER / raw if raw else None,
        FOLDER / clip if clip else None,
        tuple(FOLDER / name for name in sidecars),
    )


@pytest.mark.parametrize(
    ("raw", "main"),
    [("IMG_1.CR2", "IMG_1.JPG"), ("img_1.nef", "IMG_1.jpeg"), ("IMG_1.CR3", "IMG_1.HIF")]
    + [("PXL_2.RAW-02.ORIGINAL.dng", "PXL_2.RAW-01.COVER.jpg")],
)
def test_raw_and_developed_file_of_a_name_are_one_photo(raw: str, main: str) -> None:
    assert paired(raw, main) == [files(main, raw=raw)]


def test_raw_alone_is_a_photo() -> None:
    assert paired("b.ARW", "a.jpg") == [files("a.jpg"), files("b.ARW")]


def test_same_name_in_another_folder_is_another_photo() -> None:
    paths = [Path("a/IMG_1.CR2"), Path("b/IMG_1.JPG")]
    assert [one.main for one in pair_files(paths)] == paths


@pytest.mark.parametrize("copy", ["IMG_1-edit.jpg", "IMG_1 (2).jpg", "IMG_1.tif", "IMG_1.png"])
def test_edited_copies_are_photos_of_their_own(copy: str) -> None:
    photos = paired("IMG_1.CR2", "IMG_1.JPG", copy)
    assert {(one.main.name, one.raw and one.raw.name) for one in photos} == {
        ("IMG_1.JPG", "IMG_1.CR2"),
        (copy, None),
    }


def test_dng_made_from_a_raw_does_not_take_its_place() -> None:
    photos = paired("IMG_1.DNG", "IMG_1.NEF", "IMG_1.JPG")
    assert photos == [files("IMG_1.DNG"), files("IMG_1.JPG", raw="IMG_1.NEF")]


@pytest.mark.parametrize(
    ("photo", "clip"),
    [("IMG_1.HEIC", "IMG_1.MOV"), ("IMG_1.jpg", "img_1.mov"), ("IMG_1.JPG", "IMG_1.mp4")]
    + [("PXL_1.MP.jpg", "PXL_1.MP")],
)
def test_clip_of_a_photos_name_is_its_moving_part(photo: str, clip: str) -> None:
    assert paired(photo, clip) == [files(photo, clip=clip)]


def test_clip_alone_is_no_photo() -> None:
    assert paired("IMG_1.MOV", "IMG_2.jpg") == [files("IMG_2.jpg")]
    assert paired("IMG_1.MOV", "IMG_1.CR2") == [files("IMG_1.CR2")]


def test_ids_match_where_names_do_not() -> None:
    ids = {"IMG_1.HEIC": "x", "IMG_9.MOV": "x"}
    assert paired("IMG_1.HEIC", "IMG_9.MOV", "IMG_2.HEIC", ids=ids) == [
        files("IMG_1.HEIC", clip="IMG_9.MOV"),
        files("IMG_2.HEIC"),
    ]


def test_ids_that_differ_part_files_of_one_name() -> None:
    ids = {"IMG_1.HEIC": "x", "IMG_1.MOV": "y", "IMG_2.HEIC": "y"}
    assert paired("IMG_1.HEIC", "IMG_1.MOV", "IMG_2.HEIC", ids=ids) == [
        files("IMG_1.HEIC"),
        files("IMG_2.HEIC", clip="IMG_1.MOV"),
    ]


def test_ids_are_read_from_the_files(tmp_path: Path) -> None:
    block = exif_block(exif_directory(note=apple_note(live_id=LIVE_ID)), order=">", make="Apple")
    photo = write(tmp_path / "IMG_1.JPG", jpeg(block))
    keys = quicktime_keys({"content.identifier": LIVE_ID})
    clip = write(tmp_path / "renamed.mov", movie(mvhd(0), keys))
    broken = write(tmp_path / "IMG_3.MOV", b"")
    assert pair_files([photo, clip, broken]) == [PhotoFiles(photo, clip=clip)]


def test_sidecars_belong_to_their_photo() -> None:
    names = ["IMG_1.CR2", "IMG_1.JPG", "IMG_1.xmp", "img_1.cr2.XMP", "IMG_1.jpg.xmp", "x.xmp"]
    sidecars = ["img_1.cr2.XMP", "IMG_1.jpg.xmp", "IMG_1.xmp"]
    assert paired(*names) == [files("IMG_1.JPG", *sidecars, raw="IMG_1.CR2")]


def test_plain_sidecar_is_rather_that_of_the_raw() -> None:
    assert paired("a.png", "a.NEF", "a.xmp", "a.png.xmp") == [
        files("a.NEF", "a.xmp"),
        files("a.png", "a.png.xmp"),
    ]


def test_other_files_are_left_out() -> None:
    assert paired("a.txt", "a.aae", "b.jpg", "Thumbs.db") == [files("b.jpg")]


NAMES = st.sampled_from(
    [f"{stem}{end}" for stem in ("a", "A", "b", "a-edit")
     for end in (".jpg", ".CR2", ".dng", ".heic", ".mov", ".xmp", ".cr2.xmp", ".tif")]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(NAMES, unique=True), st.randoms())
def test_order_of_the_files_does_not_matter(names: list[str], random: object) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert paired(*shuffled) == paired(*names)


@settings(deadline=None)
@given(st.lists(NAMES, unique=True))
def test_no_file_is_lost_or_in_two_photos(names: list[str]) -> None:
    photos = paired(*names)
    used = [
        path
        for one in photos
        for path in (one.main, one.raw, one.clip, *one.sidecars)
        if path is not None
    ]
    assert len(used) == len(set(used))
    stills = {FOLDER / name for name in names if not name.endswith((".mov", ".xmp"))}
    assert stills <= set(used)
