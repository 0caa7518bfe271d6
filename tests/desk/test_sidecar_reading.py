"""What other programs wrote into sidecars becomes marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk.photo_shoots import make_shoot

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.records import DeskPhoto, Mark
from fgaesq.desk.shoot import ShootDesk
from fgaesq.ranking.ranker import Ranker
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.xmp import merge


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot", series=(2,))
    return tmp_path / "shoot"


def say(folder: Path, marks: Marks) -> Path:
    """Write into the sidecar of the first photo as another program does."""
    path = folder / "IMG_00.xmp"
    path.write_bytes(
        merge(path.read_bytes() if path.exists() else None, marks, overwrite=True).data
    )
    return path


def first(folder: Path, catalogue: Catalogue, ranker: Ranker) -> DeskPhoto:
    culled = cull([folder], catalogue, ranker)
    assert culled.failures == ()
    return next(p for one in culled.groups for p in one.photos if p.name == "IMG_00.jpg")


def test_stars_and_labels_of_others_are_marks(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    say(folder, Marks(rating=4, label="Blue"))
    assert first(folder, catalogue, ranker).mark == Mark(None, 4, "Blue")
    say(folder, Marks(rating=5))
    assert first(folder, catalogue, ranker).mark == Mark(None, 5, "Blue")


def test_a_reject_of_others_and_its_end_are_seen(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    say(folder, Marks(rating=-1))
    assert first(folder, catalogue, ranker).verb == "reject"
    say(folder, Marks(rating=2))
    assert first(folder, catalogue, ranker).mark == Mark("keep", 2)


def test_what_was_said_here_later_stands(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    say(folder, Marks(rating=4))
    photo = first(folder, catalogue, ranker)
    ShootDesk([folder], catalogue).mark([photo.id], Mark(stars=1))
    (folder / "IMG_00.xmp").touch()
    assert first(folder, catalogue, ranker).stars == 1


def test_what_we_wrote_is_no_mark(folder: Path, catalogue: Catalogue, ranker: Ranker) -> None:
    first(folder, catalogue, ranker)
    assert ShootDesk([folder], catalogue).apply().written == 2
    assert first(folder, catalogue, ranker).mark == Mark()


def test_a_sidecar_that_cannot_be_read_is_named(
    folder: Path, catalogue: Catalogue, ranker: Ranker
) -> None:
    (folder / "IMG_00.xmp").write_bytes(b"<no xml")
    (failure,) = cull([folder], catalogue, ranker).failures
    assert failure.error.startswith(f"{folder / 'IMG_00.xmp'}: ")
