"""The review page in a real browser: what a person sees and does, by keys, mouse and touch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FloatRect, Page
from tests import pages
from tests.desk.memory_desk import MemoryDesk, desk_of
from tests.desk.review.conftest import TOKEN, pixels, series_of
from tests.pages import PHONE, Open, most_cards, said, serious_faults, visits

from fgaesq.desk.review import app
from fgaesq.web.serving import running_app

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Open]:
    """Open a page of the review."""
    with visits(chromium, address, TOKEN, wait=ready) as load:
        yield load


def ready(page: Page) -> None:
    pages.ready(page)
    if "/group/" in page.url:
        page.wait_for_selector("[data-maps]", state="attached")


def shown(page: Page) -> list[str]:
    """Return the names of champion and challenger, the active one with a star."""
    names: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".caption")]
          .filter((one) => !one.hidden)
          .map((one) => one.querySelector(".name").textContent
            + (one.classList.contains("active") ? "*" : ""))"""
    )
    return names


def places(page: Page) -> list[list[float]]:
    """Return where the middle of each pane lies in its image, in fractions, and the scale."""
    found: list[list[float]] = page.evaluate(
        """() => [...document.querySelectorAll(".pane")].map((pane) => {
          const image = pane.querySelector(".whole").getBoundingClientRect();
          const box = pane.getBoundingClientRect();
          return [
            (box.left + box.width / 2 - image.left) / image.width,
            (box.top + box.height / 2 - image.top) / image.height,
            image.width / 288,
          ].map((value) => Math.round(value * 1000) / 1000);
        })"""
    )
    return found


def test_the_overview_opens_a_series_by_keys_and_comes_back(visit: Open) -> None:
    page = visit()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('.group').dataset.group") == "2"
    page.keyboard.press("Enter")
    page.wait_for_url("**/group/2")
    ready(page)
    assert page.locator("#verdict").inner_text().startswith("Too close to call")
    page.keyboard.press("Escape")
    page.wait_for_url("**/#group-2")
    ready(page)
    page.wait_for_function("() => document.activeElement.closest('.group')?.dataset.group === '2'")


def test_the_champion_stays_while_challengers_are_stepped_through(visit: Open) -> None:
    page = visit("/group/1")
    seen = [shown(page)]
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        seen.append(shown(page))
    assert seen == [
        ["clear-1.jpg", "clear-2.jpg*"],
        ["clear-1.jpg", "clear-3.jpg*"],
        ["clear-1.jpg", "clear-2.jpg*"],
    ]


def test_zoom_and_pan_go_together_and_begin_where_they_differ_most(visit: Open) -> None:
    page = visit("/group/1", viewport={"width": 500, "height": 450})
    page.keyboard.press("z")
    champion, challenger = places(page)
    assert champion == challenger
    assert champion[2] == 1.0
    assert champion[0] > 0.55
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("+")
    moved, other = places(page)
    assert moved == other
    assert moved[0] < champion[0]
    assert moved[2] == 1.5


def test_a_drag_moves_both_photos(visit: Open) -> None:
    page = visit("/group/1", viewport={"width": 500, "height": 450})
    page.keyboard.press("z")
    before = places(page)[0]
    box = page.locator(".pane").nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 40, steps=4)
    page.mouse.up()
    champion, challenger = places(page)
    assert champion == challenger
    assert champion[0] == pytest.approx(before[0] - 40 / 288, abs=0.01)


def test_the_wheel_zooms_and_a_click_fits_again(visit: Open) -> None:
    page = visit("/group/1")
    page.locator(".pane").first.hover()
    page.mouse.wheel(0, -600)
    page.wait_for_selector(".compare.zoomed")
    page.locator(".pane").first.click()
    page.wait_for_selector(".compare:not(.zoomed)")


def test_the_full_picture_is_fetched_only_on_zoom(visit: Open, desk: MemoryDesk) -> None:
    large = desk_of(
        [series_of("large", 2, 0.8)], lambda path: pixels(path).repeat(10, 0).repeat(10, 1)
    )
    with running_app(app(large, TOKEN)) as base:
        page = visit()
        page.goto(f"{base}/?token={TOKEN}")
        page.goto(f"{base}/group/1")
        ready(page)
        assert page.locator("img.full").count() == 0
        page.keyboard.press("z")
        page.wait_for_function(
            "() => [...document.querySelectorAll('img.full')].filter("
            "(i) => i.naturalWidth === 2880).length === 2"
        )


