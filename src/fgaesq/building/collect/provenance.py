"""Where images come from and under which licence: tables beside them, what files say, options."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fgaesq.building.collect.records import CollectSettings, Member
from fgaesq.building.records import SourceImage
from fgaesq.datasets.tables import records
from fgaesq.errors import InputError
from fgaesq.images.names import printable

__all__ = ["Tables", "licence_of", "read_tables", "source_image", "source_of"]

_TABLES: Final = ("licences.csv", "licenses.csv", "MANIFEST.csv")
_FILE: Final = ("file", "path", "image", "name")
_FIELDS: Final = {
    "source": ("source", "dataset", "author"),
    "licence": ("licence", "license"),
    "prompt": ("prompt",),
    "model": ("model", "generator"),
}


@dataclass(frozen=True, slots=True)
class Tables:
    """What tables beside the images say of them.

    Attributes:
        rows: by file, the fields `source`, `licence`, `prompt` and `model` that are not empty.
        notes: what is wrong with tables, in sentences.
        roots: folders that were looked into.
    """

    rows: Mapping[Path, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()

    def of(self, path: Path, name: str) -> str:
        """Return what a table says of a file, "" if none says anything."""
        return self.rows.get(path, {}).get(name, "")

    def root_of(self, path: Path) -> str:
        """Return the name of the folder that the person named and the file lies in."""
        held = [root for root in self.roots if path.is_relative_to(root)]
        root = max(held, key=lambda root: len(root.parts)) if held else path.parent
        return printable(root.name)


def read_tables(roots: Sequence[Path], paths: Iterable[Path]) -> Tables:
    """Return what `licences.csv` and `MANIFEST.csv` say, in the images' folders and those above.

    A table has a column `file` (a path from the table's folder, with `/`) and any of `source`,
    `licence`, `prompt` and `model`. Where several name a file, the table nearest to it counts.

    Args:
        roots: folders that were looked into; tables above them are not read.
        paths: of the images.
    """
    folders: set[Path] = set()
    for parent in {path.parent for path in paths}:
        folders.add(parent)
        folders.update(one for one in parent.parents if any(map(one.is_relative_to, roots)))
    rows: dict[Path, dict[str, str]] = {}
    notes = []
    for folder in sorted(folders, key=lambda one: len(one.parts)):
        for name in reversed(_TABLES):
            table = folder / name
            if not table.is_file():
                continue
            try:
                found = _rows(table)
            except InputError as error:
                notes.append(f"{error}; it is left out")
                continue
            for path, said in found.items():
                rows.setdefault(path, {}).update(said)
    return Tables(rows, tuple(notes), tuple(roots))


def source_of(path: Path, tables: Tables, settings: CollectSettings, published: str = "") -> str:
    """Return the collection that a file comes from.

    That is what a table says, as it names the file itself, else the option, else the name under
    which the collection is published, else the folder that was collected.
    """
    said = tables.of(path, "source") or settings.source
    return said or published or tables.root_of(path)


def licence_of(path: Path, tables: Tables, settings: CollectSettings) -> str:
    """Return the licence that a table or else the option states, "" if neither does."""
    return tables.of(path, "licence") or settings.licence


def source_image(
    member: Member, tables: Tables, settings: CollectSettings, published: str = ""
) -> SourceImage:
    """Return a member as the collection keeps it.

    Where neither table nor option says under which licence it is, a licence that the file itself
    names counts; what else it says of its rights is kept as a note, in the origin.
    """
    path, reading, crop = member.found.path, member.found.reading, member.crop
    height, width = reading.height, reading.width
    if crop is not None:
        height = round(crop.bottom) - round(crop.top)
        width = round(crop.right) - round(crop.left)
    taken = reading.capture.taken if reading.capture.time_source != "file" else None
    return SourceImage(
        path,
        reading.digest,
        height,
        width,
        crop,
        source=member.maker or source_of(path, tables, settings, published),
        licence=licence_of(path, tables, settings) or reading.rights.get("licence", ""),
        prompt=member.prompt,
        taken=taken.isoformat() if taken else "",
        origin={**reading.rights, **member.origin},
    )


def _rows(table: Path) -> dict[Path, dict[str, str]]:
    """Return the fields of each file that a table names.

    Raises:
        InputError: it cannot be read, or has no column of files.
    """
    found: dict[Path, dict[str, str]] = {}
    for _, row in records(table, ()):
        lowered = {str(name).strip().casefold(): str(value).strip() for name, value in row.items()}
        file = next((lowered[name] for name in _FILE if lowered.get(name)), "")
        if not any(name in lowered for name in _FILE):
            raise InputError(f"{printable(table)}: has no column 'file' that names the images")
        if file:
            said = {
                field: next((lowered[name] for name in names if lowered.get(name)), "")
                for field, names in _FIELDS.items()
            }
            path = Path(os.path.normpath(table.parent / file))
            found[path] = {field: printable(text) for field, text in said.items() if text}
    return found
