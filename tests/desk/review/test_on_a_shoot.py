"""The review page on a catalogued shoot of real files: marks land in sidecars."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.desk.photo_shoots import make_shoot
from tests.desk.review.conftest import TOKEN

from fgaesq.desk.applying import Applying
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.review import app
from fgaesq.desk.shoot import ShootDesk
from fgaesq.ranking.ranker import load
from fgaesq.web.serving import running_app

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


@pytest.fixture
def page(chromium: Browser, folder: Path, tmp_path: Path, telling_model: Path) -> Iterator[Page]:
    ranker = load(telling_model)
    with Catalogue(tmp_path / "catalogue.sqlite") as catalogue:
        cull([folder], catalogue, ranker)
        desk = ShootDesk([folder], catalogue, ranker=ranker, applying=Applying(overwrite="marked"))
        with running_app(app(desk, TOKEN)) as base:
            found = chromium.new_page()
            console: list[str] = []
            found.on("console", lambda message: console.append(message.text))
            found.on("pageerror", lambda error: console.append(str(error)))
            found.goto(f"{base}/?token={TOKEN}")
            found.wait_for_selector("[data-ready]", state="attached")
            yield found
            found.close()
        assert console == []


def said(page: Page, words: str) -> None:
    page.wait_for_function(
        "words => document.getElementById('said').textContent.includes(words)", arg=words
    )


def test_a_shoot_is_reviewed_by_keys_and_written(page: Page, folder: Path) -> None:
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-maps]", state="attached")
    name = page.locator("#caption-1 .name").inner_text()
    page.keyboard.press("p")
    said(page, f"{name} preferred to")
    page.keyboard.press("5")
    said(page, "5 stars")
    page.keyboard.press("Control+z")
    said(page, "Undone: ")
    page.keyboard.press(" ")
    page.keyboard.press("4")
    said(page, f"{name} 4 stars")
    page.keyboard.press("w")
    page.wait_for_url("**/confirm")
    assert not list(folder.rglob("*.xmp"))
    page.locator("#apply").click()
    said(page, "written")
    (sidecar,) = folder.rglob(f"{Path(name).stem}*.xmp")
    assert 'Rating="4"' in sidecar.read_text() or ">4<" in sidecar.read_text()


def test_a_shoot_is_split_joined_and_undone(page: Page) -> None:
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-maps]", state="attached")
    before = page.locator("#strip li").count()
    page.keyboard.press("t")
    said(page, "taken out")
    page.wait_for_function(f"() => document.querySelectorAll('#strip li').length === {before - 1}")
    page.wait_for_selector("[data-maps]", state="attached")
    page.keyboard.press("Control+z")
    said(page, "Undone: ")
    page.wait_for_function(f"() => document.querySelectorAll('#strip li').length === {before}")
