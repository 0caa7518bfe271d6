"""The open collection: an SQLite file whose tables the modules beside this one read and write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fgaesq.building.collection.file import DatasetFile
from fgaesq.building.collection.schema import APPLICATION_ID, MIGRATIONS
from fgaesq.errors import InputError
from fgaesq.images.names import printable

__all__ = ["Collection", "create_collection", "open_collection"]

_FILE = "collection.sqlite3"


class Collection(DatasetFile):
    """A dataset in the making; arguments and errors as of `DatasetFile`."""

    application_id = APPLICATION_ID
    migrations = MIGRATIONS
    if_damaged = "restore it from a backup, or collect the dataset anew in another folder"

    @property
    def folder(self) -> Path:
        """The folder of the dataset; what belongs to it beside images lies there."""
        return self.path.parent

    @property
    def name(self) -> str:
        """The name of the dataset."""
        return str(self.setting("name", self.folder.name))

    def setting(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Return a setting: what JSON can hold."""
        found = self.rows("SELECT value FROM settings WHERE name = ?", (name,))
        return json.loads(found[0][0]) if found else default

    def set(self, name: str, value: object) -> None:
        """Keep a setting: anything that JSON can hold."""
        self.write("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))


def create_collection(folder: Path, *, name: str = "") -> Collection:
    """Open the collection of a folder, made with the folder if it is not there.

    Args:
        folder: of the dataset.
        name: of the dataset, by default that of the folder; kept when it is made.

    Raises:
        CollectionError: it cannot be made or used.
    """
    folder = folder.absolute()
    fresh = not (folder / _FILE).exists()
    collection = Collection(folder / _FILE)
    if fresh:
        collection.set("name", name or folder.name)
    return collection


def open_collection(folder: Path) -> Collection:
    """Open the collection of a folder.

    Raises:
        InputError: there is none.
        CollectionError: it cannot be used.
    """
    path = folder.absolute() / _FILE
    if not path.is_file():
        raise InputError(
            f"{printable(folder)}: holds no dataset in the making ({_FILE} is not there); "
            "begin one with 'fgaesq data collect'"
        )
    return Collection(path)
