"""What is asked of whom, and how each question ends: with a vote, a skip or a flag."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fgaesq.building.records import Choice, Vote, VoteRole
from fgaesq.building.votes import schema
from fgaesq.building.votes.database import Database
from fgaesq.building.votes.records import Assignment, Flag, GoldenPair, keyed
from fgaesq.building.votes.store import vote_values

__all__ = [
    "Ended",
    "answer",
    "ask",
    "asked_of",
    "assignment_of",
    "flag",
    "flags",
    "golden_pairs",
    "keep_golden",
    "open_assignments",
    "skip",
    "take_back",
    "to_take_back",
    "withdraw",
]

Ended: TypeAlias = Literal["done", "before", "unknown"]
"""What became of an answer: kept, an answer was kept before, or nothing like that is asked."""

_TABLE = schema.assignments
_COLUMNS = tuple(_TABLE.c[field.name] for field in fields(Assignment))


def ask(
    votes: Database,
    annotator: int,
    series: int,
    pair: tuple[int, int],
    *,
    first_on_left: bool,
    role: VoteRole = "ordinary",
) -> Assignment | None:
    """Assign a pair to a person; None if it was before, in this role.

    Args:
        votes: of the dataset.
        annotator: id.
        series: id.
        pair: image ids, the smaller first.
        first_on_left: whether the first stands on the left.
        role: why it is asked.
    """
    key = _new_key()
    values = {
        "key": key,
        "annotator": annotator,
        "series": series,
        "first": pair[0],
        "second": pair[1],
        "first_on_left": first_on_left,
        "role": role,
        "asked": time.time(),
    }
    try:
        with votes.writing() as connection:
            connection.execute(insert(_TABLE).values(values))
    except IntegrityError:
        return None
    return assignment_of(votes, annotator, key)


def assignment_of(votes: Database, annotator: int, key: str) -> Assignment | None:
    """Return the assignment of a key if it is this person's."""
    with votes.reading() as connection:
        return _mine(connection, annotator, key)


def open_assignments(votes: Database, annotator: int) -> list[Assignment]:
    """Return what a person is asked and has not answered, the oldest first."""
    query = (
        select(*_COLUMNS)
        .where(_TABLE.c.annotator == annotator, _TABLE.c.outcome.is_(None))
        .order_by(_TABLE.c.id)
    )
    with votes.reading() as connection:
        return [_assignment(row) for row in connection.execute(query)]


def asked_of(votes: Database, series: int) -> list[Assignment]:
    """Return all that was asked of a series, of everybody."""
    query = select(*_COLUMNS).where(_TABLE.c.series == series).order_by(_TABLE.c.id)
    with votes.reading() as connection:
        return [_assignment(row) for row in connection.execute(query)]


def withdraw(votes: Database, assignment: int) -> None:
    """Take an open question away: its images are no longer in the dataset."""
    with votes.writing() as connection:
        connection.execute(
            delete(_TABLE).where(_TABLE.c.id == assignment, _TABLE.c.outcome.is_(None))
        )


def answer(
    votes: Database,
    annotator: int,
    key: str,
    choice: Choice,
    *,
    seconds: float,
    reasons: Sequence[str] = (),
) -> Ended:
    """Keep a vote; when this returns, the disk has it.

    Args:
        votes: of the dataset.
        annotator: id.
        key: of the assignment.
        choice: of the images in the order of their ids, not of the sides.
        seconds: from showing the pair to the vote.
        reasons: words.
    """
    with votes.writing() as connection:
        found = _mine(connection, annotator, key, lock=True)
        if found is None:
            return "unknown"
        if found.outcome is not None:
            return "before"
        name = connection.execute(
            select(schema.annotators.c.name).where(schema.annotators.c.id == annotator)
        ).scalar_one()
        vote = Vote(
            found.series,
            found.first,
            found.second,
            choice,
            name,
            seconds,
            found.first_on_left,
            found.role,
            tuple(reasons),
            time.time(),
        )
        ((content, _),) = keyed([vote])
        connection.execute(
            insert(schema.votes).values(key=content, assignment=found.id, **vote_values(vote))
        )
        _end(connection, found, "vote", vote.at)
    return "done"


def skip(votes: Database, annotator: int, key: str) -> Ended:
    """Note that a person does not want to judge a pair; it is not asked of them again."""
    with votes.writing() as connection:
        found = _mine(connection, annotator, key, lock=True)
        if found is None or found.outcome is not None:
            return "unknown" if found is None else "before"
        _end(connection, found, "skip", time.time())
    return "done"


