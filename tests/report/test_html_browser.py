"""The page in a real browser: it renders, its script runs, and its policy blocks nothing of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.report.evaluations import evaluation

from fgaesq.report.evaluation_page import evaluation_page
from fgaesq.report.html import ranking_page
from fgaesq.types import Ranking

Browse = Callable[[str], tuple[str, list[str]]]

# What a visitor does, step by step, and what the page shows after each step.
VISIT = """
const seen = [];
const look = (step) => {
  const layers = [...document.querySelectorAll(".layer")];
  seen.push([
    step,
    document.querySelector(".viewer").open,
    layers.findIndex((layer) => layer.classList.contains("shown")),
    document.querySelector(".layers").style.transform.replace(/^.*scale/, ""),
    document.querySelector(".viewer").classList.contains("maps"),
  ].join(" "));
};
const press = (key) => document.querySelector(".stage").dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const click = (selector) => document.querySelector(selector).click();
click(".enlarge"); look("open");
click("[data-do=flip]"); look("flip");
click("[data-do=in]"); look("in");
press(" "); look("space");
press("ArrowRight"); look("right");
press("ArrowRight"); look("right");
press("m"); look("m");
press("0"); look("0");
document.querySelector(".viewer").addEventListener("close", () => {
  look("close");
  seen.push("focus " + document.activeElement.getAttribute("aria-label"));
  document.title = seen.join("; ");
});
click("[data-do=close]");
"""


@pytest.fixture(scope="session")
def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("no chromium on the PATH; install Debian's package chromium")


@pytest.fixture
def browse(chromium: str, tmp_path: Path) -> Browse:
    """Load HTML and return the document after its scripts ran, and what the console said."""

    def load(html: str) -> tuple[str, list[str]]:
        page = tmp_path / "page.html"
        page.write_text(html, encoding="utf-8")
        run = subprocess.run(  # noqa: S603 - a browser on the PATH and a page of our own
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--virtual-time-budget=2000",
                "--enable-logging=stderr",
                f"--user-data-dir={tmp_path / 'profile'}",
                "--dump-dom",
                page.as_uri(),
            ],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=True,
        )
        return run.stdout, [line for line in run.stderr.splitlines() if ":CONSOLE" in line]

    return load


@pytest.mark.slow
def test_page_runs_in_a_browser_without_complaint(
    browse: Browse, ranking: Ranking, images: Callable[[str], NDArray[np.uint8] | None]
) -> None:
    document, console = browse(ranking_page(ranking, images))
    assert console == []
    assert 'data-viewer="ready"' in document
    assert document.count('class="enlarge"') == 3


@pytest.mark.slow
def test_page_policy_blocks_a_script_that_is_not_its_own(
    browse: Browse, ranking: Ranking, images: Callable[[str], NDArray[np.uint8] | None]
) -> None:
    html = ranking_page(ranking, images)
    document, console = browse(
        html.replace("</main>", "<script>document.title = 7</script></main>")
    )
    assert "<title>7</title>" not in document
    assert len(console) == 1
    assert "Content Security Policy" in console[0]


@pytest.mark.slow
def test_large_view_flips_zooms_and_closes(
    browse: Browse, ranking: Ranking, images: Callable[[str], NDArray[np.uint8] | None]
) -> None:
    html = re.sub(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", ranking_page(ranking, images)
    )
    document, console = browse(html.replace("</body>", f"<script>{VISIT}</script></body>"))
    assert console == []
    title = re.search("<title>(.*?)</title>", document)
    assert title is not None
    assert title[1].split("; ") == [
        "open true 0 (1) false",
        "flip true 1 (1) false",
        "in true 1 (1.5) false",
        "space true 0 (1.5) false",
        "right true 2 (1.5) false",
        "right true 0 (1.5) false",
        "m true 0 (1.5) true",
        "0 true 0 (1) true",
        "close false -1 (1) true",
        "focus Enlarge a.jpg, rank 1",
    ]


@pytest.mark.slow
def test_evaluation_page_shows_in_a_browser_without_complaint(browse: Browse) -> None:
    document, console = browse(evaluation_page(evaluation(), origin="Measured today."))
    assert console == []
    assert document.count("<figure") == 2
