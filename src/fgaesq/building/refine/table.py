"""The counts of refinement as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fgaesq.building.records import REASONS, Series, Step
from fgaesq.building.refine.counting import Count, StepCount, funnel, groups_of

__all__ = ["funnel_table"]


def funnel_table(series: Sequence[Series], steps: Sequence[Step]) -> str:
    """Return what each step kept and dropped, of all series and of each category and source.

    Args:
        series: all of the dataset.
        steps: that have run.
    """
    parts = [_block("all", series, steps)]
    groups = groups_of(series)
    if len(groups) > 1:
        for (category, source), some in groups.items():
            name = f"{category}, {source}" if source and source != category else category
            parts.append(_block(name, some, steps))
    return "\n".join(parts)


def _block(name: str, series: Sequence[Series], steps: Sequence[Step]) -> str:
    collected = Count(sum(len(one.members) for one in series), len(series))
    lines = [f"{name:<34}{'images':>10}{'series':>10}", _line("collected", collected)]
    for one in funnel(series, steps):
        if one.step == "collect" and not one.images:
            continue
        lines += [_line(f"{mark} {words}", count) for mark, words, count in _dropped(one)]
        lines.append(_line(f"after {one.step}", one.kept))
    return "\n".join(lines) + "\n"


def _dropped(one: StepCount) -> list[tuple[str, str, Count]]:
    reasons = Counter(one.images)
    rows = [
        ("  -", reason.replace("_", " "), Count(number, one.series.get(reason, 0)))
        for reason, number in sorted(reasons.items(), key=lambda row: list(REASONS).index(row[0]))
    ]
    rows += [
        ("  -", reason.replace("_", " "), Count(0, number))
        for reason, number in one.series.items()
        if reason not in reasons
    ]
    return rows


def _line(words: str, count: Count) -> str:
    series = f"{count.series:,}" if count.series else "" if words.startswith(" ") else "0"
    return f"{words:<34}{count.images:>10,}{series:>10}".rstrip()
