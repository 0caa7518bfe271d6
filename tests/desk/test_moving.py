"""Moving rejects, and putting them back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.desk.shoots import new_shoot, photo, tree

from fgaesq.desk.desk import Applied
from fgaesq.desk.moving import move_rejects, new_manifest, restore
from fgaesq.desk.records import Mark
from fgaesq.errors import SidecarError

MANIFEST = "fgaesq-moved-test.jsonl"


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    return tmp_path / "shoot"


@pytest.fixture
def rejects(tmp_path: Path) -> Path:
    return tmp_path / "rejects"


def test_all_files_of_a_reject_move_and_keep_their_places(shoot: Path, rejects: Path) -> None:
    day = shoot / "day 1"
    files = [("raw", day / "a.nef"), ("clip", day / "a.mov")]
    photos = [
        photo(day / "a.jpg", "reject", files=files),
        photo(shoot / "b.jpg", "keep", 4, number=2),
    ]
    for name in ("a.xmp", "a.jpg.xmp"):
        (day / name).write_bytes(b"sidecar")
    before = tree(shoot)
    done = move_rejects(photos, rejects, rejects / MANIFEST)
    names = ["a.jpg", "a.jpg.xmp", "a.mov", "a.nef", "a.xmp"]
    assert sorted(tree(rejects)) == [*(f"day 1/{name}" for name in names), MANIFEST]
    assert sorted(tree(shoot)) == ["b.jpg"]
    assert (done.moved, done.failures) == (5, ())
    assert f"a.nef -> {rejects / 'day 1' / 'a.nef'}" in done.lines
    back = restore(rejects / MANIFEST)
    assert (back.moved, back.failures) == (5, ())
    assert tree(shoot) == before
    assert list(tree(rejects)) == [MANIFEST]
    assert restore(rejects / MANIFEST) == Applied((), 0, 0, ())


def test_the_manifest_says_what_went_where(shoot: Path, rejects: Path) -> None:
    move_rejects([photo(shoot / "a.jpg", "reject")], rejects, rejects / MANIFEST)
    row = json.loads((rejects / MANIFEST).read_text())
    assert set(row) == {"from", "to", "sha256", "time"}
    assert (row["from"], row["to"]) == (str(shoot / "a.jpg"), str(rejects / "a.jpg"))


def test_a_dry_run_moves_nothing_and_says_the_same(shoot: Path, rejects: Path) -> None:
    photos = new_shoot(shoot, 4)
    before = tree(shoot)
    dry = move_rejects(photos, rejects, rejects / MANIFEST, dry_run=True)
    assert tree(shoot) == before
    assert not rejects.exists()
    assert move_rejects(photos, rejects, rejects / MANIFEST) == dry
    moved = tree(rejects)
    dry = restore(rejects / MANIFEST, dry_run=True)
    assert tree(rejects) == moved
    assert restore(rejects / MANIFEST) == dry
    assert tree(shoot) == before


def test_only_rejects_move_and_the_person_comes_first(shoot: Path, rejects: Path) -> None:
    photos = [
        photo(shoot / "a.jpg", "reject", mark=Mark(verb="keep"), number=1),
        photo(shoot / "b.jpg", "keep", 5, mark=Mark(verb="reject"), number=2),
        photo(shoot / "c.jpg", "undecided", number=3),
    ]
    move_rejects(photos, rejects, rejects / MANIFEST)
    assert sorted(tree(shoot)) == ["a.jpg", "c.jpg"]


def test_nothing_is_overwritten_and_the_photo_stays_whole(shoot: Path, rejects: Path) -> None:
    one = photo(shoot / "a.jpg", "reject", files=[("raw", shoot / "a.nef")])
    rejects.mkdir()
    (rejects / "a.jpg").write_bytes(b"another")
    before = tree(shoot)
    done = move_rejects([one], rejects, rejects / MANIFEST)
    assert done.failures == (
        f"{shoot / 'a.jpg'}: it was not moved, as {rejects / 'a.jpg'} is there already; choose "
        "another folder",
    )
    assert tree(shoot) == before
    assert tree(rejects) == {"a.jpg": b"another"}


def test_an_equal_file_of_somebody_else_is_no_move_of_ours(shoot: Path, rejects: Path) -> None:
    one = photo(shoot / "a.jpg", "reject")
    rejects.mkdir()
    (rejects / "a.jpg").write_bytes((shoot / "a.jpg").read_bytes())
    assert move_rejects([one], rejects, rejects / MANIFEST).failures
    assert (shoot / "a.jpg").exists()


def test_a_file_that_cannot_be_moved_keeps_the_others_of_its_photo(
    shoot: Path, rejects: Path
) -> None:
    one = photo(shoot / "a.jpg", "reject", files=[("raw", shoot / "deep" / "a.nef")])
    rejects.mkdir()
    (rejects / "deep").write_bytes(b"a file where a folder must be")
    before = tree(shoot)
    done = move_rejects([one], rejects, rejects / MANIFEST, root=shoot)
    assert done.moved == 0
    assert len(done.failures) == 1
    assert tree(shoot) == before


def test_a_sidecar_that_another_photo_has_too_stays(shoot: Path, rejects: Path) -> None:
    shared = shoot / "a.xmp"
    photos = [
        photo(shoot / "a.jpg", "reject", files=[("sidecar", shared)]),
        photo(shoot / "a.png", "keep", 4, files=[("sidecar", shared)], number=2),
    ]
    done = move_rejects(photos, rejects, rejects / MANIFEST)
    assert "a.xmp: stays, as another photo has it too" in done.lines
    assert sorted(tree(shoot)) == ["a.png", "a.xmp"]


def test_a_name_that_was_taken_meanwhile_is_not_overwritten(shoot: Path, rejects: Path) -> None:
    move_rejects([photo(shoot / "a.jpg", "reject")], rejects, rejects / MANIFEST)
    (shoot / "a.jpg").write_bytes(b"a new one")
    done = restore(rejects / MANIFEST)
    assert done.failures == (
        f"{rejects / 'a.jpg'}: it was not moved back, as there is another file "
        f"{shoot / 'a.jpg'}; rename that one",
    )
    assert (shoot / "a.jpg").read_bytes() == b"a new one"
    assert (rejects / "a.jpg").exists()


def test_a_reject_that_changed_meanwhile_comes_back_as_it_is(shoot: Path, rejects: Path) -> None:
    move_rejects([photo(shoot / "a.jpg", "reject")], rejects, rejects / MANIFEST)
    (rejects / "a.jpg").write_bytes(b"edited")
    restore(rejects / MANIFEST)
    assert tree(shoot) == {"a.jpg": b"edited"}


def test_a_reject_that_is_gone_is_named(shoot: Path, rejects: Path) -> None:
    move_rejects([photo(shoot / "a.jpg", "reject")], rejects, rejects / MANIFEST)
    (rejects / "a.jpg").unlink()
    assert restore(rejects / MANIFEST).failures == (
        f"{rejects / 'a.jpg'}: it is gone; was it moved on, or its disk removed?",
    )


def test_a_photo_that_is_gone_is_named(shoot: Path, rejects: Path) -> None:
    one = photo(shoot / "a.jpg", "reject")
    (shoot / "a.jpg").unlink()
    done = move_rejects([one], rejects, rejects / MANIFEST)
    assert done.failures == (f"{shoot / 'a.jpg'}: it is gone; was it moved or its disk removed?",)


def test_moving_again_does_nothing(shoot: Path, rejects: Path) -> None:
    photos = new_shoot(shoot, 4)
    move_rejects(photos, rejects, rejects / MANIFEST, root=shoot)
    moved = tree(rejects)
    assert move_rejects(photos, rejects, rejects / MANIFEST, root=shoot) == Applied((), 0, 0, ())
    assert tree(rejects) == moved


def test_what_a_crash_left_under_both_names_is_moved_by_the_next_run(
    shoot: Path, rejects: Path
) -> None:
    one = photo(shoot / "a.jpg", "reject")
    content = (shoot / "a.jpg").read_bytes()
    move_rejects([one], rejects, rejects / MANIFEST)
    (shoot / "a.jpg").write_bytes(content)  # as between the copy to another disk and its end
    done = move_rejects([one], rejects, new_manifest(rejects))
    assert (done.moved, done.failures) == (1, ())
    assert (tree(shoot), (rejects / "a.jpg").read_bytes()) == ({}, content)


def test_each_run_has_a_manifest_of_its_own(shoot: Path, rejects: Path) -> None:
    now = datetime(2024, 8, 17, 19, 42, 11, tzinfo=UTC)
    first = new_manifest(rejects, now=now)
    move_rejects([photo(shoot / "a.jpg", "reject")], rejects, first)
    second = new_manifest(rejects, now=now)
    photos = [photo(shoot / "b.jpg", "reject", number=2)]
    move_rejects(photos, rejects, second)
    names = [f"fgaesq-moved-20240817-194211{end}.jsonl" for end in ("", "-2")]
    assert [first.name, second.name] == names
    restore(second)
    assert sorted(tree(shoot)) == ["b.jpg"]


def test_rejects_in_their_folder_stay_there(shoot: Path) -> None:
    rejects = shoot / "rejects"
    photos = [photo(rejects / "a.jpg", "reject"), photo(shoot / "b.jpg", "keep", 4, number=2)]
    before = tree(shoot)
    assert move_rejects(photos, rejects, rejects / MANIFEST) == Applied((), 0, 0, ())
    assert tree(shoot) == before


def test_the_folder_of_the_photos_is_no_folder_for_rejects(shoot: Path) -> None:
    one = photo(shoot / "a.jpg", "reject")
    with pytest.raises(SidecarError) as caught:
        move_rejects([one], shoot, shoot / MANIFEST)
    assert str(caught.value) == (
        f"{shoot}: the photos are in it; choose another folder for the rejects"
    )


def test_photos_outside_the_given_folder_are_named(shoot: Path, rejects: Path) -> None:
    one = photo(shoot / "a.jpg", "reject")
    done = move_rejects([one], rejects, rejects / MANIFEST, root=shoot / "b")
    assert done.failures == (
        f"{shoot / 'a.jpg'}: it is not below {shoot / 'b'}; give the folder that all the photos "
        "are in",
    )


@pytest.mark.parametrize("text", ["[]\n", "{}\n", "no JSON\n"])
def test_another_file_is_no_manifest(tmp_path: Path, text: str) -> None:
    path = tmp_path / MANIFEST
    path.write_text(text)
    with pytest.raises(SidecarError) as caught:
        restore(path)
    assert str(caught.value) == f"{path}: it is no manifest of moved files"
