"""An evaluation as tables, JSON, CSV, Markdown, text and a page."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET

import pytest
from tests.report.evaluations import HOSTILE, evaluation, some

from fgaesq.evaluation.results import Calibration, Evaluation, ReliabilityBin
from fgaesq.report.charts import interval_mark, reliability_chart, scale_chart
from fgaesq.report.evaluation_formats import (
    evaluation_csv,
    evaluation_data,
    evaluation_markdown,
    evaluation_text,
)
from fgaesq.report.evaluation_page import evaluation_page
from fgaesq.report.evaluation_tables import Table, published_tables, set_summary, set_tables


@pytest.fixture
def result() -> Evaluation:
    return evaluation()


def table_named(result: Evaluation, start: str) -> Table:
    tables = [*set_tables(result.sets[0]), *published_tables(result.sets[0])]
    return next(table for table in tables if table.title.startswith(start))


def test_the_summary_counts_what_was_used_and_left_out(result: Evaluation) -> None:
    assert set_summary(result.sets[0]) == (
        "31 images, 12 series, 40 judged pairs; 2 tied pairs left out; 1 image could not be used. "
        r"Split test; <script>x</script>|\x1b."
    )


def test_order_is_shown_with_intervals_models_first(result: Evaluation) -> None:
    table = table_named(result, "Order")
    assert table.rows[0] == (
        "ours", "0.800 (0.750 to 0.850)", "0.800", "0.600 (0.550 to 0.650)", "0.500", "0.400",
        "0.800", "–",
    )  # fmt: skip
    assert (table.lead, table.marks) == (1, (some(0.8), some(0.6)))


def test_differences_have_signs_and_p(result: Evaluation) -> None:
    assert table_named(result, "ours against").rows == (
        ("sharpness", "+0.200 (+0.150 to +0.250)", "<.001", "-0.100 (-0.150 to -0.050)", "0.400"),
    )


def test_the_longer_dimension_makes_the_rows(result: Evaluation) -> None:
    by_source = table_named(result, "By source or kind: pair")
    assert by_source.heads == ("", "ours", "sharpness")
    assert [row[0] for row in by_source.rows] == ["natural (40 pairs)", "aigc (40 pairs)"]
    by_gap = table_named(result, "By size of the gap")
    assert by_gap.heads == ("", "0 to 0.1 (40 pairs)")
    assert [row[0] for row in by_gap.rows] == ["ours", "sharpness"]


def test_calibration_fills_the_bins_by_confidence(result: Evaluation) -> None:
    row = table_named(result, "Calibration").rows[0]
    assert row[:2] == ("ours", "0.080 (0.030 to 0.130)")
    assert [cell for cell in row[2:] if cell != "–"] == ["0.50 of 10", "0.90 of 30"]
    assert (row[2 + 2], row[2 + 9]) == ("0.50 of 10", "0.90 of 30")


def test_reasons_are_shown_by_kind_for_models_that_give_them(result: Evaluation) -> None:
    everything, noise = table_named(result, "How often the first reason of ours").rows
    assert everything == (
        "all", "–", "30", "0.700 (0.650 to 0.750)", "40", "0.500 (0.450 to 0.550)", "0.800",
        "0.600 (0.550 to 0.650)", r"none 9, <script>x</script>|\x1b 2",
    )  # fmt: skip
    assert (noise[:4], noise[-1]) == (("noise", "less noise", "0", "–"), "–")
    titles = [table.title for table in set_tables(result.sets[0])]
    assert not any("first reason of sharpness" in title for title in titles)


def test_reasons_have_lines_of_their_own_in_csv(result: Evaluation) -> None:
    rows = csv.DictReader(io.StringIO(evaluation_csv(result)))
    lines = [
        (row["part"], row["label"], row["measure"], row["value"], row["n"])
        for row in rows
        if row["part"] in ("reasons", "mistaken")
    ]
    assert lines[:5] == [
        ("reasons", "all", "right_named", "0.700000", "30"),
        ("reasons", "all", "named", "0.500000", "40"),
        ("reasons", "all", "given", "0.800000", "40"),
        ("reasons", "all", "best_named", "0.600000", "12"),
        ("mistaken", "all", "none", "9", "40"),
    ]
    assert [line[2] for line in lines[6:]] == ["named", "given", "best_named"]


def test_published_numbers_stand_below_ours_in_the_same_columns(result: Evaluation) -> None:
    table = table_named(result, "Beside published")
    assert table.rows == (
        ("ours, measured here", "0.800", "0.500", "0.800", "–", "0.700"),
        ("Other", "0.500", "–", "0.750", "0.100", "0.200"),
    )
    assert "were not measured here" in table.note


def test_json_holds_every_number_and_no_picture(result: Evaluation) -> None:
    data = json.loads(json.dumps(evaluation_data(result)))
    assert data["models"][0]["sha256"] == "ab12" * 16
    one = data["sets"]["fgaesthetics"]
    ours = one["scorers"]["ours"]
    assert ours["groups"]["all"]["accuracy"] == {"value": 0.8, "low": 0.75, "high": 0.85}
    assert ours["mistakes"] == [
        {
            "series": "s7", "group": "<script>x</script>|\\x1b", "better": "good.jpg",
            "worse": "<script>x</script>|\\x1b", "p": 0.93, "truth": "votes 9 against 2",
        }
    ]  # fmt: skip
    assert one["failures"] == [
        {"path": "gone.jpg", "stage": "decode", "error": "gone.jpg: not found"}
    ]


def test_csv_has_a_line_for_every_number(result: Evaluation) -> None:
    rows = list(csv.DictReader(io.StringIO(evaluation_csv(result))))
    assert list(rows[0]) == [
        "set", "scorer", "kind", "part", "label", "measure", "value", "low", "high", "n",
    ]  # fmt: skip
    assert rows[0] == {
        "set": "fgaesthetics", "scorer": "ours", "kind": "model", "part": "group", "label": "all",
        "measure": "accuracy", "value": "0.800000", "low": "0.750000", "high": "0.850000",
        "n": "40",
    }  # fmt: skip
    parts = {row["part"] for row in rows}
    assert parts == {
        "group", "gap", "summary", "single images", "calibration", "reasons", "mistaken",
        "against", "scale",
    }  # fmt: skip
    assert all(None not in row and None not in row.values() for row in rows)


def test_markdown_tables_are_whole(result: Evaluation) -> None:
    text = evaluation_markdown(result, origin="Measured today.")
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block
    assert "<script" not in text
    assert "\x1b" not in text
    assert "* gone.jpg: not found" in text
    assert "Measured today." in text
    assert "surest of, and wrong" in text


def test_text_is_aligned(result: Evaluation) -> None:
    lines = evaluation_text(result).splitlines()
    start = lines.index("Order in series")
    assert {len(line) for line in lines[start + 1 : start + 4]} == {len(lines[start + 1])}


def test_page_is_self_contained_and_escapes_names(result: Evaluation) -> None:
    html = evaluation_page(result, origin="Measured today.")
    assert "<script" not in html
    assert HOSTILE not in html
    assert not re.search(r"https?:|url\(|@import| style=", html)
    style = re.findall("<style>(.*?)</style>", html, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in html
    assert "script-src" not in html
    assert html.count("data:image/jpeg;base64,") == 2
    assert "left preferred with 93 %; right: votes 9 against 2" in html
    assert html.count('<svg class="mark"') == 2
    assert html.count('<figure class="chart">') == 2


def test_page_of_nothing_but_a_set() -> None:
    empty = Evaluation((), ())
    assert "<main>" in evaluation_page(empty, origin="")


def test_charts_are_well_formed_and_place_what_they_show() -> None:
    calibration = Calibration(
        some(0.1), (ReliabilityBin(4, 0.5, some(0.5)), ReliabilityBin(8, 1.0, some(0.95)))
    )
    figure = ET.fromstring(reliability_chart("a & b", calibration))  # noqa: S314 - our own
    dots = figure.findall(".//circle")
    (x0, y0), (x1, y1) = ((float(d.attrib["cx"]), float(d.attrib["cy"])) for d in dots)
    assert (x0, x1) == (46, 306)
    assert y0 > y1
    assert figure.find("svg").attrib["aria-label"] == "Reliability of a & b"  # type: ignore[union-attr]
    mark = ET.fromstring(interval_mark(some(0.5)))  # noqa: S314 - our own
    assert mark.find("circle").attrib["cx"] == "50.0"  # type: ignore[union-attr]
    chart = ET.fromstring(scale_chart(evaluation().sets[0].scales[0]))  # noqa: S314 - our own
    heights = [float(bar.attrib["height"]) for bar in chart.findall(".//rect")]
    assert heights == [0, 280, 0, 0, 0, 0, 280, 0, 0, 0]
