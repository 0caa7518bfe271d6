"""Tokens of judged datasets on disk, and the truth that people's judgements make of them.

The cache is that of `token_cache`; labels are not part of it, so that they can change without
reading all images again. `shard-000.items.json` names the images in it, and `unreadable.txt` those
that could not be read and are left out.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.records import Dataset, Item, PairRecord, open_image, pairs_from_values
from fgaesq.datasets.token_cache import (
    SERIES_PER_SHARD,
    TokenCache,
    load_cache,
    save_shard,
    write_shards,
)
from fgaesq.datasets.truth import Truth
from fgaesq.errors import FgaError, InputError
from fgaesq.images import photo_from_array
from fgaesq.texts.records import PairTexts
from fgaesq.tokens.difftoken import (
    TokenLayout,
    tokenize_random,
    tokenize_series,
    tokenize_single,
)
from fgaesq.types import Photo, TokenSet

__all__ = ["JudgedCache", "build_judged_cache", "judged_truth", "load_judged_cache"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedCache:
    """Tokens of a dataset's images, and which image each row is.

    Attributes:
        tokens: `series` counts the series of the dataset, or its scored items, from 0.
        items: id of the item in each row.
    """

    tokens: TokenCache
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    """The images of one shard, unit by unit: a series, or one image by itself."""

    folder: Path
    shard: int
    units: tuple[tuple[Item, ...], ...]
    layout: TokenLayout
    fine: Literal["difference", "random"]


def build_judged_cache(
    dataset: Dataset,
    folder: Path,
    *,
    layout: TokenLayout,
    fine: Literal["difference", "random"] = "difference",
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the cache of a dataset (one split of it); shards that are already there are kept.

    The images of a `series` dataset are tokenized as series, those of an `absolute` one each by
    itself. Images that cannot be read are left out, and with them series that have only one left.

    Raises:
        InputError: `folder` holds a cache of other images or another layout.
    """
    units = _units(dataset)
    note = {
        "dataset": dataset.name,
        "images": _digest(units),
        "series": len(units),
        "layout": asdict(layout),
        "fine": fine,
        "kinds": [],
    }
    starts = range(0, len(units), SERIES_PER_SHARD)
    jobs = [
        _Job(folder, shard, tuple(units[start : start + SERIES_PER_SHARD]), layout, fine)
        for shard, start in enumerate(starts)
    ]
    write_shards(folder, note, jobs, _write_shard, workers=workers, progress=progress)
    lost = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.lost")))
    (folder / "unreadable.txt").write_text(lost, encoding="utf-8")
    if lost:
        _log.warning(
            "%s: %d images cannot be read and are left out; see %s",
            dataset.root,
            lost.count("\n"),
            folder / "unreadable.txt",
        )


def load_judged_cache(folder: Path) -> JudgedCache:
    """Open a finished cache.

    Raises:
        InputError: the folder is not a cache, or an unfinished one.
    """
    tokens = load_cache(folder)
    items: list[str] = []
    for path in sorted(folder.glob("shard-*.items.json")):
        items += json.loads(path.read_text(encoding="utf-8"))
    return JudgedCache(tokens, tuple(items))


def judged_truth(dataset: Dataset, cache: JudgedCache, texts: PairTexts | None = None) -> Truth:
    """Return what people's judgements say of the images of a cache.

    The level of an image in its series is its value, or, where only pairs were judged, the mean
    probability that it is preferred. Scores are brought from the dataset's range to 1 to 10.

    Args:
        dataset: the one that the cache was made from.
        cache: of its tokens.
        texts: on its pairs; those that call the image worse that people prefer are not used.
    """
    rows = {
        (number, item): row
        for row, (number, item) in enumerate(
            zip(cache.tokens.series.tolist(), cache.items, strict=True)
        )
    }
    judged: list[tuple[int, int, float, str]] = []
    level = np.zeros(len(cache.items), np.float32)
    if dataset.kind == "series":
        pairs_of = dataset.pairs_of()
        for number, series in enumerate(dataset.series):
            pairs = pairs_of[series.id] or tuple(pairs_from_values(series))
            values = series.values or _preferred(series.items, pairs)
            for item, value in zip(series.items, values, strict=True):
                if (number, item) in rows:
                    level[rows[number, item]] = -value
            for pair in map(_better_first, pairs):
                first, second = rows.get((number, pair.first)), rows.get((number, pair.second))
                if first is not None and second is not None:
                    judged.append((first, second, pair.p, _text_of(pair, texts)))
    score, distribution = _scores(dataset, cache.items)
    return Truth(
        level=level,
        score=score,
        distribution=distribution,
        pairs=np.array([one[:2] for one in judged], np.int64).reshape(-1, 2),
        probability=np.array([one[2] for one in judged], np.float32),
        texts=tuple(one[3] for one in judged),
    )


