"""A culled shoot of 48 series whose features a simulated user can have a taste for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.photo_shoots import make_shoot

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.ranking.ranker import Ranker


@pytest.fixture(scope="session")
def culled_shoot(tmp_path_factory: pytest.TempPathFactory, ranker: Ranker) -> Path:
    root = tmp_path_factory.mktemp("taste")
    make_shoot(root / "shoot", (4,) * 48)
    with Catalogue(root / "catalogue.sqlite3") as catalogue:
        cull([root / "shoot"], catalogue, ranker)
    return root


@pytest.fixture
def folder(culled_shoot: Path) -> Path:
    return culled_shoot / "shoot"


@pytest.fixture
def catalogue(culled_shoot: Path, tmp_path: Path) -> Iterator[Catalogue]:
    shutil.copy(culled_shoot / "catalogue.sqlite3", tmp_path)
    with Catalogue(tmp_path / "catalogue.sqlite3") as opened:
        yield opened
