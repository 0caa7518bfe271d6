"""A small dataset that the tests of the page share, and the people who judge it."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage

from fgaesq.building.annotate import app
from fgaesq.building.annotate.guests import new_annotator
from fgaesq.building.annotate.plan import Plan
from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series
from fgaesq.building.records import NewSeries, SourceImage
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.store import Votes
from fgaesq.types import Image
from fgaesq.web.serving import running_app

ADMIN_TOKEN = "the-organiser-of-this-test"  # noqa: S105 - of this test
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes half a second
SECRET_NAME = "secret-shoot-of-mine"  # noqa: S105 - a word that no answer may hold
PLAN = Plan(per_pair=10, golden_rate=0.0, repeat_rate=0.0)

Enter = Callable[[str], httpx.Client]


def make_dataset(folder: Path, *sizes: int, height: int = 96, width: int = 144) -> Collection:
    """Make a dataset of series of so many images, in files with names and EXIF that are secret."""
    collection = create_collection(folder / "dataset")
    home = folder / SECRET_NAME
    home.mkdir()
    exif = PILImage.Exif()
    exif[0x010E] = f"{SECRET_NAME} described"
    for series, size in enumerate(sizes):
        images = []
        for member in range(size):
            path = home / f"{SECRET_NAME}-{series}-{member}.jpg"
            pixels = made_pixels(series * 16 + member, height=height, width=width)
            PILImage.fromarray(pixels).save(path, quality=90, exif=exif)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            images.append(SourceImage(path, digest, height, width, source=SECRET_NAME))
        ids = add_images(collection, images)
        add_series(collection, [NewSeries("natural", tuple(ids), SECRET_NAME)])
    return collection


def made_pixels(number: int, *, height: int, width: int) -> Image:
    """Return a smooth picture that depends on `number`."""
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [
        127 + 100 * np.sin(columns / (9 + colour) + rows / 17 + number * (colour + 1))
        for colour in range(3)
    ]
    return np.stack(waves, axis=-1).astype(np.uint8)


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """Two series: of 3 and of 2 images."""
    with make_dataset(tmp_path, 3, 2) as made:
        yield made


@pytest.fixture
def votes(collection: Collection) -> Iterator[Votes]:
    with open_votes(collection.folder) as opened:
        yield opened


@pytest.fixture
def plan() -> Plan:
    return PLAN


@pytest.fixture
def address(collection: Collection, votes: Votes, plan: Plan) -> Iterator[str]:
    with running_app(app(collection, votes, plan, ADMIN_TOKEN)) as base:
        yield base


@pytest.fixture
def enter(address: str) -> Iterator[Enter]:
    """Let clients in by a token."""
    clients = []

    def enter_with(token: str) -> httpx.Client:
        client = httpx.Client(base_url=address, verify=NO_TLS, headers={"X-Fgaesq": "1"})
        clients.append(client)
        client.get("/", params={"token": token})
        return client

    yield enter_with
    for client in clients:
        client.close()


@pytest.fixture
def anna(votes: Votes, enter: Enter) -> httpx.Client:
    return enter(new_annotator(votes, "anna")[1])


@pytest.fixture
def ben(votes: Votes, enter: Enter) -> httpx.Client:
    return enter(new_annotator(votes, "ben")[1])


@pytest.fixture
def organiser(enter: Enter) -> httpx.Client:
    return enter(ADMIN_TOKEN)
