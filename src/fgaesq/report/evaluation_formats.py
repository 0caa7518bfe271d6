"""An evaluation as JSON, CSV, Markdown and text for a terminal.

JSON holds every number with the names of `evaluation.results`, without pictures. CSV has one line
per number: set, scorer, kind, part (`group`, `gap`, `summary`, `single images`, `calibration`,
`against`, `scale`), label, measure, value, low, high, n.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

import numpy as np

from fgaesq.evaluation.results import Estimate, Evaluation, MeasuredSet, OrderMeasures, Scorer
from fgaesq.report.evaluation_tables import Table, published_tables, set_summary, set_tables
from fgaesq.report.text import cell_width, printable
from fgaesq.report.words import failure_words, percent

__all__ = ["evaluation_csv", "evaluation_data", "evaluation_markdown", "evaluation_text"]

_DECIMALS = 6
_MEASURES = ("accuracy", "f1", "top1", "srcc", "kendall")
_HEADS = (
    "set", "scorer", "kind", "part", "label", "measure", "value", "low", "high", "n",
)  # fmt: skip

_Line: TypeAlias = tuple[str, ...]


def evaluation_data(evaluation: Evaluation) -> dict[str, Any]:
    """Return the evaluation as JSON values: `models` and `sets` by name."""
    data: dict[str, Any] = _plain(evaluation)
    data["sets"] = {one["name"]: one for one in data["sets"]}
    for one in data["sets"].values():
        one["scorers"] = {scorer["name"]: scorer for scorer in one["scorers"]}
    return data


def _plain(value: Any) -> Any:  # noqa: ANN401 - any result, and what JSON has for it
    """Return a result as JSON values; pictures are left out."""
    if is_dataclass(value):
        names = [one.name for one in fields(value) if not one.name.endswith("_image")]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, (float, np.floating)):
        return round(float(value), _DECIMALS)
    return printable(value) if isinstance(value, str) else value


def evaluation_csv(evaluation: Evaluation) -> str:
    """Return every number on a line of its own; see the head of this module."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_HEADS)
    for measured in evaluation.sets:
        for scorer in measured.scorers:
            for line in _scorer_lines(scorer):
                table.writerow((measured.name, printable(scorer.name), scorer.kind, *line))
        for line in _other_lines(measured):
            table.writerow((measured.name, *line))
    return text.getvalue()


def _scorer_lines(scorer: Scorer) -> Iterator[_Line]:
    """Yield part, label, measure, value, low, high, n."""
    for part, rows in (("group", scorer.groups), ("gap", scorer.gaps)):
        for label, row in rows.items():
            yield from _order_lines(part, label, row)
    for label, value in (("Pair", scorer.pair), ("Series", scorer.series)):
        if value is not None:
            yield "summary", label, "mean over groups", f"{value:.6f}", "", "", ""
    if scorer.absolute:
        images = str(scorer.absolute.images)
        for measure in ("srcc", "plcc"):
            estimate = getattr(scorer.absolute, measure)
            if estimate:
                yield "single images", "all", measure, *_numbers(estimate), images
    if scorer.calibration:
        pairs = sum(one.pairs for one in scorer.calibration.bins)
        yield "calibration", "all", "error", *_numbers(scorer.calibration.error), str(pairs)
        for one in scorer.calibration.bins:
            label = f"{one.confidence:.4f}"
            yield "calibration", label, "right", *_numbers(one.right), str(one.pairs)


def _order_lines(part: str, label: str, row: OrderMeasures) -> Iterator[_Line]:
    for measure in _MEASURES:
        estimate: Estimate | None = getattr(row, measure)
        if estimate:
            number = row.pairs if measure in ("accuracy", "f1") else row.series
            yield part, printable(label), measure, *_numbers(estimate), str(number)


