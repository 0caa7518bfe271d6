"""An open SQLite file: one connection, transactions, and what the database's errors mean.

Write-ahead logging lets several processes read while one writes; others wait their turn. A process
that is killed leaves whole transactions only. `synchronous` is NORMAL, so that a loss of power may
take back the last measurements, which are made again; transactions that hold a person's decision
are written with FULL, which waits for the disk.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from fgaesq.errors import StoreError
from fgaesq.storage.migrations import migrate

__all__ = ["SqliteFile"]

_SECONDS_TO_WAIT = 60.0
"""For another process that writes; transactions are short."""

_SECONDS_BETWEEN_TRIES = 0.02


class SqliteFile:
    """A database of ours in a file; usable from several threads.

    A subclass says what the file is. Its tables are read and written by the modules beside it.

    Attributes (of the class):
        application_id: in the header of the file; tells it from other SQLite files.
        migrations: number n leads from version n to n + 1.
        error: what is raised; its message names the file and the remedy.
        elsewhere: how the person names another file, as in `use --catalogue`.
        if_damaged: what to do with a damaged file, and what is lost.

    Args (of the constructor):
        path: the file; made if it is not there, with its folder.

    Raises (of the constructor, and of everything that reads or writes):
        StoreError: of the kind `error`: it is damaged, of a newer version, another program's,
            locked, read-only, or the disk is full.
    """

    application_id: ClassVar[int]
    migrations: ClassVar[Sequence[str]]
    error: ClassVar[type[StoreError]]
    elsewhere: ClassVar[str]
    if_damaged: ClassVar[str]

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        with self._named():
            self._make_folder()
            self._database = sqlite3.connect(
                self.path,
                timeout=_SECONDS_TO_WAIT,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                _use_write_ahead_log(self._database)
                self._database.execute("PRAGMA synchronous = NORMAL")
                migrate(self._database, self.migrations, self.application_id, self.error)
                self._database.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                self._database.close()
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
        """Close the file."""
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """Do all of the block or nothing; a block inside another one is part of it.

        Args:
            durable: wait until the disk has it; for what a person decided.
        """
        with self._lock:
            if self._depth:
                yield
                return
            with self._named():
                self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._database.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
                with self._named():
                    self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def rows(self, query: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._lock, self._named():
            return self._database.execute(query, tuple(values)).fetchall()

    def write(self, statement: str, values: Iterable[object] = ()) -> int:
        """Run a statement; return the id of the row it inserted."""
        with self._lock, self._named():
            return self._database.execute(statement, tuple(values)).lastrowid or 0

    def write_all(self, statement: str, rows: Iterable[Iterable[object]]) -> None:
        """Run a statement for each row of values, all or none."""
        with self.transaction(), self._named():
            self._database.executemany(statement, [tuple(row) for row in rows])

    def version(self) -> int:
        """Return a number that is another one after every change, by this process or others."""
        with self._lock, self._named():
            # data_version tells of other connections' changes, total_changes of our own.
            others: int = self._database.execute("PRAGMA data_version").fetchone()[0]
            return (others << 40) + self._database.total_changes

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what the database says into our own errors."""
        try:
            yield
        except StoreError as error:
            if str(error).startswith(str(self.path)):
                raise
            raise self.error(f"{self.path}: {error}") from None
        except (sqlite3.Error, OSError) as error:
            raise self.error(f"{self.path}: {self._remedy(error)}") from error

    def _make_folder(self) -> None:
        # The photos of a person are nobody else's business.
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _remedy(self, error: sqlite3.Error | OSError) -> str:
        """Say what is wrong with the file and what to do."""
        said = str(error)
        if isinstance(error, OSError):
            return f"its folder cannot be made ({error.strerror}); {self.elsewhere}"
        known = {
            "locked": "another program holds it for long; end that one, or try again",
            "readonly": f"writing it is not permitted; change its permissions, or {self.elsewhere}",
            "unable to open": f"it cannot be opened; check the permissions, or {self.elsewhere}",
            "full": "the disk is full; make room, and run the same command again",
            "disk I/O": "the disk reports an error; check it, and run the same command again",
        }
        for words, remedy in known.items():
            if words in said:
                return remedy
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
            return f"it does not take a change ({said}); please report this"
        return f"it is damaged ({said}); {self.if_damaged}"


def _use_write_ahead_log(database: sqlite3.Connection) -> None:
    """Switch a new file to the write-ahead log; another process may be about to do the same.

    Both then hold a shared lock and want an exclusive one: SQLite refuses one of them at once,
    whatever the timeout. It has to let go and try again.
    """
    until = time.monotonic() + _SECONDS_TO_WAIT
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return
