"""Pairs whose answer is known: given by the organiser, or an image beside a spoiled copy of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images, images_of
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import Choice
from fgaesq.building.votes.asking import golden_pairs, keep_golden
from fgaesq.building.votes.database import Database
from fgaesq.building.votes.records import GoldenPair
from fgaesq.datasets.records import open_image
from fgaesq.errors import InputError
from fgaesq.images.names import printable
from fgaesq.types import Image

__all__ = ["SPOILING", "add_spoiled_pairs", "pixels_of", "read_golden"]

SPOILING: Final = ("defocus", "motion", "noise", "overexposure", "compression", "colour_cast")
"""Edits by which a copy is made worse beyond doubt, whatever the picture shows; none crops."""

_SEVERITY: Final = 0.75


def read_golden(path: Path, collection: Collection) -> list[GoldenPair]:
    """Read pairs from a CSV file with the columns `better` and `worse`.

    An image is named by its id, its path (that of the file may be relative to the folder of the
    CSV), or its file name if only one image of the dataset has it. Both are kept members of one
    series.

    Raises:
        InputError: the file cannot be read, or a line names no such pair.
    """
    names = _by_name(collection)
    series = [one for one in all_series(collection) if len(one.kept) > 1]
    found = []
    for line, row in _lines(path):
        ids = []
        for column in ("better", "worse"):
            name = (row.get(column) or "").strip()
            id = names.get(name) or names.get(str((path.parent / name).absolute()))
            if id is None:
                raise InputError(
                    f"{printable(path)}, line {line}: '{printable(name)}' is no one image of the "
                    "dataset; name it by its id or its whole path"
                )
            ids.append(id)
        home = next((one.id for one in series if set(ids) <= set(one.kept)), None)
        if home is None or ids[0] == ids[1]:
            raise InputError(
                f"{printable(path)}, line {line}: the two are not kept in one series; leave the "
                "line out"
            )
        better, worse = ids
        choice: Choice = "first" if better < worse else "second"
        found.append(GoldenPair(home, min(ids), max(ids), choice))
    return found


def add_spoiled_pairs(collection: Collection, votes: Database, wanted: int) -> int:
    """See to it that there are so many pairs of an image and a spoiled copy; return how many.

    Images and edits are drawn at random, the same ones in the same dataset.
    """
    known = [pair for pair in golden_pairs(votes) if pair.edit]
    taken = {pair.second for pair in known}
    homes = {
        image: one.id for one in all_series(collection) if len(one.kept) > 1 for image in one.kept
    }
    order = np.random.default_rng(0).permutation(sorted(homes))
    free = [int(image) for image in order if int(image) not in taken]
    new = [
        GoldenPair(homes[image], -image, image, "second", SPOILING[image % len(SPOILING)])
        for image in free[: max(0, wanted - len(known))]
    ]
    keep_golden(votes, new)
    return len(known) + len(new)


def pixels_of(
    collection: Collection, image: int, edit: str = "", *, long_side_px: int | None = None
) -> Image:
    """Return the pixels of an image, or of its spoiled copy if the id is negative.

    The copy is spoiled at full size and reduced afterwards, as the image is: nothing but the flaw
    tells the two apart.

    Raises:
        DecodeError: the file went away, or was never sound.
        InputError: there is no such image.
    """
    found = images_of(collection, [abs(image)])
    if not found:
        raise InputError(f"image {abs(image)} is not in this dataset")
    item = found[abs(image)].item()
    if image > 0:
        return open_image(item, max_long_side_px=long_side_px)
    from fgaesq.datasets.edits import EDITS
    from fgaesq.images import photo_from_array

    rng = np.random.default_rng(-image)
    spoiled = EDITS[edit](open_image(item), _SEVERITY, rng)
    if long_side_px is None:
        return spoiled
    return photo_from_array(spoiled, name=item.id, max_long_side_px=long_side_px).pixels


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"better", "worse"} <= set(reader.fieldnames or ()):
                raise InputError(
                    f"{printable(path)}: has no columns 'better' and 'worse'; name them in the "
                    "first line"
                )
            yield from ((reader.line_num, row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{printable(path)}: cannot be read ({error}); give a CSV file") from error


def _by_name(collection: Collection) -> dict[str, int]:
    """Return images by what may stand for them; what stands for several is left out."""
    found: dict[str, int | None] = {}
    for id, image in images(collection).items():
        for name in {str(image.path), image.path.name}:
            found[name] = None if name in found else id
    known = {name: id for name, id in found.items() if id is not None}
    return known | {str(id): id for id in images(collection)}
