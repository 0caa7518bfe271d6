"""A link gives access to its own work only, and no answer says where an image comes from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from PIL import Image as PILImage
from starlette.routing import Route
from tests.building.annotate.conftest import ADMIN_TOKEN, NO_TLS, PLAN, SECRET_NAME, Enter
from tests.building.annotate.test_application import send, state, vote

from fgaesq.building.annotate import app
from fgaesq.building.annotate.guests import new_annotator, renewed_token
from fgaesq.building.annotate.plan import Plan
from fgaesq.building.collection import Collection
from fgaesq.building.votes.annotators import annotator_of, set_standing
from fgaesq.building.votes.asking import keep_golden
from fgaesq.building.votes.records import GoldenPair
from fgaesq.building.votes.store import Votes
from fgaesq.web.serving import running_app

OPEN_TO_ALL = {"/assets/{name}"}


def routes(collection: Collection, votes: Votes) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route."""
    application: FastAPI = app(collection, votes, PLAN, ADMIN_TOKEN)
    for route in application.routes:
        assert isinstance(route, (APIRoute, Route))
        for method in route.methods or ():
            if method != "HEAD" and route.path not in OPEN_TO_ALL:
                yield method, route.path


BODIES: dict[str, dict[str, Any]] = {
    "/api/vote": {"key": "x", "better": "left", "seconds": 1.0},
    "/api/bad": {"key": "x", "reason": "other"},
    "/admin/add": {"name": "eve"},
    "/admin/link": {"annotator": 1},
    "/admin/standing": {"annotator": 1, "paused": True},
}


def ask(client: httpx.Client, method: str, path: str) -> int:
    path = path.format(key="x", side="left", size="fit")
    body = BODIES.get(path, {"key": "x"}) if method == "POST" else None
    return client.request(method, path, json=body).status_code


def test_no_route_of_the_organiser_answers_an_annotator(
    collection: Collection, votes: Votes, anna: httpx.Client
) -> None:
    asked = [one for one in routes(collection, votes) if one[1].startswith("/admin")]
    assert len(asked) >= 6
    assert [ask(anna, *one) for one in asked] == [404] * len(asked)


def test_no_route_of_annotators_answers_the_organiser(
    collection: Collection, votes: Votes, organiser: httpx.Client
) -> None:
    asked = [one for one in routes(collection, votes) if not one[1].startswith("/admin")]
    assert len(asked) >= 7
    assert [ask(organiser, *one) for one in asked] == [404] * len(asked)


def test_without_a_link_nothing_answers(collection: Collection, votes: Votes, address: str) -> None:
    with httpx.Client(base_url=address, verify=NO_TLS, headers={"X-Fgaesq": "1"}) as stranger:
        asked = list(routes(collection, votes))
        assert [ask(stranger, *one) for one in asked] == [403] * len(asked)
        assert stranger.get("/assets/annotate.js").status_code == 403


def test_the_pictures_and_questions_of_another_are_not_there(
    anna: httpx.Client, ben: httpx.Client, votes: Votes
) -> None:
    pair = state(anna)["pairs"][0]
    picture = pair["images"][0]["fit"]
    assert anna.get(picture).status_code == 200
    assert ben.get(picture).status_code == 404
    etag = anna.get(picture).headers["etag"]
    assert ben.get(picture, headers={"If-None-Match": etag}).status_code == 404
    send(ben, "/api/vote", 404, key=pair["key"], better="left", seconds=1.0, reasons=[])
    send(ben, "/api/skip", 404, key=pair["key"])
    send(ben, "/api/bad", 404, key=pair["key"], reason="other")
    undo = vote(anna, pair)["undo"]
    assert send(ben, "/api/undo", key=undo)["said"].startswith("Only the last answer")
    assert len(votes) == 1


@pytest.mark.parametrize("key", ["1", "0", "AAAAAAAAAAAAAAAAAAAA", "..%2F..%2Fdataset", "%00"])
def test_guessed_pictures_are_not_there(anna: httpx.Client, key: str) -> None:
    assert anna.get(f"/picture/{key}/left/fit").status_code == 404


def test_questions_have_no_ids_that_count(anna: httpx.Client, ben: httpx.Client) -> None:
    keys = [pair["key"] for client in (anna, ben) for pair in state(client)["pairs"]]
    assert len(set(keys)) == 4
    assert all(len(key) == 20 for key in keys)
    assert {len({key[place] for key in keys}) > 1 for place in range(3)} == {True}


