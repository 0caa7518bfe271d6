"""The annotators' page in a real browser: by keys, by touch, with a break, after a restart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.building.annotate.conftest import ADMIN_TOKEN
from tests.pages import PHONE, Open, ready, said, serious_faults, visits

from fgaesq.building.annotate import app
from fgaesq.building.annotate.guests import new_annotator
from fgaesq.building.annotate.plan import Plan
from fgaesq.building.collection import Collection
from fgaesq.building.votes.asking import flags
from fgaesq.building.votes.store import Votes
from fgaesq.web.serving import running_app

pytestmark = pytest.mark.slow

SEEN = """() => document.documentElement.dataset.seen
  || !document.getElementById("through").hidden"""


@pytest.fixture
def plan() -> Plan:
    return Plan(golden_rate=0.0, repeat_rate=0.0, rest_votes=3, rest_minutes=0)


@pytest.fixture
def token(votes: Votes) -> str:
    return new_annotator(votes, "anna")[1]


@pytest.fixture
def visit(chromium: Browser, address: str, token: str) -> Iterator[Open]:
    """Open the page by the link of an annotator."""
    with visits(chromium, address, token, wait=seen) as load:
        yield load


@pytest.fixture
def oversee(chromium: Browser, address: str) -> Iterator[Open]:
    """Open the organiser's view."""
    with visits(chromium, address, ADMIN_TOKEN) as load:
        yield load


def seen(page: Page) -> None:
    """Wait until both pictures are there, or there is nothing to judge."""
    ready(page)
    page.wait_for_function(SEEN)


def press(page: Page, key: str) -> None:
    """Press a key that answers, and wait for the next pair."""
    before = page.evaluate("document.documentElement.dataset.seen")
    page.keyboard.press(key)
    page.wait_for_function(
        "before => !document.getElementById('through').hidden || "
        "(document.documentElement.dataset.seen || before) !== before",
        arg=before,
    )


def choice_of_side(votes: Votes) -> list[str]:
    """Return what was pressed for each vote."""
    sides = {True: ("left", "right"), False: ("right", "left")}
    return [
        "tie" if one.choice == "tie" else sides[bool(one.first_on_left)][one.choice == "second"]
        for one in votes
    ]


def test_everything_is_done_by_keys(visit: Open, votes: Votes) -> None:
    page = visit()
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.keyboard.press("1")
    press(page, "ArrowLeft")
    press(page, "ArrowRight")
    press(page, "Backspace")
    said(page, "Taken back")
    press(page, "ArrowDown")
    assert choice_of_side(votes) == ["left", "tie"]
    assert votes.votes()[0].reasons == ("less overexposed",)
    press(page, "s")
    page.keyboard.press("b")
    page.wait_for_selector("#bad[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#bad:not([open])", state="attached")
    page.keyboard.press("b")
    press(page, "2")
    assert [one.reason for one in flags(votes)] == ["near_identical"]
    assert page.locator("#message").inner_text().startswith("There is nothing left to judge")
    page.keyboard.press("Backspace")
    page.wait_for_selector("#work:not([hidden])")
    assert flags(votes) == []
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()


def test_both_images_are_zoomed_and_moved_together_by_keys(visit: Open) -> None:
    page = visit(viewport={"width": 240, "height": 420})
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowLeft")
    places = page.evaluate(
        """() => [...document.querySelectorAll(".pane")].map((pane) => {
          const image = pane.querySelector(".whole").getBoundingClientRect();
          const box = pane.getBoundingClientRect();
          return [box.left - image.left, box.top - image.top, image.width].map(Math.round);
        })"""
    )
    assert places[0] == places[1]
    assert page.locator(".compare.zoomed").count() == 1
    page.keyboard.press("z")
    assert page.locator(".compare.zoomed").count() == 0


def test_two_images_lie_over_each_other_to_flip(visit: Open) -> None:
    page = visit()
    page.keyboard.press("v")
    assert page.locator(".pane").nth(1).is_hidden()
    page.keyboard.press(" ")
    assert page.locator(".pane").first.is_hidden()


def test_work_goes_on_where_the_browser_was_closed(visit: Open) -> None:
    page = visit()
    press(page, "ArrowLeft")
    key = page.evaluate("document.documentElement.dataset.seen")
    again = visit()
    assert again.evaluate("document.documentElement.dataset.seen") == key
    assert again.locator("#progress").inner_text() == "1 pair done, at most 25 left"


