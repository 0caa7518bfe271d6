"""Finding series: what is one, in which order, under which name, and what is reported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fgaesq.errors import DecodeError, InputError, MissingExtraError
from fgaesq.images import SeriesFiles, find_series, read_photo
from fgaesq.images.discover import natural_key
from fgaesq.types import Failure

AVIF_REASON = "it is a AVIF file, which this version cannot read; export it as JPEG or TIFF"


def lay_out(top: Path, *names: str) -> None:
    """Create empty files below `top`; the finder opens only those that may need a missing extra."""
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).touch()


def named(series: list[SeriesFiles], top: Path) -> dict[str, list[str]]:
    """Return {id: file names}, both relative to `top`."""
    return {
        one.id.replace(str(top), "TOP"): [str(path.relative_to(top)) for path in one.paths]
        for one in series
    }


def test_each_folder_with_images_is_a_series(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.jpg", "a/2.JPG", "a/b/3.Png", "a/b/notes.txt", "c/d/4.webp", "c/x.py")
    series, failures = find_series([tmp_path])
    assert named(series, tmp_path) == {
        "TOP/a": ["a/1.jpg", "a/2.JPG"],
        "TOP/a/b": ["a/b/3.Png"],
        "TOP/c/d": ["c/d/4.webp"],
    }
    assert failures == []


def test_ids_follow_the_path_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "holiday/day 1/a.jpg", "holiday/b.jpg")
    monkeypatch.chdir(tmp_path)
    assert [one.id for one in find_series(["holiday/"])[0]] == ["holiday", "holiday/day 1"]
    assert [one.id for one in find_series(["."])[0]] == ["holiday", "holiday/day 1"]
    monkeypatch.chdir(tmp_path / "holiday")
    assert [one.id for one in find_series(["."])[0]] == [".", "day 1"]
    assert find_series(["."])[0][0].paths == (Path("b.jpg"),)


def test_files_are_in_natural_order(tmp_path: Path) -> None:
    names = ["IMG_1.jpg", "img_2.jpg", "IMG_10.jpg", "IMG_10b.jpg", "IMG_100.jpg", "Z.jpg"]
    lay_out(tmp_path, *names[::2], *names[::-1])
    series, _ = find_series([tmp_path])
    assert [path.name for path in series[0].paths] == names


def test_folders_are_in_natural_order_below_the_given_order(tmp_path: Path) -> None:
    lay_out(tmp_path, "b/x/1.jpg", "b/10/1.jpg", "b/9/1.jpg", "b/1.jpg", "a/1.jpg")
    series, _ = find_series([tmp_path / "b", tmp_path / "a"])
    assert list(named(series, tmp_path)) == ["TOP/b", "TOP/b/9", "TOP/b/10", "TOP/b/x", "TOP/a"]


def test_order_of_the_file_system_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, *[f"{folder}/{n}.jpg" for folder in ("b", "a", "a/c") for n in range(12)])
    lay_out(tmp_path, "a/9.avif", "b/10.jxl", "b/9.avif")
    (tmp_path / "far").mkdir()
    (tmp_path / "far/f.jpg").touch()
    (tmp_path / "b/link").symlink_to(tmp_path / "far")
    (tmp_path / "a/link").symlink_to(tmp_path / "far")
    expected = find_series([tmp_path / "a", tmp_path / "b"])
    scan = os.scandir

    @contextmanager
    def backwards(path: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
        with scan(path) as entries:
            yield iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

    monkeypatch.setattr(os, "scandir", backwards)
    assert find_series([tmp_path / "a", tmp_path / "b"]) == expected
    assert f"{tmp_path}/a/link" in [one.id for one in expected[0]]


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("aAbB019._ é"), min_size=1, max_size=8), unique=True))
def test_natural_order_is_total_and_sorts_numbers_by_value(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)
    numbered = [f"p{number}.jpg" for number in range(119, 0, -7)]
    assert sorted(numbered, key=natural_key) == list(reversed(numbered))


def test_hidden_and_system_folders_are_left_out(tmp_path: Path) -> None:
    hidden = [".cache/a.jpg", "__MACOSX/a.jpg", "@eaDir/a.jpg", "b/._a.jpg", "b/.hidden.png"]
    lay_out(tmp_path, "b/a.jpg", "b/__MACOSX/c/a.jpg", *hidden)
    series, failures = find_series([tmp_path])
    assert named(series, tmp_path) == {"TOP/b": ["b/a.jpg"]}
    assert failures == []


def test_unreadable_kinds_are_reported_one_by_one(tmp_path: Path) -> None:
    lay_out(tmp_path, "b/IMG_10.avif", "b/IMG_9.JXL", "b/IMG_9.jpg")
    series, failures = find_series([tmp_path])
    assert named(series, tmp_path) == {"TOP/b": ["b/IMG_9.jpg"]}
    assert failures == [
        Failure(
            f"{tmp_path}/b/{name}",
            "find",
            f"{tmp_path}/b/{name}: it is a {kind} file, which this version cannot read; "
            "export it as JPEG or TIFF",
        )
        for name, kind in [("IMG_9.JXL", "JPEG XL"), ("IMG_10.avif", "AVIF")]
    ]


def test_heic_and_raw_files_are_taken(tmp_path: Path) -> None:
    lay_out(tmp_path, "b/IMG_10.CR3", "b/IMG_9.NEF", "b/a.heic", "b/c.HIF")
    series, failures = find_series([tmp_path])
    expected = ["b/a.heic", "b/c.HIF", "b/IMG_9.NEF", "b/IMG_10.CR3"]
    assert named(series, tmp_path) == {"TOP/b": expected}
    assert failures == []


def test_raw_beside_its_developed_photo_is_left_out(tmp_path: Path) -> None:
    lay_out(tmp_path, "b/IMG_1.CR2", "b/img_1.JPG", "b/IMG_2.CR2", "b/IMG_3.dng", "c/IMG_2.jpg")
    series, failures = find_series([tmp_path])
    assert named(series, tmp_path) == {
        "TOP/b": ["b/img_1.JPG", "b/IMG_2.CR2", "b/IMG_3.dng"],
        "TOP/c": ["c/IMG_2.jpg"],
    }
    assert failures == []


CR2_HEAD = b"II*\0\x10\0\0\0CR\x02\0"
HEIC_HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
EXTRAS = [
    ("a.CR2", "rawpy", "camera RAW", "raw", CR2_HEAD),
    ("a.heic", "pillow_heif", "HEIC", "heif", HEIC_HEAD),
]


@pytest.mark.parametrize(("name", "module", "kind", "extra", "head"), EXTRAS)
def test_kind_whose_extra_is_missing_is_reported(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    module: str,
    kind: str,
    extra: str,
    head: bytes,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    lay_out(tmp_path, "b.jpg")
    (tmp_path / name).write_bytes(head)
    series, failures = find_series([tmp_path])
    assert named(series, tmp_path) == {"TOP": ["b.jpg"]}
    sentence = (
        f"{tmp_path}/{name}: reading {kind} needs packages that are not installed; "
        f"run: pip install 'fgaesq[{extra}]'"
    )
    assert [failure.error for failure in failures] == [sentence]
    with pytest.raises(MissingExtraError) as caught:
        read_photo(tmp_path / name)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(("name", "module"), [entry[:2] for entry in EXTRAS])
def test_a_false_one_is_found_and_reading_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / name).write_bytes(b"this is no photo at all, whatever its name says")
    series, failures = find_series([tmp_path])
    assert (named(series, tmp_path), failures) == ({"TOP": [name]}, [])
    with pytest.raises(DecodeError, match="check that it is a photo file"):
        read_photo(tmp_path / name)


def test_missing_path_is_reported(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.jpg")
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    series, failures = find_series([tmp_path / "nowhere", tmp_path / "broken", tmp_path / "a"])
    assert len(series) == 1
    assert [failure.error for failure in failures] == [
        f"{tmp_path}/nowhere: the file does not exist; check the path",
        f"{tmp_path}/broken: it is a symbolic link to a file that does not exist; mend the link",
    ]
    assert [failure.path for failure in failures] == [f"{tmp_path}/nowhere", f"{tmp_path}/broken"]
    assert {failure.stage for failure in failures} == {"find"}


def test_path_with_a_null_character_is_reported() -> None:
    _, failures = find_series(["a\0b"])
    assert failures == [
        Failure("a\\x00b", "find", "a\\x00b: no file can have this name; correct the path")
    ]


def test_folder_without_images_is_reported(tmp_path: Path) -> None:
    lay_out(tmp_path, "empty/notes.txt", "odd/a.avif", "full/1.jpg")
    (tmp_path / "full/sub").mkdir()
    series, failures = find_series([tmp_path / name for name in ("empty", "odd", "full")])
    assert len(series) == 1
    assert [failure.error for failure in failures] == [
        f"{tmp_path}/empty: no images were found in the folder; give a folder that holds photos",
        f"{tmp_path}/odd/a.avif: {AVIF_REASON}",
    ]


def test_unreadable_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "a/1.jpg", "a/closed/2.jpg")
    scan = os.scandir

    def guarded(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)
    series, failures = find_series([tmp_path])
    assert named(series, tmp_path) == {"TOP/a": ["a/1.jpg"]}
    name = f"{tmp_path}/a/closed"
    assert failures == [
        Failure(name, "find", f"{name}: reading it is not permitted; change its permissions")
    ]


def test_given_files_are_one_series(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/2.jpg", "a/10.jpg", "a/b/3", "c/x.dng")
    files = [tmp_path / name for name in ("a/10.jpg", "a/2.jpg", "a/b/3")]
    series, failures = find_series(files)
    assert named(series, tmp_path) == {"TOP/a": ["a/2.jpg", "a/10.jpg", "a/b/3"]}
    assert failures == []
    series, _ = find_series([*files, tmp_path / "c/x.dng"])
    assert list(named(series, tmp_path)) == ["TOP"]


def test_given_files_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "1.jpg", "a/2.jpg")
    monkeypatch.chdir(tmp_path)
    assert find_series(["1.jpg", "a/2.jpg"])[0] == [
        SeriesFiles(".", (Path("1.jpg"), Path("a/2.jpg")))
    ]
    assert find_series(["a/2.jpg"])[0] == [SeriesFiles("a", (Path("a/2.jpg"),))]
    mixed, _ = find_series(["a/2.jpg", tmp_path / "1.jpg"])
    assert [one.id for one in mixed] == [str(tmp_path)]


def test_files_are_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "a/1.jpg", "a/2.jpg", "b/3.jpg")
    monkeypatch.chdir(tmp_path)
    twice = find_series(["b/3.jpg", "./b/3.jpg", tmp_path / "b/3.jpg", "a/../b/3.jpg"])[0]
    assert [len(one.paths) for one in twice] == [1]
    series, _ = find_series(["a/1.jpg", "a", "b/3.jpg", "a"])
    assert {one.id: len(one.paths) for one in series} == {"a": 2, "b": 1}


def test_given_files_do_not_take_the_id_of_a_folder(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.jpg", "a/without-extension")
    series, _ = find_series([tmp_path / "a", tmp_path / "a/without-extension"])
    assert list(named(series, tmp_path)) == ["TOP/a", "TOP/a (files)"]


def test_circular_links_end(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.jpg", "a/b/2.jpg")
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    (tmp_path / "a/self.jpg").symlink_to("self.jpg")
    series, failures = find_series([tmp_path])
    assert named(series, tmp_path) == {"TOP/a": ["a/1.jpg", "a/self.jpg"], "TOP/a/b": ["a/b/2.jpg"]}
    assert failures == []


def test_folder_keeps_its_own_name_rather_than_a_link(tmp_path: Path) -> None:
    lay_out(tmp_path, "top/zoo/1.jpg", "far/2.jpg")
    (tmp_path / "top/a link").symlink_to(tmp_path / "top/zoo")
    (tmp_path / "top/far").symlink_to(tmp_path / "far")
    series, _ = find_series([tmp_path / "top"])
    assert [one.id.removeprefix(str(tmp_path)) for one in series] == ["/top/far", "/top/zoo"]
    series, _ = find_series([tmp_path / "top", tmp_path / "far"])
    assert [one.id.removeprefix(str(tmp_path)) for one in series] == ["/top/zoo", "/far"]


def test_overlapping_folders_are_visited_once(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/b/1.jpg")
    series, failures = find_series([tmp_path / "a/b", tmp_path / "a", tmp_path / "a"])
    assert list(named(series, tmp_path)) == ["TOP/a/b"]
    assert failures == []


def test_small_series_are_reported_when_a_least_size_is_asked_for(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.jpg", "b/1.jpg", "b/2.jpg", "c/1.jpg")
    series, failures = find_series(
        [tmp_path / "a", tmp_path / "b", tmp_path / "c/1.jpg"], min_images=2
    )
    assert list(named(series, tmp_path)) == ["TOP/b"]
    assert failures == [
        Failure(
            name, "find", f"{name}: it holds 1 of at least 2 photos; add photos or leave it out"
        )
        for name in (f"{tmp_path}/a", f"{tmp_path}/c")
    ]


def test_undecodable_names_are_found_and_printable(tmp_path: Path) -> None:
    folder = os.path.join(os.fsencode(tmp_path), b"caf\xe9")
    os.mkdir(folder)
    for name in (b"\xff.jpg", b"\xfe.jxl"):
        with open(os.path.join(folder, name), "wb"):
            pass
    series, failures = find_series([tmp_path])
    assert series[0].id == f"{tmp_path}/caf\\xe9"
    assert series[0].paths[0].exists()
    assert failures[0].path == f"{tmp_path}/caf\\xe9/\\xfe.jxl"


@pytest.mark.parametrize("path", ["photos", Path("photos")])
def test_single_path_in_place_of_a_list_is_refused(path: str | Path) -> None:
    with pytest.raises(InputError) as caught:
        find_series(path)  # type: ignore[arg-type]
    assert str(caught.value) == "photos: it is one path; give a list of paths"


def test_no_paths_give_no_series() -> None:
    assert find_series([]) == ([], [])
