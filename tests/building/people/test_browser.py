"""The page on which people check series in a real browser: by keys, mouse and touch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.building.people.conftest import TOKEN
from tests.pages import PHONE, Open, most_cards, ready, said, serious_faults, visits

from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.decisions import decide, decided, split
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series, all_series, one_series
from fgaesq.building.people import app
from fgaesq.building.records import NewSeries, SourceImage
from fgaesq.web.serving import running_app

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Open]:
    """Open a page of the check; what other people changed makes requests fail."""
    expected = ("409 (Conflict)", "404 (Not Found)")
    with visits(chromium, address, TOKEN, expected=expected) as load:
        yield load


def title(page: Page, words: str) -> None:
    """Wait until the series of this title is shown."""
    page.wait_for_function("words => document.getElementById('title').textContent === words",
                           arg=words)  # fmt: skip


def out(page: Page) -> list[str]:
    """Return the names of the images that are shown as dropped."""
    return page.locator(".tile.out .name").all_inner_texts()


def test_a_series_is_confirmed_and_the_next_one_to_check_comes(
    visit: Open, collection: Collection
) -> None:
    page = visit()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/2")
    ready(page)
    page.keyboard.press("Enter")
    title(page, "Series 4")
    said(page, "Series 2 kept with 3 images")
    assert page.url.endswith("/series/4")
    assert decided(collection, 2)[2][None].keep
    assert page.locator("#counts .open").inner_text() == "3 to check"


def test_the_check_goes_on_where_it_was_left(visit: Open, collection: Collection) -> None:
    decide(collection, 1, None, keep=True, who="ada")
    page = visit()
    page.keyboard.press("u")
    page.wait_for_url("**/series/2")


def test_an_image_is_dropped_by_its_reason_and_brought_back(
    visit: Open, collection: Collection
) -> None:
    page = visit("/series/2")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("3")
    said(page, "1 image dropped: defective")
    page.wait_for_selector(".tile.out")
    assert out(page) == ["bird-06.jpg"]
    assert page.locator(".tile.out .why").inner_text() == "ada: defective"
    page.wait_for_selector('[data-do="reason-defective"][aria-pressed="true"]')
    page.keyboard.press("x")
    said(page, "1 image brought back")
    page.wait_for_selector(".tile.out", state="detached")
    assert one_series(collection, 2).kept == (5, 6, 7)


def test_a_reason_is_chosen_from_a_list_and_put_in_words(
    visit: Open, collection: Collection
) -> None:
    page = visit("/series/2")
    page.keyboard.press("x")
    page.get_by_label("In words").fill("a finger on the lens")
    page.keyboard.press("Enter")
    said(page, "1 image dropped: other")
    assert one_series(collection, 2).dropped[5].detail == "a finger on the lens"


def test_what_metrics_dropped_is_brought_back(visit: Open, collection: Collection) -> None:
    page = visit("/series/1")
    assert out(page) == ["bird-02.jpg"]
    why = page.locator(".tile.out .why").inner_text()
    assert why == "Metrics: near identical, like bird-01.jpg (SSIM 0.991)"
    page.locator(".tile.out").click()
    page.get_by_role("button", name="Bring back").click()
    said(page, "1 image brought back")
    assert one_series(collection, 1).kept == (1, 2, 3, 4)


def test_a_series_is_dropped_by_two_keys(visit: Open, collection: Collection) -> None:
    page = visit("/series/2")
    page.keyboard.press("d")
    page.keyboard.press("9")
    title(page, "Series 4")
    drop = one_series(collection, 2).drop
    assert drop is not None
    assert drop.reason == "duplicate_series"


def test_marked_images_are_split_off_and_the_split_undone(
    visit: Open, collection: Collection
) -> None:
    page = visit("/series/4")
    for key in (" ", "ArrowRight", "ArrowRight", " ", "s"):
        page.keyboard.press(key)
    said(page, "2 images split off as series 7")
    title(page, "Series 8")
    assert [one.members for one in all_series(collection)][-2:] == [(10, 12), (11, 13, 14)]
    page.keyboard.press("z")
    title(page, "Series 4")
    said(page, "Undone: split 2 of 5 images off")
    assert len(all_series(collection)) == 6
    page.keyboard.press("Shift+Z")
    said(page, "Done again: split 2 of 5 images off")
    assert len(all_series(collection)) == 7


def test_what_is_proposed_is_accepted_by_one_key(visit: Open, collection: Collection) -> None:
    page = visit("/series/4")
    assert page.locator(".tile .part").all_inner_texts() == ["A", "A", "A", "B", "B"]
    page.keyboard.press("a")
    said(page, "Series 4 split into 2")
    page.goto(page.url.split("/series")[0] + "/series/6")
    ready(page)
    page.keyboard.press("a")
    said(page, "2 series merged into series 9")
    assert all_series(collection)[-1].members == (17, 18, 5, 6, 7)


def test_a_series_is_merged_with_the_next(visit: Open, collection: Collection) -> None:
    page = visit("/series/1")
    page.keyboard.press("m")
    title(page, "Series 7")
    assert all_series(collection)[-1].members == (1, 2, 3, 4, 5, 6, 7)


def test_marked_series_are_merged_in_the_overview(visit: Open, collection: Collection) -> None:
    page = visit()
    for key in (" ", "ArrowRight", "ArrowRight", " ", "m"):
        page.keyboard.press(key)
    said(page, "2 series merged into series 7")
    assert all_series(collection)[-1].members == (1, 2, 3, 4, 8, 9)


def test_a_series_is_kept_and_dropped_in_the_overview(visit: Open, collection: Collection) -> None:
    page = visit()
    page.keyboard.press("k")
    page.wait_for_selector('.group.kept[data-group="1"]')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("d")
    page.keyboard.press("2")
    page.wait_for_selector('.group.dropped[data-group="2"]')
    assert page.locator("#counts .open").inner_text() == "2 to check"
    page.keyboard.press("z")
    page.wait_for_selector('.group.open[data-group="2"]')


def test_two_images_are_compared_with_one_zoom(visit: Open) -> None:
    page = visit("/series/1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    assert page.locator("#caption-0").inner_text() == "bird-01.jpg"
    assert page.locator("#caption-1").inner_text().startswith("bird-02.jpg")
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowLeft")
    frames = page.locator(".frame")
    first, second = (frames.nth(n).get_attribute("style") for n in range(2))
    assert first == second
    page.keyboard.press("ArrowRight")
    assert page.locator("#caption-1").inner_text().startswith("bird-03.jpg")
    page.keyboard.press("3")
    said(page, "1 image dropped: defective")
    page.wait_for_selector("#caption-1.out")
    page.keyboard.press("Escape")
    assert page.locator("#comparing").is_hidden()
    assert out(page) == ["bird-02.jpg", "bird-03.jpg"]


def test_what_an_image_resembles_is_shown_beside_it(visit: Open) -> None:
    page = visit("/series/1")
    assert page.locator(".other").is_hidden()
    page.keyboard.press("r")
    page.wait_for_function("() => document.querySelector('.other').naturalWidth === 180")


def test_the_overview_is_filtered_by_what_was_dropped(visit: Open) -> None:
    page = visit()
    page.get_by_label("What was dropped").select_option(label="Metrics: near identical")
    page.wait_for_url("**/?step=metrics&reason=near_identical")
    ready(page)
    assert page.locator(".group").count() == 1
    page.get_by_text("What every step took out").click()
    page.locator("table").get_by_role("link", name="context").click()
    page.wait_for_url("**/?step=model&reason=context")


def test_what_another_person_decides_is_shown_meanwhile(visit: Open, other: Collection) -> None:
    page = visit("/series/2")
    decide(other, 2, [6], keep=False, reason="empty", who="bob")
    page.wait_for_selector(".tile.out")
    assert page.locator(".tile.out .why").inner_text() == "bob: empty"
    said(page, "Another person changed this series")


def test_two_people_at_once_lose_nothing(
    visit: Open, chromium: Browser, other: Collection, collection: Collection
) -> None:
    page = visit("/series/2")
    with running_app(app(other, TOKEN, who="bob")) as base:
        theirs = chromium.new_page()
        theirs.goto(f"{base}/?token={TOKEN}")
        theirs.goto(f"{base}/series/2")
        ready(theirs)
        page.keyboard.press("4")
        said(page, "1 image dropped: empty")
        theirs.keyboard.press("Enter")
        said(theirs, "ada changed series 2 meanwhile; look at it as it is now.")
        theirs.wait_for_selector(".tile.out")
        theirs.keyboard.press("Enter")
        title(theirs, "Series 4")
        theirs.keyboard.press("z")
        title(theirs, "Series 2")
        theirs.close()
    assert one_series(collection, 2).kept == (6, 7)
    assert None not in decided(collection, 2)[2]


def test_a_series_that_another_person_splits_leads_on(visit: Open, other: Collection) -> None:
    page = visit("/series/2?show=open")
    split(other, 2, [5], who="bob")
    page.keyboard.press("Enter")
    said(page, "Series 2 is not here any more")


def test_a_phone_decides_by_taps_and_does_not_scroll_sideways(
    visit: Open, collection: Collection
) -> None:
    page = visit("/series/2", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".tile").nth(1).tap()
    page.get_by_role("button", name="defective").tap()
    said(page, "1 image dropped: defective")
    page.wait_for_selector(".tile.out")
    page.get_by_role("button", name="Keep series").tap()
    title(page, "Series 4")
    assert one_series(collection, 2).kept == (5, 7)
    page.goto(page.url.split("/series")[0])
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("path", ["/", "/?show=dropped", "/series/1", "/series/4", "/series/6"])
def test_axe_finds_no_serious_fault(visit: Open, path: str, scheme: str) -> None:
    page = visit(path, color_scheme=scheme)
    if path == "/":
        page.get_by_text("What every step took out").click()
    assert serious_faults(page) == []
    for key in {"/": "?d", "/series/1": "c?", "/series/4": "d"}.get(path, ""):
        page.keyboard.press(key)
        assert serious_faults(page) == []
        if key in "?d":
            page.keyboard.press("Escape")


def test_a_hundred_thousand_images_keep_the_page_small(
    chromium: Browser, collection: Collection
) -> None:
    first = next(iter(all_series(collection))).members[0]
    path = collection.folder.parent / "secret folder" / "bird-01.jpg"
    with create_collection(collection.folder.parent / "large") as large:
        with large.transaction():
            ids = add_images(
                large,
                (
                    SourceImage(path, "0" * 64, 120, 180, source=str(first)),
                    *(SourceImage(path.with_name(f"{n}.jpg"), "0" * 64, 120, 180)
                      for n in range(99_999)),
                ),
            )  # fmt: skip
            add_series(
                large,
                (NewSeries("natural", tuple(ids[n : n + 10])) for n in range(0, 100_000, 10)),
            )
        with running_app(app(large, TOKEN)) as base:
            page = chromium.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{base}/?token={TOKEN}")
            ready(page)
            assert "10,000 series, 100,000 images" in page.locator(".where").inner_text()
            assert most_cards(page) < 700
            page.goto(f"{base}/series/9000")
            ready(page)
            page.keyboard.press("Enter")
            title(page, "Series 9001")
            page.close()
