"""How the photos of a shoot were read when it was culled last, so that all are scored alike."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from fgaesq.desk.catalogue.groups import set_ranking
from fgaesq.desk.catalogue.photos import CataloguePhoto, in_shoot, photos_below
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.records import Reading

__all__ = ["drop_other_readings", "note_reading", "reading_of", "readings_in_shoot"]


def reading_of(catalogue: Catalogue, photos: Iterable[CataloguePhoto]) -> Reading:
    """Return how photos are read to be ranked: as in the last `cull` of a folder that holds one.

    Returns:
        `normal` where none is noted.
    """
    known: dict[Path, tuple[int, Reading]] = {
        Path(os.fsdecode(folder)): (number, reading)
        for folder, number, reading in catalogue.rows("SELECT folder, id, reading FROM readings")
    }
    around = {folder for photo in photos for folder in photo.files.main.parents}
    return max((known[one] for one in around if one in known), default=(0, "normal"))[1]


def note_reading(catalogue: Catalogue, folders: Iterable[Path], reading: Reading) -> None:
    """Note that the photos below folders are read so from now on."""
    catalogue.write_all(
        "INSERT OR REPLACE INTO readings (folder, reading) VALUES (?, ?)",
        [(os.fsencode(folder), reading) for folder in folders],
    )


def readings_in_shoot(catalogue: Catalogue, folders: Sequence[Path]) -> set[Reading]:
    """Return the readings that the scores of the photos below folders come from."""
    return set(_ranked(catalogue, folders).values())


def drop_other_readings(catalogue: Catalogue, folders: Sequence[Path]) -> None:
    """Take from groups a ranking of another reading than that of their photos.

    Undoing brings back the ranking that a group had, which may be older than the last `cull`.
    """
    with catalogue.transaction():
        ranked = _ranked(catalogue, folders)
        members: dict[int, list[CataloguePhoto]] = {}
        for photo in photos_below(catalogue, folders):
            if photo.group_id in ranked:
                members.setdefault(photo.group_id, []).append(photo)
        other = [
            (group, None)
            for group, photos in members.items()
            if ranked[group] != reading_of(catalogue, photos)
        ]
        set_ranking(catalogue, other)


def _ranked(catalogue: Catalogue, folders: Sequence[Path]) -> dict[int, Reading]:
    """Return the groups below folders that have a ranking, and the reading that it is of."""
    scope, values = in_shoot(folders)
    rows = catalogue.rows(
        "SELECT DISTINCT groups.id, reading FROM photos "  # noqa: S608
        "JOIN groups ON groups.id = group_id JOIN rankings ON rankings.id = ranking_id "
        f"JOIN models ON models.id = model_id WHERE {scope}",
        values,
    )
    return dict(rows)
