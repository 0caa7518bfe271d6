"""How much was asked and answered, counted by the database."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select

from fgaesq.building.records import VoteRole
from fgaesq.building.votes import schema
from fgaesq.building.votes.database import Database

__all__ = [
    "Work",
    "asked_by_series",
    "asked_in_role",
    "called_bad",
    "how_many",
    "repeatable",
    "state_of_votes",
    "votes_by_series",
    "work_by_annotator",
]

_TABLE = schema.assignments


def how_many(votes: Database, annotator: int, *, done: bool) -> int:
    """Return how many questions a person was asked, or how many of them are done."""
    where = [_TABLE.c.annotator == annotator]
    if done:
        where.append(_TABLE.c.outcome.is_not(None))
    with votes.reading() as connection:
        query = select(func.count()).select_from(_TABLE).where(*where)
        count: int = connection.execute(query).scalar_one()
    return count


def asked_in_role(votes: Database, annotator: int, role: VoteRole) -> set[tuple[int, int, int]]:
    """Return series, first and second image of all that a person was asked in a role."""
    query = select(_TABLE.c.series, _TABLE.c.first, _TABLE.c.second).where(
        _TABLE.c.annotator == annotator, _TABLE.c.role == role
    )
    with votes.reading() as connection:
        return {(row[0], row[1], row[2]) for row in connection.execute(query)}


def repeatable(votes: Database, annotator: int, *, leave_out: int) -> list[tuple[int, int, int]]:
    """Return series and images of the pairs that a person may be asked again.

    Those that they voted on as ordinary ones, but for the last `leave_out`, and not asked again
    before.
    """
    again = _TABLE.alias()
    query = (
        select(_TABLE.c.series, _TABLE.c.first, _TABLE.c.second)
        .where(
            _TABLE.c.annotator == annotator,
            _TABLE.c.role == "ordinary",
            _TABLE.c.outcome == "vote",
            ~select(again.c.id)
            .where(
                again.c.annotator == annotator,
                again.c.series == _TABLE.c.series,
                again.c.first == _TABLE.c.first,
                again.c.second == _TABLE.c.second,
                again.c.role == "repeated",
            )
            .exists(),
        )
        .order_by(_TABLE.c.done.desc())
        .offset(leave_out)
        .limit(10 * leave_out)
    )
    with votes.reading() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def called_bad(votes: Database, annotator: int) -> set[int]:
    """Return the series that a person called bad."""
    query = select(schema.flags.c.series).where(schema.flags.c.annotator == annotator)
    with votes.reading() as connection:
        return set(connection.execute(query).scalars())


def asked_by_series(votes: Database, annotator: int) -> dict[int, int]:
    """Return how many ordinary pairs of each series a person was asked."""
    return _by_series(
        votes,
        _TABLE.c.series,
        (_TABLE.c.annotator == annotator) & (_TABLE.c.role == "ordinary"),
    )


def state_of_votes(votes: Database) -> tuple[int, float]:
    """Return what is another value after every change of the votes.

    Their number alone is not: it is the same when an answer was taken back and given anew.

    Returns:
        How many votes there are, and when an answer was last taken back, seconds since 1970.
    """
    number = select(func.count()).select_from(schema.votes).scalar_subquery()
    undone = select(func.max(_TABLE.c.undone)).scalar_subquery()
    with votes.reading() as connection:
        row = connection.execute(select(number, undone)).one()
    return int(row[0]), float(row[1] or 0)


def votes_by_series(votes: Database) -> dict[int, int]:
    """Return how many ordinary votes each series has."""
    return _by_series(votes, schema.votes.c.series, schema.votes.c.role == "ordinary")


def _by_series(
    votes: Database, series: ColumnElement[int], where: ColumnElement[bool]
) -> dict[int, int]:
    query = select(series, func.count()).where(where).group_by(series)
    with votes.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Work:
    """How much a person did.

    Attributes:
        votes, skips, bad: answers of each kind.
        recent: votes of the last 24 hours.
        last: when the last answer came, seconds since 1970; None if there is none.
    """

    votes: int = 0
    skips: int = 0
    bad: int = 0
    recent: int = 0
    last: float | None = None


def work_by_annotator(votes: Database) -> dict[int, Work]:
    """Return how much everybody did, by id."""
    since = time.time() - 24 * 3600
    ended = [
        func.sum(case((_TABLE.c.outcome == outcome, 1), else_=0))
        for outcome in ("vote", "skip", "bad")
    ]
    recent = func.sum(case(((_TABLE.c.outcome == "vote") & (_TABLE.c.done > since), 1), else_=0))
    query = select(_TABLE.c.annotator, *ended, recent, func.max(_TABLE.c.done)).group_by(
        _TABLE.c.annotator
    )
    with votes.reading() as connection:
        return {
            row[0]: Work(int(row[1]), int(row[2]), int(row[3]), int(row[4]), row[5])
            for row in connection.execute(query)
        }
