"""The tables of an evaluation, as heads and rows of text for every format alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fgaesq.evaluation.results import (
    Difference,
    Estimate,
    MeasuredSet,
    OrderMeasures,
    PublishedTable,
    ReliabilityBin,
    Scorer,
    ScoreScale,
)
from fgaesq.report.text import printable
from fgaesq.report.words import counted

__all__ = ["Table", "published_tables", "set_summary", "set_tables", "with_interval"]

NONE = "–"
_PUBLISHED_MEASURES = {"Acc": "accuracy", "F1": "f1", "s-Acc": "top1", "s-SRCC": "srcc"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Attributes:
        title: its heading.
        note: a sentence or two on how to read it, "" for none.
        heads: of the columns; the first column names the row.
        rows: of equal length.
        marks: for each row what to draw beside it, where that is an estimate between 0 and 1.
        lead: how many of the first rows are the models that the report is about.
    """

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[Estimate | None, ...] = ()
    lead: int = 0


def set_summary(measured: MeasuredSet) -> str:
    """Return what the set is, in a line."""
    parts = [counted(measured.images, "image")]
    orders = [scorer.groups["all"] for scorer in measured.scorers if "all" in scorer.groups]
    if orders:
        parts.append(counted(orders[0].series, "series", "series"))
        parts.append(counted(orders[0].pairs, "judged pair"))
    text = ", ".join(parts)
    if measured.ties:
        text += f"; {counted(measured.ties, 'tied pair')} left out"
    if measured.failures:
        text += f"; {counted(len(measured.failures), 'image')} could not be used"
    return f"{text}. {printable(measured.about)}".rstrip(" .") + "."


def set_tables(measured: MeasuredSet) -> list[Table]:
    """Return all tables of a set that have rows, the published ones left out."""
    ordered = [scorer for scorer in measured.scorers if scorer.groups]
    tables = [
        _order_table(ordered),
        _single_table(measured.scorers),
        _difference_table(measured.differences),
        _parts_table(
            "By source or kind: pair accuracy", "", ordered, lambda one: _parts(one.groups)
        ),
        _parts_table(
            "By source or kind: best of series (s-Acc)",
            "",
            ordered,
            lambda one: _parts(one.groups),
            value=lambda row: row.top1,
        ),
        _parts_table(
            "By size of the gap: pair accuracy",
            f"The gap of a pair is the {measured.gap}.",
            ordered,
            lambda one: one.gaps,
        ),
        _calibration_table(ordered),
        *(_scale_table(scale) for scale in measured.scales),
    ]
    return [table for table in tables if table.rows]


def published_tables(measured: MeasuredSet) -> list[Table]:
    """Return the papers' tables with our models' rows above theirs, each marked as what it is."""
    models = [scorer for scorer in measured.scorers if scorer.kind == "model"]
    return [_published_table(table, models, measured.name) for table in measured.published]


def _published_table(published: PublishedTable, models: Sequence[Scorer], name: str) -> Table:
    ours = [
        (
            f"{printable(model.name)}, measured here",
            *(_plain(_value_in(column, model, name)) for column in published.columns),
        )
        for model in models
    ]
    theirs = [(method, *map(_plain, values)) for method, values in published.rows]
    return Table(
        title=f"Beside published numbers: {published.name}, {published.caption}",
        note=f'Rows without "measured here" are printed in {published.source} and were not '
        "measured here.",
        heads=("", *published.columns),
        rows=(*ours, *theirs),
        lead=len(ours),
    )


def _value_in(column: str, model: Scorer, name: str) -> float | None:
    """Return what a model of ours has for a column of a published table of the set `name`."""
    if column in ("Pair", "Series"):
        return model.pair if column == "Pair" else model.series
    part, _, measure = column.rpartition(" ")
    found: Estimate | None = None
    if part in model.groups:
        found = getattr(model.groups[part], _PUBLISHED_MEASURES[measure])
    elif part.lower() == name and model.absolute:
        found = getattr(model.absolute, measure.lower())
    return found.value if found else None


def with_interval(value: Estimate | None, *, sign: bool = False) -> str:
    """Return `.812 (.790 to .834)`, with a sign if it is a difference."""
    if value is None:
        return NONE
    style = "+.3f" if sign else ".3f"
    return f"{value.value:{style}} ({value.low:{style}} to {value.high:{style}})"


def _order_table(scorers: Sequence[Scorer]) -> Table:
    rows = []
    for scorer in scorers:
        row = scorer.groups["all"]
        rows.append(
            (
                _called(scorer),
                with_interval(row.accuracy),
                _number(row.f1),
                with_interval(row.top1),
                _number(row.srcc),
                _number(row.kendall),
                _plain(scorer.pair),
                _plain(scorer.series),
            )
        )
    return Table(
        title="Order in series",
        note="Accuracy: pairs in the right order. s-Acc: the best image is ranked first. s-SRCC "
        "and s-Kendall: means over series. Pair and Series: the paper's summaries over sources. "
        "Intervals are of 95 %, over series.",
        heads=("", "accuracy", "F1", "s-Acc", "s-SRCC", "s-Kendall", "Pair", "Series"),
        rows=tuple(rows),
        marks=tuple(scorer.groups["all"].accuracy for scorer in scorers),
        lead=_models(scorers),
    )


