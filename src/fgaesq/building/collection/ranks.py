"""The calibrated ranks of a collection, and the splits of its series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from fgaesq.building.collection.store import Collection
from fgaesq.building.records import CalibratedImage, CalibratedPair, CalibratedSeries
from fgaesq.datasets.records import Split

__all__ = ["calibrated_series", "keep_splits", "replace_calibration", "splits"]


def replace_calibration(collection: Collection, ranked: Iterable[CalibratedSeries]) -> None:
    """Keep the ranks of all series, in place of those before."""
    with collection.transaction(durable=True):
        collection.write("DELETE FROM calibrated_images")
        collection.write("DELETE FROM calibrated_pairs")
        for one in ranked:
            collection.write_all(
                "INSERT INTO calibrated_images VALUES (?, ?, ?, ?, ?, ?)",
                ((one.series, i.image, i.value, i.low, i.high, i.rank) for i in one.images),
            )
            collection.write_all(
                "INSERT INTO calibrated_pairs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (one.series, p.first, p.second, p.p, p.low, p.high, p.votes, p.removed)
                    for p in one.pairs
                ),
            )


def calibrated_series(collection: Collection) -> list[CalibratedSeries]:
    """Return the ranks by series id, images best first."""
    images: dict[int, list[CalibratedImage]] = defaultdict(list)
    pairs: dict[int, list[CalibratedPair]] = defaultdict(list)
    with collection.transaction():
        for series, *values in collection.rows(
            "SELECT series, image, value, low, high, rank FROM calibrated_images "
            "ORDER BY series, rank, value DESC, image"
        ):
            images[series].append(CalibratedImage(*values))
        for series, *values in collection.rows(
            "SELECT series, first, second, p, low, high, votes, removed FROM calibrated_pairs "
            "ORDER BY series, first, second"
        ):
            pairs[series].append(CalibratedPair(*values))
    return [CalibratedSeries(one, tuple(images[one]), tuple(pairs[one])) for one in images]


def keep_splits(collection: Collection, chosen: Mapping[int, Split]) -> None:
    """Keep the split of each series, in place of those before."""
    with collection.transaction(durable=True):
        collection.write("DELETE FROM splits")
        collection.write_all("INSERT INTO splits VALUES (?, ?)", chosen.items())


def splits(collection: Collection) -> dict[int, Split]:
    """Return the split of each series that has one."""
    return dict(collection.rows("SELECT series, split FROM splits"))
