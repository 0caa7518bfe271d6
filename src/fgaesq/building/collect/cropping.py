"""Photos -> series of crops: the boxes that GAIC, CPC or FCDB publish, or some on a grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from fgaesq.building.collect.proposals import grid_crops
from fgaesq.building.collect.records import CollectSettings, Found, LeftOut, Member, Proposed
from fgaesq.datasets.formats.crops import (
    is_cpc,
    is_fcdb,
    is_gaic,
    read_cpc,
    read_fcdb,
    read_gaic,
)
from fgaesq.datasets.records import Crop, Dataset, Item
from fgaesq.images.names import printable

__all__ = ["cropping_series"]

_FORMATS: Final[tuple[tuple[Callable[[Path], bool], Callable[[Path], Dataset]], ...]] = (
    (is_gaic, read_gaic),
    (is_cpc, read_cpc),
    (is_fcdb, read_fcdb),
)


def cropping_series(
    found: Sequence[Found], roots: Sequence[Path], settings: CollectSettings, left_out: LeftOut
) -> tuple[list[Proposed], list[tuple[str, Path]], list[str]]:
    """Return a series of crops for each photo, photos without one, and what else is to be said.

    Nothing is cut here: a crop is a box, cut when the image is opened.

    Args:
        found: photos.
        roots: folders; one with the annotations of GAIC, CPC or FCDB gives the boxes of its photos.
        settings: how many crops are proposed of the others.
        left_out: boxes that cannot be used are counted here.
    """
    proposed, dropped, notes = [], [], []
    published: dict[Path, Sequence[Item]] = {}
    names: dict[Path, str] = {}
    for root in roots:
        for is_format, read in _FORMATS:
            if is_format(root):
                dataset = read(root)
                published |= _boxes(dataset)
                names[root] = dataset.name
                notes += [f"{printable(root)}: {problem}" for problem in dataset.problems]
                break
    for one in found:
        name = next((name for root, name in names.items() if one.path.is_relative_to(root)), "")
        if name:
            series = _published(one, published.get(one.path, ()), name, left_out)
            reason = "no_boxes"
        else:
            series, reason = _on_grid(one, settings.crops), "small"
        if series is None:
            dropped.append((reason, one.path))
        else:
            proposed.append(series)
    return proposed, dropped, notes


def _boxes(dataset: Dataset) -> Mapping[Path, Sequence[Item]]:
    return {
        dataset.items[one.items[0]].path: [dataset.items[item] for item in one.items]
        for one in dataset.series
    }


def _published(
    found: Found, items: Sequence[Item], name: str, left_out: LeftOut
) -> Proposed | None:
    crops: dict[Crop, None] = {}
    for item in items:
        crop = _whole(item.crop) if item.crop else None
        reading = found.reading
        if crop is None or crop in crops or not _is_inside(crop, reading.height, reading.width):
            left_out.add("outside", item.id)
        else:
            crops[crop] = None
    if len(crops) < 2:
        return None
    source = name.upper()
    why = f"{len(crops)} boxes of {source}"
    return Proposed(_members(found, list(crops), name), why, source=source)


def _on_grid(found: Found, most: int) -> Proposed | None:
    crops = grid_crops(found.reading.height, found.reading.width, most=most)
    if len(crops) < 2:
        return None
    return Proposed(_members(found, crops, "grid"), f"{len(crops)} crops on a grid of one photo")


def _members(found: Found, crops: Sequence[Crop], boxes: str) -> tuple[Member, ...]:
    return tuple(Member(found, crop, origin={"boxes": boxes}) for crop in crops)


def _whole(crop: Crop) -> Crop:
    """Return the box in whole px, as it is cut."""
    left, top, right, bottom = map(round, (crop.left, crop.top, crop.right, crop.bottom))
    return Crop(left, top, right, bottom)


def _is_inside(crop: Crop, height: int, width: int) -> bool:
    return 0 <= crop.left < crop.right <= width and 0 <= crop.top < crop.bottom <= height
