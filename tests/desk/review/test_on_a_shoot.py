"""The review page on a catalogued shoot of real files: marks land in sidecars."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route
from tests.desk.photo_shoots import make_changing_shoot, make_shoot
from tests.desk.review.conftest import TOKEN

from fgaesq.desk.applying import Applying
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.desk.grouping import GroupingSettings
from fgaesq.desk.review import app
from fgaesq.desk.shoot import ShootDesk
from fgaesq.ranking.ranker import load
from fgaesq.sidecars.xmp import read_marks
from fgaesq.web.serving import running_app

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


@contextmanager
def reviewed(
    chromium: Browser,
    folder: Path,
    model: Path,
    *,
    size: float = 0.5,
    **settings: Any,  # noqa: ANN401 - Playwright's settings
) -> Iterator[Page]:
    """Cull a shoot, open its review, and expect that nothing is written to the console."""
    ranker = load(model)
    with Catalogue(folder.parent / "catalogue.sqlite") as catalogue:
        cull([folder], catalogue, ranker, grouping=GroupingSettings(size))
        desk = ShootDesk([folder], catalogue, ranker=ranker, applying=Applying(overwrite="marked"))
        with closing(desk), running_app(app(desk, TOKEN)) as base:
            found = chromium.new_page(**settings)
            console: list[str] = []
            found.on("console", lambda message: console.append(message.text))
            found.on("pageerror", lambda error: console.append(str(error)))
            found.goto(f"{base}/?token={TOKEN}")
            found.wait_for_selector("[data-ready]", state="attached")
            yield found
            found.close()
        assert console == []


@pytest.fixture
def page(chromium: Browser, folder: Path, telling_model: Path) -> Iterator[Page]:
    with reviewed(chromium, folder, telling_model) as found:
        yield found


@pytest.fixture
def changing(tmp_path: Path) -> Path:
    """A shoot whose groups are 4 + 1 photos, and tight ones 2 + 2 + 1."""
    make_changing_shoot(tmp_path / "changing")
    return tmp_path / "changing"


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
    assert read_marks(sidecar.read_bytes()).rating == 4


def test_a_shoot_is_split_joined_and_undone(page: Page) -> None:
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-maps]", state="attached")
    before = page.locator("#strip li").count()
    with page.expect_navigation():
        page.keyboard.press("t")
    said(page, "taken out")
    page.wait_for_function(f"() => document.querySelectorAll('#strip li').length === {before - 1}")
    page.wait_for_selector("[data-maps]", state="attached")
    page.keyboard.press("Control+z")
    said(page, "Undone: ")
    page.wait_for_function(f"() => document.querySelectorAll('#strip li').length === {before}")


PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}


def size_words(page: Page, words: str) -> None:
    """Wait until the slider says it."""
    page.wait_for_function(
        "words => document.getElementById('size-words').textContent === words", arg=words
    )


def test_the_slider_finds_the_series_anew_and_undo_brings_the_old_ones_back(
    chromium: Browser, changing: Path, telling_model: Path
) -> None:
    with reviewed(chromium, changing, telling_model) as page:
        slider = page.get_by_label("Group size")
        size_words(page, "usual, 1 series")
        asked: list[Route] = []
        page.route("**/api/regroup", lambda route: asked.append(route))  # is held back
        slider.press("Home")
        size_words(page, "tight")
        while not asked:
            page.wait_for_timeout(20)
        asked[0].continue_()
        page.unroute("**/api/regroup")
        said(page, "2 series in 3 groups found, before 1 in 2; those made by hand stayed")
        size_words(page, "tight, 2 series")
        assert page.locator(".group").count() == 3
        assert slider.get_attribute("aria-valuetext") == "tight, 2 series"
        page.wait_for_function("() => document.activeElement.id === 'size'")  # keys go on working
        page.locator("[data-do=undo]").click()
        said(page, "Undone: ")
        size_words(page, "usual, 1 series")
        assert slider.input_value() == "0.5"
        assert page.locator(".group").count() == 2
        page.locator("[data-do=redo]").click()
        size_words(page, "tight, 2 series")


def test_arrow_keys_pass_over_the_sizes_between(
    chromium: Browser, changing: Path, telling_model: Path
) -> None:
    with reviewed(chromium, changing, telling_model) as page:
        slider = page.get_by_label("Group size")
        for _ in range(10):
            slider.press("ArrowLeft")
        size_words(page, "tight, 2 series")
        page.locator("[data-do=undo]").click()
        size_words(page, "usual, 1 series")


def test_new_series_get_their_verdict_while_they_are_looked_at(
    chromium: Browser, changing: Path, telling_model: Path
) -> None:
    with reviewed(chromium, changing, telling_model, size=0.0) as page:
        page.get_by_label("Group size").press("End")
        size_words(page, "wide, 1 series")
        page.locator(".group a").first.click()
        page.wait_for_url("**/group/*")
        page.wait_for_function(
            "() => !document.getElementById('verdict').textContent.includes('Not ranked')"
        )
        page.goto(page.url.split("/group")[0])
        page.wait_for_function(
            "() => !document.querySelector('main').textContent.includes('not ranked yet')"
        )
        assert page.locator(".group .margin").first.inner_text() != ""


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_slider_works_on_a_phone(
    chromium: Browser, changing: Path, telling_model: Path, scheme: str
) -> None:
    with reviewed(chromium, changing, telling_model, color_scheme=scheme, **PHONE) as page:
        box = page.get_by_label("Group size").bounding_box()
        assert box is not None
        assert box["height"] >= 38, "large enough for a thumb"
        page.touchscreen.tap(box["x"] + 2, box["y"] + box["height"] / 2)
        size_words(page, "tight, 2 series")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        serious = [
            one["id"]
            for one in Axe().run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []


def test_thumbnails_are_kept_beside_the_catalogue_and_nowhere_else(
    chromium: Browser, folder: Path, telling_model: Path
) -> None:
    before = sorted(folder.iterdir())
    with reviewed(chromium, folder, telling_model) as page:
        page.wait_for_load_state("networkidle")
    kept = folder.parent / "catalogue.sqlite-thumbnails"
    assert len(list(kept.glob("*-400-78.jpg"))) == 3, "one of each group was shown"
    assert sorted(folder.iterdir()) == before
    for one in kept.iterdir():
        one.write_bytes(one.read_bytes()[:-2])  # what is kept is what is shown
    with reviewed(chromium, folder, telling_model) as page:
        page.wait_for_load_state("networkidle")
        source = page.locator(".group img").first.get_attribute("src")
        shown = page.request.get(page.url.rsplit("/", 1)[0] + str(source)).body()
        assert shown in [one.read_bytes() for one in kept.iterdir()]


def test_an_edited_photo_has_no_thumbnail_of_before(
    folder: Path, tmp_path: Path, tiny_model: Path
) -> None:
    with Catalogue(tmp_path / "catalogue.sqlite") as catalogue:
        cull([folder], catalogue, load(tiny_model))
        desk = ShootDesk([folder], catalogue)
        photo = desk.groups()[0].photos[0]
        assert desk.content(photo.id) is not None
        Path(photo.path).write_bytes(Path(photo.path).read_bytes() + b"edited")
        assert desk.content(photo.id) is None
        Path(photo.path).unlink()
        assert desk.content(photo.id) is None
