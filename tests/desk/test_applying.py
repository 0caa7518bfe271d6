"""Decisions into sidecars and back, recorded in the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk.photo_shoots import make_shoot

from fgaesq.desk.applying import Applying, undo_last
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.records import Mark
from fgaesq.desk.shoot import ShootDesk
from fgaesq.errors import InputError
from fgaesq.ranking.ranker import Ranker
from fgaesq.sidecars.xmp import read_marks


@pytest.fixture
def folder(tmp_path: Path, catalogue: Catalogue, ranker: Ranker) -> Path:
    make_shoot(tmp_path / "shoot")
    cull([tmp_path / "shoot"], catalogue, ranker)
    return tmp_path / "shoot"


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_sidecars_say_what_the_desk_says_and_undo_takes_it_back(
    folder: Path, catalogue: Catalogue
) -> None:
    before = files_in(folder)
    desk = ShootDesk([folder], catalogue)
    photos = [photo for group in desk.groups() for photo in group.photos]
    desk.mark([photos[0].id], Mark(verb="keep", stars=5, label="Red"))
    desk.mark([photos[1].id], Mark(verb="reject"))
    applied = desk.apply()
    assert applied.failures == ()
    sidecars = {path.name.split(".")[0]: path for path in folder.glob("*.xmp")}
    assert len(sidecars) == applied.written
    kept = read_marks(sidecars[Path(photos[0].path).stem].read_bytes())
    assert (kept.rating, kept.label) == (5, "Red")
    assert read_marks(sidecars[Path(photos[1].path).stem].read_bytes()).rejected
    assert desk.apply().written == 0, "there is nothing left to do"
    undone = undo_last(catalogue)
    assert undone.failures == ()
    assert files_in(folder) == before
    with pytest.raises(InputError, match="nothing was applied, or all of it has been undone"):
        undo_last(catalogue)


def test_a_dry_run_writes_nothing(folder: Path, catalogue: Catalogue) -> None:
    before = files_in(folder)
    desk = ShootDesk([folder], catalogue)
    would = desk.apply(dry_run=True)
    assert would.written > 0
    assert files_in(folder) == before
    assert desk.apply().lines == would.lines


def test_rejects_move_with_their_files_and_come_back(
    folder: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    before = files_in(folder)
    rejects = tmp_path / "rejects"
    desk = ShootDesk([folder], catalogue, applying=Applying(rejects_folder=rejects))
    photo = desk.groups()[0].photos[0]
    desk.mark([photo.id], Mark(verb="reject"))
    assert desk.apply().moved > 0
    assert (rejects / photo.name).read_bytes() == before[photo.name]
    assert not Path(photo.path).exists()
    assert undo_last(catalogue).failures == ()
    assert files_in(folder) == before


def test_only_the_last_run_is_taken_back(
    folder: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    rejects = tmp_path / "rejects"
    desk = ShootDesk([folder], catalogue, applying=Applying(rejects_folder=rejects))
    first, second = desk.groups()[0].photos[:2]
    desk.mark([photo.id for group in desk.groups() for photo in group.photos], Mark(verb="keep"))
    for photo in (first, second):
        desk.mark([photo.id], Mark(verb="reject"))
        desk.apply()
    assert undo_last(catalogue).failures == ()
    assert (rejects / first.name).exists()
    assert Path(second.path).exists()


def test_moved_rejects_are_recognised_by_the_next_run(
    folder: Path, tmp_path: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    rejects = folder / "rejects"
    desk = ShootDesk([folder], catalogue, applying=Applying(rejects_folder=rejects))
    photo = desk.groups()[0].photos[0]
    desk.mark([photo.id], Mark(verb="reject"))
    desk.apply()
    culled = cull([folder], catalogue, ranker)
    assert culled.read == 0
    assert desk.photo(photo.id).path == str(rejects / photo.name)
    assert desk.photo(photo.id).verb == "reject"


def test_undo_waits_for_the_disk_of_the_rejects(
    folder: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    before = files_in(folder)
    rejects = tmp_path / "rejects"
    desk = ShootDesk([folder], catalogue, applying=Applying(rejects_folder=rejects))
    desk.mark([desk.groups()[0].photos[0].id], Mark(verb="reject"))
    desk.apply()
    rejects.rename(tmp_path / "unplugged")
    with pytest.raises(InputError, match="rejects: the folder of rejects is gone; connect its"):
        undo_last(catalogue)
    (tmp_path / "unplugged").rename(rejects)
    assert undo_last(catalogue).failures == ()
    assert files_in(folder) == before


def test_what_changed_since_stays_and_does_not_block_earlier_runs(
    folder: Path, catalogue: Catalogue
) -> None:
    desk = ShootDesk([folder], catalogue)
    desk.apply()
    path = sorted(folder.glob("*.xmp"))[0]
    path.write_bytes(path.read_bytes() + b"\n")
    undone = undo_last(catalogue)
    assert len(undone.failures) == 1
    assert undone.written > 0
    assert undo_last(catalogue).written == 0, "only what cannot be taken back is left"
    with pytest.raises(InputError, match="nothing was applied"):
        undo_last(catalogue)
    assert path.exists()
