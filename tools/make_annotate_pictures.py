"""Write the pictures of docs/annotate.md: the annotators' page and the organiser's view.

Run it with the development packages and a Chromium on the path:

    python tools/make_annotate_pictures.py
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from fgaesq.building.annotate import app
from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.golden import add_spoiled_pairs
from fgaesq.building.annotate.guests import new_annotator
from fgaesq.building.annotate.plan import Plan
from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series
from fgaesq.building.records import NewSeries, SourceImage
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.annotators import set_standing
from fgaesq.building.votes.asking import answer, flag
from fgaesq.building.votes.store import Votes
from fgaesq.web.serving import running_app

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "only-for-these-pictures"  # noqa: S105 - of a server that ends with this script
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SEEN = "html[data-seen]:not([data-seen=''])"


@dataclass(frozen=True)
class Served:
    """The address of the page, and the token of one annotator."""

    address: str
    annotator: str


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with _served(Path(folder)) as served:
            _take_all(browser, served)
        browser.close()


@contextmanager
def _served(folder: Path) -> Iterator[Served]:
    with create_collection(folder / "set", name="Birds and rivers") as collection:
        for burst in sorted((ROOT / "examples" / "bursts").iterdir()):
            if burst.is_dir():
                images = [_image(file) for file in sorted(burst.glob("*.jpg"))]
                ids = add_images(collection, images)
                add_series(collection, [NewSeries("natural", tuple(ids))])
        with open_votes(collection.folder) as votes:
            _, token = new_annotator(votes, "Ada")
            _work(collection, votes)
            with running_app(app(collection, votes, Plan(), TOKEN)) as address:
                yield Served(address, token)


def _image(file: Path) -> SourceImage:
    with Image.open(file) as image:
        return SourceImage(file, "0" * 64, image.height, image.width)


def _work(collection: Collection, votes: Votes) -> None:
    """Let made-up people judge: three look, one always presses left."""
    add_spoiled_pairs(collection, votes, 8)
    rng = np.random.default_rng(5)
    deck = Deck(collection, votes, Plan(golden_rate=0.15, repeat_rate=0.1))
    for name in ("Bea", "Carl", "Dee", "Lefty"):
        one, _ = new_annotator(votes, name)
        while held := deck.hand(one):
            asked = held[0]
            right = asked.first > 0 and _beauty(asked.first) > _beauty(asked.second)
            better = "first" if right == (rng.random() < 0.88) else "second"
            if name == "Lefty":
                better = "first" if asked.first_on_left else "second"
            answer(votes, one.id, asked.key, better, seconds=float(rng.gamma(4, 0.9)))  # type: ignore[arg-type]
        if name == "Carl":
            set_standing(votes, one.id, paused=True)
    eve, _ = new_annotator(votes, "Eve")
    for _ in range(5):
        asked = deck.hand(eve)[0]
        answer(votes, eve.id, asked.key, "tie", seconds=3.0)
    flag(votes, eve.id, deck.hand(eve)[0].key, "near_identical")


def _beauty(image: int) -> int:
    """Return a made-up value that no order of files tells."""
    return image * 7 % 17


def _take_all(browser: Browser, served: Served) -> None:
    page = _page(browser, served, dark=True, **DESKTOP)
    page.keyboard.press("1")
    _write(page, "annotate-pair")
    page = _page(browser, served, dark=True, **PHONE)
    _write(page, "annotate-phone")
    page = _page(browser, served, dark=False, admin=True, viewport={"width": 1280, "height": 900})
    while not page.locator(".hint").count():  # until the votes are measured
        page.wait_for_timeout(1000)
        page.reload()
    _write(page, "annotate-organiser")


def _page(
    browser: Browser, served: Served, *, dark: bool, admin: bool = False, **settings: object
) -> Page:
    page = browser.new_context(
        color_scheme="dark" if dark else "light",
        **settings,  # type: ignore[arg-type]
    ).new_page()
    page.goto(f"{served.address}/?token={TOKEN if admin else served.annotator}")
    page.wait_for_selector("[data-ready]" if admin else SEEN, state="attached")
    return page


def _write(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)  # for what fades
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(
        ROOT / "docs" / f"{name}.jpg", quality=82, optimize=True
    )


if __name__ == "__main__":
    main()
