"""Counting: what each step kept and dropped, by reason, and by category and source."""

from __future__ import annotations

from fgaesq.building.records import Drop, Series
from fgaesq.building.refine.counting import Count, StepCount, funnel, funnel_json
from fgaesq.building.refine.table import funnel_table

SERIES = [
    Series(
        1, "natural", (1, 2, 3, 4),
        {2: Drop(1, 2, "metrics", "empty"), 3: Drop(1, 3, "model", "context")}, None, "cards",
    ),
    Series(
        2, "natural", (5, 6), {5: Drop(2, 5, "metrics", "empty")},
        Drop(2, None, "metrics", "too_few"), "cards",
    ),
    Series(3, "aigc", (7, 8), {}, Drop(3, None, "people", "other"), "generator"),
]  # fmt: skip


def test_each_step_counts_what_it_dropped_and_what_is_left() -> None:
    assert funnel(SERIES, ["metrics", "model"]) == [
        StepCount("collect", Count(8, 3)),
        StepCount("metrics", Count(5, 2), {"empty": 2, "too_few": 1}, {"too_few": 1}),
        StepCount("model", Count(4, 2), {"context": 1}),
        StepCount("people", Count(2, 1), {"other": 2}, {"other": 1}),
    ]


def test_what_is_left_is_what_the_series_keep() -> None:
    last = funnel(SERIES, ["metrics", "model"])[-1]
    assert last.kept.images == sum(len(one.kept) for one in SERIES)
    assert last.kept.series == sum(bool(one.kept) for one in SERIES)


def test_json_has_all_and_each_source() -> None:
    content = funnel_json(SERIES, ["metrics"])
    assert content["collected"] == {"images": 8, "series": 3}
    by_source = content["by_source"]
    assert isinstance(by_source, list)
    assert [(one["category"], one["source"]) for one in by_source] == [
        ("aigc", "generator"),
        ("natural", "cards"),
    ]


def test_the_table_reads_from_collected_to_left() -> None:
    table = funnel_table(SERIES[:2], ["metrics", "model"])
    assert table == (
        "all                                   images    series\n"
        "collected                                  6         2\n"
        "  - empty                                  2\n"
        "  - too few                                1         1\n"
        "after metrics                              3         1\n"
        "  - context                                1\n"
        "after model                                2         1\n"
    )
