"""The votes themselves: reading all of them, adding imported ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import postgresql, sqlite

from fgaesq.building.records import Vote
from fgaesq.building.votes import schema
from fgaesq.building.votes.database import Database
from fgaesq.building.votes.records import keyed

__all__ = ["Votes", "vote_values"]

_AT_ONCE = 1000

_NAMES = tuple(field.name for field in fields(Vote))
_COLUMNS = tuple(schema.votes.c[name] for name in _NAMES)


class Votes(Database):
    """The votes on a dataset; usable from several threads and processes.

    What is asked of whom is read and written by the modules beside this one.
    """

    def votes(self, series: int | None = None) -> list[Vote]:
        """Return all votes in the order in which they came, of all series or of one."""
        query = _query()
        if series is not None:
            query = query.where(schema.votes.c.series == series)
        with self.reading() as connection:
            return [_vote(row) for row in connection.execute(query)]

    def __iter__(self) -> Iterator[Vote]:
        """Yield all votes in the order in which they came, without holding them."""
        last = 0
        while True:
            query = _query(schema.votes.c.id).where(schema.votes.c.id > last).limit(_AT_ONCE)
            with self.reading() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            yield from map(_vote, rows)
            last = rows[-1].id

    def __len__(self) -> int:
        """Return how many votes there are."""
        with self.reading() as connection:
            count: int = connection.execute(
                select(func.count()).select_from(schema.votes)
            ).scalar_one()
        return count

    def __bool__(self) -> bool:
        """An open database is one, also without votes."""
        return True

    def add_votes(self, new: Iterable[Vote]) -> int:
        """Add votes that were given elsewhere; return how many were not there before.

        The same votes added again change nothing, all of them or a part. All are added or none.
        """
        dialect = sqlite if self.is_sqlite else postgresql
        statement = dialect.insert(schema.votes).on_conflict_do_nothing(index_elements=["key"])
        count = select(func.count()).select_from(schema.votes)
        rows = ({"key": key, **vote_values(vote)} for key, vote in keyed(new))
        with self.writing() as connection:
            before: int = connection.execute(count).scalar_one()
            while part := list(islice(rows, _AT_ONCE)):
                connection.execute(statement, part)
            after: int = connection.execute(count).scalar_one()
        return after - before


def vote_values(vote: Vote) -> dict[str, Any]:
    """Return the columns of a vote."""
    return {**asdict(vote), "reasons": list(vote.reasons)}


def _query(*more: Any) -> Select[Any]:  # noqa: ANN401 - columns
    return select(*_COLUMNS, *more).order_by(schema.votes.c.id)


def _vote(row: Sequence[Any]) -> Vote:
    values = dict(zip(_NAMES, row, strict=False))  # there may be an id behind them
    return Vote(**{**values, "reasons": tuple(values["reasons"])})
