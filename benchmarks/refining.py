"""How much of what should go refinement finds, and how much of what should stay it drops.

    python benchmarks/refining.py --photos ../shared/photos --out benchmarks/results/refining.json

Heaps with planted bad members (`refining_heap`) are refined three times: thresholds chosen on a
heap of training photos and held fixed on one of test photos; thresholds chosen on that heap itself;
and a heap in which nothing is bad.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.refining_heap import PLANTED, Member, make_heap

from fgaesq.building.collection import Collection
from fgaesq.building.collection.series import all_series, steps_run
from fgaesq.building.records import Drop, Series
from fgaesq.building.refine import MetricsStep, RefineRecipe, refine_by_metrics
from fgaesq.building.refine.counting import funnel_json
from fgaesq.building.refine.statistics import similarities
from fgaesq.datasets.constructed import PoolPhoto, read_pool
from fgaesq.datasets.token_cache import DecodedPhotos

_MOST_PHOTOS = 250  # of a split, to be decoded


def main() -> None:
    """Measure, print, and with --out store the results with machine, date and commit."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        results = measured(Path(folder), arguments)
    print(json.dumps(results, indent=2))
    if arguments.out:
        from fgaesq.evaluation.provenance import provenance

        content = {**provenance(), "series": arguments.series, **results}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def measured(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Make the heaps, refine them and compare with the truth."""

    def heap(split: str, seed: int, *, planted: bool = True) -> tuple[Collection, list[Member]]:
        photos = drawn(Path(arguments.photos), split)
        place = folder / f"{split}-{seed}"
        print(f"{place.name}: {len(photos)} photos", file=sys.stderr, flush=True)
        return make_heap(
            place,
            photos,
            DecodedPhotos(photos),
            series=arguments.series,
            seed=seed,
            planted=planted,
        )

    chosen_on, truth = heap("train", 1)
    chosen = refine_by_metrics(chosen_on)
    results: dict[str, Any] = {
        "chosen_on_train": outcome(chosen_on, truth) | thresholds(chosen),
    }
    chosen_on.close()
    test, truth = heap("test", 2)
    began = time.perf_counter()
    refine_by_metrics(test, recipe_of(chosen))
    seconds = time.perf_counter() - began
    fixed = outcome(test, truth)
    own = refine_by_metrics(test)
    results["test_with_those_thresholds"] = fixed | {
        "seconds": round(seconds, 1),
        "images_per_second": round(len(truth) / seconds, 1),
        "funnel": funnel_json(all_series(test), steps_run(test)),
    }
    results["test_with_own_thresholds"] = outcome(test, truth) | thresholds(own)
    results["similarity"] = [one.summary() for one in similarities(all_series(test), own.measured)]
    test.close()
    clean, truth = heap("test", 3, planted=False)
    own = refine_by_metrics(clean)
    results["nothing_bad"] = outcome(clean, truth) | thresholds(own)
    clean.close()
    return results


def drawn(folder: Path, split: str) -> list[PoolPhoto]:
    """Return at most 250 photos of a split."""
    pool = read_pool(folder, split=split)
    order = np.random.default_rng(0).permutation(len(pool))[:_MOST_PHOTOS]
    return [pool[place] for place in order]


def recipe_of(step: MetricsStep) -> RefineRecipe:
    """Return the thresholds that a run chose, as a recipe; those of likeness are read anew.

    These say what images of different series reach by chance, which is no property of bad cases.
    """
    return RefineRecipe(**{name: line.value for name, line in step.lines.single.items()})


def thresholds(step: MetricsStep) -> dict[str, object]:
    """Return the thresholds that a run chose."""
    found = step.summary()
    return {name: found[name] for name in ("thresholds", "joining")}


def outcome(collection: Collection, truth: Sequence[Member]) -> dict[str, Any]:
    """Return how refinement fared.

    Of two images that cannot be told apart either may go. A good image that goes with a series of
    which too few are left is counted as such, not as dropped.
    """
    series = {one.id: one for one in all_series(collection)}
    found: dict[str, Counter[str]] = {kind: Counter() for kind in PLANTED}
    lost: Counter[str] = Counter()
    for one in truth:
        drop = series[one.series].dropped.get(one.image)
        if one.kind:
            found[one.kind][_reason(one, drop, series[one.series])] += 1
        elif drop is not None and not _for_its_twin(one, drop, truth):
            lost[drop.reason] += 1
    planted = sum(some.total() for some in found.values())
    gone = sum(some.total() - some["kept"] for some in found.values())
    right = sum(found[kind][PLANTED[kind]] for kind in found)
    good = sum(not one.kind for one in truth)
    return {
        "images": len(truth),
        "planted": planted,
        "found": round(gone / planted, 4) if planted else None,
        "found_for_the_right_reason": round(right / planted, 4) if planted else None,
        "good": good,
        "good_dropped": round(lost.total() / good, 4),
        "good_dropped_by_reason": dict(lost),
        "by_reason": by_reason(found),
        "by_kind": {kind: dict(some) for kind, some in found.items() if some},
        "series_dropped": dict(Counter(one.drop.reason for one in series.values() if one.drop)),
    }


def by_reason(found: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    """Return for each reason how many were planted, and how many of them were dropped for it."""
    reasons: dict[str, dict[str, int]] = {}
    for kind, some in found.items():
        row = reasons.setdefault(PLANTED[kind], {"planted": 0, "right": 0, "other_reason": 0})
        row["planted"] += some.total()
        row["right"] += some[PLANTED[kind]]
        row["other_reason"] += some.total() - some[PLANTED[kind]] - some["kept"]
    return reasons


def _reason(one: Member, drop: Drop | None, series: Series) -> str:
    """Return why a planted image went, or the image that it is a copy of in its place."""
    if drop is None and one.twin:
        twin = series.dropped.get(one.twin)
        drop = twin if twin is not None and twin.other == one.image else None
    return drop.reason if drop else "kept"


def _for_its_twin(one: Member, drop: Drop, truth: Sequence[Member]) -> bool:
    return any(other.image == drop.other and other.twin == one.image for other in truth)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", required=True, help="folder with a MANIFEST.csv")
    parser.add_argument("--series", type=int, default=300, help="of each heap")
    parser.add_argument("--out", help="JSON file for the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
