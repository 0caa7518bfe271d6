"""What the page of an annotator is told and what becomes of the answers."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image as PILImage
from tests.building.annotate.conftest import Enter

from fgaesq.building.annotate.guests import new_annotator
from fgaesq.building.votes.annotators import annotator_of, set_standing
from fgaesq.building.votes.asking import flags
from fgaesq.building.votes.store import Votes


def state(client: httpx.Client) -> dict[str, Any]:
    answer = client.get("/api/state")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def send(client: httpx.Client, path: str, code: int = 200, **body: object) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == code, answer.text
    found: dict[str, Any] = answer.json()
    return found


def vote(client: httpx.Client, pair: dict[str, Any], better: str = "left") -> dict[str, Any]:
    return send(client, "/api/vote", key=pair["key"], better=better, seconds=1.5, reasons=[])


def test_two_pairs_are_dealt_and_stay_until_they_are_answered(anna: httpx.Client) -> None:
    first = state(anna)
    assert len(first["pairs"]) == 2
    assert state(anna)["pairs"] == first["pairs"]
    after = vote(anna, first["pairs"][0])
    assert after["pairs"][0] == first["pairs"][1]
    assert after["words"] == "1 pair done, at most 3 left"


def test_every_pair_is_asked_once(anna: httpx.Client, votes: Votes) -> None:
    now = state(anna)
    while now["pairs"]:
        now = vote(anna, now["pairs"][0])
    assert {(one.first, one.second) for one in votes} == {(1, 2), (1, 3), (2, 3), (4, 5)}
    assert len(votes) == 4
    assert now["message"].startswith("There is nothing left to judge")
    assert now["words"] == "4 pairs done"


def test_a_side_is_turned_into_the_image_that_stood_there(anna: httpx.Client, votes: Votes) -> None:
    now = state(anna)
    while now["pairs"]:
        now = vote(anna, now["pairs"][0], "right")
    for one in votes:
        assert one.choice == ("second" if one.first_on_left else "first")
    assert {one.seconds for one in votes} == {1.5}


def test_reasons_are_kept_if_they_were_offered(anna: httpx.Client, votes: Votes) -> None:
    pair = state(anna)["pairs"][0]
    reasons = [pair["reasons"][2], "made up", pair["reasons"][0]]
    send(anna, "/api/vote", key=pair["key"], better="left", seconds=1.0, reasons=reasons)
    assert votes.votes()[0].reasons == (pair["reasons"][0], pair["reasons"][2])


def test_the_last_answer_is_taken_back(anna: httpx.Client, votes: Votes) -> None:
    pair = state(anna)["pairs"][0]
    key = vote(anna, pair)["undo"]
    after = send(anna, "/api/undo", key=key)
    assert after["said"] == "Taken back: answer it again"
    assert after["pairs"][0]["key"] != pair["key"]
    assert after["pairs"][0]["images"][0]["width"] == pair["images"][0]["width"]
    assert after["undo"] is None
    assert votes.votes() == []
    assert send(anna, "/api/undo", key=key)["said"].startswith("Only the last answer")


def test_a_repeated_vote_is_answered_like_the_first_and_counts_once(
    anna: httpx.Client, votes: Votes
) -> None:
    pair = state(anna)["pairs"][0]
    first = vote(anna, pair)
    again = vote(anna, pair, "right")
    assert again["pairs"] == first["pairs"]
    assert again["said"] == "This pair was answered before"
    assert len(votes) == 1


def test_a_series_that_two_call_bad_is_not_asked_any_more(
    anna: httpx.Client, ben: httpx.Client, enter: Enter, votes: Votes
) -> None:
    for client in (anna, ben):
        now = state(client)
        while now["pairs"]:
            now = send(client, "/api/bad", key=now["pairs"][0]["key"], reason="dissimilar")
    assert len(flags(votes)) == 4
    late = enter(new_annotator(votes, "late")[1])
    assert state(late)["pairs"] == []


def test_a_paused_annotator_is_asked_nothing(anna: httpx.Client, votes: Votes) -> None:
    set_standing(votes, annotator_of(votes, "anna").id, paused=True)
    assert state(anna)["message"].startswith("The organiser has paused your work")


def test_both_pictures_are_the_images_of_the_pair(anna: httpx.Client) -> None:
    pair = state(anna)["pairs"][0]
    for image in pair["images"]:
        for size in ("fit", "full"):
            picture = PILImage.open(io.BytesIO(anna.get(image[size]).content))
            assert picture.size == (image["width"], image["height"])


@pytest.mark.parametrize(
    "body",
    [
        {"better": "first", "seconds": 1, "reasons": []},
        {"better": "left", "seconds": -1, "reasons": []},
        {"better": "left", "seconds": 1, "reasons": [], "annotator": "ben"},
        {"better": "left", "seconds": 1, "reasons": ["x"] * 10},
    ],
)
def test_a_vote_that_makes_no_sense_is_refused(
    anna: httpx.Client, votes: Votes, body: dict[str, object]
) -> None:
    send(anna, "/api/vote", 400, key=state(anna)["pairs"][0]["key"], **body)
    assert votes.votes() == []
