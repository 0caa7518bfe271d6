"""The open catalogue: an SQLite file whose tables the modules beside this one read and write."""

from __future__ import annotations

from pathlib import Path

from fgaesq.desk.catalogue.location import default_catalogue
from fgaesq.desk.catalogue.schema import APPLICATION_ID, MIGRATIONS
from fgaesq.errors import CatalogueError
from fgaesq.storage.sqlite_file import SqliteFile

__all__ = ["Catalogue"]


class Catalogue(SqliteFile):
    """The catalogue in a file; usable from several threads.

    Args (of the constructor):
        path: the file; made if it is not there, with its folder. By default the user's.

    Raises (of the constructor, and of everything that reads or writes):
        CatalogueError: it is damaged, of a newer version, no catalogue, locked, read-only, or the
            disk is full; the message names the file and the remedy.
    """

    application_id = APPLICATION_ID
    migrations = MIGRATIONS
    error = CatalogueError
    elsewhere = "name another file with --catalogue"
    if_damaged = (
        "move it away, and its -wal and -shm files, and cull the folders again: stars and rejects "
        "that were applied are in the sidecars"
    )

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path or default_catalogue())