def test_the_two_photos_can_lie_over_each_other(visit: Open) -> None:
    page = visit("/group/1")
    page.keyboard.press("v")
    assert page.locator(".pane").first.is_hidden()
    page.keyboard.press(" ")
    assert page.locator(".pane").first.is_visible()
    assert page.locator(".pane").nth(1).is_hidden()
    assert shown(page) == ["clear-1.jpg*", "clear-2.jpg"]


def test_maps_lie_over_both_photos(visit: Open) -> None:
    page = visit("/group/1")
    for key, name, words in (("m", "difference.png", "differs by"), ("s", "effect/", "raises it")):
        page.keyboard.press(key)
        page.wait_for_function(
            "name => [...document.querySelectorAll('.overlay')].filter("
            "(i) => i.naturalWidth === 9 && i.src.includes(name)).length === 2",
            arg=name,
        )
        assert words in page.locator("#legends").inner_text()
    page.keyboard.press("s")
    assert page.locator(".overlay").count() == 0


def test_the_desk_is_overruled_and_the_change_undone_and_redone(
    visit: Open, desk: MemoryDesk
) -> None:
    page = visit("/group/1")
    page.keyboard.press("p")
    said(page, "clear-2.jpg preferred to clear-1.jpg")
    page.wait_for_function(
        "() => document.querySelector('#caption-0 .name').textContent === 'clear-2.jpg'"
    )
    assert [desk.photo(1).verb, desk.photo(2).verb] == ["reject", "keep"]
    assert page.locator("#counts").inner_text().startswith("5 keep")
    page.keyboard.press("Control+z")
    said(page, "Undone: clear-2.jpg preferred")
    assert [desk.photo(1).verb, desk.photo(2).verb] == ["keep", "reject"]
    page.keyboard.press("Control+y")
    said(page, "Done again")
    assert [desk.photo(1).verb, desk.photo(2).verb] == ["reject", "keep"]


def test_marks_stars_and_labels_by_keys(visit: Open, desk: MemoryDesk) -> None:
    page = visit("/group/1")
    for key, words in (("k", "kept"), ("4", "4 stars"), ("8", "label Green"), ("u", "undecided")):
        page.keyboard.press(key)
        said(page, f"clear-2.jpg {words}" if words != "undecided" else "left undecided")
    mark = desk.photo(2).mark
    assert (mark.verb, mark.stars, mark.label) == ("undecided", 4, "Green")
    page.wait_for_selector('[data-do="label-Green"][aria-pressed="true"]')
    page.keyboard.press("8")
    said(page, "without label")
    page.keyboard.press("c")
    said(page, "as proposed")
    assert desk.photo(2).verb == "reject"


