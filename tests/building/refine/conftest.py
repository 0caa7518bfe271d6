"""A dataset in the making."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fgaesq.building.collection import Collection, create_collection


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """An empty one."""
    with create_collection(tmp_path / "birds") as made:
        yield made
