"""Heaps of real files to collect from, and what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tests.clips.made import detailed, encoded, moving
from tests.images.corpus import write

from fgaesq.building.collect import Collected, CollectSettings, collect
from fgaesq.building.collection import open_collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import Category, SourceImage
from fgaesq.types import Image

__all__ = ["collected", "content", "made", "members", "sums_up", "two_scenes", "write_clip"]


def collected(
    heap: Path | list[Path],
    dataset: Path,
    kind: Category = "natural",
    **given: Any,  # noqa: ANN401 - the fields of CollectSettings
) -> Collected:
    """Collect one or several sources; `dry_run` and `threads` may be given beside settings."""
    how = {name: given.pop(name) for name in ("dry_run", "threads", "watcher") if name in given}
    sources = heap if isinstance(heap, list) else [heap]
    return collect(sources, dataset, CollectSettings(kind, **given), **how)


def made(dataset: Path) -> list[tuple[str, list[str]]]:
    """Return the series of a dataset: category and names of members."""
    return [(category, [one.path.name for one in some]) for category, some in members(dataset)]


def members(dataset: Path) -> list[tuple[str, list[SourceImage]]]:
    """Return the series of a dataset: category and members."""
    with open_collection(dataset) as collection:
        known = images(collection)
        return [(s.category, [known[one] for one in s.members]) for s in all_series(collection)]


def content(dataset: Path) -> tuple[object, object]:
    """Return all images and series of a dataset."""
    with open_collection(dataset) as collection:
        return images(collection), all_series(collection)


def sums_up(done: Collected, in_series: int) -> bool:
    """Tell whether every file found is accounted for.

    Args:
        done: of a run.
        in_series: files that it put into series.
    """
    left = sum(done.left_out.counts.values())
    return done.photos + done.clips == in_series + done.known + left + len(done.failures)


def two_scenes(seconds: int = 3) -> list[Image]:
    """Return the frames of a clip: a pan and, after a cut, another one."""
    return [
        moving(detailed(96, 128, seed=seed), 2 * number)
        for seed in (1, 2)
        for number in range(12 * seconds)
    ]


def write_clip(path: Path, frames: list[Image] | None = None) -> Path:
    """Write a clip, of two scenes by default."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write(path, encoded(two_scenes() if frames is None else np.asarray(frames)))