def flag(votes: Database, annotator: int, key: str, reason: str) -> Ended:
    """Note that a series is bad; what else is open of it is no longer asked of this person."""
    at = time.time()
    with votes.writing() as connection:
        found = _mine(connection, annotator, key, lock=True)
        if found is None or found.outcome is not None:
            return "unknown" if found is None else "before"
        connection.execute(
            delete(schema.flags).where(
                schema.flags.c.annotator == annotator, schema.flags.c.series == found.series
            )
        )
        connection.execute(
            insert(schema.flags).values(
                assignment=found.id, annotator=annotator, series=found.series, reason=reason, at=at
            )
        )
        _end(connection, found, "bad", at)
        connection.execute(
            delete(_TABLE).where(
                _TABLE.c.annotator == annotator,
                _TABLE.c.series == found.series,
                _TABLE.c.outcome.is_(None),
            )
        )
    return "done"


def to_take_back(votes: Database, annotator: int) -> str | None:
    """Return the key of the answer that a person may take back: the last, and only once."""
    with votes.reading() as connection:
        row = connection.execute(
            select(_TABLE.c.key, _TABLE.c.done)
            .where(_TABLE.c.annotator == annotator, _TABLE.c.outcome.is_not(None))
            .order_by(_TABLE.c.done.desc(), _TABLE.c.id.desc())
            .limit(1)
        ).first()
        undone = connection.execute(
            select(func.max(_TABLE.c.undone)).where(_TABLE.c.annotator == annotator)
        ).scalar_one()
    if row is None or (undone is not None and undone > row.done):
        return None
    return str(row.key)


def take_back(votes: Database, annotator: int, key: str) -> bool:
    """Take the last answer back and ask again, under another key; False if it is not the last.

    The new key makes a repeated request harmless: the answer that was taken back cannot come in
    again, nor can another one be taken back in its place.
    """
    if key != to_take_back(votes, annotator):
        return False
    with votes.writing() as connection:
        found = _mine(connection, annotator, key, lock=True)
        if found is None or found.outcome is None:
            return False
        connection.execute(delete(schema.votes).where(schema.votes.c.assignment == found.id))
        connection.execute(delete(schema.flags).where(schema.flags.c.assignment == found.id))
        connection.execute(
            update(_TABLE)
            .where(_TABLE.c.id == found.id)
            .values(key=_new_key(), outcome=None, done=None, undone=time.time())
        )
    return True


def flags(votes: Database) -> list[Flag]:
    """Return what people said of bad series, the earliest first."""
    query = (
        select(
            schema.annotators.c.name,
            schema.flags.c.series,
            schema.flags.c.reason,
            schema.flags.c.at,
        )
        .join(schema.annotators, schema.annotators.c.id == schema.flags.c.annotator)
        .order_by(schema.flags.c.at)
    )
    with votes.reading() as connection:
        return [Flag(*row) for row in connection.execute(query)]


def keep_golden(votes: Database, pairs: Sequence[GoldenPair]) -> None:
    """Keep pairs whose answer is known, in place of what was known of the same pairs."""
    table = schema.golden
    with votes.writing() as connection:
        for pair in pairs:
            connection.execute(
                delete(table).where(
                    table.c.series == pair.series,
                    table.c.first == pair.first,
                    table.c.second == pair.second,
                )
            )
            names = ("series", "first", "second", "choice", "edit")
            connection.execute(insert(table).values(dict(zip(names, astuple(pair), strict=True))))


def golden_pairs(votes: Database) -> list[GoldenPair]:
    """Return the pairs whose answer is known."""
    table = schema.golden
    query = select(table).order_by(table.c.series, table.c.first, table.c.second)
    with votes.reading() as connection:
        return [GoldenPair(*row) for row in connection.execute(query)]


def _mine(
    connection: Connection, annotator: int, key: str, *, lock: bool = False
) -> Assignment | None:
    query = select(*_COLUMNS).where(_TABLE.c.annotator == annotator, _TABLE.c.key == key)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _assignment(row)


def _end(connection: Connection, found: Assignment, outcome: str, at: float) -> None:
    connection.execute(
        update(_TABLE).where(_TABLE.c.id == found.id).values(outcome=outcome, done=at)
    )


def _new_key() -> str:
    return secrets.token_urlsafe(15)


def _assignment(row: Sequence[Any]) -> Assignment:
    return Assignment(*row)
