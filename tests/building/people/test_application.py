"""The routes of the page on which people check series: what they show, change and refuse."""

from __future__ import annotations

import io
import re
import sys

import httpx
import pytest
from PIL import Image as PILImage
from tests.building.people.conftest import TOKEN, Post

from fgaesq.building.collection import Collection
from fgaesq.building.collection.decisions import decide, decided, split
from fgaesq.building.collection.series import all_series, one_series
from fgaesq.building.people import app
from fgaesq.errors import MissingExtraError


def ids_of(html: str) -> list[int]:
    return [int(one) for one in re.findall(r'data-group="(\d+)"', html)]


def test_without_the_packages_of_the_extra_it_is_named(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "fgaesq.building.people.application", raising=False)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(MissingExtraError) as caught:
        app(collection, TOKEN)
    assert str(caught.value) == (
        "the page to check a dataset needs packages that are not installed; "
        "run: pip install 'fgaesq[web]'"
    )


def test_the_overview_says_how_far_the_check_is(guest: httpx.Client) -> None:
    html = guest.get("/").text
    assert "6 series, 18 images" in html
    assert "<b>4</b> to check" in html
    assert "<b>0</b> kept" in html
    assert "<b>2</b> out" in html
    assert "Series 1, 3 of 4 images in, to check" in html
    assert "Series 5, 2 images, dropped by model: context" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3, 4, 5, 6]),
        ("?show=open", [1, 2, 4, 6]),
        ("?show=kept", []),
        ("?show=dropped", [3, 5]),
        ("?show=mine", []),
        ("?show=wide", [4]),
        ("?show=same", [2, 6]),
        ("?step=metrics", [1, 3]),
        ("?step=metrics&reason=near_identical", [1]),
        ("?step=metrics&reason=too_few", [3]),
        ("?step=model", [5]),
        ("?category=cropping", [5]),
        ("?source=garden&show=open", [4, 6]),
    ],
)
def test_the_overview_is_filtered(guest: httpx.Client, query: str, found: list[int]) -> None:
    assert ids_of(guest.get(f"/{query}").text) == found


def test_what_every_step_took_out_is_counted(guest: httpx.Client) -> None:
    html = guest.get("/").text
    table = html.split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in table.split("</tr>")[:-1]]
    assert rows == [
        ["Collected", "6", "18"],
        ["Metrics", "near", "identical", "0", "1"],
        ["Metrics", "dissimilar", "0", "1"],
        ["Metrics", "too", "few", "1", "1"],
        ["Metrics", "all", "1", "3", "5", "15"],
        ["Model", "context", "1", "2"],
        ["Model", "all", "1", "2", "4", "13"],
        ["People", "all", "0", "0", "4", "13"],
    ]


def test_a_series_says_what_was_dropped_and_what_it_resembles(guest: httpx.Client) -> None:
    state = guest.get("/series/1/state").json()
    assert state["facts"] == ("1 of 6 · 3 of 4 images in · Natural · feeder · taken within 2 s")
    assert "Metrics: near identical, like bird-01.jpg (SSIM 0.991)" in state["tiles"]
    assert state["images"][1] == {
        "id": 2,
        "name": "bird-02.jpg",
        "width": 180,
        "height": 120,
        "out": True,
        "reason": "near_identical",
        "other": 1,
    }


def test_neighbours_follow_the_filter(guest: httpx.Client) -> None:
    state = guest.get("/series/2/state", params={"show": "open"}).json()
    assert (state["previous"], state["next"], state["todo"]) == (1, 4, 4)
    state = guest.get("/series/6/state", params={"show": "open"}).json()
    assert (state["previous"], state["next"], state["todo"]) == (4, None, 1)


def test_no_folder_is_told(guest: httpx.Client) -> None:
    for path in ("/", "/series/1", "/series/1/state", "/cards?ids=1,2"):
        assert "secret folder" not in guest.get(path).text


@pytest.mark.parametrize(("image", "size"), [(1, (180, 120)), (15, (120, 90)), (16, (80, 100))])
def test_an_image_is_shown_as_it_is_in_the_dataset(
    guest: httpx.Client, image: int, size: tuple[int, int]
) -> None:
    answer = guest.get(f"/image/{image}/view")
    assert PILImage.open(io.BytesIO(answer.content)).size == size
    again = guest.get(f"/image/{image}/view", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/image/99/thumb",
        "/image/1/huge",
        "/image/..%2fcollection.sqlite3/thumb",
        "/series/99",
        "/series/99/state",
        "/cards?ids=../1",
        "/assets/series.html",
        "/?shwo=open",
        "/?show=everything",
        "/series/1?ids=2",
        "/docs",
    ],
)
def test_only_what_is_in_the_collection_is_served(guest: httpx.Client, path: str) -> None:
    answer = guest.get(path)
    assert answer.status_code in (400, 404)
    assert set(answer.json()) == {"error"}


def test_an_image_that_went_away_is_not_there(guest: httpx.Client, collection: Collection) -> None:
    (collection.folder.parent / "secret folder" / "bird-05.jpg").unlink()
    answer = guest.get("/image/5/thumb")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "There is no such picture of this image."


def test_a_confirmed_series_is_a_decision(post: Post, collection: Collection) -> None:
    answer = post("keep", 1).json()
    assert answer["said"] == "Series 1 kept with 3 images"
    assert "<b>3</b> to check" in answer["counts"]
    assert decided(collection, 1)[1][None].keep
    assert decided(collection, 1)[1][None].who == "ada"


def test_a_dropped_series_comes_back_when_it_is_kept(
    post: Post, guest: httpx.Client, collection: Collection
) -> None:
    post("keep", 5)
    assert one_series(collection, 5).drop is None
    assert ids_of(guest.get("/?show=kept").text) == [5]


