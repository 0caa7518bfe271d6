"""The routes of the review page: what they show, what they change, what they refuse."""

from __future__ import annotations

import io
import sys
from dataclasses import replace

import httpx
import pytest
from PIL import Image as PILImage
from tests.desk.memory_desk import MemoryDesk, desk_of
from tests.desk.review.conftest import HEADERS, TOKEN, pixels, series_of

from fgaesq.desk.records import DeskGroup
from fgaesq.desk.review import app
from fgaesq.errors import MissingExtraError
from fgaesq.web.serving import running_app


def test_without_the_packages_of_the_extra_it_is_named(
    desk: MemoryDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "fgaesq.desk.review.application", raising=False)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(MissingExtraError) as caught:
        app(desk, TOKEN)
    assert str(caught.value) == (
        "the review page needs packages that are not installed; run: pip install 'fgaesq[web]'"
    )


def test_the_overview_shows_counts_and_a_card_for_each_group(guest: httpx.Client) -> None:
    html = guest.get("/").text
    assert "9 photos in 4 groups" in html
    assert "<b>5</b> keep" in html
    assert html.count('<li class="group ') == 4
    assert "Series of 3, 09:00:00, clear-1.jpg, keep 1, reject 2, 87 % sure, 3 stars" in html
    assert "Exposure bracket" in html


def test_a_desk_that_cannot_regroup_shows_no_slider_and_nothing_waits(guest: httpx.Client) -> None:
    assert 'id="size"' not in guest.get("/").text
    answer = guest.get("/waiting", params={"group": 1}).json()
    assert (answer["left"], answer["said"], answer["open"]) == (0, "All groups are ranked", [2])


@pytest.mark.parametrize(
    ("show", "order"),
    [
        ("all", "1,2,3,4"),
        ("open", "2|1,3,4"),
        ("undecided", "2"),
        ("protected", "3"),
        ("marked", ""),
    ],
)
def test_the_overview_is_filtered(guest: httpx.Client, show: str, order: str) -> None:
    html = guest.get("/", params={"show": show}).text
    found = [part.split('"')[0] for part in html.split('data-ids="')[1:]]
    assert "|".join(found) == order


def test_only_the_first_run_of_many_groups_is_in_the_page(desk: MemoryDesk) -> None:
    many = desk_of([series_of(f"s{n}", 1, 1.0) for n in range(150)], pixels, minutes_apart=1)
    with running_app(app(many, TOKEN)) as base, httpx.Client(base_url=base) as guest:
        guest.get(f"/?token={TOKEN}")
        html = guest.get("/").text
    assert html.count('<li class="group ') == 60
    assert html.count('class="groups"') == 3


def test_cards_come_by_their_ids(guest: httpx.Client) -> None:
    html = guest.get("/cards", params={"ids": "3,1"}).text
    assert [part.split('"')[0] for part in html.split('data-group="')[1:]] == ["3", "1"]


def test_a_series_page_says_where_the_series_stands(guest: httpx.Client) -> None:
    html = guest.get("/group/2").text
    assert "Series 2 of 4" in html
    assert '"previous": 1, "next": 3' in html


def test_a_state_names_no_path(guest: httpx.Client) -> None:
    answer = guest.get("/group/1/state")
    state = answer.json()
    assert state["pairs"]["1-2"]["words"] == "clear-1.jpg is better, 87 % sure: sharper (80 %)"
    assert [photo["verb"] for photo in state["photos"]] == ["keep", "reject", "reject"]
    for path in ("/group/1/state", "/group/1/maps", "/group/1", "/", "/confirm"):
        assert "shoot/" not in guest.get(path).text


def test_the_path_of_a_failed_photo_is_not_told(desk: MemoryDesk) -> None:
    group = desk.group(1)
    broken = replace(group.photos[2], failure="shoot/clear-3.jpg: it is cut off; copy it again")
    groups: list[DeskGroup] = [replace(group, photos=(*group.photos[:2], broken))]
    with running_app(app(MemoryDesk(groups, pixels), TOKEN)) as base:
        guest = httpx.Client(base_url=base)
        guest.get(f"/?token={TOKEN}")
        html = guest.get("/group/1").text
        assert guest.get("/photo/3/thumb").status_code == 404
        guest.close()
    assert "clear-3.jpg: it is cut off; copy it again" in html
    assert "shoot/" not in html


def test_maps_say_where_to_look(guest: httpx.Client) -> None:
    maps = guest.get("/group/1/maps").json()
    assert maps["effects"] == [1, 2, 3]
    assert maps["boxes"]["1"] == [0, 0, 1, 1]
    assert "differs by 0.90" in maps["legends"]["difference"]
    (spot,) = maps["spots"]
    assert 4 / 6 - 2.5 / 6 <= spot["y"] <= 1
    assert guest.get("/group/4/maps").json()["spots"] == []


@pytest.mark.parametrize("name", ["difference.png", "effect/1.png"])
def test_maps_are_pictures_of_one_pixel_per_cell(guest: httpx.Client, name: str) -> None:
    answer = guest.get(f"/group/1/{name}")
    assert answer.headers["content-type"] == "image/png"
    assert PILImage.open(io.BytesIO(answer.content)).size == (9, 6)


