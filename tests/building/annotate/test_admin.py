"""What the organiser sees and changes."""

from __future__ import annotations

import csv
import io
import re

import httpx
from tests.building.annotate.conftest import Enter
from tests.building.annotate.test_application import send, state, vote

from fgaesq.building.annotate.quality import measured
from fgaesq.building.records import Vote
from fgaesq.building.votes.store import Votes


def test_an_annotator_is_added_and_the_link_lets_them_in(
    organiser: httpx.Client, enter: Enter, address: str
) -> None:
    added = send(organiser, "/admin/add", name="Mia Öz")
    assert added["link"].startswith(f"{address}/?token=")
    client = enter(added["link"].split("=")[1])
    assert len(state(client)["pairs"]) == 2
    assert "Mia Öz" in organiser.get("/admin").text
    assert "already" in send(organiser, "/admin/add", 422, name="Mia Öz")["error"]["message"]


def test_a_pause_and_its_end_reach_the_annotator(
    organiser: httpx.Client, anna: httpx.Client
) -> None:
    held = state(anna)["pairs"]
    send(organiser, "/admin/standing", annotator=1, paused=True)
    assert state(anna)["pairs"] == []
    send(organiser, "/admin/standing", annotator=1, paused=False)
    assert state(anna)["pairs"] == held


def test_a_removed_annotator_is_out(organiser: httpx.Client, anna: httpx.Client) -> None:
    send(organiser, "/admin/standing", annotator=1, removed=True)
    assert anna.get("/api/state").status_code == 403
    send(organiser, "/admin/standing", 422, annotator=99, removed=True)


def test_a_new_link_ends_the_old_one(
    organiser: httpx.Client, anna: httpx.Client, enter: Enter
) -> None:
    link = send(organiser, "/admin/link", annotator=1)["link"]
    assert anna.get("/api/state").status_code == 403
    assert enter(link.split("=")[1]).get("/api/state").status_code == 200


def test_the_votes_are_exported_as_they_are(
    organiser: httpx.Client, anna: httpx.Client, votes: Votes
) -> None:
    pair = state(anna)["pairs"][0]
    reasons = pair["reasons"][:2]
    send(anna, "/api/vote", key=pair["key"], better="left", seconds=1.25, reasons=reasons)
    rows = list(csv.DictReader(io.StringIO(organiser.get("/admin/votes.csv").text)))
    (one,) = votes.votes()
    assert len(rows) == 1
    assert (
        Vote(
            int(rows[0]["series"]),
            int(rows[0]["first"]),
            int(rows[0]["second"]),
            rows[0]["choice"],  # type: ignore[arg-type]
            rows[0]["annotator"],
            float(rows[0]["seconds"]),
            rows[0]["first_on_left"] == "True",
            rows[0]["role"],  # type: ignore[arg-type]
            tuple(rows[0]["reasons"].split("; ")),
            float(rows[0]["at"]),
        )
        == one
    )


def test_work_and_bad_series_are_counted(
    organiser: httpx.Client, anna: httpx.Client, ben: httpx.Client
) -> None:
    pairs = vote(anna, state(anna)["pairs"][0])["pairs"]
    send(anna, "/api/skip", key=pairs[0]["key"])
    for client in (anna, ben):
        send(client, "/api/bad", key=state(client)["pairs"][0]["key"], reason="defective")
    page = re.sub(r"<[^>]+>", " ", organiser.get("/admin/tables").text)
    words = " ".join(page.split())
    assert "anna 1 skipped, 1 bad 1 1 now" in words
    assert "anna: an image is broken or cannot be seen" in words


def test_a_spammer_is_pointed_out(organiser: httpx.Client, votes: Votes) -> None:
    def judged(name: str, pair: int, *, left: bool, always_left: bool) -> Vote:
        choice = ("first" if left else "second") if always_left else "first"
        return Vote(
            pair, 2 * pair, 2 * pair + 1, choice,  # type: ignore[arg-type]
            name, 2.0, left, at=float(pair),
        )  # fmt: skip

    votes.add_votes(
        judged(name, pair, left=(pair * 7 + number) % 3 > 0, always_left=name == "lefty")
        for number, name in enumerate(("mia", "noa", "ida", "lefty"))
        for pair in range(1, 61)
    )
    found = measured(votes)
    assert [name for name, one in found.people.items() if one.flags] == ["lefty"]
    assert found.alpha is not None
