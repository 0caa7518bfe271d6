"""A small collection of real JPEG files that the tests of the page share."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.photos import burst_image, write_jpeg

from fgaesq.building.collection import Collection, create_collection, open_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series, replace_drops
from fgaesq.building.people import app
from fgaesq.building.records import Drop, NewSeries, SourceImage
from fgaesq.datasets.records import Crop
from fgaesq.web.serving import running_app

TOKEN = "a-token-of-this-test"  # noqa: S105 - of this test
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes half a second

Post = Callable[..., httpx.Response]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """Six series of 18 images, as metrics and a model left them.

    1: images 1 to 4, of which 2 is near-identical to 1. 2: 5 to 7. 3: 8 and 9, of which 9 is
    dissimilar, so that too few are left. 4: 10 to 14, to be split into 10, 11, 12 and 13, 14.
    5: 15 and 16, crops of one photo, out as a whole. 6: 17 and 18, to be merged with 2.
    """
    with create_collection(tmp_path / "birds") as made:
        sizes = {number: (120, 90 if number == 4 else 180) for number in range(1, 19)}
        images = []
        for number, (height, width) in sizes.items():
            pixels = burst_image(number % 4, height=height, width=width, seed=number // 4)
            path = tmp_path / "secret folder" / f"bird-{number:02d}.jpg"
            if number != 16:
                write_jpeg(path, pixels)
            crop = Crop(10, 10, 130, 100) if number == 15 else None
            whole = (90, 120) if crop else (height, width)
            source = "feeder" if number < 10 else "garden"
            images.append(SourceImage(path, f"{number:064d}", *whole, crop, source))
        images[15] = SourceImage(images[14].path, images[14].digest, 100, 80, Crop(0, 0, 80, 100))
        ids = add_images(made, images)
        bounds = ((0, 4), (4, 7), (7, 9), (9, 14), (14, 16), (16, 18))
        add_series(
            made,
            [
                NewSeries(
                    "cropping" if start == 14 else "natural",
                    tuple(ids[start:end]),
                    "feeder" if start < 9 else "garden",
                    "taken within 2 s",
                )
                for start, end in bounds
            ],
        )
        replace_drops(
            made,
            "metrics",
            [
                Drop(1, 2, "metrics", "near_identical", "SSIM 0.991", 1),
                Drop(3, 9, "metrics", "dissimilar", "12 matches"),
            ],
        )
        replace_drops(made, "model", [Drop(5, None, "model", "context", "another place")])
        made.set("proposed_splits", {"4": [[10, 11, 12], [13, 14]]})
        made.set("proposed_merges", [[2, 6]])
        yield made


@pytest.fixture
def other(collection: Collection) -> Iterator[Collection]:
    """The same collection as another process has it open."""
    with open_collection(collection.folder) as opened:
        yield opened


@pytest.fixture
def address(collection: Collection) -> Iterator[str]:
    with running_app(app(collection, TOKEN, who="ada")) as base:
        yield base


@pytest.fixture
def guest(address: str) -> Iterator[httpx.Client]:
    """A client that came in with the address that was printed."""
    with httpx.Client(base_url=address, verify=NO_TLS, headers={"X-Fgaesq": "1"}) as found:
        found.get(f"/?token={TOKEN}")
        yield found


@pytest.fixture
def post(guest: httpx.Client) -> Post:
    """Send a change of a series, with the stamp that it has now."""

    def send(path: str, series: int, **more: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        stamp = guest.get(f"/series/{series}/state").json()["stamp"]
        return guest.post(f"/api/{path}", json={"series": series, "stamp": stamp, **more})

    return send
