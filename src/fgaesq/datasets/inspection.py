"""Statistics of a dataset: what is in it, how sure its judges were, and what speaks against it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.records import Dataset, PairRecord, SeriesRecord, open_image
from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["inspect_dataset", "intransitive_triples"]

_BINS = 10
_EXAMPLES = 3


def inspect_dataset(
    dataset: Dataset, *, sampled: int = 50, on_image: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Return the statistics of a dataset as a JSON object.

    Args:
        dataset: of `read_dataset`.
        sampled: how many images to open, spread evenly over the dataset; 0 for none.
        on_image: called after each.

    Returns:
        `name`, `kind`, `path`; `total` and, by name, `splits` and `sources`, each with the numbers
        of `images`, `series`, `pairs` and `scores`; `series_sizes` (how many series of each size);
        `values`, `pairs`, `triples`, `scores` and `images` as described by the functions here, None
        where there are none; `leaks`; `notes`; `problems`.
    """
    return {
        "name": dataset.name,
        "kind": dataset.kind,
        "path": printable(dataset.root),
        "total": _counts(dataset),
        "splits": {split: _counts(dataset.of_split(split)) for split in dataset.splits},
        "sources": {source: _counts(dataset.of_source(source)) for source in dataset.sources},
        "series_sizes": dict(sorted(Counter(len(one.items) for one in dataset.series).items())),
        "values": _values(dataset.series),
        "pairs": _pairs(dataset) if dataset.pairs else None,
        "triples": _triples(dataset) if dataset.pairs else None,
        "scores": _scores(dataset) if dataset.scores else None,
        "leaks": _leaks(dataset),
        "images": _images(dataset, sampled, on_image or (lambda: None)) if sampled else None,
        "notes": list(dataset.notes),
        "problems": [asdict(problem) for problem in dataset.problems],
    }


def intransitive_triples(items: Sequence[str], pairs: Sequence[PairRecord]) -> tuple[int, int]:
    """Return how many triples of images were judged in all three pairs, and how many go in circles.

    Ties are no judgements here. With A the matrix of who beats whom, circles number trace(A^3) / 3,
    and judged triples trace(U^3) / 6 for U = A + A^T.
    """
    index = {item: number for number, item in enumerate(items)}
    beats = np.zeros((len(items), len(items)))
    for pair in pairs:
        first, second = index[pair.first], index[pair.second]
        if pair.p != 0.5:
            beats[(first, second) if pair.p > 0.5 else (second, first)] = 1
    judged = beats + beats.T
    return round(np.trace(judged @ judged @ judged) / 6), round(np.trace(beats @ beats @ beats) / 3)


def _counts(dataset: Dataset) -> dict[str, int]:
    return {
        "images": len(dataset.items),
        "series": len(dataset.series),
        "pairs": len(dataset.pairs),
        "scores": len(dataset.scores),
    }


def _values(series: Sequence[SeriesRecord]) -> dict[str, Any] | None:
    """Return how many series have values, and the gaps between the values of their pairs."""
    valued = [one for one in series if one.values]
    if not valued:
        return None
    gaps = [abs(a - b) for one in valued for a, b in combinations(one.values or (), 2)]
    quartiles = [float(gap) for gap in np.quantile(gaps, (0.25, 0.5, 0.75))]
    return {
        "series": len(valued),
        "pairs": len(gaps),
        "equal": sum(gap == 0 for gap in gaps),
        "gap_quartiles": quartiles,
    }


def _pairs(dataset: Dataset) -> dict[str, Any]:
    """Return ties, histogram of P, mean sureness |2P - 1|, and pairs that the values contradict."""
    p = np.array([pair.p for pair in dataset.pairs])
    decided = [pair for pair in dataset.pairs if pair.p != 0.5]
    return {
        "ties": int((p == 0.5).sum()),
        "decided": len(decided),
        "histogram_of_p": _histogram(p, 0, 1),
        "mean_sureness": float(np.abs(2 * p - 1).mean()),
        "against_values": _against_values(dataset.series, decided),
    }


def _against_values(series: Sequence[SeriesRecord], pairs: Sequence[PairRecord]) -> int | None:
    """Return how many pairs prefer the image of lower value; None if no series has values."""
    values = {one.id: dict(zip(one.items, one.values, strict=True)) for one in series if one.values}
    if not values:
        return None
    gaps = (
        (pair.p - 0.5) * (values[pair.series][pair.first] - values[pair.series][pair.second])
        for pair in pairs
        if pair.series in values
    )
    return sum(gap < 0 for gap in gaps)


def _triples(dataset: Dataset) -> dict[str, int]:
    pairs = dataset.pairs_of()
    found = [intransitive_triples(one.items, pairs[one.id]) for one in dataset.series]
    return {
        "judged": sum(judged for judged, _ in found),
        "intransitive": sum(circles for _, circles in found),
    }


def _scores(dataset: Dataset) -> dict[str, Any]:
    """Return the distribution of the absolute scores, and how many come with one of their own."""
    values = np.array([score.value for score in dataset.scores.values()])
    low, high = dataset.score_range or (float(values.min()), float(values.max()))
    return {
        "range": [low, high],
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        "histogram": _histogram(values, low, high),
        "with_distribution": sum(
            score.distribution is not None for score in dataset.scores.values()
        ),
    }


def _histogram(values: NDArray[np.float64], low: float, high: float) -> list[int]:
    counts, _ = np.histogram(values, bins=_BINS, range=(low, high))
    return [int(count) for count in counts]


def _leaks(dataset: Dataset) -> dict[str, Any]:
    """Return the image files that are in more than one split, which no result survives."""
    splits: dict[tuple[str, object], set[str]] = defaultdict(set)
    for item, split in _placed(dataset):
        record = dataset.items[item]
        splits[str(record.path), record.cell].add(split)
    leaked = sorted(path for (path, _), found in splits.items() if len(found) > 1)
    return {"images": len(leaked), "examples": [printable(path) for path in leaked[:_EXAMPLES]]}


def _placed(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Yield (item, split)."""
    for series in dataset.series:
        yield from ((item, series.split) for item in series.items if series.split)
    yield from ((item, one.split) for item, one in dataset.scores.items() if one.split)


def _images(dataset: Dataset, sampled: int, on_image: Callable[[], None]) -> Mapping[str, Any]:
    """Open some images; return how many, their sides in pixels, and those that cannot be opened."""
    items = list(dataset.items.values())
    step = max(1, len(items) // sampled)
    sides, broken = [], []
    for item in items[::step][:sampled]:
        try:
            sides.append(open_image(item).shape[:2])
        except InputError as error:
            broken.append(str(error))
        on_image()
    sizes = np.array(sides, np.int64).reshape(-1, 2)
    return {
        "sampled": len(sides) + len(broken),
        "smallest_side": int(sizes.min()) if sides else None,
        "largest_side": int(sizes.max()) if sides else None,
        "median_height": float(np.median(sizes[:, 0])) if sides else None,
        "median_width": float(np.median(sizes[:, 1])) if sides else None,
        "unreadable": len(broken),
        "examples": broken[:_EXAMPLES],
    }
