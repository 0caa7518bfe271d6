"""What the organiser sees and changes."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.building.annotate.conftest import PLAN, Enter
from tests.building.annotate.test_application import send, state, vote

from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.overview import admin_tables
from fgaesq.building.annotate.quality import Measuring, Quality, measured
from fgaesq.building.calibrate.dataset import calibrate_dataset
from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series, all_series, replace_drops
from fgaesq.building.records import Choice, Drop, NewSeries, SourceImage, Vote, VoteRole
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.asking import keep_golden
from fgaesq.building.votes.records import GoldenPair
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


@pytest.fixture
def many(tmp_path: Path) -> Iterator[tuple[Collection, Votes]]:
    """60 series of two images, judged by four people, one of whom always presses left."""
    with create_collection(tmp_path / "many") as collection, open_votes(tmp_path / "many") as votes:
        images = [SourceImage(tmp_path / f"{n}.jpg", "0" * 64, 8, 8) for n in range(120)]
        ids = add_images(collection, images)
        pairs = list(zip(ids[::2], ids[1::2], strict=True))
        series = add_series(collection, [NewSeries("natural", pair) for pair in pairs])
        votes.add_votes(
            judged(name, series[place], pair, place, left=(place * 7 + number) % 3 > 0)
            for number, name in enumerate(("mia", "noa", "ida", "lefty"))
            for place, pair in enumerate(pairs)
        )
        yield collection, votes


def judged(
    name: str,
    series: int,
    pair: tuple[int, int],
    place: int,
    *,
    left: bool,
    role: VoteRole = "ordinary",
) -> Vote:
    choice: Choice = "second" if name == "lefty" and not left else "first"
    return Vote(series, *pair, choice, name, 2.0, left, role, at=float(place))


def test_a_spammer_is_pointed_out(many: tuple[Collection, Votes]) -> None:
    found = measured(*many)
    assert [name for name, one in found.people.items() if one.flags] == ["lefty"]
    assert found.alpha is not None


def test_the_view_and_the_calibration_say_the_same(many: tuple[Collection, Votes]) -> None:
    collection, votes = many
    (gone, *_, last) = all_series(collection)
    pair = last.members[0], last.members[1]
    # Repeated pairs, a golden one, and a series that is dropped after it was judged.
    votes.add_votes(
        [
            judged("mia", one.id, (one.members[0], one.members[1]), 100 + one.id,
                   left=True, role="repeated")
            for one in all_series(collection)[1:30]
        ] + [judged("noa", last.id, pair, 200, left=True, role="golden")]
    )  # fmt: skip
    keep_golden(votes, [GoldenPair(last.id, *pair, "first")])
    replace_drops(collection, "metrics", [Drop(gone.id, None, "metrics", "dissimilar")])
    seen, found = measured(collection, votes), calibrate_dataset(collection, votes)
    assert seen.people == {one.name: one for one in found.annotators}
    assert seen.people["noa"].golden is not None
    assert seen.people["mia"].consistency is not None
    assert seen.alpha == found.alpha["nominal"]


def test_an_answer_that_was_taken_back_and_given_anew_is_measured(
    anna: httpx.Client, collection: Collection, votes: Votes
) -> None:
    measuring = Measuring(collection, votes)
    pair = state(anna)["pairs"][0]
    key = vote(anna, pair)["undo"]
    before = settled(measuring).people["anna"].left
    pair = send(anna, "/api/undo", key=key)["pairs"][0]
    assert settled(measuring).people == {}
    vote(anna, pair, "right")
    after = settled(measuring).people["anna"].left
    assert before is not None
    assert after is not None
    assert (before.count, after.count) == (1, 0)


def test_the_page_says_that_a_measurement_is_late(
    anna: httpx.Client, collection: Collection, votes: Votes
) -> None:
    vote(anna, state(anna)["pairs"][0])
    quality = settled(Measuring(collection, votes))
    deck = Deck(collection, votes, PLAN)
    assert "Measured on 1 vote<" in admin_tables(deck, quality)
    late = replace(quality, late=True)
    assert "Measured on 1 vote · what changed since is not measured yet" in admin_tables(deck, late)


def settled(measuring: Measuring) -> Quality:
    """Return a measurement of now, after the pause between two."""
    while (quality := measuring.latest()).late:
        time.sleep(0.01)
    return quality