def test_a_series_with_too_few_images_cannot_be_kept(post: Post, collection: Collection) -> None:
    answer = post("keep", 3)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == (
        "Fewer than two images are in: bring one back, or drop the series."
    )
    assert decided(collection, 3)[3] == {}


def test_a_series_is_dropped_for_a_reason(post: Post, collection: Collection) -> None:
    answer = post("drop", 2, reason="duplicate_series", detail="as series 6")
    assert answer.json()["said"] == "Series 2 dropped: duplicate series"
    drop = one_series(collection, 2).drop
    assert drop is not None
    assert (drop.step, drop.reason, drop.detail) == ("people", "duplicate_series", "as series 6")


def test_an_image_is_dropped_and_brought_back(
    post: Post, guest: httpx.Client, collection: Collection
) -> None:
    assert post("out", 1, images=[3, 4], reason="defective").json()["said"] == (
        "2 images dropped: defective"
    )
    assert one_series(collection, 1).kept == (1,)
    assert post("back", 1, images=[2, 3]).json()["said"] == "2 images brought back"
    assert one_series(collection, 1).kept == (1, 2, 3)
    tiles = guest.get("/series/1/state").json()["tiles"]
    assert "ada brought it back; metrics: near identical" in tiles


def test_some_images_are_split_off(post: Post, guest: httpx.Client, collection: Collection) -> None:
    answer = post("split", 2, images=[6, 7]).json()
    assert answer["said"] == "2 images split off as series 7"
    assert answer["series"] == 8
    assert [one.members for one in all_series(collection)][-2:] == [(6, 7), (5,)]
    assert ids_of(guest.get("/").text) == [1, 7, 8, 3, 4, 5, 6]


def test_a_proposed_split_is_accepted(
    post: Post, guest: httpx.Client, collection: Collection
) -> None:
    state = guest.get("/series/4/state").json()
    assert state["proposes"] == "split"
    assert "These may be 2 series" in state["suggestion"]
    assert post("accept", 4).json()["said"] == "Series 4 split into 2"
    assert [one.members for one in all_series(collection)][-2:] == [(10, 11, 12), (13, 14)]


def test_a_proposed_merge_is_accepted(guest: httpx.Client, collection: Collection) -> None:
    state = guest.get("/series/6/state").json()
    assert (state["proposes"], state["same"]) == ("merge", [2])
    stamps = [state["stamps"][one] for one in ("6", "2")]
    answer = guest.post("/api/merge", json={"series": [6, 2], "stamps": stamps})
    assert answer.json()["said"] == "2 series merged into series 7"
    assert all_series(collection)[-1].members == (17, 18, 5, 6, 7)


def test_undo_and_redo_lead_to_the_series(
    post: Post, guest: httpx.Client, collection: Collection
) -> None:
    post("out", 2, images=[5], reason="empty")
    undone = guest.post("/api/undo", json={}).json()
    assert (undone["said"], undone["series"]) == ("Undone: dropped 1 of its images", 2)
    assert one_series(collection, 2).kept == (5, 6, 7)
    assert guest.post("/api/redo", json={}).json()["said"] == "Done again: dropped 1 of its images"
    assert one_series(collection, 2).kept == (6, 7)
    assert guest.post("/api/redo", json={}).json()["nothing"]


def test_only_ones_own_decisions_are_undone(
    post: Post, guest: httpx.Client, other: Collection
) -> None:
    post("keep", 1)
    decide(other, 2, None, keep=True, who="bob")
    assert guest.post("/api/undo", json={}).json()["series"] == 1
    assert decided(other, 2)[2][None].keep


def test_what_another_person_decided_meanwhile_is_not_overruled_unseen(
    guest: httpx.Client, other: Collection
) -> None:
    stamp = guest.get("/series/2/state").json()["stamp"]
    decide(other, 2, [5], keep=False, reason="empty", who="bob")
    answer = guest.post("/api/keep", json={"series": 2, "stamp": stamp})
    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == (
        "bob changed series 2 meanwhile; look at it as it is now."
    )
    assert None not in decided(other, 2)[2]
    assert "bob: empty" in guest.get("/series/2/state").json()["tiles"]


def test_a_series_that_another_person_split_is_gone(guest: httpx.Client, other: Collection) -> None:
    stamp = guest.get("/series/2/state").json()["stamp"]
    split(other, 2, [5], who="bob")
    answer = guest.post("/api/keep", json={"series": 2, "stamp": stamp})
    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == "Series 2 was split or merged meanwhile."
    assert guest.get("/series/2").status_code == 404


def test_the_version_changes_with_what_others_do(guest: httpx.Client, other: Collection) -> None:
    before = guest.get("/version").json()
    assert guest.get("/version").json() == before
    decide(other, 2, None, keep=True, who="bob")
    after = guest.get("/version").json()
    assert after["version"] != before["version"]
    assert "<b>3</b> to check" in after["progress"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("out", {"images": [5], "reason": "ugly"}),
        ("out", {"images": [5], "reason": "duplicate_series"}),
        ("out", {"images": [], "reason": "empty"}),
        ("drop", {}),
        ("keep", {"images": [5]}),
    ],
)
def test_a_wrong_body_is_refused(
    post: Post, collection: Collection, path: str, body: dict[str, object]
) -> None:
    assert post(path, 2, **body).status_code == 400
    assert decided(collection, 2)[2] == {}


def test_an_image_of_another_series_is_refused(post: Post) -> None:
    answer = post("out", 2, images=[1], reason="empty")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "image 1 is not in series 2"


@pytest.mark.parametrize("path", ["keep", "undo", "merge"])
def test_changes_are_not_made_by_get(guest: httpx.Client, path: str) -> None:
    assert guest.get(f"/api/{path}").status_code == 405
