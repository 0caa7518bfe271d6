"""The first step of refinement: what measures alone can tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series, replace_drops
from fgaesq.building.records import Series, SourceImage
from fgaesq.building.refine.judging import Judgement, judged
from fgaesq.building.refine.lines import Lines, chosen_lines
from fgaesq.building.refine.measuring import Measured, measure
from fgaesq.building.refine.recipe import RefineRecipe

__all__ = ["MetricsStep", "refine_by_metrics"]


@dataclass(frozen=True, slots=True)
class MetricsStep:
    """What the step measured, chose and dropped; `judgements` by series id."""

    measured: Measured
    lines: Lines
    judgements: Mapping[int, Judgement]


def refine_by_metrics(
    collection: Collection,
    recipe: RefineRecipe | None = None,
    *,
    processes: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> MetricsStep:
    """Measure what is not measured yet, choose thresholds, and drop what they say.

    Args:
        collection: of the dataset; what this step dropped before is replaced.
        recipe: thresholds not to be chosen from the data.
        processes: that measure at once.
        progress: called with the tasks done and their number.
    """
    measured = measure(collection, processes=processes, progress=progress)
    known = images(collection)
    series = all_series(collection)
    lines = chosen_lines(series, measured, recipe or RefineRecipe())
    judgements = {one.id: judged(one, measured, lines, known) for one in series}
    replace_drops(
        collection, "metrics", (drop for one in judgements.values() for drop in one.drops)
    )
    return MetricsStep(measured, lines, judgements)
