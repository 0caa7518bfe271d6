"""Losses and measures over the steps of a run as a picture, one panel each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_curves"]

_WIDTH, _HEIGHT, _GAP = 300, 130, 46
_COLUMNS = 3
_POINTS = 150
_NO_CURVES = ("step", "seconds", "lr")

_Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def draw_curves(steps: Sequence[Mapping[str, Any]], log: Sequence[Mapping[str, Any]]) -> str:
    """Return an SVG with a panel for each loss, then one for each measure of the validations.

    Args:
        steps: of each step its number (`step`) and losses; a loss need not be in all of them.
        log: of each validation its step and measures. What is also in `steps` is drawn from there.
    """
    losses = {name: _thinned(curve) for name, curve in _curves(steps).items()}
    measures = {name: curve for name, curve in _curves(log).items() if name not in losses}
    panels = [_panel(name, curve, "#1f6fb2") for name, curve in losses.items()]
    panels += [_panel(name, curve, "#b25a1f") for name, curve in measures.items()]
    across, down = _WIDTH + _GAP, _HEIGHT + _GAP
    rows = -(-len(panels) // _COLUMNS)
    placed = [
        f'<g transform="translate({_GAP + i % _COLUMNS * across} {24 + i // _COLUMNS * down})">'
        f"{panel}</g>"
        for i, panel in enumerate(panels)
    ]
    size = (_GAP + _COLUMNS * across, 24 + rows * down)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" '
        f'width="{size[0]}" height="{size[1]}" font-family="sans-serif" font-size="11">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{chr(10).join(placed)}\n</svg>\n'
    )


def _curves(rows: Sequence[Mapping[str, Any]]) -> dict[str, _Curve]:
    """Return steps and values of every number in the rows but those that are no curve."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        for name, value in row.items():
            if name not in _NO_CURVES and isinstance(value, (int, float)):
                points.setdefault(name, []).append((row["step"], value))
    return {name: (table[:, 0], table[:, 1]) for name, table in _tables(points).items()}


def _tables(points: Mapping[str, list[tuple[float, float]]]) -> dict[str, NDArray[np.float64]]:
    return {name: np.array(pairs, np.float64) for name, pairs in points.items()}


def _thinned(curve: _Curve) -> _Curve:
    """Return means of runs of steps where there are more than can be seen."""
    x, y = curve
    if len(x) <= _POINTS:
        return curve
    runs = np.array_split(np.arange(len(x)), _POINTS)
    return np.array([x[run].mean() for run in runs]), np.array([y[run].mean() for run in runs])


def _panel(name: str, curve: _Curve, colour: str) -> str:
    """Return one curve in its frame, the range of its values beside and the last one above."""
    x, y = curve
    low, high = float(y.min()), float(y.max())
    span, length = (high - low) or 1.0, float(x[-1] - x[0]) or 1.0
    across = (x - x[0]) / length * _WIDTH
    down = _HEIGHT - (y - low) / span * _HEIGHT
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, down, strict=True))
    return (
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#ccc"/>'
        f'<text y="-6">{escape(name)}: {y[-1]:.4g}</text>'
        f'<text x="-4" y="9" text-anchor="end">{high:.3g}</text>'
        f'<text x="-4" y="{_HEIGHT}" text-anchor="end">{low:.3g}</text>'
        f'<text x="0" y="{_HEIGHT + 13}">{x[0]:.0f}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 13}" text-anchor="end">{x[-1]:.0f}</text>'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        f'<circle cx="{across[-1]:.1f}" cy="{down[-1]:.1f}" r="2.5" fill="{colour}"/>'
    )
