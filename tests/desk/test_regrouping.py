"""The size of groups chosen on an open shoot: found anew, remembered, undone, ranked meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.photo_shoots import make_changing_shoot, snapshot

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.desk import Waiting
from fgaesq.desk.grouping import GroupingSettings
from fgaesq.desk.records import Mark
from fgaesq.desk.review.actions import Ranking, Regrouping
from fgaesq.desk.shoot import ShootDesk
from fgaesq.errors import InputError
from fgaesq.ranking.ranker import Ranker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_changing_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


@pytest.fixture
def desk(folder: Path, catalogue: Catalogue, ranker: Ranker) -> Iterator[ShootDesk]:
    cull([folder], catalogue, ranker)
    opened = ShootDesk([folder], catalogue, ranker=ranker)
    yield opened
    opened.close()


def sizes(desk: ShootDesk) -> list[int]:
    return [len(group.photos) for group in desk.groups()]


def wait(desk: ShootDesk) -> None:
    """Wait until all groups are ranked."""
    for _ in range(3000):
        state = desk.waiting()
        assert state.trouble == ""
        if state.left == 0:
            return
        time.sleep(0.01)
    raise AssertionError("some groups are never ranked")


def test_a_shoot_can_be_regrouped(desk: ShootDesk) -> None:
    assert isinstance(desk, Regrouping)
    assert isinstance(desk, Ranking)
    assert desk.group_size() == 0.5
    assert sizes(desk) == [4, 1]
    desk.regroup(0.0)
    assert desk.group_size() == 0.0
    assert sizes(desk) == [2, 2, 1]


@pytest.mark.parametrize(("size", "wanted"), [(0.0, 0.5), (0.5, 0.0)])
def test_new_groups_get_their_ranking_and_proposals_meanwhile(
    size: float, wanted: float, tmp_path: Path, folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker, grouping=GroupingSettings(size))
    desk = ShootDesk([folder], catalogue, ranker=ranker)
    desk.regroup(wanted)
    wait(desk)
    desk.close()
    with Catalogue(tmp_path / "other.sqlite3") as fresh:
        culled = cull([folder], fresh, ranker, grouping=GroupingSettings(wanted))
    assert snapshot(desk.groups()) == snapshot(culled.groups)


def test_a_group_that_is_not_ranked_yet_has_no_score(
    desk: ShootDesk, folder: Path, catalogue: Catalogue
) -> None:
    plain = ShootDesk([folder], catalogue)
    plain.regroup(0.0)
    first, second, single = plain.groups()
    assert {p.score for group in (first, second) for p in group.photos} == {None}
    assert {p.verb for group in (first, second) for p in group.photos} == {"undecided"}
    assert single.photos[0].score is not None, "that group did not change"
    assert plain.waiting() == Waiting(0), "nobody ranks them"
    wait(desk)
    assert all(p.score is not None for group in plain.groups() for p in group.photos)


def test_regrouping_is_one_step_to_undo_and_to_redo(desk: ShootDesk) -> None:
    before = snapshot(desk.groups())
    desk.regroup(0.0)
    wait(desk)
    after = snapshot(desk.groups())
    assert desk.undo() == "find the series anew with group size 0.00"
    assert (snapshot(desk.groups()), desk.group_size()) == (before, 0.5)
    assert desk.undo() is None
    assert desk.redo() == "find the series anew with group size 0.00"
    assert (snapshot(desk.groups()), desk.group_size()) == (after, 0.0)


def test_undone_and_done_again_before_all_is_ranked_it_is_ranked_then(desk: ShootDesk) -> None:
    desk.regroup(0.0)
    desk.undo()
    desk.redo()
    wait(desk)
    assert all(p.rank is not None for group in desk.groups() for p in group.photos)


def test_what_the_person_said_of_photos_stays(desk: ShootDesk) -> None:
    photo = desk.groups()[0].photos[-1].id
    desk.mark([photo], Mark("keep", 5, "Red"))
    desk.regroup(0.0)
    assert desk.photo(photo).mark == Mark("keep", 5, "Red")
    desk.mark([photo], Mark(stars=1))
    desk.undo()
    desk.undo()
    assert desk.photo(photo).mark == Mark("keep", 5, "Red")
    assert sizes(desk) == [4, 1]


def test_groups_made_by_hand_stay(desk: ShootDesk) -> None:
    first, second = desk.groups()
    new = desk.split([first.photos[0].id])
    before = snapshot(desk.groups())
    desk.regroup(0.0)
    wait(desk)
    assert snapshot(desk.groups()) == before
    assert desk.group(new).by_hand
    assert desk.undo() == "find the series anew with group size 0.00", "the size was changed"
    assert desk.undo() == "split 1 photo from their group"
    assert sizes(desk) == [4, 1]


def test_the_size_is_remembered_and_used_by_the_next_run(
    desk: ShootDesk, folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    desk.regroup(0.0)
    wait(desk)
    culled = cull([folder], catalogue, ranker)
    assert culled.remembered_size == 0.0
    assert [len(group.photos) for group in culled.groups] == [2, 2, 1]
    assert culled.read == 0


def test_what_a_run_was_told_is_remembered_too(
    desk: ShootDesk, folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    assert cull([folder], catalogue, ranker, grouping=GroupingSettings(0.2)).remembered_size is None
    assert desk.group_size() == 0.2


def test_the_same_size_again_is_no_change(desk: ShootDesk) -> None:
    with pytest.raises(InputError, match=r"^the series are found with group size 0\.50 already$"):
        desk.regroup(0.5)
    with pytest.raises(InputError, match="give 0 .tight. to 1 .wide."):
        desk.regroup(1.5)
    assert desk.undo() is None


def test_a_photo_that_went_away_meanwhile_is_named_and_the_others_are_ranked(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    cull([folder], catalogue, ranker, grouping=GroupingSettings(0.0))
    desk = ShootDesk([folder], catalogue, ranker=ranker)
    (folder / "IMG_0.jpg").unlink()
    desk.regroup(0.5)
    wait(desk)
    desk.close()
    failed, *others = sorted((p for g in desk.groups() for p in g.photos), key=lambda p: p.name)
    assert failed.failure.startswith(f"{folder / 'IMG_0.jpg'}: ")
    assert failed.score is None
    assert all(photo.score is not None for photo in others)