def _single_table(scorers: Sequence[Scorer]) -> Table:
    measured = [(scorer, scorer.absolute) for scorer in scorers if scorer.absolute]
    return Table(
        title="Scores of single images",
        note="Correlation with people's values, each image scored on its own; intervals over "
        "images.",
        heads=("", "images", "SRCC", "PLCC"),
        rows=tuple(
            (_called(scorer), str(one.images), with_interval(one.srcc), with_interval(one.plcc))
            for scorer, one in measured
        ),
        lead=_models([scorer for scorer, _ in measured]),
    )


def _difference_table(differences: Sequence[Difference]) -> Table:
    return Table(
        title=f"{differences[0].model} against the others" if differences else "",
        note="Differences on the same pairs and series, with intervals by paired bootstrap over "
        "series; p is two-sided, by permutation within series, and not corrected for the number "
        "of comparisons.",
        heads=("against", "accuracy", "p", "s-Acc", "p"),
        rows=tuple(
            (
                printable(one.other),
                with_interval(one.accuracy, sign=True),
                _p(one.accuracy_p),
                with_interval(one.top1, sign=True),
                _p(one.top1_p),
            )
            for one in differences
        ),
    )


def _parts_table(
    title: str,
    note: str,
    scorers: Sequence[Scorer],
    parts_of: Callable[[Scorer], Mapping[str, OrderMeasures]],
    *,
    value: Callable[[OrderMeasures], Estimate | None] = lambda row: row.accuracy,
) -> Table:
    """Return a table of parts by scorers, whichever there is more of as the rows."""
    parts = parts_of(scorers[0]) if scorers else {}
    names = [_called(scorer) for scorer in scorers]
    if all(value(row) is None for row in parts.values()):
        return Table(title, note, (), ())

    def cell(scorer: Scorer, part: str) -> str:
        found = value(parts_of(scorer)[part])
        return with_interval(found) if scorer.kind == "model" else _number(found)

    sizes = {part: f"{printable(part)} ({row.pairs} pairs)" for part, row in parts.items()}
    if len(parts) >= len(scorers):
        heads = ("", *names)
        rows = [(sizes[part], *(cell(scorer, part) for scorer in scorers)) for part in parts]
        return Table(title, note, heads, tuple(rows))
    rows = [
        (name, *(cell(scorer, part) for part in parts))
        for name, scorer in zip(names, scorers, strict=True)
    ]
    return Table(title, note, ("", *sizes.values()), tuple(rows), lead=_models(scorers))


def _calibration_table(scorers: Sequence[Scorer]) -> Table:
    known = [(scorer, scorer.calibration) for scorer in scorers if scorer.calibration]
    return Table(
        title="Calibration of P(A beats B)",
        note="Expected calibration error over ten bins of equal width from .5 to 1: how far the "
        "stated probability lies from the share of pairs called rightly.",
        heads=("", "error", *(f"{n / 20 + 0.5:.2f} up" for n in range(10))),
        rows=tuple(
            (_called(scorer), with_interval(one.error), *_bin_cells(one.bins))
            for scorer, one in known
        ),
    )


def _bin_cells(bins: Sequence[ReliabilityBin]) -> list[str]:
    cells = [NONE] * 10
    for one in bins:
        cells[min(int((one.confidence - 0.5) * 20), 9)] = f"{one.right.value:.2f} of {one.pairs}"
    return cells


def _scale_table(scale: ScoreScale) -> Table:
    shares = ", ".join(f"{n}: {share:.0%}" for n, share in enumerate(scale.shares, 1) if share)
    return Table(
        title=f"Scores of single images by {printable(scale.model)}, as edits get worse",
        note=f"{counted(scale.images, 'image')}, each scored alone: 5 % below {scale.low:.2f}, "
        f"median {scale.median:.2f}, 5 % above {scale.high:.2f}; rounded scores {shares}. Steps: "
        "neighbouring severities of one photo whose scores fall. Spearman: mean over photos.",
        heads=("edit", "photos", "steps right", "Spearman"),
        rows=tuple(
            (
                kind,
                str(one.ladders),
                with_interval(one.steps_right),
                with_interval(one.spearman),
            )
            for kind, one in scale.kinds.items()
        ),
    )


def _parts(groups: Mapping[str, OrderMeasures]) -> Mapping[str, OrderMeasures]:
    return {name: row for name, row in groups.items() if name != "all"}


def _models(scorers: Sequence[Scorer]) -> int:
    return sum(scorer.kind == "model" for scorer in scorers)


def _called(scorer: Scorer) -> str:
    """Return the scorer's name, with a warning where it is no fair competitor."""
    note = " (knows the truth)" if scorer.kind == "knows the truth" else ""
    return printable(scorer.name) + note


def _number(value: Estimate | None) -> str:
    return _plain(value.value if value else None)


def _plain(value: float | None) -> str:
    return NONE if value is None else f"{round(value, 3) + 0.0:.3f}"  # no -0.000


def _p(value: float | None) -> str:
    if value is None:
        return NONE
    return "<.001" if value < 0.001 else f"{value:.3f}"
