"""What the tests of local pages in a real browser share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

__all__ = ["PHONE", "Open", "most_cards", "ready", "said", "serious_faults", "visits"]

Open = Callable[..., Page]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
_CARD_IN_THE_MIDDLE = """() => [0, 30, 60, 90, 120, 150, 180].some(
  (by) => document.elementFromPoint(640, 400 + by)?.closest(".group"))"""


def ready(page: Page) -> None:
    """Wait until the page's script has bound its keys."""
    page.wait_for_selector("[data-ready]", state="attached")


def said(page: Page, words: str) -> None:
    """Wait until the live region says it."""
    page.wait_for_function(
        "words => document.getElementById('said').textContent.includes(words)", arg=words
    )


def most_cards(page: Page) -> int:
    """Scroll through an overview; return how many cards were in the page at the most."""
    numbers = []
    for share in (0, 0.25, 0.5, 0.75, 1, 0.1):
        page.evaluate(f"scrollTo(0, document.documentElement.scrollHeight * {share})")
        page.wait_for_function(_CARD_IN_THE_MIDDLE)
        numbers.append(page.locator(".group").count())
    return max(numbers)


@contextmanager
def visits(
    chromium: Browser,
    address: str,
    token: str,
    *,
    wait: Callable[[Page], None] = ready,
    expected: tuple[str, ...] = (),
) -> Iterator[Open]:
    """Yield what opens a page; at the end its console must have been silent.

    Args:
        chromium: the browser.
        address: of the server, without a query.
        token: of its address.
        wait: waits until a page is ready.
        expected: words of what the console may say all the same.
    """
    contexts, console = [], []

    def load(path: str = "/", **settings: Any) -> Page:  # noqa: ANN401 - Playwright's settings
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: console.append(message.text))
        page.on("pageerror", lambda error: console.append(str(error)))
        page.goto(f"{address}/?token={token}")
        if path != "/":
            page.goto(address + path)
        wait(page)
        return page

    yield load
    for context in contexts:
        context.close()
    assert [line for line in console if not any(one in line for one in expected)] == []


def serious_faults(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical, with the elements."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
