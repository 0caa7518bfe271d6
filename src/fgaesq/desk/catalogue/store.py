"""The open catalogue: one connection, transactions, and what the database's errors mean.

Write-ahead logging lets several processes read while one writes; others wait their turn. A process
that is killed leaves whole transactions only. `synchronous` is NORMAL, so that a loss of power may
take back the last measurements, which are made again; transactions that hold a person's decision
are written with FULL, which waits for the disk.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from fgaesq.desk.catalogue.location import default_catalogue
from fgaesq.desk.catalogue.schema import migrate
from fgaesq.errors import CatalogueError

__all__ = ["Catalogue"]

_SECONDS_TO_WAIT = 60.0
"""For another process that writes; transactions are short."""

_SECONDS_BETWEEN_TRIES = 0.02


class Catalogue:
    """The catalogue in a file; usable from several threads.

    Its tables are read and written by the modules of this package.

    Args (of the constructor):
        path: the file; made if it is not there, with its folder. By default the user's.

    Raises (of the constructor, and of everything that reads or writes):
        CatalogueError: it is damaged, of a newer version, no catalogue, locked, read-only, or the
            disk is full; the message names the file and the remedy.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_catalogue()
        self._lock = threading.RLock()
        self._depth = 0
        with self._named():
            _make_folder(self.path)
            self._database = sqlite3.connect(
                self.path,
                timeout=_SECONDS_TO_WAIT,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                _use_write_ahead_log(self._database)
                self._database.execute("PRAGMA synchronous = NORMAL")
                migrate(self._database)
                self._database.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                self._database.close()
                raise

    def __enter__(self) -> Catalogue:
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
        except CatalogueError as error:
            if str(error).startswith(str(self.path)):
                raise
            raise CatalogueError(f"{self.path}: {error}") from None
        except (sqlite3.Error, OSError) as error:
            raise CatalogueError(f"{self.path}: {_remedy(error)}") from error


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


def _make_folder(path: Path) -> None:
    # The photos of a person are nobody else's business.
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def _remedy(error: sqlite3.Error | OSError) -> str:
    """Say what is wrong with the catalogue and what to do."""
    said = str(error)
    if isinstance(error, OSError):
        return f"its folder cannot be made ({error.strerror}); name a file with --catalogue"
    known = {
        "locked": "another program holds it for long; end that one, or try again",
        "readonly": "writing it is not permitted; change its permissions, or use --catalogue",
        "unable to open": "it cannot be opened; check the permissions, or use --catalogue",
        "full": "the disk is full; make room, and run the same command again",
        "disk I/O": "the disk reports an error; check it, and run the same command again",
    }
    for words, remedy in known.items():
        if words in said:
            return remedy
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
        return f"it does not take a change ({said}); please report this"
    return (
        f"it is damaged ({said}); move it away, and its -wal and -shm files, and cull the folders "
        "again: stars and rejects that were applied are in the sidecars"
    )
