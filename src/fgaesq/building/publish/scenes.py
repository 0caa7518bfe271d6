"""Which series show the same scene, so that they may not stand on two sides of a split.

Series are joined that share a photo (the same file, or copies of it, whole or as crops), a clip or
a prompt, or have images that look alike. Looks are compared by the desk's fingerprints: first the
pairs that hashing finds among all, in the end each image of `val` and `test` with each of another
side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.publish.look_store import LookStore
from fgaesq.building.records import SourceImage
from fgaesq.datasets.records import open_image
from fgaesq.desk.grouping.lookup import alike_anywhere, descriptions
from fgaesq.desk.likeness import Fingerprint, Fingerprints, fingerprint, pair_likeness
from fgaesq.errors import DecodeError
from fgaesq.series.joining import Sets

__all__ = ["ALIKE", "Looks", "alike_links", "alike_sides", "look_at", "scenes", "stated_links"]

ALIKE: Final = 0.66
"""Likeness from which two images count as one scene. Different scenes reach .42 in one of 1,000
pairs, frames of an unsteady hand .8 in 99 of 100 (see `desk.likeness`)."""

_DESCRIPTION: Final = 0.5
"""Agreement of descriptions below which images are not compared further."""

_BLOCK: Final = 2048
_LONG_SIDE_PX: Final = 512  # fingerprints are taken at this size


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The looks of images.

    Attributes:
        prints: of n images.
        series: (n,) the series of each, as numbers from 0.
        unread: names of images that could not be opened; they have no look.
    """

    prints: Fingerprints
    series: NDArray[np.intp]
    unread: tuple[str, ...] = ()


def look_at(
    members: Sequence[Sequence[SourceImage]],
    *,
    store: LookStore | None = None,
    threads: int = 1,
    on_image: Callable[[], None] | None = None,
) -> Looks:
    """Return the looks of all images of some series.

    Args:
        members: the images of each series.
        store: what is known of looks, and where new ones are kept.
        threads: images opened at once.
        on_image: called for each image.
    """
    every = [(number, image) for number, images in enumerate(members) for image in images]
    found: list[Fingerprint] = []
    series: list[int] = []
    unread: list[str] = []

    def look_of(image: SourceImage) -> tuple[Fingerprint | None, bool]:
        known = store.of(image) if store else None
        return known or _look(image), known is None

    with ThreadPoolExecutor(threads) as pool:
        looks = pool.map(look_of, (image for _, image in every))
        for (number, image), (look, is_new) in zip(every, looks, strict=True):
            if look is None:
                unread.append(image.path.name)
            else:
                found.append(look)
                series.append(number)
                if store and is_new:
                    store.keep([(image, look)])
            if on_image:
                on_image()
    return Looks(Fingerprints(found), np.array(series, np.intp), tuple(unread))


def stated_links(members: Sequence[Sequence[SourceImage]]) -> list[tuple[int, int]]:
    """Return the pairs of series that share a photo, a clip or a prompt by what is known of them.

    Args:
        members: the images of each series.
    """
    first: dict[tuple[str, str], int] = {}
    links = set()
    for number, images in enumerate(members):
        for image in images:
            for key in _keys(image):
                other = first.setdefault(key, number)
                if other != number:
                    links.add((other, number))
    return sorted(links)


def alike_links(looks: Looks) -> list[tuple[int, int]]:
    """Return pairs of series with images that look alike, as hashing finds them."""
    rows = np.arange(len(looks.prints), dtype=np.intp)
    if len(rows) < 2:
        return []
    pairs = alike_anywhere(descriptions(looks.prints, rows), least=_DESCRIPTION)
    return _links(looks, pairs)[0]


def alike_sides(looks: Looks, side: NDArray[np.intp]) -> tuple[list[tuple[int, int]], float]:
    """Compare each image of a side other than 0 with all images of the other sides.

    Args:
        looks: of the images.
        side: (n,) the side of each image; 0 is the one to train on.

    Returns:
        The pairs of series on different sides with images alike, and the highest likeness of
        images on different sides, 0 where none of them came near.
    """
    rows = np.arange(len(looks.prints), dtype=np.intp)
    described = descriptions(looks.prints, rows)
    held = np.flatnonzero(side != 0)
    links: set[tuple[int, int]] = set()
    highest = 0.0
    for start in range(0, len(held), _BLOCK):
        mine = held[start : start + _BLOCK]
        for other in range(0, len(rows), _BLOCK):
            theirs = rows[other : other + _BLOCK]
            near = (described[mine] @ described[theirs].T) >= _DESCRIPTION
            near &= side[mine][:, None] != side[theirs][None]
            one, two = np.nonzero(near)
            found, most = _links(looks, np.stack([mine[one], theirs[two]], 1))
            links.update(found)
            highest = max(highest, most)
    return sorted(links), highest


def scenes(n: int, links: Iterable[tuple[int, int]]) -> NDArray[np.intp]:
    """Return for each of n series the number that stands for its scene, (n,)."""
    sets = Sets(n)
    for one, other in links:
        sets.join(one, other)
    return sets.labels()


def _links(looks: Looks, pairs: NDArray[np.intp]) -> tuple[list[tuple[int, int]], float]:
    """Return the pairs of series among image pairs that look alike, and the highest likeness."""
    series = looks.series[pairs]
    pairs = pairs[series[:, 0] != series[:, 1]]
    if not len(pairs):
        return [], 0.0
    alike, _ = pair_likeness(looks.prints, pairs[:, 0], pairs[:, 1])
    joined = np.sort(looks.series[pairs[alike >= ALIKE]], axis=1)
    return [(int(a), int(b)) for a, b in np.unique(joined, axis=0)], float(alike.max())


def _keys(image: SourceImage) -> Iterable[tuple[str, str]]:
    yield "photo", image.digest
    yield "path", str(image.path)
    if clip := image.origin.get("clip_digest") or image.origin.get("clip"):
        yield "clip", clip
    if prompt := " ".join(image.prompt.lower().split()):
        yield "prompt", prompt


def _look(image: SourceImage) -> Fingerprint | None:
    try:
        return fingerprint(open_image(image.item(), max_long_side_px=_LONG_SIDE_PX))
    except DecodeError:
        return None
