"""How wide the groups of a shoot are to be, remembered for its folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from fgaesq.desk.catalogue.store import Catalogue

__all__ = ["chosen_size", "forget_sizes", "save_sizes", "sizes_of"]


def chosen_size(catalogue: Catalogue, folders: Sequence[Path]) -> float | None:
    """Return the size of groups that was chosen for a shoot, 0 (tight) to 1 (wide).

    What was chosen for a folder holds for those in it, as long as none is chosen for them. Of
    several folders the last choice counts, as they are grouped together.

    Returns:
        None if none was chosen.
    """
    known = {
        Path(os.fsdecode(folder)): (number, size)
        for folder, number, size in catalogue.rows("SELECT folder, id, size FROM group_sizes")
    }
    found = []
    for folder in folders:
        above = (known[one] for one in (folder, *folder.parents) if one in known)
        found += [size] if (size := next(above, None)) else []
    return max(found)[1] if found else None


def save_sizes(catalogue: Catalogue, sizes: Iterable[tuple[Path, float]]) -> None:
    """Remember the size of groups for folders."""
    catalogue.write_all(
        "INSERT OR REPLACE INTO group_sizes (folder, size) VALUES (?, ?)",
        [(os.fsencode(folder), size) for folder, size in sizes],
    )


def forget_sizes(catalogue: Catalogue, folders: Iterable[Path]) -> None:
    """Forget what was chosen for folders; what was for those above them holds again."""
    catalogue.write_all(
        "DELETE FROM group_sizes WHERE folder = ?", [(os.fsencode(one),) for one in folders]
    )


def sizes_of(catalogue: Catalogue, folders: Iterable[Path]) -> dict[Path, float | None]:
    """Return what was chosen for each folder itself, None where nothing was."""
    found = {}
    for folder in folders:
        rows = catalogue.rows(
            "SELECT size FROM group_sizes WHERE folder = ?", (os.fsencode(folder),)
        )
        found[folder] = rows[0][0] if rows else None
    return found