def _better_first(pair: PairRecord) -> PairRecord:
    if pair.p >= 0.5:
        return pair
    return PairRecord(pair.series, pair.second, pair.first, 1 - pair.p, pair.votes)


def _preferred(items: Sequence[str], pairs: Sequence[PairRecord]) -> tuple[float, ...]:
    """Return the mean probability that each item is preferred, 0.5 for one in no pair."""
    found: dict[str, list[float]] = {item: [] for item in items}
    for pair in pairs:
        found[pair.first].append(pair.p)
        found[pair.second].append(1 - pair.p)
    return tuple(float(np.mean(found[item])) if found[item] else 0.5 for item in items)


def _text_of(pair: PairRecord, texts: PairTexts | None) -> str:
    known = texts.of(pair.series, pair.first, pair.second) if texts else ()
    return next((one.text for one in known if one.sign > 0), "")


def _scores(
    dataset: Dataset, items: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the scores (n,) from 1 to 10 and the distributions (n, 10); NaN where not known."""
    score = np.full(len(items), np.nan, np.float32)
    distribution = np.full((len(items), 10), np.nan, np.float32)
    low, high = dataset.score_range or (1.0, 10.0)
    for row, item in enumerate(items):
        known = dataset.scores.get(item)
        if known is not None:
            score[row] = 1 + 9 * (known.value - low) / (high - low)
            if known.distribution is not None:
                distribution[row] = known.distribution
    return score, distribution


def _units(dataset: Dataset) -> list[tuple[Item, ...]]:
    if dataset.kind == "series":
        return [tuple(dataset.items[item] for item in one.items) for one in dataset.series]
    return [(dataset.items[item],) for item in dataset.scores]


def _digest(units: Sequence[Sequence[Item]]) -> str:
    """Return a checksum of which images are in which unit, wherever the dataset lies."""
    told = [[(item.id, item.path.name, str(item.crop)) for item in unit] for unit in units]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _write_shard(job: _Job) -> None:
    sets: list[TokenSet] = []
    series: list[int] = []
    items: list[str] = []
    lost: list[str] = []
    first = job.shard * SERIES_PER_SHARD
    for number, unit in enumerate(job.units, start=first):
        photos = _photos(unit, job.layout, lost)
        if len(photos) < min(2, len(unit)):
            continue
        sets += _tokens(list(photos.values()), job, np.random.default_rng([0, number]))
        series += [number] * len(photos)
        items += photos
    if not sets:
        raise InputError(f"{job.folder}: none of its images can be read; {lost[0].strip()}")
    stem = job.folder / f"shard-{job.shard:03d}"
    stem.with_suffix(".items.json").write_text(json.dumps(items), encoding="utf-8")
    stem.with_suffix(".lost").write_text("".join(lost), encoding="utf-8")
    save_shard(stem, sets, _labels(series), job.layout.coarse)


def _photos(unit: Sequence[Item], layout: TokenLayout, lost: list[str]) -> dict[str, Photo]:
    """Return the photos of a unit by item id; those that cannot be read are noted in `lost`."""
    photos = {}
    for item in unit:
        try:
            pixels = open_image(item, max_long_side_px=layout.detail_px)
            photos[item.id] = photo_from_array(pixels, name=item.id)
        except FgaError as error:
            lost.append(f"{item.id}: {error}\n")
    return photos


def _tokens(photos: list[Photo], job: _Job, rng: np.random.Generator) -> list[TokenSet]:
    if job.fine == "random":
        return [tokenize_random(photo, layout=job.layout, rng=rng) for photo in photos]
    if len(photos) == 1:
        return [tokenize_single(photos[0], layout=job.layout)]
    return list(tokenize_series(photos, layout=job.layout).tokens)


def _labels(series: Sequence[int]) -> Mapping[str, NDArray[np.generic]]:
    """Return the labels of a cache that no edit made."""
    number = len(series)
    return {
        "series": np.array(series, np.int64),
        "severity": np.zeros(number, np.float32),
        "burden": np.zeros(number, np.float32),
        "area": np.ones(number, np.float32),
        "kind": np.full(number, -1, np.int64),
        "free": np.zeros(number, np.bool_),
    }
