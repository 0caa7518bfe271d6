"""Who votes: names, tokens (only their hashes are kept), seeds, pauses."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from fgaesq.building.votes import schema
from fgaesq.building.votes.database import Database
from fgaesq.building.votes.records import Annotator
from fgaesq.errors import InputError
from fgaesq.images.names import printable

__all__ = [
    "add_annotator",
    "all_annotators",
    "annotator_of",
    "annotator_of_id",
    "annotator_of_proof",
    "renew_proof",
    "set_standing",
]

_TABLE = schema.annotators
_COLUMNS = tuple(_TABLE.c[name] for name in ("id", "name", "seed", "created", "paused", "removed"))
_LONGEST_NAME = 80


def add_annotator(votes: Database, name: str, proof: str) -> Annotator:
    """Add a person.

    Args:
        votes: of the dataset.
        name: 1 to 80 characters, not in use.
        proof: of the token, see `web.guard.proof_of`.

    Raises:
        InputError: the name is in use, empty or too long.
    """
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"'{printable(name)}' is no name; give 1 to {_LONGEST_NAME} printable characters"
        )
    with votes.writing() as connection:
        if connection.execute(select(_TABLE.c.id).where(_TABLE.c.name == name)).first():
            raise InputError(f"there is an annotator '{name}' already; give another name")
        connection.execute(
            insert(_TABLE).values(
                name=name,
                proof=proof,
                seed=secrets.randbelow(1 << 62),
                created=time.time(),
                paused=False,
                removed=False,
            )
        )
    return annotator_of(votes, name)


def all_annotators(votes: Database) -> list[tuple[Annotator, str]]:
    """Return everybody with the proof of their token, those removed too, the earliest first."""
    with votes.reading() as connection:
        rows = connection.execute(select(*_COLUMNS, _TABLE.c.proof).order_by(_TABLE.c.id)).all()
    return [(_annotator(row[:-1]), row.proof) for row in rows]


def annotator_of(votes: Database, name: str) -> Annotator:
    """Return the person of a name.

    Raises:
        InputError: there is none.
    """
    found = _one(votes, _TABLE.c.name == name)
    if found is None:
        raise InputError(f"there is no annotator '{printable(name)}'; add one with --annotators")
    return found


def annotator_of_id(votes: Database, annotator: int) -> Annotator:
    """Return the person of an id.

    Raises:
        InputError: there is none.
    """
    found = _one(votes, _TABLE.c.id == annotator)
    if found is None:
        raise InputError(f"there is no annotator {annotator}")
    return found


def annotator_of_proof(votes: Database, proof: str) -> Annotator | None:
    """Return the person whose token has this proof; None if nobody's has, or they were removed."""
    return _one(votes, (_TABLE.c.proof == proof) & ~_TABLE.c.removed)


def renew_proof(votes: Database, annotator: int, proof: str) -> None:
    """Give a person another token; the one before no longer lets anybody in."""
    _set(votes, annotator, proof=proof)


def set_standing(
    votes: Database, annotator: int, *, paused: bool | None = None, removed: bool | None = None
) -> None:
    """Pause, let go on, remove or take back a person; what is None stays."""
    given = {"paused": paused, "removed": removed}
    _set(votes, annotator, **{name: value for name, value in given.items() if value is not None})


def _one(votes: Database, where: ColumnElement[bool]) -> Annotator | None:
    with votes.reading() as connection:
        row = connection.execute(select(*_COLUMNS).where(where)).first()
    return None if row is None else _annotator(row)


def _set(votes: Database, annotator: int, **values: object) -> None:
    annotator_of_id(votes, annotator)
    if not values:
        return
    with votes.writing() as connection:
        connection.execute(update(_TABLE).where(_TABLE.c.id == annotator).values(**values))


def _annotator(row: Sequence[Any]) -> Annotator:
    return Annotator(*row)
