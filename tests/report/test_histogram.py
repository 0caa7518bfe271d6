"""Histograms: bars on both sides of a threshold."""

from __future__ import annotations

import re

from fgaesq.report.histogram import Line, histogram_chart


def bars(chart: str, name: str) -> list[int]:
    """Return the numbers that the bars of a class stand for."""
    return [
        int(number) for number in re.findall(rf'<rect class="{name}"[^>]*><title>(\d+) from', chart)
    ]


def test_every_value_is_in_a_bar() -> None:
    chart = histogram_chart("x", [0.0, 0.1, 0.1, 5.0], caption="four values")
    assert sum(bars(chart, "count")) == 4
    assert "four values" in chart


def test_bars_on_the_dropped_side_have_another_colour() -> None:
    values = [0.1, 0.2, 0.8, 0.9, 0.9]
    below = histogram_chart("x", values, caption="", line=Line(0.5, "below"))
    above = histogram_chart("x", values, caption="", line=Line(0.5, "above"))
    assert sum(bars(below, "count out")) == 2
    assert sum(bars(above, "count out")) == 3
    assert 'class="threshold"' in below


def test_equal_values_and_odd_names_are_drawn() -> None:
    chart = histogram_chart("<b>", [1.0, 1.0], caption="&")
    assert sum(bars(chart, "count")) == 2
    assert "<b><" not in chart
