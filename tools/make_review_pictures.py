"""Write the pictures of docs/review.md: the review page on the example series.

Run it with the development packages and a Chromium on the path:

    python tools/make_review_pictures.py [MODEL]
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.review import app
from fgaesq.desk.shoot import ShootDesk
from fgaesq.ranking.ranker import load
from fgaesq.web.serving import running_app

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "only-for-these-pictures"  # noqa: S105 - of a server that ends with this script
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


def main() -> None:
    """Make all pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        _served(Path(folder)) as address,
    ):
        _take_all(browser, address)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser of the system, without a window."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    shutil.copytree(ROOT / "examples" / "bursts", folder / "shoot")
    ranker = load(*sys.argv[1:2])
    with Catalogue(folder / "catalogue.sqlite") as catalogue:
        cull([folder / "shoot"], catalogue, ranker)
        desk = ShootDesk([folder / "shoot"], catalogue, ranker=ranker)
        with running_app(app(desk, TOKEN)) as address:
            yield address


def _take_all(browser: Browser, address: str) -> None:
    page = opened_page(browser, address, dark=True, viewport={"width": 1280, "height": 580})
    write_picture(page, "review-overview")
    page = opened_page(browser, address, dark=True, **DESKTOP)
    _open_series(page)
    write_picture(page, "review-series")
    page.keyboard.press("z")
    write_picture(page, "review-zoom")
    page.keyboard.press("z")
    page.keyboard.press("m")
    write_picture(page, "review-differences")
    page.keyboard.press("m")
    page = opened_page(browser, address, dark=False, **DESKTOP)
    _open_series(page)
    page.keyboard.press("z")
    write_picture(page, "review-light")
    page = opened_page(browser, address, dark=True, **PHONE)
    _open_series(page)
    write_picture(page, "review-phone")


def opened_page(
    browser: Browser, address: str, path: str = "/", *, dark: bool, **settings: object
) -> Page:
    """Open a page of a server whose token is `TOKEN`, and wait until it is ready."""
    page = browser.new_context(
        color_scheme="dark" if dark else "light",
        **settings,  # type: ignore[arg-type]
    ).new_page()
    page.goto(f"{address}/?token={TOKEN}")
    if path != "/":
        page.goto(address + path)
    page.wait_for_selector("[data-ready]", state="attached")
    return page


def _open_series(page: Page) -> None:
    """Open the series of the osprey, whose frames differ most clearly."""
    page.locator('a[aria-label*="IMG_204"]').first.click()
    page.wait_for_selector("[data-maps]", state="attached")


def write_picture(page: Page, name: str) -> None:
    """Write what the page shows as docs/NAME.jpg."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)  # for what fades
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(
        ROOT / "docs" / f"{name}.jpg", quality=82, optimize=True
    )


if __name__ == "__main__":
    main()
