"""The first step of refinement: what measures alone can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series, replace_drops
from fgaesq.building.records import Drop, Series
from fgaesq.building.refine.clip_measures import (
    alignments,
    clip_encoders,
    clip_likenesses,
    measure_with_clip,
)
from fgaesq.building.refine.duplicates import Merge, duplicates, groups_to_merge
from fgaesq.building.refine.judging import judged
from fgaesq.building.refine.lines import Lines, chosen_lines
from fgaesq.building.refine.measuring import Measured, measure
from fgaesq.building.refine.recipe import RefineRecipe

__all__ = ["MERGES", "SPLITS", "MetricsStep", "refine_by_metrics"]


SPLITS: Final = "proposed_splits"
"""Setting of the collection: the parts, lists of image ids, by id of a series to split. People
split and merge (`building.people`); refinement only drops."""

MERGES: Final = "proposed_merges"
"""Setting of the collection: lists of ids of series that may be one."""


@dataclass(frozen=True, slots=True)
class MetricsStep:
    """What the step measured, chose and proposes.

    Attributes:
        measured: all measures.
        lines: the thresholds.
        splits: parts of two or more images, by id of a series that falls apart; all but the first,
            the largest, were dropped as dissimilar.
        merges: series that share images.
    """

    measured: Measured
    lines: Lines
    splits: Mapping[int, tuple[tuple[int, ...], ...]]
    merges: tuple[Merge, ...]

    def summary(self) -> dict[str, object]:
        """Return thresholds and proposals as JSON."""
        lines = {
            name: {"value": round(line.value, 4), "from": line.how}
            for name, line in self.lines.single.items()
        }
        joining = {
            category: {
                name: {"value": round(line.value, 4), "from": line.how}
                for name, line in some.items()
            }
            for category, some in self.lines.together.items()
        }
        return {
            "measured": self.measured.measured,
            "thresholds": lines,
            "joining": joining,
            "proposals": proposals_json(self.splits, self.merges),
            "unreadable": {str(image): why for image, why in self.measured.unreadable.items()},
        }

    def proposal_words(self) -> list[str]:
        """Return what is proposed to people, one sentence each."""
        splits = [
            f"series {one} falls apart into {len(parts)} parts of two or more images: split it"
            for one, parts in self.splits.items()
        ]
        return splits + [
            f"series {one.first} and {one.second} share {one.shared} of {one.of} images: merge them"
            for one in self.merges
        ]


def refine_by_metrics(
    collection: Collection,
    recipe: RefineRecipe | None = None,
    *,
    processes: int = 2,
    clip: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MetricsStep:
    """Measure what is not measured yet, choose thresholds, and drop what they say.

    Args:
        collection: of the dataset; what this step dropped before is replaced.
        recipe: thresholds not to be chosen from the data.
        processes: that measure at once.
        clip: weights of CLIP ViT-B/16, the vocabulary beside them, for `misaligned`.
        progress: called with the tasks done and their number.
    """
    measured = measure(collection, processes=processes, progress=progress)
    if clip is not None:
        measure_with_clip(collection, clip, clip_encoders(clip))
    measured = replace(
        measured,
        looks={**measured.looks, "alignment": alignments(collection)},
        pairs={**measured.pairs, "clip": clip_likenesses(collection)},
    )
    known = images(collection)
    series = all_series(collection)
    lines = chosen_lines(series, measured, recipe or RefineRecipe())
    judgements = {one.id: judged(one, measured, lines, known) for one in series}
    drops = [drop for one in judgements.values() for drop in one.drops]
    kept = _kept(series, drops)
    doubled, merges = duplicates(
        [one for one in series if one.id in kept], kept, known, measured.looks["hash"]
    )
    splits = {one: found.parts for one, found in judgements.items() if found.parts}
    with collection.transaction():
        replace_drops(collection, "metrics", [*drops, *doubled])
        collection.set(SPLITS, {str(one): parts for one, parts in splits.items()})
        collection.set(MERGES, groups_to_merge(merges))
    return MetricsStep(measured, lines, splits, tuple(merges))


def _kept(series: Iterable[Series], drops: Iterable[Drop]) -> dict[int, list[int]]:
    """Return the images that are left, by series that is left."""
    out = {(drop.series, drop.image) for drop in drops}
    return {
        one.id: [image for image in one.members if (one.id, image) not in out]
        for one in series
        if (one.id, None) not in out and (one.drop is None or one.drop.step == "metrics")
    }


def proposals_json(
    splits: Mapping[int, Sequence[Sequence[int]]], merges: Iterable[Merge]
) -> dict[str, object]:
    """Return what is proposed to people, as `--json` has it."""
    return {
        "splits": [
            {"series": one, "parts": [list(part) for part in parts]}
            for one, parts in splits.items()
        ],
        "merges": [
            {"series": [one.first, one.second], "shared": one.shared, "of": one.of}
            for one in merges
        ],
    }
