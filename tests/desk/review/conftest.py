"""A small desk that the tests of the review share."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from itertools import combinations

import httpx
import numpy as np
import pytest
from tests.desk.memory_desk import MemoryDesk, desk_of, made_photo

from fgaesq.desk.review import app
from fgaesq.types import (
    DifferenceMap,
    EffectMap,
    Image,
    Pair,
    RankedImage,
    RankedSeries,
    Reason,
)
from fgaesq.web.serving import running_app

TOKEN = "a-token-of-this-test"  # noqa: S105 - of this test
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes half a second
HEADERS = {"X-Fgaesq": "1", "Content-Type": "application/json"}


def series_of(name: str, number: int, p_first: float, *, folder: str = "shoot") -> RankedSeries:
    """A series whose first photo beats each other with `p_first`, with a map of 6 x 9 cells."""
    paths = [f"{folder}/{name}-{n}.jpg" for n in range(1, number + 1)]
    images = tuple(
        RankedImage(path, rank, 8.0 - rank, 1 / rank, (Reason("sharper", 0.8),))
        for rank, path in enumerate(paths, start=1)
    )
    pairs = tuple(
        Pair(
            a,
            b,
            p_first,
            "too_close" if 0.4 < p_first < 0.6 else "first",
            (Reason("sharper", 0.8),),
        )
        for a, b in combinations(paths, 2)
    )
    values = np.zeros((6, 9), np.float32)
    values[4, 7] = 0.9
    boxes = dict.fromkeys(paths, (0.0, 0.0, 1.0, 1.0))
    effects = {path: values * (0.1 if n == 0 else -0.1) for n, path in enumerate(paths)}
    difference = DifferenceMap(values, (), dict(boxes)) if number > 1 else None
    return RankedSeries(
        name,
        images,
        pairs,
        difference,
        EffectMap(dict(effects), dict(boxes)) if number > 1 else None,
    )


def pixels(path: str) -> Image:
    number = int(path.rsplit("-", 1)[1].split(".")[0])
    return made_photo(number, height=192, width=288)


@pytest.fixture
def desk() -> MemoryDesk:
    """Four groups: a clear series of 3, one too close to call of 2, a bracket of 3, a single."""
    return desk_of(
        [
            series_of("clear", 3, 0.87),
            series_of("close", 2, 0.55),
            series_of("bracket", 3, 0.7),
            series_of("single", 1, 1.0),
        ],
        pixels,
        kinds={"bracket": "bracket"},
    )


@pytest.fixture
def address(desk: MemoryDesk) -> Iterator[str]:
    with running_app(app(desk, TOKEN)) as base:
        yield base


@pytest.fixture
def guest(address: str) -> Iterator[httpx.Client]:
    """A client that came in with the address that was printed."""
    with httpx.Client(base_url=address, verify=NO_TLS, headers={"X-Fgaesq": "1"}) as found:
        found.get(f"/?token={TOKEN}")
        yield found
