"""The images of a collection, and what was measured of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fgaesq.building.collection.store import Collection
from fgaesq.building.records import SourceImage
from fgaesq.datasets.records import Crop

__all__ = [
    "add_images",
    "forget_measures",
    "image_measures",
    "images",
    "images_of",
    "keep_image_measures",
    "keep_pair_measures",
    "move_files",
    "pair_measures",
]

_COLUMNS = "id, path, digest, height, width, box, source, licence, prompt, taken, origin"
_MOST_IDS = 500  # SQLite takes at most so many values in a statement (999 in older ones)


def add_images(collection: Collection, new: Iterable[SourceImage]) -> list[int]:
    """Add images; one whose file and crop are already there is updated, and keeps its id.

    Args:
        collection: of the dataset.
        new: with absolute paths; their `id` is not looked at.

    Returns:
        The ids, in order.
    """
    ids = []
    with collection.transaction(durable=True):
        for one in new:
            values = (
                os.fsencode(one.path),
                one.digest,
                one.height,
                one.width,
                _box(one.crop),
                one.source,
                one.licence,
                one.prompt,
                one.taken,
                json.dumps(dict(one.origin)),
            )
            found = collection.rows(
                f"INSERT INTO images ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
                "ON CONFLICT (path, box) DO UPDATE SET digest = excluded.digest, "
                "height = excluded.height, width = excluded.width, source = excluded.source, "
                "licence = excluded.licence, prompt = excluded.prompt, taken = excluded.taken, "
                "origin = excluded.origin RETURNING id",
                values,
            )
            ids.append(int(found[0][0]))
    return ids


def move_files(collection: Collection, moved: Mapping[Path, Path]) -> None:
    """Say where files are now that were elsewhere; their images stay the same, crops too.

    Args:
        collection: of the dataset.
        moved: new places by old ones; at the new ones no image is known.
    """
    with collection.transaction(durable=True):
        collection.write_all(
            "UPDATE images SET path = ? WHERE path = ?",
            ((os.fsencode(new), os.fsencode(old)) for old, new in moved.items()),
        )


def images(collection: Collection) -> dict[int, SourceImage]:
    """Return all images by id, in order of their ids."""
    return dict(_read(collection, "", ()))


def images_of(collection: Collection, ids: Iterable[int]) -> dict[int, SourceImage]:
    """Return the images of these ids, in their order; unknown ids are left out."""
    wanted = list(dict.fromkeys(ids))
    found: dict[int, SourceImage] = {}
    for start in range(0, len(wanted), _MOST_IDS):
        part = wanted[start : start + _MOST_IDS]
        found.update(_read(collection, f"WHERE id IN ({','.join('?' * len(part))})", part))
    return {one: found[one] for one in wanted if one in found}


def keep_image_measures(collection: Collection, name: str, values: Mapping[int, float]) -> None:
    """Keep a measure of images, such as `sharpness`, by image id."""
    collection.write_all(
        "INSERT OR REPLACE INTO image_measures VALUES (?, ?, ?)",
        ((name, image, value) for image, value in values.items()),
    )


def image_measures(collection: Collection, name: str) -> dict[int, float]:
    """Return a measure by image id."""
    query = "SELECT image, value FROM image_measures WHERE name = ?"
    return dict(collection.rows(query, (name,)))


def keep_pair_measures(
    collection: Collection, name: str, values: Mapping[tuple[int, int], float]
) -> None:
    """Keep a symmetric measure of pairs, such as `ssim`, by the two image ids in any order."""
    collection.write_all(
        "INSERT OR REPLACE INTO pair_measures VALUES (?, ?, ?, ?)",
        ((name, min(pair), max(pair), value) for pair, value in values.items()),
    )


def pair_measures(collection: Collection, name: str) -> dict[tuple[int, int], float]:
    """Return a measure by pair, the smaller id first."""
    query = "SELECT first, second, value FROM pair_measures WHERE name = ?"
    return {(first, second): value for first, second, value in collection.rows(query, (name,))}


def forget_measures(collection: Collection, ids: Iterable[int]) -> None:
    """Forget all that was measured of images and of pairs with them, as when a file has changed."""
    rows = [(image,) for image in ids]
    with collection.transaction():
        collection.write_all("DELETE FROM image_measures WHERE image = ?", rows)
        collection.write_all("DELETE FROM pair_measures WHERE first = ?", rows)
        collection.write_all("DELETE FROM pair_measures WHERE second = ?", rows)


def _read(
    collection: Collection, where: str, values: Iterable[object]
) -> Iterator[tuple[int, SourceImage]]:
    query = f"SELECT {_COLUMNS} FROM images {where} ORDER BY id"  # noqa: S608 - our own words
    for row in collection.rows(query, values):
        id, path, digest, height, width, box, source, licence, prompt, taken, origin = row
        yield (
            id,
            SourceImage(
                Path(os.fsdecode(path)),
                digest,
                height,
                width,
                Crop(*json.loads(box)) if box else None,
                source,
                licence,
                prompt,
                taken,
                json.loads(origin),
                id,
            ),
        )


def _box(crop: Crop | None) -> str:
    if crop is None:
        return ""
    if crop.fractional:
        raise ValueError("crops of a collection are in pixels")
    return json.dumps([crop.left, crop.top, crop.right, crop.bottom])
