"""The database of the votes: opening, transactions, and what its errors mean.

SQLite keeps them beside the collection, which suffices for a team of dozens; PostgreSQL serves
many servers and backups while people vote. Either way a transaction is on the disk when it ends:
SQLite writes its log with `synchronous = FULL`, PostgreSQL with its default of the same meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, SQLAlchemyError

from fgaesq.building.votes import schema
from fgaesq.errors import VotesError
from fgaesq.images.names import printable

__all__ = ["Database"]

_SECONDS_TO_WAIT: Final = 60.0
"""For another writer of the file; transactions are short."""

_LOCK: Final = 0x46474156
"""Held in PostgreSQL while tables are made, as two servers may begin at once."""


class Database:
    """An open database of votes; usable from several threads.

    Args (of the constructor):
        url: of a SQLite file or a PostgreSQL database.

    Raises (of the constructor, and of everything that reads or writes):
        VotesError: it cannot be reached, read or written; the message names it, without a password.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.where = printable(
            parsed.database or ""
            if parsed.get_backend_name() == "sqlite"
            else parsed.render_as_string(hide_password=True)
        )
        with self._named():
            if parsed.get_backend_name() == "sqlite":
                # The judgements of people are nobody else's business.
                Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._engine = create_engine(parsed, connect_args={"timeout": _SECONDS_TO_WAIT})
                event.listen(self._engine, "connect", _use_write_ahead_log)
                event.listen(self._engine, "begin", _begin)
            else:
                self._engine = create_engine(parsed, pool_pre_ping=True, pool_size=10)
        try:
            self._make_tables()
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read; everything inside is of one moment in SQLite."""
        with self._named(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Do all of the block or nothing; when it ends, the disk has it."""
        with (
            self._named(),
            self._engine.connect().execution_options(fgaesq_writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def setting(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Return a setting: what JSON can hold."""
        query = select(schema.settings.c.value).where(schema.settings.c.name == name)
        with self.reading() as connection:
            found = connection.execute(query).first()
        return default if found is None else found[0]

    def set(self, name: str, value: object) -> None:
        """Keep a setting: anything that JSON can hold."""
        with self.writing() as connection:
            connection.execute(schema.settings.delete().where(schema.settings.c.name == name))
            connection.execute(insert(schema.settings).values(name=name, value=value))

    def belong_to(self, dataset: str) -> None:
        """Note whose votes these are, or see that they are this dataset's.

        Ids of images mean nothing in another dataset.

        Raises:
            VotesError: they are another dataset's.
        """
        name = self.setting("dataset")
        if name is None:
            self.set("dataset", dataset)
        elif name != dataset:
            raise VotesError(
                f"{self.where}: holds the votes on '{printable(name)}', not on "
                f"'{printable(dataset)}'; name another database with --votes"
            )

    def _make_tables(self) -> None:
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            names = set(inspect(connection).get_table_names())
            if not names:
                schema.METADATA.create_all(connection)
                connection.execute(
                    insert(schema.settings).values(name="version", value=schema.VERSION)
                )
                return
            if not set(schema.METADATA.tables) <= names:
                raise VotesError("it is a database of another program; choose another one")
            query = select(schema.settings.c.value).where(schema.settings.c.name == "version")
            version: object = connection.execute(query).scalar_one_or_none()
            if version == 1:
                schema.upgrade(connection)
                return
        if version != schema.VERSION:
            raise VotesError(
                f"{self.where}: it was made by another fgaesq (schema {version}, this one knows "
                f"{schema.VERSION}); update fgaesq, or choose another one"
            )

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what the database says into our own errors."""
        try:
            yield
        except IntegrityError:
            raise  # the caller knows which rule it is
        except VotesError as error:
            if str(error).startswith(self.where):
                raise
            raise VotesError(f"{self.where}: {error}") from None
        except (SQLAlchemyError, OSError) as error:
            raise VotesError(f"{self.where}: {_remedy(error)}") from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise VotesError(
            "the address of the votes cannot be read; give postgresql://USER@HOST/DATABASE"
        ) from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not parsed.database:
        raise VotesError(
            f"votes are kept in a file or in PostgreSQL, not in '{printable(backend)}'; "
            "give postgresql://USER@HOST/DATABASE"
        )
    return parsed


def _use_write_ahead_log(connection: Any, _: object) -> None:  # noqa: ANN401 - of the driver
    connection.isolation_level = None  # transactions begin in `_begin`
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail if another one wrote between.
    writes = connection.get_execution_options().get("fgaesq_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _remedy(error: SQLAlchemyError | OSError) -> str:
    said = " ".join(str(getattr(error, "orig", error)).split())
    if isinstance(error, OSError):
        return f"its folder cannot be made ({error.strerror}); name another place"
    known = {
        "locked": "another program holds it for long; end that one, or try again",
        "readonly": "writing it is not permitted; change its permissions",
        "unable to open": "it cannot be opened; check the permissions",
        "full": "the disk is full; make room, and try again",
        "not a database": "it is damaged or another program's; restore it from a backup",
        "malformed": "it is damaged; restore it from a backup",
    }
    for words, remedy in known.items():
        if words in said:
            return remedy
    if isinstance(error, OperationalError):
        return f"the server does not answer as it should ({said}); check the address"
    return f"it does not take a change ({said}); please report this"
