"""Ten browsers at once, and a server that is killed and started again: every vote counts once."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from tests.building.annotate.conftest import make_dataset

from fgaesq.building.annotate.guests import new_annotator
from fgaesq.building.collection import Collection
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.schema import assignments
from fgaesq.building.votes.store import Votes

pytestmark = pytest.mark.slow

PEOPLE = 10
PAIRS = 6 + 6 + 1
KILLED_AT = (0.2, 0.6)
"""Shares of all votes after which the server is killed."""

ROBOT = """() => {
  window.pressed = {};
  const keys = ["ArrowLeft", "ArrowRight", "ArrowDown"];
  setInterval(() => {
    const key = document.documentElement.dataset.seen;
    if (!key || key in window.pressed) return;
    const choice = keys[Object.keys(window.pressed).length % 3];
    window.pressed[key] = choice;
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: choice, bubbles: true }));
  }, 20);
}"""
"""Answers every pair as soon as it is seen, by keys, and notes what was pressed."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@contextmanager
def serving(folder: Path, port: int, url: str | None) -> Iterator[subprocess.Popen[bytes]]:
    """Run `fgaesq annotate` in a process of its own until the block ends; then kill it."""
    command = [sys.executable, "-m", "fgaesq", "annotate", str(folder), "--port", str(port)]
    rates = ["--golden-rate", "0", "--repeat-rate", "0", "--per-pair", str(PEOPLE)]
    votes = ["--votes", url] if url else []
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, *rates, *votes], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline().decode()
            assert line.startswith("organiser: http://"), line + server.stderr.read().decode()
            yield server
        finally:
            server.send_signal(signal.SIGKILL)


def wait_for(votes: Votes, number: int, *, most_s: float = 300) -> None:
    until = time.monotonic() + most_s
    while len(votes) < number:
        assert time.monotonic() < until, f"{len(votes)} of {number} votes after {most_s} s"
        time.sleep(0.05)


def stored(votes: Votes) -> dict[tuple[str, str], str]:
    """Return by annotator and key of the question the key that was pressed, from the database."""
    with votes.reading() as connection:
        keys = {
            (row.annotator, row.series, row.first, row.second): row.key
            for row in connection.execute(select(assignments))
        }
    names = {f"annotator {number}": number for number in range(1, PEOPLE + 1)}
    found: dict[tuple[str, str], str] = {}
    for vote in votes:
        key = keys[names[vote.annotator], vote.series, vote.first, vote.second]
        sides = {"tie": "ArrowDown"}
        sides["first"], sides["second"] = (
            ("ArrowLeft", "ArrowRight") if vote.first_on_left else ("ArrowRight", "ArrowLeft")
        )
        assert (vote.annotator, key) not in found
        found[vote.annotator, key] = sides[vote.choice]
    return found


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    with make_dataset(tmp_path, 4, 4, 2, height=48, width=64) as made:
        yield made


def test_no_vote_is_lost_or_doubled_when_the_server_is_killed(
    chromium: Browser, collection: Collection, votes_url: str | None
) -> None:
    port, pages = free_port(), dict[str, Page]()
    with open_votes(collection.folder, votes_url) as votes:
        tokens = {
            name: new_annotator(votes, name)[1]
            for name in (f"annotator {number}" for number in range(1, PEOPLE + 1))
        }
        try:
            for share in (*KILLED_AT, 1.0):
                with serving(collection.folder, port, votes_url):
                    for name, token in tokens.items():
                        if name not in pages:
                            context = chromium.new_context(viewport={"width": 320, "height": 320})
                            pages[name] = context.new_page()
                            pages[name].goto(f"http://127.0.0.1:{port}/?token={token}")
                            pages[name].evaluate(ROBOT)
                    wait_for(votes, round(share * PEOPLE * PAIRS))
                    if share == 1.0:
                        for page in pages.values():
                            page.wait_for_selector("#through:not([hidden])", timeout=120_000)
            pressed = {
                (name, key): choice
                for name, page in pages.items()
                for key, choice in page.evaluate("window.pressed").items()
            }
        finally:
            for page in pages.values():
                page.context.close()
        assert len(votes) == PEOPLE * PAIRS
        assert stored(votes) == pressed
