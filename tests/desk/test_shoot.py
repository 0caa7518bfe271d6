"""A shoot open for review: what it shows, and every change undone and done again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.desk.photo_shoots import make_shoot, snapshot

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.desk import Desk
from fgaesq.desk.records import Mark
from fgaesq.desk.shoot import ShootDesk
from fgaesq.errors import InputError
from fgaesq.ranking.ranker import Ranker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


@pytest.fixture
def desk(folder: Path, catalogue: Catalogue, ranker: Ranker) -> ShootDesk:
    cull([folder], catalogue, ranker)
    return ShootDesk([folder], catalogue, ranker=ranker)


def ids(desk: Desk, group: int = 0) -> list[int]:
    return [photo.id for photo in desk.groups()[group].photos]


def test_it_is_a_desk(desk: ShootDesk) -> None:
    as_protocol: Desk = desk
    assert as_protocol.counts() == {
        "photos": 6,
        "groups": 3,
        "keepers": sum(p.verb == "keep" for g in desk.groups() for p in g.photos),
        "rejects": sum(p.verb == "reject" for g in desk.groups() for p in g.photos),
        "undecided": sum(p.verb == "undecided" for g in desk.groups() for p in g.photos),
        "marked": 0,
        "failures": 0,
        "taste": 0,
    }


def test_the_last_writing_can_be_taken_back(desk: ShootDesk, folder: Path) -> None:
    before = sorted(folder.iterdir())
    desk.mark(ids(desk)[:1], Mark(stars=5))
    assert desk.apply().written > 0
    assert desk.unapply().written > 0
    assert sorted(folder.iterdir()) == before
    with pytest.raises(InputError, match="nothing was applied"):
        desk.unapply()


def test_groups_can_be_asked_for_in_parts(desk: ShootDesk) -> None:
    assert [g.id for g in desk.groups(offset=1, limit=1)] == [desk.groups()[1].id]
    assert len(desk.groups(offset=1)) == 2


def test_a_mark_overrules_the_proposal_and_can_be_undone(desk: ShootDesk) -> None:
    first, second, _ = ids(desk)
    before = desk.groups()
    desk.mark([first, second], Mark(verb="reject"))
    desk.mark([first], Mark(stars=5, label="Red"))
    assert desk.photo(first).mark == Mark("reject", 5, "Red")
    assert desk.photo(second).verb == "reject"
    assert desk.undo() == "mark 1 photo as 5 stars, Red"
    assert desk.photo(first).mark == Mark("reject")
    assert desk.undo() == "mark 2 photos as reject"
    assert desk.groups() == before
    assert desk.undo() is None
    assert desk.redo() == "mark 2 photos as reject"
    assert desk.photo(first).mark == Mark("reject")
    assert desk.redo() == "mark 1 photo as 5 stars, Red"
    assert desk.redo() is None


def test_clearing_lets_the_proposals_hold_again(desk: ShootDesk) -> None:
    first = ids(desk)[0]
    desk.mark([first], Mark(verb="reject", stars=0))
    desk.clear([first])
    assert desk.photo(first).mark == Mark()
    assert desk.undo() == "clear the marks of 1 photo"
    assert desk.photo(first).mark == Mark("reject", 0)


def test_a_mark_tells_whether_it_was_new(desk: ShootDesk) -> None:
    first = ids(desk)[0]
    assert desk.mark([first], Mark(stars=5))
    assert not desk.mark([first], Mark(stars=5))
    assert desk.clear([first])
    assert not desk.clear([first])


def test_after_a_new_change_what_was_undone_is_gone(desk: ShootDesk) -> None:
    first = ids(desk)[0]
    desk.mark([first], Mark(stars=1))
    desk.undo()
    desk.mark([first], Mark(stars=2))
    assert desk.redo() is None
    assert desk.photo(first).stars == 2


def test_what_changes_nothing_is_no_change(desk: ShootDesk) -> None:
    first = ids(desk)[0]
    desk.mark([first], Mark(stars=1))
    desk.mark([first], Mark(stars=1))
    desk.undo()
    assert desk.undo() is None


def test_a_split_group_is_ranked_anew_and_stays_split(
    desk: ShootDesk, folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    before = snapshot(desk.groups())
    one, two, three = ids(desk)
    new = desk.split([one, two])
    assert [photo.id for photo in desk.group(new).photos] == sorted(
        [one, two], key=lambda photo: desk.photo(photo).rank or 0
    )
    assert desk.group(new).margin is not None
    assert desk.group(new).by_hand
    left = next(g for g in desk.groups() if g.photos[0].id == three)
    assert (left.kind, left.by_hand, left.photos[0].score is not None) == ("single", True, True)
    after = snapshot(desk.groups())
    cull([folder], catalogue, ranker)
    assert snapshot(desk.groups()) == after
    assert desk.undo() == "split 2 photos from their group"
    assert snapshot(desk.groups()) == before
    assert desk.redo() == "split 2 photos from their group"
    assert snapshot(desk.groups()) == after


def test_merged_groups_are_one_until_that_is_undone(desk: ShootDesk) -> None:
    before = snapshot(desk.groups())
    first, second, third = desk.groups()
    new = desk.merge([first.id, second.id])
    assert len(desk.group(new).photos) == 5
    assert sorted(photo.rank or 0 for photo in desk.group(new).photos) == [1, 2, 3, 4, 5]
    assert [g.id for g in desk.groups()] == [new, third.id]
    assert desk.undo() == "merge 2 groups"
    assert snapshot(desk.groups()) == before


def test_without_a_ranker_changed_groups_wait_for_the_next_run(
    desk: ShootDesk, folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    plain = ShootDesk([folder], catalogue)
    new = plain.merge([group.id for group in plain.groups()[:2]])
    assert plain.group(new).margin is None
    assert {photo.verb for photo in plain.group(new).photos} == {"undecided"}
    cull([folder], catalogue, ranker)
    assert plain.group(new).margin is not None


def test_changes_by_another_process_are_seen(
    desk: ShootDesk, folder: Path, catalogue: Catalogue
) -> None:
    first = ids(desk)[0]
    with Catalogue(catalogue.path) as other:
        ShootDesk([folder], other).mark([first], Mark(stars=4))
    assert desk.photo(first).stars == 4


def test_undo_is_for_the_photos_of_the_shoot(
    desk: ShootDesk, tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    make_shoot(tmp_path / "elsewhere", series=(1, 1, 1, 1, 1, 1, 2))
    cull([tmp_path / "elsewhere"], catalogue, ranker)
    other = ShootDesk([tmp_path / "elsewhere"], catalogue)
    desk.mark(ids(desk)[:1], Mark(stars=1))
    other.mark(ids(other, -1)[:1], Mark(stars=2))
    assert desk.undo() == "mark 1 photo as 1 stars"
    assert other.counts()["marked"] == 1


def test_pixels_are_upright_and_as_small_as_asked(desk: ShootDesk) -> None:
    assert desk.pixels(ids(desk)[0]).shape == (120, 160, 3)
    assert desk.pixels(ids(desk)[0], long_side_px=80).shape == (60, 80, 3)


def test_what_is_not_there_is_named(desk: ShootDesk, folder: Path) -> None:
    with pytest.raises(InputError, match="there is no photo 999 in this shoot; reload the page"):
        desk.photo(999)
    with pytest.raises(InputError, match="there is no group 999 in this shoot; reload the page"):
        desk.group(999)
    with pytest.raises(InputError, match="there is no photo 999"):
        desk.mark([999], Mark(stars=1))
    with pytest.raises(InputError, match="split photos of one group at a time"):
        desk.split([ids(desk, 0)[0], ids(desk, 1)[0]])
    with pytest.raises(InputError, match="these are all photos of the group; leave some in it"):
        desk.split(ids(desk, 1))
    with pytest.raises(InputError, match="give at least two groups to merge"):
        desk.merge([desk.groups()[0].id])


def test_a_folder_that_was_not_culled_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(InputError, match="no photo of it is in the catalogue; run: fgaesq cull"):
        ShootDesk([tmp_path], catalogue)


def test_threads_may_mark_and_read_at_once(desk: ShootDesk) -> None:
    photos = ids(desk)
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(desk.mark, [photos[n % 3]], Mark(stars=n % 6)) for n in range(24)] + [
            pool.submit(desk.groups) for _ in range(24)
        ]
    for job in jobs:
        job.result()
    assert desk.counts()["marked"] == 3