def test_a_picture_comes_with_an_etag_and_then_not_again(guest: httpx.Client) -> None:
    first = guest.get("/photo/1/thumb")
    assert PILImage.open(io.BytesIO(first.content)).size == (288, 192)
    assert first.headers["cache-control"] == "private, no-cache"
    again = guest.get("/photo/1/thumb", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/photo/99/thumb",
        "/photo/1/../../etc/passwd",
        "/photo/%2e%2e%2fconstraints-dev.txt/thumb",
        "/photo/shoot%2Fclear-1.jpg/thumb",
        "/assets/",
        "/assets/page.html",
        "/assets/..%2Fapplication.py",
        "/group/99",
        "/group/99/state",
        "/docs",
        "/openapi.json",
    ],
)
def test_only_what_is_in_the_catalogue_is_served(guest: httpx.Client, path: str) -> None:
    answer = guest.get(path)
    assert answer.status_code in (400, 404)
    assert set(answer.json()) == {"error"}


def test_cards_of_groups_that_are_gone_are_left_out(guest: httpx.Client) -> None:
    both, one = (guest.get("/cards", params={"ids": ids}) for ids in ("1,99", "1"))
    assert both.status_code == 200
    assert both.text == one.text


def test_an_unknown_parameter_is_refused(guest: httpx.Client) -> None:
    answer = guest.get("/", params={"shwo": "open"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Unknown parameter 'shwo'; leave it out."


@pytest.mark.parametrize(
    "body",
    [
        {"photos": [1], "stars": 6},
        {"photos": [1], "verb": "delete"},
        {"photos": [1], "lable": "Red"},
        {"photos": []},
        {"photos": ["../1"]},
        {},
    ],
)
def test_a_wrong_body_is_refused(
    guest: httpx.Client, desk: MemoryDesk, body: dict[str, object]
) -> None:
    answer = guest.post("/api/mark", json=body)
    assert answer.status_code == 400
    assert desk.counts()["marked"] == 0


def test_a_photo_that_is_not_there_cannot_be_marked(guest: httpx.Client) -> None:
    answer = guest.post("/api/mark", json={"photos": [99], "stars": 1})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "no photo 99"


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("mark", {"photos": [2], "verb": "keep"}, "clear-2.jpg kept"),
        ("clear", {"photos": [2]}, "clear-2.jpg: as proposed"),
        ("prefer", {"better": 2, "worse": 1}, "clear-2.jpg preferred to clear-1.jpg"),
        ("settle", {"group": 2, "keeper": 4}, "close-1.jpg kept, 1 other rejected"),
        ("split", {"photos": [3]}, "clear-3.jpg taken out into a series of its own"),
        ("merge", {"groups": [1, 2]}, "2 series joined"),
        ("undo", {}, "There is nothing to be undone"),
        ("redo", {}, "There is nothing to be done again"),
        ("apply", {}, "7 sidecars written"),
        ("unapply", {}, "0 sidecars taken back"),
    ],
)
def test_every_change_says_what_it_did(
    guest: httpx.Client, path: str, body: dict[str, object], said: str
) -> None:
    answer = guest.post(f"/api/{path}", json=body)
    assert (answer.status_code, answer.json()["said"]) == (200, said)


@pytest.mark.parametrize("path", ["mark", "undo", "apply"])
def test_changes_are_not_made_by_get(guest: httpx.Client, path: str) -> None:
    assert guest.get(f"/api/{path}").status_code == 405


def test_a_change_from_another_site_does_nothing(guest: httpx.Client, desk: MemoryDesk) -> None:
    body = '{"photos": [2], "verb": "keep"}'
    for headers in (
        {"Content-Type": "text/plain"},
        {**HEADERS, "Origin": "http://evil.example"},
        {**HEADERS, "Host": "evil.example"},
        {**HEADERS, "Cookie": "none=1"},
    ):
        assert guest.post("/api/mark", content=body, headers=headers).status_code == 403
    assert desk.counts()["marked"] == 0


def test_the_dry_run_lists_what_will_be_written(guest: httpx.Client, desk: MemoryDesk) -> None:
    html = guest.get("/confirm").text
    assert "7 sidecars will be written. No photo is deleted." in html
    assert "<li>clear-2.jpg.xmp: rating -1</li>" in html
    assert desk.written == {}


def test_names_are_escaped_in_pages() -> None:
    hostile = series_of('<img src=x onerror=alert(1)>"&', 2, 0.8)
    with running_app(app(desk_of([hostile], pixels), TOKEN)) as base:
        guest = httpx.Client(base_url=base)
        guest.get(f"/?token={TOKEN}")
        for path in ("/", "/group/1", "/confirm"):
            html = guest.get(path).text
            assert "<img src=x" not in html
        guest.close()


@pytest.mark.parametrize(("cookie", "tag"), [("dark", ' data-theme="dark"'), ('"><b>', "")])
def test_the_theme_is_one_of_two(guest: httpx.Client, cookie: str, tag: str) -> None:
    sent = "; ".join(f"{one.name}={one.value}" for one in guest.cookies.jar)
    html = guest.get("/", headers={"Cookie": f"{sent}; fgaesq-theme={cookie}"}).text
    assert f'<html lang="en"{tag}>' in html
