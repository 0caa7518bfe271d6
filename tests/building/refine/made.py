"""Small datasets of real files, and measures made by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.photos import write_jpeg

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series
from fgaesq.building.records import Category, NewSeries, Series, SourceImage
from fgaesq.building.refine.lines import Lines, chosen_lines
from fgaesq.building.refine.measuring import Measured
from fgaesq.building.refine.recipe import RefineRecipe
from fgaesq.types import Image

__all__ = ["LINES", "looks", "measures", "plain_series", "series_of_files", "sources"]

LINES: Lines = chosen_lines(
    [],
    Measured({"content": {}, "broken": {}, "blown": {}}, {n: {} for n in (
        "likeness", "ssim", "matches", "difference", "overlap")}),
    RefineRecipe(),
)  # fmt: skip
"""The default thresholds."""

SOUND = {"content": 5.0, "sharpness": -1.0, "light": -0.5, "blown": 0.0, "broken": 0.0, "hash": 0.0}
ALIKE = {"likeness": 0.9, "ssim": 0.9, "matches": 0.6, "difference": 9.0, "patches": 0.01}


def looks(changed: Mapping[int, Mapping[str, float]], images: int) -> dict[str, dict[int, float]]:
    """Return the looks of images 1, 2, ..., all sound but for what is changed of some."""
    return {
        name: {image: changed.get(image, {}).get(name, value) for image in range(1, images + 1)}
        for name, value in SOUND.items()
    }


def measures(
    images: int,
    changed: Mapping[int, Mapping[str, float]] | None = None,
    pairs: Mapping[tuple[int, int], Mapping[str, float]] | None = None,
    unreadable: Mapping[int, str] | None = None,
) -> Measured:
    """Return measures of images 1, 2, ...: sound and alike but for what is changed."""
    every = [(a, b) for a in range(1, images + 1) for b in range(a + 1, images + 1)]
    found = {name: dict.fromkeys(every, value) for name, value in ALIKE.items()}
    for pair, values in (pairs or {}).items():
        for name, value in values.items():
            found.setdefault(name, {})[pair] = value
    found.setdefault("overlap", {})
    return Measured(looks(changed or {}, images), found, unreadable=unreadable or {})


def sources(images: int, *, sizes: Mapping[int, int] | None = None) -> dict[int, SourceImage]:
    """Return images 1, 2, ... of 100 x 100 px, or of other sides."""
    return {
        image: SourceImage(
            Path(f"/photos/{image}.jpg"),
            f"{image:064x}",
            (sizes or {}).get(image, 100),
            (sizes or {}).get(image, 100),
            id=image,
        )
        for image in range(1, images + 1)
    }


def plain_series(images: int, category: Category = "natural") -> Series:
    """Return series 7 of images 1, 2, ..."""
    return Series(7, category, tuple(range(1, images + 1)))


def series_of_files(
    collection: Collection, images: Sequence[Image], *, category: Category = "natural", **given: str
) -> tuple[int, list[int]]:
    """Write images as files of high quality and add them as a series; return its id and theirs."""
    folder = collection.folder / "photos"
    first = len(list(folder.glob("*"))) if folder.exists() else 0
    new = []
    for number, image in enumerate(images, start=first):
        path = write_jpeg(folder / f"{number:03d}.jpg", image, quality=97)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        height, width = image.shape[:2]
        new.append(SourceImage(path, digest, height, width, **given))  # type: ignore[arg-type]
    ids = add_images(collection, new)
    (series,) = add_series(collection, [NewSeries(category, tuple(ids), "made")])
    return series, ids
