"""The votes of many people on pairs of images, in SQLite or PostgreSQL.

Needs the extra `build`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fgaesq.errors import MissingExtraError

if TYPE_CHECKING:
    from fgaesq.building.votes.store import Votes

__all__ = ["FILE", "open_votes"]

FILE = "votes.sqlite3"
"""Beside the collection, in the folder of the dataset."""


def open_votes(folder: Path, url: str | None = None) -> Votes:
    """Open the votes on a dataset; made if there are none yet.

    Args:
        folder: of the dataset.
        url: `postgresql://USER@HOST/DATABASE`; None for a SQLite file in the folder.

    Raises:
        MissingExtraError: the packages of the extra `build` are not installed.
        VotesError: they cannot be reached, read or written.
    """
    if find_spec("sqlalchemy") is None or (url is not None and find_spec("psycopg") is None):
        raise MissingExtraError("keeping votes", "build")
    from sqlalchemy.engine import URL

    from fgaesq.building.votes.store import Votes

    path = str(folder.absolute() / FILE)
    return Votes(url or URL.create("sqlite", database=path).render_as_string(hide_password=False))
