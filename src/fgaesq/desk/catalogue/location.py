"""Where the catalogue is: in the user's data folder, as the platform has it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fgaesq.errors import CatalogueError

__all__ = ["default_catalogue"]

_NAME = "catalogue.sqlite3"


def default_catalogue() -> Path:
    """Return the file of the catalogue, which need not exist.

    ``FGAESQ_CATALOGUE`` names it; else it is ``fgaesq/catalogue.sqlite3`` in ``XDG_DATA_HOME``
    (Linux; ~/.local/share unless set), in ~/Library/Application Support (macOS), or in
    ``LOCALAPPDATA`` (Windows).

    Raises:
        CatalogueError: there is no home folder to put it into.
    """
    named = os.environ.get("FGAESQ_CATALOGUE")
    return Path(named) if named else _data_folder() / "fgaesq" / _NAME


def _data_folder() -> Path:
    try:
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Application Support"
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        given = os.environ.get("XDG_DATA_HOME", "")
        # The XDG base directory specification has relative paths ignored.
        return Path(given) if os.path.isabs(given) else Path.home() / ".local" / "share"
    except RuntimeError as error:
        raise CatalogueError(
            "there is no home folder for the catalogue; name a file with --catalogue"
        ) from error