def test_no_answer_holds_a_name_a_folder_a_role_or_another_vote(
    anna: httpx.Client, ben: httpx.Client, collection: Collection, votes: Votes
) -> None:
    vote(ben, state(ben)["pairs"][0])
    pair = state(anna)["pairs"][0]
    answers = [
        anna.get("/"),
        anna.get("/api/state"),
        anna.get("/nothing"),
        anna.get(pair["images"][0]["full"]),
        anna.get(pair["images"][1]["fit"]),
        anna.post("/api/vote", json={"key": pair["key"], "better": "tie", "seconds": 1.0}),
        anna.post("/api/vote", json={"key": "guess", "better": "tie", "seconds": 1.0}),
    ]
    words = [SECRET_NAME, str(collection.folder), "ben", "golden", "repeated", "ordinary", "digest"]
    for answer in answers:
        whole = str(answer.headers).encode() + answer.content
        assert [word for word in words if word.encode() in whole] == []
    assert set(pair) == {"key", "images", "reasons"}
    assert set(pair["images"][0]) == {"fit", "full", "width", "height"}


def test_pictures_are_encoded_anew_without_what_the_file_says(anna: httpx.Client) -> None:
    for size in ("fit", "full"):
        data = anna.get(state(anna)["pairs"][0]["images"][0][size]).content
        picture = PILImage.open(io.BytesIO(data))
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_that_is_gone_is_not_named(anna: httpx.Client, collection: Collection) -> None:
    for file in (collection.folder.parent / SECRET_NAME).iterdir():
        file.unlink()
    answer = anna.get(state(anna)["pairs"][0]["images"][0]["fit"])
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "There is no such picture."


class TestGolden:
    """Pairs with a known answer look like any other."""

    @pytest.fixture
    def plan(self) -> Plan:
        return Plan(golden_rate=0.5, repeat_rate=0.0)

    def test_a_spoiled_copy_is_told_by_its_pixels_alone(self, enter: Enter, votes: Votes) -> None:
        keep_golden(votes, [GoldenPair(1, -n, n, "second", "defocus") for n in (1, 2, 3)])
        shapes, left = set(), set()
        for number in range(5):  # chance deals, but not five times nothing
            client = enter(new_annotator(votes, f"annotator {number}")[1])
            now = state(client)
            while now["pairs"]:
                pair = now["pairs"][0]
                left.add(now["left"])
                shapes.add(str([sorted(pair), [sorted(one) for one in pair["images"]]]))
                one, other = (client.get(image["fit"]).content for image in pair["images"])
                assert one != other
                now = vote(client, pair)
        golden = [found for found in votes if found.role == "golden"]
        assert golden
        assert all(found.first == -found.second for found in golden)
        assert len(shapes) == 1
        assert left == {25}  # a number that stays would tell


def test_a_link_that_was_renewed_or_removed_lets_nobody_in(enter: Enter, votes: Votes) -> None:
    eve, token = new_annotator(votes, "eve")
    client = enter(token)
    assert client.get("/api/state").status_code == 200
    newer = enter(renewed_token(votes, eve))
    assert (client.get("/api/state").status_code, newer.get("/api/state").status_code) == (403, 200)
    set_standing(votes, annotator_of(votes, "eve").id, removed=True)
    assert newer.get("/api/state").status_code == 403


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cookies_are_for_https_alone_where_links_begin_with_it(
    collection: Collection, votes: Votes, scheme: str
) -> None:
    url = f"{scheme}://votes.example.org"
    token = new_annotator(votes, "anna")[1]
    with running_app(app(collection, votes, PLAN, ADMIN_TOKEN, url=url)) as base:
        for one in (token, ADMIN_TOKEN):
            answer = httpx.get(f"{base}/?token={one}", verify=NO_TLS)
            assert ("Secure" in answer.headers["set-cookie"]) == (scheme == "https")


def test_one_browser_may_be_let_in_as_both(votes: Votes, enter: Enter) -> None:
    client = enter(new_annotator(votes, "eve")[1])
    client.get("/", params={"token": ADMIN_TOKEN})
    assert client.get("/api/state").status_code == 200
    assert client.get("/admin").status_code == 200
