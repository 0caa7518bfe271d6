"""Series that show the same images as another one: dropped if wholly so, else to be merged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from fgaesq.building.records import Drop, Series, SourceImage
from fgaesq.series.joining import Sets

__all__ = ["Merge", "duplicates", "groups_to_merge"]

_BITS: Final = 48
_BANDS: Final = 4
_MOST_BITS: Final = _BANDS - 1
"""Copies differ in at most so many bits; then one of the four bands of 12 is the same."""
_LEAST_SHARE = 0.5
_MOST_ALIKE = 50  # images with one band; beyond that it tells nothing


@dataclass(frozen=True, slots=True)
class Merge:
    """Two series proposed for merging; `shared` of the smaller one's `of` images are in both."""

    first: int
    second: int
    shared: int
    of: int


def duplicates(
    series: Sequence[Series],
    kept: Mapping[int, Sequence[int]],
    known: Mapping[int, SourceImage],
    hashes: Mapping[int, float],
) -> tuple[list[Drop], list[Merge]]:
    """Return the series to drop, and pairs of series to merge.

    A series whose images are all, by content of the file and crop, in an earlier or a larger one of
    its category is dropped. Series that share at least half of the smaller one's images, by that or
    by their hashes, are proposed for merging, never merged: two bursts of one scene look alike too.

    Args:
        series: those that are in.
        kept: their images that are in, by series id.
        known: all images.
        hashes: `hash` by image (`looks.looks_of`).
    """
    categories = {one.id: one.category for one in series}
    drops: dict[int, Drop] = {}
    exact = _shared(
        kept,
        {image: (known[image].digest, known[image].crop) for one in kept.values() for image in one},
    )
    for (first, second), number in sorted(exact.items()):
        if categories[first] != categories[second] or {first, second} & set(drops):
            continue
        smaller, larger = sorted((second, first), key=lambda id: len(kept[id]))
        if number == len(kept[smaller]):
            detail = f"all {number} images are in series {larger}"
            drops[smaller] = Drop(smaller, None, "metrics", "duplicate_series", detail)
    merges = []
    alike = _shared(kept, _copies(kept, hashes))
    for (first, second), number in sorted(alike.items()):
        fewest = min(len(kept[first]), len(kept[second]))
        same = categories[first] == categories[second]
        if same and number >= _LEAST_SHARE * fewest and not {first, second} & set(drops):
            merges.append(Merge(first, second, number, fewest))
    return list(drops.values()), merges


def groups_to_merge(merges: Iterable[Merge]) -> list[list[int]]:
    """Return the series that pairs to merge link together, each in one group, sorted."""
    linked = list(merges)
    series = sorted({end for one in linked for end in (one.first, one.second)})
    place = {id: number for number, id in enumerate(series)}  # noqa: A001 - the word of the record
    sets = Sets(len(series))
    for one in linked:
        sets.join(place[one.first], place[one.second])
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for id, label in zip(series, sets.labels().tolist(), strict=True):  # noqa: A001
        groups[label].append(id)
    return list(groups.values())


def _shared(
    kept: Mapping[int, Sequence[int]], keys: Mapping[int, object]
) -> Counter[tuple[int, int]]:
    """Return how many images of one series have their like, by key, in another one."""
    holders: defaultdict[object, Counter[int]] = defaultdict(Counter)
    for one, members in kept.items():
        for image in members:
            if image in keys:
                holders[keys[image]][one] += 1
    shared: Counter[tuple[int, int]] = Counter()
    for some in holders.values():
        for first, second in combinations(sorted(some), 2):
            shared[first, second] += min(some[first], some[second])
    return shared


def _copies(kept: Mapping[int, Sequence[int]], hashes: Mapping[int, float]) -> dict[int, object]:
    """Return for each image the smallest id of those that its hash says it is a copy of."""
    members = sorted({image for one in kept.values() for image in one if image in hashes})
    bits = {image: int(hashes[image]) for image in members}
    first: dict[int, object] = {}
    for image, other in _near(members, bits):
        first.setdefault(image, first.get(other, other))
    return {image: first.get(image, image) for image in members}


def _near(members: Iterable[int], bits: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield images with an earlier one that few bits differ from."""
    width = _BITS // _BANDS
    bands: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for image in members:
        places = [(band, bits[image] >> (width * band) & (2**width - 1)) for band in range(_BANDS)]
        earlier = {
            other for place in places if len(bands[place]) <= _MOST_ALIKE for other in bands[place]
        }
        for other in sorted(earlier):
            if (bits[image] ^ bits[other]).bit_count() <= _MOST_BITS:
                yield image, other
                break
        for place in places:
            bands[place].append(image)
