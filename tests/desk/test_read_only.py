"""Folders that may be read and not written: cards, archives, other people's photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.photo_shoots import make_shoot
from tests.unprivileged import (
    give_up_rights,
    hand_over,
    in_a_process,
    open_folder,
    without_rights,
)

from fgaesq.desk.applying import Applying, undo_last
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.desk import Applied
from fgaesq.desk.shoot import ShootDesk
from fgaesq.errors import CatalogueError
from fgaesq.ranking.ranker import Ranker, load

READ_ONLY = "the file or its folder is read-only; allow writing there and try again"


@pytest.fixture
def place() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def shoot(place: Path, ranker: Ranker) -> Path:
    """A culled shoot whose folder is read-only; beside it are the catalogue and the rejects'."""
    make_shoot(place / "shoot")
    (place / "rejects").mkdir()
    with Catalogue(place / "data" / "catalogue") as catalogue:
        cull([place / "shoot"], catalogue, ranker)
    hand_over(place)
    (place / "shoot").chmod(0o555)
    return place / "shoot"


def apply(shoot: Path, rejects: Path | None = None) -> Applied:
    with Catalogue(shoot.parent / "data" / "catalogue") as catalogue:
        return ShootDesk([shoot], catalogue, applying=Applying(rejects_folder=rejects)).apply()


def undo(shoot: Path) -> Applied:
    with Catalogue(shoot.parent / "data" / "catalogue") as catalogue:
        return undo_last(catalogue)


def refusal_of_catalogue(path: Path) -> str:
    try:
        with Catalogue(path) as catalogue:
            catalogue.write("INSERT INTO photos (content) VALUES (x'00')")
    except CatalogueError as error:
        return str(error)
    return ""


def cull_without_rights(shoot: Path, catalogue: Path, model: Path) -> tuple[int, list[str]]:
    ranker = load(model)
    ranker.score([shoot / "IMG_00.jpg"])  # loads what is needed while it may be read
    give_up_rights()
    with Catalogue(catalogue) as opened:
        culled = cull([shoot], opened, ranker)
    return len(culled.groups), [failure.error for failure in culled.failures]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_sidecar_that_cannot_be_written_is_named(shoot: Path) -> None:
    before = names(shoot)
    applied = without_rights(apply, shoot)
    assert applied.written == 0
    assert len(applied.failures) == len(before) - _undecided(shoot)
    assert all(line.endswith(f"it cannot be written: {READ_ONLY}") for line in applied.failures)
    assert names(shoot) == before


def test_once_writing_is_allowed_all_is_written_and_can_be_undone(shoot: Path) -> None:
    before = names(shoot)
    refused = without_rights(apply, shoot)
    shoot.chmod(0o755)
    applied = without_rights(apply, shoot)
    assert (applied.written, applied.failures) == (len(refused.failures), ())
    assert without_rights(undo, shoot).failures == ()
    assert names(shoot) == before


def test_rejects_in_a_read_only_folder_stay_and_are_named(shoot: Path) -> None:
    before = names(shoot)
    applied = without_rights(apply, shoot, shoot.parent / "rejects")
    assert applied.moved == 0
    assert len(applied.failures) > len(before) - _undecided(shoot), "sidecars, and the rejects"
    assert names(shoot) == before
    assert not [name for name in names(shoot.parent / "rejects") if name.endswith(".jpg")]


def test_a_read_only_folder_for_rejects_is_named_and_they_stay(shoot: Path) -> None:
    shoot.chmod(0o755)
    (shoot.parent / "rejects").chmod(0o555)
    before = names(shoot)
    applied = without_rights(apply, shoot, shoot.parent / "rejects")
    assert applied.moved == 0
    assert applied.failures
    assert all(str(shoot.parent / "rejects") in line for line in applied.failures)
    assert set(before) <= set(names(shoot))
    assert names(shoot.parent / "rejects") == []


def test_a_catalogue_in_a_closed_folder_is_named(place: Path) -> None:
    (place / "closed").mkdir(mode=0o555)
    path = place / "closed" / "data" / "catalogue"
    assert without_rights(refusal_of_catalogue, path) == (
        f"{path}: its folder cannot be made (Permission denied); name another file with --catalogue"
    )


def test_a_read_only_catalogue_is_named(place: Path) -> None:
    path = place / "data" / "catalogue"
    Catalogue(path).close()
    hand_over(place)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    assert without_rights(refusal_of_catalogue, path) == (
        f"{path}: writing it is not permitted; change its permissions, or name another file with "
        "--catalogue"
    )


def test_a_read_only_card_is_culled(shoot: Path, tiny_model: Path) -> None:
    before = names(shoot)
    fresh = shoot.parent / "data" / "fresh"
    assert in_a_process(cull_without_rights, shoot, fresh, tiny_model) == (3, [])
    assert names(shoot) == before


def _undecided(shoot: Path) -> int:
    with Catalogue(shoot.parent / "data" / "catalogue") as catalogue:
        found = ShootDesk([shoot], catalogue).counts()["undecided"]
    hand_over(shoot.parent / "data")
    return found