def _other_lines(measured: MeasuredSet) -> Iterator[_Line]:
    """Yield scorer, kind and the rest of a line, of what concerns no scorer alone."""
    for one in measured.differences:
        names = printable(one.model), "model", "against", printable(one.other)
        for measure, estimate, p in (
            ("accuracy", one.accuracy, one.accuracy_p),
            ("top1", one.top1, one.top1_p),
        ):
            if estimate:
                yield *names, f"difference of {measure}", *_numbers(estimate), ""
                yield *names, f"p of {measure}", f"{p:.6f}", "", "", ""
    for scale in measured.scales:
        name, images = printable(scale.model), str(scale.images)
        for label, value in (("5 %", scale.low), ("50 %", scale.median), ("95 %", scale.high)):
            yield name, "model", "scale", label, "percentile", f"{value:.6f}", "", "", images
        for kind, found in scale.kinds.items():
            for measure in ("steps_right", "spearman"):
                estimate = getattr(found, measure)
                if estimate:
                    number = str(found.ladders)
                    yield name, "model", "scale", kind, measure, *_numbers(estimate), number


def _numbers(estimate: Estimate) -> tuple[str, str, str]:
    return f"{estimate.value:.6f}", f"{estimate.low:.6f}", f"{estimate.high:.6f}"


def evaluation_markdown(evaluation: Evaluation, *, origin: str) -> str:
    """Return the report as Markdown; `origin` says when, where and by which code it was made."""
    lines = ["# Evaluation", ""]
    lines += [f"* {printable(line)}" for line in model_lines(evaluation)]
    lines += [f"* {origin}", ""]
    for measured in evaluation.sets:
        lines += [f"## {printable(measured.name)}", "", _escaped(set_summary(measured)), ""]
        tables = [*set_tables(measured), *published_tables(measured)]
        for table in tables:
            lines += [f"### {_escaped(table.title)}", "", *_markdown_table(table), ""]
            lines += [_escaped(table.note), ""] if table.note else []
        lines += _markdown_mistakes(measured)
        if measured.failures:
            lines += ["### Could not be used", ""]
            lines += [f"* {_escaped(line)}" for line in failure_words(measured.failures)] + [""]
    return "\n".join(lines).rstrip() + "\n"


def model_lines(evaluation: Evaluation) -> list[str]:
    """Return a line for each model."""
    return [
        f"{one.name} {one.version}, {one.engine} engine, {one.tokenizer} tokenizer, "
        f"sha256 {one.sha256[:12]}"
        for one in evaluation.models
    ]


def _markdown_table(table: Table) -> list[str]:
    lines = ["| " + " | ".join(map(_escaped, table.heads)) + " |", "|---" * len(table.heads) + "|"]
    return lines + ["| " + " | ".join(map(_escaped, row)) + " |" for row in table.rows]


def _markdown_mistakes(measured: MeasuredSet) -> list[str]:
    lines: list[str] = []
    for scorer in measured.scorers:
        if scorer.mistakes:
            lines += [f"### What {_escaped(printable(scorer.name))} was surest of, and wrong", ""]
            rows = tuple(
                (
                    printable(one.series), printable(one.group), printable(one.worse),
                    percent(one.p), printable(one.better), one.truth,
                )
                for one in scorer.mistakes
            )  # fmt: skip
            heads = ("series", "source or kind", "preferred", "with", "truly better", "truth")
            lines += [*_markdown_table(Table("", "", heads, rows)), ""]
    return lines


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def evaluation_text(evaluation: Evaluation) -> str:
    """Return the main tables of every set for a terminal."""
    lines: list[str] = []
    for measured in evaluation.sets:
        lines += [f"{printable(measured.name)}: {set_summary(measured)}", ""]
        for table in set_tables(measured):
            lines += [table.title, *_aligned(table), ""]
    return "\n".join(lines).rstrip() + "\n"


def _aligned(table: Table) -> list[str]:
    rows = [table.heads, *table.rows]
    widths = [max(cell_width(row[n]) for row in rows) for n in range(len(table.heads))]

    def padded(text: str, column: int) -> str:
        space = " " * (widths[column] - cell_width(text))
        return text + space if column == 0 else space + text

    return ["  " + "  ".join(padded(text, n) for n, text in enumerate(row)) for row in rows]
