"""Streams of constructed series: each depends on the seed and its index alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from fgaesq.datasets.constructed.edited import edited_series
from fgaesq.datasets.constructed.frames import ConstructedSeries, reframed
from fgaesq.datasets.constructed.pool import PoolPhoto, draw_photo
from fgaesq.datasets.constructed.rendering import rendered_series, variants_series
from fgaesq.datasets.constructed.varied import mixed_series, restored_series, scenes_series
from fgaesq.datasets.edits import EDITS
from fgaesq.errors import InputError
from fgaesq.types import Image

__all__ = ["Making", "draw_frame", "kind_at", "series_stream"]

Making: TypeAlias = Literal[
    "edited", "mixed", "restored", "rendered", "scenes", "variants", "shaken"
]
"""How a series is made: by more of one edit, in frames shifted by whole pixels (`edited`) or as a
shaking hand takes them (`shaken`), or by a function of `varied` or `rendering`."""

_VARIED = {"mixed": mixed_series, "restored": restored_series, "rendered": rendered_series}
_OF_SCENES = {"scenes": scenes_series, "variants": variants_series}
_BY_EDIT = ("edited", "shaken")
_MOST_SCENES = 3


def series_stream(
    pool: Sequence[PoolPhoto],
    pixels: Mapping[str, Image],
    *,
    seed: int,
    indices: Sequence[int],
    kinds: Sequence[str] = tuple(EDITS),
    making: Making = "edited",
) -> Iterator[ConstructedSeries]:
    """Yield the series of the given indices; each depends on `seed` and its index alone.

    Args:
        pool: the photos of one split.
        pixels: decoded photos by file name.
        seed: of the whole set.
        indices: which series to make; kinds take turns over the indices.
        kinds: the edits to use.
        making: how.

    Raises:
        InputError: several scenes are wanted and the pool has one photo.
    """
    for index in indices:
        kind = kind_at(index, making, kinds)
        photo, frame, rng = draw_frame(pool, pixels, kind=kind, seed=seed, index=index)
        source, tier = photo.path.name, photo.tier
        if making in _BY_EDIT:
            yield edited_series(frame, kind, rng, source, tier, shaken=making == "shaken")
        elif making in _OF_SCENES:
            frames = [frame, *_other_scenes(pool, pixels, photo, frame, rng)]
            yield _OF_SCENES[making](frames, rng, source, tier)
        else:
            yield _VARIED[making](frame, rng, source, tier)


def kind_at(index: int, making: Making, kinds: Sequence[str] = tuple(EDITS)) -> str:
    """Return the kind of a series of a stream."""
    return kinds[index % len(kinds)] if making in _BY_EDIT else making


def draw_frame(
    pool: Sequence[PoolPhoto], pixels: Mapping[str, Image], *, kind: str, seed: int, index: int
) -> tuple[PoolPhoto, Image, np.random.Generator]:
    """Return what a series of `series_stream` is made from, and what decides all else about it.

    Returns:
        The photo, the frame cut from it that is then edited, and the generator of the edits.
    """
    rng = np.random.default_rng([seed, index])
    photo = draw_photo(pool, pixels, rng, kind=kind)
    return photo, reframed(pixels[photo.path.name], rng, kind=kind), rng


def _other_scenes(
    pool: Sequence[PoolPhoto],
    pixels: Mapping[str, Image],
    photo: PoolPhoto,
    frame: Image,
    rng: np.random.Generator,
) -> list[Image]:
    """Return frames of one or two other photos, as large as the first and of its tier if it can be.

    Which of two photos is the better one by itself nobody said; those of one tier are alike in it.
    """
    others = [one for one in pool if one != photo]
    if not others:
        raise InputError(
            f"{photo.path.parent}: a split has one photo; series of several scenes need at least "
            "two, add photos to the pool"
        )
    others = [one for one in others if one.tier == photo.tier] or others
    number = min(len(others), int(rng.integers(1, _MOST_SCENES)))
    chosen = rng.choice(len(others), size=number, replace=False)
    return [
        reframed(pixels[others[i].path.name], rng, kind="", long_side_px=max(frame.shape))
        for i in chosen
    ]
