"""What the databases in the folder of a dataset have in common."""

from __future__ import annotations

from fgaesq.errors import CollectionError
from fgaesq.storage.sqlite_file import SqliteFile

__all__ = ["DatasetFile"]


class DatasetFile(SqliteFile):
    """A database in the folder of a dataset; usable from several threads and processes.

    A subclass says what it holds, see `SqliteFile`, and what is lost if it is damaged.

    Args (of the constructor):
        path: the file; made if it is not there.

    Raises (of the constructor, and of everything that reads or writes):
        CollectionError: the file cannot be used; the message names it and the remedy.
    """

    error = CollectionError
    elsewhere = "name another folder for the dataset"