def test_a_rest_is_suggested_after_so_many_answers(visit: Open) -> None:
    page = visit()
    for _ in range(3):
        assert not page.locator("#pause").is_visible()
        press(page, "ArrowLeft")
    page.wait_for_selector("#pause[open]")
    assert page.locator("#pause-words").inner_text().startswith("3 answers in 1 minutes")
    page.keyboard.press("Enter")
    page.wait_for_selector("#pause:not([open])", state="attached")
    press(page, "ArrowLeft")


def test_an_answer_waits_until_the_server_is_back(
    chromium: Browser, collection: Collection, votes: Votes, token: str
) -> None:
    plan = Plan(golden_rate=0.0, repeat_rate=0.0)
    page = chromium.new_context().new_page()
    with running_app(app(collection, votes, plan, ADMIN_TOKEN)) as base:
        page.goto(f"{base}/?token={token}")
        seen(page)
    page.keyboard.press("ArrowLeft")
    said(page, "Your answer is kept and sent again")
    assert len(votes) == 0
    with running_app(app(collection, votes, plan, ADMIN_TOKEN), port=int(base.split(":")[-1])):
        page.wait_for_function("() => document.getElementById('progress').textContent[0] === '1'")
        page.context.close()  # before the server: what it asked for last would be left open
    assert choice_of_side(votes) == ["left"]


def test_a_picture_is_asked_for_until_the_server_is_back(
    chromium: Browser, collection: Collection, votes: Votes, token: str
) -> None:
    plan, page = Plan(golden_rate=0.0, repeat_rate=0.0), chromium.new_context().new_page()
    page.route("**/picture/*/left/fit", lambda route: route.abort())
    with running_app(app(collection, votes, plan, ADMIN_TOKEN)) as base:
        page.goto(f"{base}/?token={token}")
        said(page, "A picture is not there yet")
        assert not page.evaluate(SEEN)
        page.unroute_all(behavior="wait")
        seen(page)
        press(page, "ArrowLeft")
        page.context.close()
    assert choice_of_side(votes) == ["left"]


def test_a_pair_whose_picture_cannot_be_read_is_skipped(
    chromium: Browser, address: str, token: str
) -> None:
    with visits(chromium, address, token, expected=("404",)) as load:
        page = load()
        page.route("**/picture/*/left/fit", lambda route: route.fulfill(status=404))
        page.reload()
        said(page, "skip the pair, or call the series bad")
        page.unroute_all(behavior="wait")
        press(page, "s")


def test_on_a_phone_images_are_stacked_and_answers_within_reach(visit: Open, votes: Votes) -> None:
    page = visit(**PHONE)
    upper, lower = (page.locator(".pane").nth(n).bounding_box() for n in (0, 1))
    assert upper is not None
    assert lower is not None
    assert lower["y"] >= upper["y"] + upper["height"]
    assert upper["width"] == 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator(".answers button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 38
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    page.locator(".pane").first.tap()
    page.wait_for_selector(".compare.zoomed")
    page.locator(".pane").first.tap()
    page.wait_for_selector(".compare:not(.zoomed)")
    page.locator(".chip").nth(1).tap()
    page.get_by_role("button", name="Lower").tap()
    page.wait_for_function("() => document.getElementById('progress').textContent[0] === '1'")
    assert choice_of_side(votes) == ["right"]
    assert votes.votes()[0].reasons == ("less motion blur",)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_no_serious_fault(visit: Open, oversee: Open, scheme: str) -> None:
    faults = []
    for page, key in (
        (visit(color_scheme=scheme), "b"),
        (visit(color_scheme=scheme, **PHONE), "?"),
        (oversee(color_scheme=scheme), "?"),
    ):
        faults += serious_faults(page)
        page.keyboard.press(key)
        faults += serious_faults(page)
    assert faults == []


def test_the_organiser_adds_pauses_and_sees_people(
    chromium: Browser, oversee: Open, address: str
) -> None:
    page = oversee()
    page.keyboard.press("n")
    page.keyboard.type("Mia")
    page.keyboard.press("Enter")
    page.wait_for_selector("#link:not([hidden])")
    token = page.locator("#link-text").input_value().split("token=")[1]
    page.get_by_role("button", name="Pause Mia").click()
    page.wait_for_selector(".tag")
    with visits(chromium, address, token, wait=seen) as visit:
        assert visit().locator("#message").inner_text().startswith("The organiser has paused")
    page.get_by_role("button", name="Let go on Mia").click()
    page.wait_for_selector(".tag", state="detached")
    page.locator("h1").click()
    with page.expect_download() as download:
        page.keyboard.press("e")
    assert download.value.suggested_filename == "votes.csv"


def test_nothing_is_fetched_from_elsewhere(visit: Open, address: str) -> None:
    page = visit()
    asked = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert asked
    assert [one for one in asked if not one.startswith(address)] == []
