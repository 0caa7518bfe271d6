"""The tables of the votes, for SQLite and PostgreSQL alike.

What must never happen is forbidden here and not only avoided by the code: two votes on one
assignment, one pair asked twice of a person in the same role, one imported vote kept twice.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)

__all__ = [
    "METADATA",
    "VERSION",
    "annotators",
    "assignments",
    "flags",
    "golden",
    "settings",
    "upgrade",
    "votes",
]

VERSION: Final = 2
"""Of these tables; kept in `settings`."""

METADATA: Final = MetaData()

_Id = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts up by itself there

settings: Final = Table(
    "settings",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

annotators: Final = Table(
    "annotators",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("proof", String, nullable=False, unique=True),  # hash of the token; see web.guard
    Column("seed", BigInteger, nullable=False),  # of sides and order
    Column("created", Double, nullable=False),  # seconds since 1970, as all times here
    Column("paused", Boolean, nullable=False, default=False),
    Column("removed", Boolean, nullable=False, default=False),
)

assignments: Final = Table(
    "assignments",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("key", String, nullable=False, unique=True),  # by which the person's page knows it
    Column("annotator", ForeignKey("annotators.id"), nullable=False),
    Column("series", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("second", BigInteger, nullable=False),
    Column("first_on_left", Boolean, nullable=False),
    Column("role", String, nullable=False),
    Column("asked", Double, nullable=False),
    Column("outcome", String),  # vote, skip, bad; NULL while it is open
    Column("done", Double),
    Column("undone", Double),  # when it was last taken back
    UniqueConstraint("annotator", "series", "first", "second", "role"),
    Index("assignments_by_series", "series", "outcome"),
    Index("assignments_by_annotator", "annotator", "outcome"),
)

votes: Final = Table(
    "votes",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("assignment", ForeignKey("assignments.id"), unique=True),  # NULL if it was imported
    Column("key", String, nullable=False, unique=True),  # names the content; see `records.vote_key`
    Column("series", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("second", BigInteger, nullable=False),
    Column("choice", String, nullable=False),
    Column("annotator", String, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("first_on_left", Boolean),  # NULL if it is not known, of imported votes
    Column("role", String, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("at", Double, nullable=False),
    Index("votes_by_series", "series"),
    Index("votes_by_annotator", "annotator"),
)

flags: Final = Table(
    "flags",
    METADATA,
    Column("assignment", ForeignKey("assignments.id"), primary_key=True),
    Column("annotator", ForeignKey("annotators.id"), nullable=False),
    Column("series", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", Double, nullable=False),
    UniqueConstraint("annotator", "series"),
    Index("flags_by_series", "series"),
)

golden: Final = Table(
    "golden",
    METADATA,
    Column("series", BigInteger, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("second", BigInteger, primary_key=True),
    Column("choice", String, nullable=False),
    Column("edit", String, nullable=False),  # '' for a pair of the organiser
)


def upgrade(connection: Connection) -> None:
    """Bring tables of version 1 to today's: the sides of a vote need not be known."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE votes ALTER COLUMN first_on_left DROP NOT NULL")
    else:  # SQLite changes no column: the table is made anew
        for index in votes.indexes:
            index.drop(connection)
        connection.exec_driver_sql("ALTER TABLE votes RENAME TO votes_1")
        votes.create(connection)
        before = votes.to_metadata(MetaData(), name="votes_1")
        connection.execute(insert(votes).from_select(votes.c.keys(), select(before)))
        connection.exec_driver_sql("DROP TABLE votes_1")
    connection.execute(update(settings).where(settings.c.name == "version").values(value=VERSION))
