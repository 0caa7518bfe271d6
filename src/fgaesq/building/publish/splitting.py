"""The sides of a dataset: 8:1:1 by series, balanced by category, no scene on two sides.

The rule: `val` and `test` each get a tenth of all images, in equal parts from each category (as in
FGAesthetics, where they are about 1,000 images of each), but no more than a fifth of a category;
what a small category cannot give, the others do. Scenes go to a side as a whole, in an order drawn
from a seed; one that no longer fits goes to `train`. Series whose side is known keep it, and draw
those of their scene with them.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.publish.finished import Finished
from fgaesq.building.publish.look_store import LookStore
from fgaesq.building.publish.scenes import (
    Looks,
    alike_links,
    alike_sides,
    look_at,
    scenes,
    stated_links,
)
from fgaesq.building.records import SourceImage
from fgaesq.datasets.records import SPLITS, Split

__all__ = ["RULE", "SplitReport", "choose_splits", "split_series"]

RULE = (
    "val and test each hold about a tenth of the images, in equal parts from each category but at "
    "most a fifth of one; series of one scene (same photo, clip, prompt or look) stay together"
)

_SHARE = 0.1
_MOST = 0.2  # of a category
_HELD: tuple[Split, ...] = ("test", "val")


@dataclass(frozen=True, slots=True)
class SplitReport:
    """How the series were split.

    Attributes:
        splits: by series id.
        scenes: how many there are.
        joined: how many series share their scene with another one.
        repaired: pairs of series that only the comparison of all sides found alike.
        highest: the highest likeness of two images on different sides, after that.
        unread: names of images that could not be opened, whose looks are not known.
        moved: series whose known side was not kept, as one of their scene is held back.
    """

    splits: Mapping[int, Split]
    scenes: int
    joined: int
    repaired: int
    highest: float
    unread: tuple[str, ...]
    moved: int


def split_series(
    finished: Finished,
    *,
    seed: int = 0,
    known: Mapping[int, Split] | None = None,
    store: LookStore | None = None,
    threads: int = 1,
    on_image: Callable[[], None] | None = None,
) -> SplitReport:
    """Choose the side of each series, and compare the sides afterwards.

    Args:
        finished: the dataset.
        seed: of the order in which scenes are placed.
        known: sides by series id that are to stay.
        store: what is known of the looks of images.
        threads: images opened at once.
        on_image: called for each image whose look is taken.
    """
    records = finished.dataset.series
    members = [[finished.items[item] for item in one.items] for one in records]
    ids = [finished.series[one.id] for one in records]
    sizes = [(one.source, len(one.items)) for one in records]
    before = [(known or {}).get(id) for id in ids]
    looks = look_at(members, store=store, threads=threads, on_image=on_image)
    links = [*stated_links(members), *alike_links(looks)]
    repaired, highest = 0, 0.0
    while True:  # each round joins scenes, so that it ends
        scene = scenes(len(records), links)
        order = _drawn([_key(images, seed) for images in members])
        chosen = choose_splits(sizes, scene, order=order, known=before)
        found, highest = _across(looks, chosen)
        if not found:
            break
        repaired += len(found)
        links += found
    together = Counter(scene.tolist())
    return SplitReport(
        splits=dict(zip(ids, chosen, strict=True)),
        scenes=len(together),
        joined=sum(number for number in together.values() if number > 1),
        repaired=repaired,
        highest=highest,
        unread=looks.unread,
        moved=sum(was not in (None, now) for was, now in zip(before, chosen, strict=True)),
    )


def choose_splits(
    sizes: Sequence[tuple[str, int]],
    scene: NDArray[np.intp],
    *,
    order: Sequence[int],
    known: Sequence[Split | None],
) -> list[Split]:
    """Return the side of each series by the rule above.

    Args:
        sizes: category and number of images of each series.
        scene: (n,) the scene of each.
        order: the series in the order in which their scenes are placed.
        known: the sides that are to stay; of two in one scene the later one of train, val, test.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    for one in order:
        groups[int(scene[one])].append(one)
    targets = _targets(sizes)
    room = {side: Counter(targets) for side in _HELD}
    chosen: dict[int, Split] = {}
    free = []
    for group in groups.values():
        given = [side for one in group if (side := known[one]) is not None]
        if given:
            _place(group, max(given, key=SPLITS.index), sizes, room, chosen)
        else:
            free.append(group)
    for group in free:
        wanted = _amounts(group, sizes)
        fits = [side for side in _HELD if all(room[side][c] >= n for c, n in wanted.items())]
        place: Split = "train"
        if fits:
            place = max(fits, key=lambda side: room[side].total())
        _place(group, place, sizes, room, chosen)
    return [chosen[one] for one in range(len(sizes))]


def _place(
    group: Sequence[int],
    side: Split,
    sizes: Sequence[tuple[str, int]],
    room: Mapping[Split, Counter[str]],
    chosen: dict[int, Split],
) -> None:
    chosen.update(dict.fromkeys(group, side))
    if side in room:
        room[side].subtract(_amounts(group, sizes))


def _amounts(group: Sequence[int], sizes: Sequence[tuple[str, int]]) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for one in group:
        category, number = sizes[one]
        amounts[category] += number
    return amounts


def _targets(sizes: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return how many images of each category a held-back side gets.

    At least one series of the usual length, so that small datasets have all three sides.
    """
    number: Counter[str] = Counter()
    longest: Counter[str] = Counter()
    for category, images in sizes:
        number[category] += images
        longest[category] = max(longest[category], images)
    left, targets = _SHARE * sum(number.values()), {}
    smallest_first = sorted(number, key=lambda category: (number[category], category))
    for place, category in enumerate(smallest_first):
        part = min(left / (len(number) - place), _MOST * number[category])
        left -= part
        several = 3 * longest[category] <= number[category]
        targets[category] = max(round(part), longest[category] if several else 0)
    return targets


def _across(looks: Looks, chosen: Sequence[Split]) -> tuple[list[tuple[int, int]], float]:
    side = np.array([SPLITS.index(one) for one in chosen], np.intp)
    return alike_sides(looks, side[looks.series])


def _key(images: Sequence[SourceImage], seed: int) -> str:
    """Return what draws a series' place: it follows from the photos, not from ids or folders."""
    content = sorted(f"{image.digest}{image.crop}" for image in images)
    return hashlib.blake2b(f"{seed}:{content}".encode(), digest_size=16).hexdigest()


def _drawn(keys: Sequence[str]) -> list[int]:
    return sorted(range(len(keys)), key=lambda one: keys[one])
