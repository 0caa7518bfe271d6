"""Votes are kept once each, come back as they were, and name what is wrong with their place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from fgaesq.building.records import Vote
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.store import Votes
from fgaesq.errors import VotesError

VOTE = Vote(1, 3, 7, "first", "anna", 2.5, True, "ordinary", ("sharper",), 1000.25)


@pytest.fixture
def votes(tmp_path: Path, votes_url: str | None) -> Iterator[Votes]:
    with open_votes(tmp_path / "birds", votes_url) as opened:
        yield opened


def test_votes_come_back_as_they_were_added(votes: Votes) -> None:
    golden = replace(VOTE, series=2, role="golden", choice="tie", reasons=())
    assert votes.add_votes([VOTE, golden]) == 2
    assert votes.votes() == [VOTE, golden]
    assert votes.votes(2) == [golden]
    assert list(votes) == [VOTE, golden]
    assert len(votes) == 2


def test_votes_added_again_are_kept_once(votes: Votes) -> None:
    others = [replace(VOTE, annotator=f"a{n}") for n in range(2500)]
    assert votes.add_votes(others[:1500]) == 1500
    assert votes.add_votes(others) == 1000
    assert list(votes) == others


def test_equal_votes_of_one_import_are_all_kept_and_not_doubled_by_the_next(votes: Votes) -> None:
    nameless = replace(VOTE, annotator="", at=0.0)
    assert votes.add_votes([nameless] * 3) == 3
    assert votes.add_votes([nameless] * 3) == 0


def test_an_import_that_breaks_adds_nothing(votes: Votes) -> None:
    def broken() -> Iterator[Vote]:
        yield VOTE
        raise ValueError("line 2 has no winner")

    with pytest.raises(ValueError, match="line 2"):
        votes.add_votes(broken())
    assert votes.votes() == []


def test_votes_are_there_when_opened_again(tmp_path: Path, votes_url: str | None) -> None:
    for expected in (1, 0):
        with open_votes(tmp_path, votes_url) as votes:
            assert votes.add_votes([VOTE]) == expected
    assert (tmp_path / "votes.sqlite3").is_file() == (votes_url is None)


def test_settings_come_back(votes: Votes) -> None:
    votes.set("per pair", {"votes": 10})
    votes.set("per pair", {"votes": 3})
    assert votes.setting("per pair") == {"votes": 3}
    assert votes.setting("other", 5) == 5


def test_the_votes_of_another_dataset_are_refused(votes: Votes) -> None:
    votes.belong_to("birds")
    votes.belong_to("birds")
    with pytest.raises(VotesError, match="holds the votes on 'birds', not on 'cats'; name another"):
        votes.belong_to("cats")


def test_a_vote_survives_a_loss_of_power(tmp_path: Path) -> None:
    with open_votes(tmp_path) as votes, votes.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "votes.sqlite3") as database:
        database.execute("CREATE TABLE mail (id INTEGER)")
    with pytest.raises(VotesError, match=r"votes\.sqlite3: it is a database of another program"):
        open_votes(tmp_path)


def test_a_newer_version_is_refused(tmp_path: Path, votes_url: str | None) -> None:
    with open_votes(tmp_path, votes_url) as votes:
        votes.set("version", 99)
    with pytest.raises(VotesError, match="made by another fgaesq .schema 99, this one knows 2"):
        open_votes(tmp_path, votes_url)


def test_sides_may_be_unknown_in_a_database_of_version_1_too(
    tmp_path: Path, votes_url: str | None
) -> None:
    with open_votes(tmp_path, votes_url) as votes:
        votes.add_votes([VOTE])
        with votes.writing() as connection:
            make_version_1(connection)
        votes.set("version", 1)
    unknown = replace(VOTE, annotator="bob", first_on_left=None)
    for expected in (1, 0):
        with open_votes(tmp_path, votes_url) as votes:
            assert votes.add_votes([unknown]) == expected
            assert votes.votes() == [VOTE, unknown]
            assert votes.setting("version") == 2


def make_version_1(connection: Connection) -> None:
    """Forbid unknown sides, as the tables did."""
    run = connection.exec_driver_sql
    if connection.dialect.name == "postgresql":
        run("ALTER TABLE votes ALTER COLUMN first_on_left SET NOT NULL")
        return
    made = run("SELECT sql FROM sqlite_master WHERE tbl_name = 'votes' AND sql <> ''").scalars()
    table, *indexes = (str(sql) for sql in made)
    run("CREATE TEMP TABLE kept AS SELECT * FROM votes")
    run("DROP TABLE votes")
    for sql in (table.replace("first_on_left BOOLEAN", "first_on_left BOOLEAN NOT NULL"), *indexes):
        run(sql)
    run("INSERT INTO votes SELECT * FROM kept")
    with pytest.raises(IntegrityError), connection.begin_nested():
        run("UPDATE votes SET first_on_left = NULL")


def test_a_damaged_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "votes.sqlite3").write_bytes(b"nothing like a database" * 500)
    with pytest.raises(VotesError, match="it is damaged .* restore it from a backup"):
        open_votes(tmp_path)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://host/votes", "not in 'mysql'"),
        ("not an address", "cannot be read; give postgresql://USER@HOST/DATABASE"),
    ],
)
def test_another_kind_of_database_is_refused(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(VotesError, match=words):
        open_votes(tmp_path, url)


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(VotesError, match="does not answer") as caught:
        open_votes(tmp_path, "postgresql://anna:hidden@127.0.0.1:1/votes?connect_timeout=2")
    assert "hidden" not in str(caught.value)
    assert "127.0.0.1:1/votes" in str(caught.value)
