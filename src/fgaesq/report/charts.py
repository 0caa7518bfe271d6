"""The few charts of an evaluation as SVG, coloured by the page's style."""

from __future__ import annotations

import math
from html import escape

from fgaesq.evaluation.results import Calibration, Estimate, ScoreScale
from fgaesq.report.text import printable

__all__ = ["interval_mark", "reliability_chart", "scale_chart"]

_SIDE = 260  # of the plotted square, in units of the drawing
_LEFT, _TOP, _COUNTS = 46, 12, 44


def interval_mark(estimate: Estimate) -> str:
    """Return a small drawing of an estimate between 0 and 1 with its interval; chance is marked."""
    x, low, high = (f"{100 * v:.1f}" for v in (estimate.value, estimate.low, estimate.high))
    return (
        '<svg class="mark" viewBox="-4 0 108 16" aria-hidden="true">'
        '<path class="axis" d="M0 8h100M0 5v6M100 5v6"/><path class="chance" d="M50 1v14"/>'
        f'<path class="interval" d="M{low} 8H{high}"/><circle class="dot" cx="{x}" cy="8" r="4"/>'
        "</svg>"
    )


def reliability_chart(name: str, calibration: Calibration) -> str:
    """Return the reliability curve of a model as a figure: stated against true probability.

    Dots grow with their number of pairs, which also stand below as bars; whiskers are intervals.
    """
    lowest = min(0.5, math.floor(min(one.right.low for one in calibration.bins) * 10) / 10)
    most = max(one.pairs for one in calibration.bins)

    def x(p: float) -> float:
        return _LEFT + (p - 0.5) / 0.5 * _SIDE

    def y(p: float) -> float:
        return _TOP + (1 - p) / (1 - lowest) * _SIDE

    floor = _TOP + _SIDE + _COUNTS
    shapes = []
    for one in calibration.bins:
        at, right = x(one.confidence), y(one.right.value)
        left = x(0.5 + math.floor((min(one.confidence, 0.999) - 0.5) * 20) / 20)
        height = max(1.0, one.pairs / most * (_COUNTS - 8))
        shapes.append(
            f'<rect class="count" x="{left + 1:.1f}" y="{floor - height:.1f}" '
            f'width="{_SIDE / 10 - 2:.1f}" height="{height:.1f}"/>'
            f'<path class="interval" d="M{at:.1f} {y(one.right.low):.1f}V{y(one.right.high):.1f}"/>'
            f'<circle class="dot" cx="{at:.1f}" cy="{right:.1f}" '
            f'r="{3 + 4 * math.sqrt(one.pairs / most):.1f}">'
            f"<title>{one.pairs} pairs called with {one.confidence:.2f}, {one.right.value:.2f} "
            "of them rightly</title></circle>"
        )
    ticks = [f'<path class="ideal" d="M{x(0.5)} {y(0.5):.1f}L{x(1)} {y(1)}"/>']
    for tenth in range(round(lowest * 10), 11):
        p = tenth / 10
        ticks.append(_label(_LEFT - 8, y(p) + 4, f"{p:.1f}", "end"))
        ticks.append(f'<path class="axis" d="M{_LEFT} {y(p):.1f}h{_SIDE}"/>')
        if p >= 0.5:
            ticks.append(_label(x(p), floor + 16, f"{p:.1f}", "middle"))
    width, height = _LEFT + _SIDE + 14, floor + 24
    error = calibration.error
    return (
        f'<figure class="chart"><svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Reliability of {escape(printable(name))}">{"".join(ticks + shapes)}</svg>'
        f"<figcaption><b>{escape(printable(name))}</b>: share of pairs called rightly (up) by "
        "stated probability (across), number of pairs below. Calibration error "
        f"{error.value:.3f} ({error.low:.3f} to {error.high:.3f}).</figcaption></figure>"
    )


def scale_chart(scale: ScoreScale) -> str:
    """Return the histogram of a model's scores of single images as a figure."""
    bars = "".join(_bar(n, share, max(scale.shares)) for n, share in enumerate(scale.shares))
    return (
        f'<figure class="chart"><svg viewBox="0 0 320 340" role="img" '
        f'aria-label="Scores given by {escape(printable(scale.model))}">{bars}</svg>'
        f"<figcaption><b>{escape(printable(scale.model))}</b>: share of single images by score. "
        f"5 % lie below {scale.low:.2f}, half below {scale.median:.2f}, 5 % above "
        f"{scale.high:.2f}.</figcaption></figure>"
    )


def _bar(position: int, share: float, most: float) -> str:
    height = 280 * share / most
    left, middle = 10 + 30 * position, 10 + 30 * position + 13
    number = _label(middle, 306 - height, f"{share:.0%}", "middle") if share else ""
    return (
        f'<rect class="count" x="{left}" y="{312 - height:.1f}" width="26" height="{height:.1f}"/>'
        f"{number}{_label(middle, 332, str(position + 1), 'middle')}"
    )


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
