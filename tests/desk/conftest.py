"""What the tests of the desk share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fgaesq.desk.catalogue import Catalogue
from fgaesq.ranking.ranker import Ranker, load


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data" / "catalogue.sqlite3") as opened:
        yield opened


@pytest.fixture(scope="session")
def ranker(tiny_model: Path) -> Ranker:
    return load(tiny_model)
