"""Culling real files: what is read, ranked and proposed, and what a second run does."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import write_tiny
from tests.desk.photo_shoots import make_shoot, snapshot, write_photo

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.catalogue.looking import Changes
from fgaesq.desk.culling import Culled, cull
from fgaesq.desk.proposals import CullSettings
from fgaesq.desk.records import DeskPhoto, Mark
from fgaesq.desk.shoot import ShootDesk
from fgaesq.errors import InputError
from fgaesq.ranking.ranker import Ranker, load
from fgaesq.types import RankedSeries


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


def photo_of(culled: Culled, name: str) -> DeskPhoto:
    return next(p for group in culled.groups for p in group.photos if p.name == name)


def count_rankings(catalogue: Catalogue) -> int:
    number: int = catalogue.rows("SELECT count(*) FROM rankings")[0][0]
    return number


def test_a_shoot_becomes_groups_with_proposals(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    culled = cull([folder], catalogue, ranker)
    assert culled.changes == Changes(new=6)
    assert culled.read == 6, "each photo is decoded once"
    assert [(one.kind, len(one.photos)) for one in culled.groups] == [
        ("series", 3),
        ("series", 2),
        ("single", 1),
    ]
    assert all(photo.proposal for one in culled.groups for photo in one.photos)
    assert culled.model == ranker.identity
    assert culled.failures == ()


def test_the_ranking_is_that_of_the_ranker(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    group = cull([folder], catalogue, ranker).groups[0]
    (expected,) = ranker.rank([photo.path for photo in group.photos]).series
    assert [p.path for p in group.photos] == [image.path for image in expected.images]
    assert [p.score for p in group.photos] == pytest.approx([i.score for i in expected.images])
    assert [p.p_best for p in group.photos] == pytest.approx([i.p_best for i in expected.images])
    assert group.margin == pytest.approx(expected.pairs[0].p)


def test_a_single_photo_has_the_score_that_it_has_on_its_own(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    (photo,) = cull([folder], catalogue, ranker).groups[2].photos
    assert photo.score == pytest.approx(ranker.score([photo.path]).images[0].score)


def test_a_second_run_reads_nothing(folder: Path, catalogue: Catalogue, ranker: Ranker) -> None:
    first = cull([folder], catalogue, ranker)
    for path in folder.iterdir():
        path.chmod(0)  # nothing could be read, unless by root
    second = cull([folder], catalogue, ranker)
    assert second.changes == Changes(unchanged=6)
    assert second.read == 0
    assert second.groups == first.groups


def test_a_moved_folder_is_recognised(folder: Path, catalogue: Catalogue, ranker: Ranker) -> None:
    first = cull([folder], catalogue, ranker)
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    (elsewhere / "IMG_00.jpg").rename(elsewhere / "best.jpg")
    second = cull([elsewhere], catalogue, ranker)
    assert second.changes == Changes(moved=6)
    assert second.read == 0
    assert photo_of(second, "best.jpg").id == photo_of(first, "IMG_00.jpg").id


def test_files_that_exchange_their_names_keep_what_was_said_of_them(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    culled = cull([folder], catalogue, ranker)
    star = photo_of(culled, "IMG_00.jpg").id
    ShootDesk([folder], catalogue).mark([star], Mark(stars=5))
    (folder / "IMG_00.jpg").rename(folder / "x")
    (folder / "IMG_20.jpg").rename(folder / "IMG_00.jpg")
    (folder / "x").rename(folder / "IMG_20.jpg")
    culled = cull([folder], catalogue, ranker)
    assert culled.read == 0
    assert photo_of(culled, "IMG_20.jpg").id == star
    assert photo_of(culled, "IMG_20.jpg").stars == 5
    assert photo_of(culled, "IMG_00.jpg").mark == Mark()


def test_a_copy_is_a_photo_of_its_own_that_is_not_read(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker)
    shutil.copy2(folder / "IMG_20.jpg", folder / "copy.jpg")
    culled = cull([folder], catalogue, ranker)
    assert culled.changes == Changes(copied=1, unchanged=6)
    assert culled.read == 0
    assert {p.name for p in culled.groups[2].photos} == {"IMG_20.jpg", "copy.jpg"}
    verbs = sorted(photo_of(culled, name).verb for name in ("IMG_20.jpg", "copy.jpg"))
    assert verbs == ["keep", "reject"], "one of two that are the same stays"


def test_files_that_agree_in_all_samples_but_not_wholly_are_two(
    folder: Path, catalogue: Catalogue, ranker: Ranker, tmp_path: Path
) -> None:
    content = (folder / "IMG_20.jpg").read_bytes()
    one, other = tmp_path / "big" / "a.jpg", tmp_path / "big" / "b.jpg"
    one.parent.mkdir()
    padding = bytearray(600_000)  # after the end of the image
    one.write_bytes(content + padding)
    padding[150_000] = 1
    other.write_bytes(content + padding)
    cull([one.parent], catalogue, ranker)
    contents = catalogue.rows("SELECT DISTINCT content FROM photos")
    assert len(contents) == 2


def test_an_edited_photo_is_read_again_and_stays_the_same_photo(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    first = cull([folder], catalogue, ranker)
    before = photo_of(first, "IMG_10.jpg")
    write_photo(folder / "IMG_10.jpg", scene=2, frame=3, seconds=3600)
    second = cull([folder], catalogue, ranker)
    assert second.changes == Changes(edited=1, unchanged=5)
    after = photo_of(second, "IMG_10.jpg")
    assert after.id == before.id
    assert after.score != before.score


def test_a_file_that_was_only_touched_is_not_read(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker)
    for shift, path in zip((-1e9, 1e9, 0, 5, -5, 1), sorted(folder.iterdir()), strict=True):
        now = path.stat().st_mtime
        os.utime(path, (now, max(0, now + shift)))  # a clock that jumped by decades
    assert cull([folder], catalogue, ranker).read == 0


def test_only_the_group_that_changed_is_ranked_again(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker)
    write_photo(folder / "IMG_19.jpg", scene=2, frame=2, seconds=3602)
    culled = cull([folder], catalogue, ranker)
    assert culled.changes == Changes(new=1, unchanged=6)
    assert culled.read == 1 + 3, "the new one, and its group of three"
    assert len(culled.groups[1].photos) == 3


def test_a_removed_photo_leaves_its_group(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker)
    (folder / "IMG_00.jpg").unlink()
    culled = cull([folder], catalogue, ranker)
    assert culled.changes == Changes(gone=1, unchanged=5)
    assert [len(one.photos) for one in culled.groups] == [2, 2, 1]
    assert culled.read == 2


def test_another_model_ranks_without_reading_anew(
    folder: Path, catalogue: Catalogue, ranker: Ranker, tmp_path: Path
) -> None:
    first = cull([folder], catalogue, ranker)
    write_tiny(tmp_path / "other", seed=8)
    second = cull([folder], catalogue, load(tmp_path / "other"))
    assert second.model != first.model
    assert snapshot(second.groups) != snapshot(first.groups)
    assert count_rankings(catalogue) == 6
    third = cull([folder], catalogue, ranker)
    assert third.read == 0
    assert snapshot(third.groups) == snapshot(first.groups)


def test_the_order_of_files_and_threads_has_no_influence(
    folder: Path, tmp_path: Path, ranker: Ranker
) -> None:
    shutil.copytree(folder, tmp_path / "again" / "shoot")
    with Catalogue(tmp_path / "one") as catalogue:
        one = cull([folder], catalogue, ranker)
    with Catalogue(tmp_path / "two") as catalogue:
        two = cull([tmp_path / "again"], catalogue, ranker, threads=3)
    assert snapshot(two.groups) == snapshot(one.groups)


def test_broken_and_vanished_files_are_named_and_the_rest_is_culled(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    (folder / "IMG_90.jpg").write_bytes(b"no photo")
    (folder / "IMG_91.jpg").write_bytes(b"")
    culled = cull([folder], catalogue, ranker)
    assert [one.path for one in culled.failures] == [
        str(folder / "IMG_90.jpg"),
        str(folder / "IMG_91.jpg"),
    ]
    assert "the file is empty" in culled.failures[1].error
    assert photo_of(culled, "IMG_90.jpg").verb == "undecided"
    assert len(culled.groups) == 5


def test_a_file_that_vanishes_after_it_was_found_is_a_failure(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    class Vanishing:
        """Removes a photo when reading begins."""

        def begin(self, what: str, total: int) -> None:
            if what == "reading":
                (folder / "IMG_01.jpg").unlink()

        def advance(self, steps: int = 1) -> None:
            """Do nothing."""

    culled = cull([folder], catalogue, ranker, watcher=Vanishing())
    (failure,) = culled.failures
    assert failure.error == (f"{folder / 'IMG_01.jpg'}: the file does not exist; check the path")
    assert sum(len(one.photos) for one in culled.groups) == 6
    again = cull([folder], catalogue, ranker)
    assert again.failures == ()
    assert sum(len(one.photos) for one in again.groups) == 5


def test_a_failure_is_over_once_the_file_can_be_read(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    (folder / "IMG_90.jpg").write_bytes(b"no photo")
    assert cull([folder], catalogue, ranker).failures
    write_photo(folder / "IMG_90.jpg", scene=9, seconds=20_000)
    assert cull([folder], catalogue, ranker).failures == ()


def test_a_run_that_was_interrupted_is_continued(
    folder: Path, catalogue: Catalogue, ranker: Ranker, tmp_path: Path
) -> None:
    class Interrupting:
        """Ends the run after so many photos."""

        def begin(self, what: str, total: int) -> None:
            """Do nothing."""

        def advance(self, steps: int = 1) -> None:
            done = catalogue.rows("SELECT count(*) FROM photos WHERE capture IS NOT NULL")[0][0]
            if done == 4:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cull([folder], catalogue, ranker, watcher=Interrupting())
    culled = cull([folder], catalogue, ranker)
    assert culled.changes == Changes(unchanged=6)
    with Catalogue(tmp_path / "whole") as other:
        assert snapshot(culled.groups) == snapshot(cull([folder], other, ranker).groups)


def test_groups_larger_than_the_window_are_ranked_whole(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    make_shoot(tmp_path / "long", series=(26, 3))
    culled = cull([tmp_path / "long"], catalogue, ranker)
    assert [len(one.photos) for one in culled.groups] == [26, 3]
    assert sorted(p.rank or 0 for p in culled.groups[0].photos) == list(range(1, 27))


def test_groups_too_large_for_a_series_are_scored_one_by_one(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fgaesq.desk.ranking.MOST_IMAGES", 4)
    make_shoot(tmp_path / "long", series=(22,))
    (group,) = cull([tmp_path / "long"], catalogue, ranker).groups
    alone = {one.path: one.score for one in ranker.score([p.path for p in group.photos]).images}
    assert [p.score for p in group.photos] == sorted(alone.values(), reverse=True)


def test_series_are_found_across_folders_and_stay_when_one_is_culled_alone(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    one, two = tmp_path / "card1", tmp_path / "card2"
    write_photo(one / "a.jpg", scene=1, frame=0)
    write_photo(two / "b.jpg", scene=1, frame=1, seconds=1)
    (group,) = cull([one, two], catalogue, ranker).groups
    (alone,) = cull([one], catalogue, ranker).groups
    assert alone.id == group.id
    assert {photo.name for photo in alone.photos} == {"a.jpg", "b.jpg"}


def test_what_is_proposed_follows_the_settings(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    culled = cull([folder], catalogue, ranker, CullSettings(keep=3))
    assert {p.verb for p in culled.groups[0].photos} == {"keep"}


def test_folders_that_cannot_be_used_are_named(
    tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(InputError) as caught:
        cull([missing], catalogue, ranker)
    assert str(caught.value) == (
        f"{missing}: the folder does not exist; check the path and the card"
    )
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: no photos were found; give the folder"):
        cull([tmp_path / "empty"], catalogue, ranker)
    with pytest.raises(InputError, match=r"it is a file; give the folder of a shoot"):
        cull([write_photo(tmp_path / "a.jpg", scene=1)], catalogue, ranker)


def test_nothing_is_written_beside_the_photos(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    folder.chmod(0o500)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    cull([folder], catalogue, ranker)
    folder.chmod(0o700)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_ranking_keeps_reasons_and_maps(
    folder: Path, catalogue: Catalogue, telling_model: Path
) -> None:
    ranker = load(telling_model)
    culled = cull([folder], catalogue, ranker)
    group = culled.groups[0]
    paths = [photo.path for photo in group.photos]
    expected: RankedSeries = ranker.rank(paths).series[0]
    desk = ShootDesk([folder], catalogue)
    assert [p.reasons for p in group.photos] == [image.reasons for image in expected.images]
    assert [replace(pair, p=round(pair.p, 9)) for pair in desk.pairs(group.id)] == [
        replace(pair, p=round(pair.p, 9)) for pair in expected.pairs
    ]
    difference, effects = desk.maps(group.id)
    assert difference is not None
    assert effects is not None
    assert expected.difference is not None
    assert expected.effects is not None
    assert difference.values == pytest.approx(expected.difference.values, abs=1e-3)
    assert difference.fine_cells == expected.difference.fine_cells
    assert difference.boxes == expected.difference.boxes
    for path in paths:
        assert effects.values[path] == pytest.approx(expected.effects.values[path], rel=1e-3)