def test_the_champion_wins_and_the_next_undecided_series_comes(
    visit: Open, desk: MemoryDesk
) -> None:
    page = visit("/group/1")
    page.keyboard.press("n")
    page.wait_for_url("**/group/2")
    ready(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/group/3")
    said(page, "close-1.jpg kept, 1 other rejected")
    assert desk.counts()["undecided"] == 0


def test_series_are_split_and_joined(visit: Open, desk: MemoryDesk) -> None:
    page = visit("/group/1")
    with page.expect_navigation():  # what was done is said before the page comes anew, and after
        page.keyboard.press("t")
    said(page, "clear-2.jpg taken out")
    assert len(desk.groups()) == 5
    page.goto(page.url.replace("/group/1", "/group/2"))
    ready(page)
    page.keyboard.press("j")
    page.wait_for_url("**/group/*")
    said(page, "2 series joined")
    assert len(desk.groups()) == 4


def test_all_is_written_only_when_the_person_says_so(visit: Open, desk: MemoryDesk) -> None:
    page = visit("/group/1")
    page.keyboard.press("w")
    page.wait_for_url("**/confirm")
    ready(page)
    assert page.locator("#lines li").count() == 7
    assert desk.written == {}
    page.get_by_role("button", name="Write 7 sidecars").click()
    said(page, "7 sidecars written")
    assert desk.written["clear-2.jpg.xmp"] == "rating -1"
    page.get_by_role("button", name="Take the last writing back").click()
    said(page, "7 sidecars taken back")
    assert desk.written == {}


def test_the_overview_marks_by_keys_and_redraws_the_card(visit: Open, desk: MemoryDesk) -> None:
    page = visit()
    page.keyboard.press("x")
    page.wait_for_selector('.group.reject[data-group="1"]')
    assert desk.photo(1).verb == "reject"
    page.keyboard.press("Control+z")
    page.wait_for_selector('.group.keep[data-group="1"]')
    ready(page)
    assert desk.photo(1).verb == "keep"


def test_the_help_sheet_opens_and_closes_by_its_key(visit: Open) -> None:
    page = visit()
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("x")
    page.keyboard.press("?")
    assert not page.locator("#help").is_visible()
    assert page.locator(".group.reject").count() == 0


def test_the_theme_is_switched_and_stays(visit: Open) -> None:
    page = visit(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.keyboard.press("d")
    said(page, "Dark")
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    ready(page)
    assert page.evaluate(ground) == dark


def test_a_phone_swipes_taps_and_does_not_scroll_sideways(visit: Open) -> None:
    page = visit("/group/1", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first, second = (page.locator(".pane").nth(n).bounding_box() for n in range(2))
    assert first is not None
    assert second is not None
    assert second["y"] >= first["y"] + first["height"]
    swipe(page, second, -150)
    page.wait_for_function(
        "() => document.querySelector('#caption-1 .name').textContent === 'clear-3.jpg'"
    )
    page.touchscreen.tap(second["x"] + 10, second["y"] + 40)
    page.wait_for_function(
        "() => document.querySelector('#caption-1 .name').textContent === 'clear-2.jpg'"
    )
    page.get_by_role("button", name="Reject", exact=True).tap()
    said(page, "clear-2.jpg rejected")
    page.goto(page.url.split("/group")[0])
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def swipe(page: Page, box: FloatRect, across: float) -> None:
    """Move one finger sideways over a box."""
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step, kind in ((0, "touchStart"), (0.5, "touchMove"), (1, "touchMove"), (1, "touchEnd")):
        points = [] if kind == "touchEnd" else [{"x": x + across * step, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_two_fingers_zoom_both_photos(visit: Open) -> None:
    page = visit("/group/1", **PHONE)
    box = page.locator(".pane").first.bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for kind, apart in (("touchStart", 30), ("touchMove", 60), ("touchMove", 120), ("touchEnd", 0)):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        touches = points if kind != "touchEnd" else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    page.wait_for_selector(".compare.zoomed")
    champion, challenger = places(page)
    assert champion == challenger


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize(
    "path", ["/", "/?show=open", "/group/1", "/group/3", "/group/4", "/confirm"]
)
def test_axe_finds_no_serious_fault(visit: Open, path: str, scheme: str) -> None:
    page = visit(path, color_scheme=scheme)
    assert serious_faults(page) == []
    if path in ("/", "/group/1"):
        page.keyboard.press("?")
        assert serious_faults(page) == []


def test_five_thousand_photos_keep_the_page_small(chromium: Browser) -> None:
    many = desk_of([series_of(f"s{n}", 2, 0.8) for n in range(2500)], pixels, minutes_apart=1)
    with running_app(app(many, TOKEN)) as base:
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{base}/?token={TOKEN}")
        ready(page)
        assert "5000 photos in 2500 groups" in page.locator(".summary").inner_text()
        assert most_cards(page) < 700
        page.keyboard.press("End")
        page.goto(f"{base}/#group-2400")
        page.reload()
        ready(page)
        page.wait_for_function(
            "() => document.activeElement.closest('.group')?.dataset.group === '2400'"
        )
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "() => document.activeElement.closest('.group')?.dataset.group === '2401'"
        )
        page.close()
