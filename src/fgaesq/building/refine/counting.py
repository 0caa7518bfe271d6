"""How many images and series each step kept and dropped, as in the paper's Table 1.

An image counts once for each series that it is in. What a person took back is kept again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fgaesq.building.records import STEPS, Drop, Series, Step

__all__ = ["Count", "StepCount", "funnel", "funnel_json", "groups_of"]


@dataclass(frozen=True, slots=True)
class Count:
    """Images and series."""

    images: int = 0
    series: int = 0


@dataclass(frozen=True, slots=True)
class StepCount:
    """What is left after a step, and what it dropped.

    Attributes:
        step: its name.
        kept: after it.
        images: dropped by it, by reason; those of a dropped series under that of the series.
        series: dropped by it, by reason.
    """

    step: Step
    kept: Count
    images: Mapping[str, int] = field(default_factory=dict)
    series: Mapping[str, int] = field(default_factory=dict)


def groups_of(series: Iterable[Series]) -> dict[tuple[str, str], list[Series]]:
    """Return the series by category and source, sorted."""
    groups: dict[tuple[str, str], list[Series]] = {}
    for one in series:
        groups.setdefault((one.category, one.source), []).append(one)
    return dict(sorted(groups.items()))


def funnel(series: Sequence[Series], steps: Sequence[Step]) -> list[StepCount]:
    """Return the counts after collecting and after each of the steps, in their order.

    Args:
        series: all of the dataset, or of one source.
        steps: that have run (`collection.series.steps_run`); `people` is added if anything was
            dropped by people.
    """
    found = {one.step for drops in map(_all_drops, series) for one in drops}
    ran = [step for step in STEPS if step == "collect" or step in steps or step in found]
    images, whole = len([i for one in series for i in one.members]), len(series)
    counts = []
    for step in ran:
        lost: Counter[str] = Counter()
        gone: Counter[str] = Counter()
        for one in series:
            reasons, reason = _lost_in(one, step)
            lost.update(reasons)
            gone.update([reason] if reason else [])
        images, whole = images - lost.total(), whole - gone.total()
        counts.append(StepCount(step, Count(images, whole), dict(lost), dict(gone)))
    return counts


def funnel_json(series: Sequence[Series], steps: Sequence[Step]) -> dict[str, object]:
    """Return the counts of all series and of each category and source as JSON."""

    def rows(some: Sequence[Series]) -> list[dict[str, object]]:
        return [
            {
                "step": one.step,
                "images": one.kept.images,
                "series": one.kept.series,
                "dropped_images": dict(one.images),
                "dropped_series": dict(one.series),
            }
            for one in funnel(some, steps)
        ]

    return {
        "collected": {
            "images": sum(len(one.members) for one in series),
            "series": len(series),
        },
        "steps": rows(series),
        "by_source": [
            {"category": category, "source": source, "steps": rows(some)}
            for (category, source), some in groups_of(series).items()
        ],
    }


def _all_drops(series: Series) -> list[Drop]:
    return [*series.dropped.values(), *([series.drop] if series.drop else [])]


def _lost_in(series: Series, step: Step) -> tuple[list[str], str]:
    """Return the reasons of the images that a step took out, and that of the series if it did."""
    place = STEPS.index(step)
    end = STEPS.index(series.drop.step) if series.drop else len(STEPS)
    if end < place:
        return [], ""
    reasons = [drop.reason for drop in series.dropped.values() if drop.step == step]
    if series.drop is None or end != place:
        return reasons, ""
    # The rest of a series that goes in this step goes with it.
    rest = [i for i in series.members
            if i not in series.dropped or STEPS.index(series.dropped[i].step) > place]  # fmt: skip
    return reasons + [series.drop.reason] * len(rest), series.drop.reason
