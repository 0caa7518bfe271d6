"""The page in a real browser: it renders, its script runs, and its policy blocks nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from tests.report.evaluations import evaluation

from fgaesq.report.evaluation_page import evaluation_page
from fgaesq.report.html import ranking_page
from fgaesq.types import Ranking

Browse = Callable[[str], tuple[Page, list[str]]]


@pytest.fixture
def browse(chromium: Browser, tmp_path: Path) -> Iterator[Browse]:
    """Open HTML and return the page, and what its console says from then on."""
    context = chromium.new_context()

    def load(html: str) -> tuple[Page, list[str]]:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        page, console = context.new_page(), []
        page.on("console", lambda message: console.append(message.text))
        page.on("pageerror", lambda error: console.append(str(error)))
        page.goto(file.as_uri())
        return page, console

    yield load
    context.close()


@pytest.mark.slow
def test_page_runs_in_a_browser_without_complaint(
    browse: Browse, ranking: Ranking, images: Callable[[str], NDArray[np.uint8] | None]
) -> None:
    page, console = browse(ranking_page(ranking, images))
    page.wait_for_selector("[data-viewer=ready]")
    assert page.locator(".enlarge").count() == 3
    assert console == []


@pytest.mark.slow
def test_page_policy_blocks_a_script_that_is_not_its_own(
    browse: Browse, ranking: Ranking, images: Callable[[str], NDArray[np.uint8] | None]
) -> None:
    html = ranking_page(ranking, images)
    page, console = browse(html.replace("</main>", "<script>document.title = 7</script></main>"))
    assert page.title() != "7"
    assert len(console) == 1
    assert "Content Security Policy" in console[0]


@pytest.mark.slow
def test_large_view_flips_zooms_and_closes(
    browse: Browse, explained: Ranking, images: Callable[[str], NDArray[np.uint8] | None]
) -> None:
    page, console = browse(ranking_page(explained, images))
    page.locator(".enlarge").first.click()
    seen = [_view(page)]
    for key in ("Space", "ArrowRight", "ArrowRight", "m", "s"):
        page.keyboard.press(key)
        seen.append(_view(page))
    for name in ("flip", "in"):
        page.locator(f"[data-do={name}]").click()
        seen.append(_view(page))
    page.keyboard.press("0")
    assert [*seen, _view(page)] == [
        "0 (1) photo",
        "1 (1) photo",
        "2 (1) photo",
        "1 (1) photo",
        "1 (1) show-difference",
        "1 (1) show-effect",
        "0 (1) show-effect",
        "0 (1.5) show-effect",
        "0 (1) show-effect",
    ]
    page.locator("[data-do=close]").click()
    page.wait_for_function("document.activeElement.matches('.enlarge')")
    assert not page.locator(".viewer").is_visible()
    focus = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focus == "Enlarge a.jpg, rank 1"
    assert console == []


def _view(page: Page) -> str:
    """Return the number of the image on show, its zoom and its overlay, in the open view."""
    assert page.locator(".viewer").is_visible()
    view: str = page.evaluate(
        """() => {
          const layers = [...document.querySelectorAll(".layer")];
          return [
            layers.findIndex((layer) => layer.classList.contains("shown")),
            document.querySelector(".layers").style.transform.replace(/^.*scale/, ""),
            document.querySelector(".viewer").className.replace("viewer", "").trim() || "photo",
          ].join(" ");
        }"""
    )
    return view


@pytest.mark.slow
def test_evaluation_page_shows_in_a_browser_without_complaint(browse: Browse) -> None:
    page, console = browse(evaluation_page(evaluation(), origin="Measured today."))
    assert console == []
    assert page.locator("figure").count() == 2
