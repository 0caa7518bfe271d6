"""Versions of a database: an older file becomes one of today, step by step."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from fgaesq.errors import StoreError

__all__ = ["migrate"]


def migrate(
    database: sqlite3.Connection,
    migrations: Sequence[str],
    application_id: int,
    error: type[StoreError],
) -> None:
    """Bring an open file to the version of today; each step is one transaction.

    Args:
        database: in autocommit mode (`isolation_level` None).
        migrations: SQL scripts; number n leads from version n to n + 1.
        application_id: of the header of such files.
        error: what is raised.

    Raises:
        StoreError: of the kind `error`: the file is newer than this program, or another
            program's. The message lacks the path.
    """
    while True:
        # The lock is taken before the version is read: another process may be migrating.
        database.execute("BEGIN IMMEDIATE")
        try:
            version = _version(database, len(migrations), application_id, error)
            if version < len(migrations):
                for statement in _statements(migrations[version]):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {version + 1}")
                database.execute(f"PRAGMA application_id = {application_id}")
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise
        if version >= len(migrations):
            return


def _version(
    database: sqlite3.Connection, newest: int, application_id: int, error: type[StoreError]
) -> int:
    application = database.execute("PRAGMA application_id").fetchone()[0]
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != application_id and tables:
        raise error("it is a database of another program; choose another file")
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version > newest:
        raise error(
            f"it was made by a newer fgaesq (schema {version}, this one knows {newest}); "
            "update fgaesq, or choose another file"
        )
    return version


def _statements(script: str) -> list[str]:
    """Split a script; `executescript` would end the transaction."""
    lines = [line.split("--")[0].rstrip() for line in script.splitlines()]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]
