"""A histogram with a threshold as SVG, coloured by the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fgaesq.report.page import text

__all__ = ["Line", "histogram_chart"]

_WIDTH, _HEIGHT = 300, 130  # of the plotted area, in units of the drawing
_LEFT, _TOP = 34, 12
_BINS = 40
_TAIL = 0.002  # of the values lie beyond either end of the axis, in its last bars


@dataclass(frozen=True, slots=True)
class Line:
    """A threshold: its place, and on which side of it values are dropped."""

    value: float
    drops: Literal["below", "above"]


def histogram_chart(
    title: str, values: Sequence[float], *, caption: str, line: Line | None = None
) -> str:
    """Return the histogram of at least one value as a figure.

    Bars grow with the root of their number, so that single bad cases show beside thousands of good
    ones; those on the side that is dropped have another colour.

    Args:
        title: what is measured.
        values: of all images or pairs.
        caption: a sentence below.
        line: the threshold, if there is one.
    """
    low, high = _ends(values, line)
    counts, edges = np.histogram(np.clip(values, low, high), _BINS, (low, high))
    tallest = float(np.sqrt(max(1, counts.max())))

    def x(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * _WIDTH

    floor = _TOP + _HEIGHT
    bars = []
    for count, left, right in zip(counts, edges[:-1], edges[1:], strict=True):
        if not count:
            continue
        height = max(1.5, float(np.sqrt(count)) / tallest * _HEIGHT)
        name = "count out" if _is_out((left + right) / 2, line) else "count"
        bars.append(
            f'<rect class="{name}" x="{x(left) + 0.5:.1f}" y="{floor - height:.1f}" '
            f'width="{_WIDTH / _BINS - 1:.1f}" height="{height:.1f}">'
            f"<title>{count} from {left:.3g} to {right:.3g}</title></rect>"
        )
    axis = f'<path class="axis" d="M{_LEFT} {floor}h{_WIDTH}"/>'
    for share in (0, 0.25, 0.5, 0.75, 1):
        at = low + share * (high - low)
        axis += f'<text x="{x(at):.1f}" y="{floor + 15}" text-anchor="middle">{at:.3g}</text>'
    most = f'<text x="{_LEFT - 4}" y="{_TOP + 9}" text-anchor="end">{int(counts.max())}</text>'
    mark = ""
    if line is not None:
        at = x(line.value)
        mark = f'<path class="threshold" d="M{at:.1f} {_TOP - 4}V{floor}"/>'
    return (
        f'<figure class="chart histogram"><svg viewBox="0 0 {_LEFT + _WIDTH + 16} {floor + 20}" '
        f'role="img" aria-label="Histogram of {text(title)}">{axis}{most}{"".join(bars)}{mark}'
        f"</svg><figcaption><b>{text(title)}</b>: {text(caption)}</figcaption></figure>"
    )


def _ends(values: Sequence[float], line: Line | None) -> tuple[float, float]:
    """Return the ends of the axis: of nearly all values, and of the threshold."""
    low, high = (float(np.quantile(values, share)) for share in (_TAIL, 1 - _TAIL))
    if line is not None:
        low, high = min(low, line.value), max(high, line.value)
    margin = 0.02 * (high - low) or 0.5
    return low - margin, high + margin


def _is_out(value: float, line: Line | None) -> bool:
    if line is None:
        return False
    return value < line.value if line.drops == "below" else value > line.value
