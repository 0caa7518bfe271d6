"""Results as tables for terminals.

A table fits the width it is given: names are shortened in the middle and the verdict in words
becomes short. Without a width nothing is shortened, so that output in a pipe keeps whole names.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

import click

from fgaesq.report.effects import region_words
from fgaesq.report.text import cell_width, printable, shorten_middle
from fgaesq.report.words import (
    TOO_CLOSE,
    comparison_words,
    counted,
    neighbour_pairs,
    percent,
    reason_words,
)
from fgaesq.types import Comparison, Pair, RankedSeries, Ranking, Scores

__all__ = ["TableStyle", "comparison_table", "ranking_table", "scores_table", "terminal_style"]

_GAP = "  "
_LEAST_NAME_COLUMNS = 8
_ROOMY_COLUMNS = 72


@dataclass(frozen=True, slots=True)
class TableStyle:
    """How a table may look: its greatest width in columns (None: any) and whether in colours."""

    width: int | None = None
    color: bool = False


def terminal_style(stream: TextIO) -> TableStyle:
    """Return the style that suits `stream`: width and colours of a terminal, plain elsewhere.

    The variable `NO_COLOR`, set to anything, turns colours off.
    """
    if not stream.isatty():
        return TableStyle()
    width = shutil.get_terminal_size().columns
    return TableStyle(width=width, color=not os.environ.get("NO_COLOR"))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its heading and cells; names give way when the table is too wide."""

    heading: str
    cells: Sequence[str]
    right: bool = False
    shrinks: bool = False

    def width(self) -> int:
        return max(cell_width(text) for text in (self.heading, *self.cells))


@dataclass(frozen=True, slots=True)
class _Row:
    """How a row stands out: the best image, a verdict that is open, or neither."""

    best: bool = False
    unclear: bool = False


def ranking_table(
    ranking: Ranking, style: TableStyle | None = None, *, with_pairs: bool = False
) -> str:
    """Return one table per series: rank, name, score, P(best), first reason, margin to the next.

    `*` marks the best. Of an image that is worse than the others the reason says why it is. Series
    of a single image stand together in one table at the end. Failures are not part of it; see
    `words.failure_words`.

    Args:
        ranking: to be shown.
        style: width and colours.
        with_pairs: whether a second table per series lists all its pairs.

    Raises:
        InputError: a series does not hold all its pairs.
    """
    style = style or TableStyle()
    blocks = []
    for series in ranking.series:
        if len(series.images) > 1:
            blocks.append(_series_block(series, style))
            blocks += [_pairs_block(series, style)] if with_pairs else []
    singles = [s.images[0] for s in ranking.series if len(s.images) == 1]
    if singles:
        names = [printable(image.path) for image in singles]
        numbers = [f"{image.score:.2f}" for image in singles]
        title = counted(len(singles), "single image") + ", nothing to compare with"
        blocks.append([_title(title, style), *_score_lines(names, numbers, style)])
    return "\n".join("".join(line + "\n" for line in block) for block in blocks)


def scores_table(
    scores: Scores, style: TableStyle | None = None, *, with_distribution: bool = False
) -> str:
    """Return the images in the order given, each with its score.

    Args:
        scores: to be shown.
        style: width and colours.
        with_distribution: whether to add the probabilities of the scores 1 to 10, in percent.
    """
    names = [printable(image.path) for image in scores.images]
    numbers = [f"{image.score:.2f}" for image in scores.images]
    shares = [image.distribution for image in scores.images] if with_distribution else []
    lines = _score_lines(names, numbers, style or TableStyle(), shares) if names else []
    return "".join(line + "\n" for line in lines)


def comparison_table(comparison: Comparison, style: TableStyle | None = None) -> str:
    """Return both images with their scores, and beneath the verdict, why and where in words."""
    style = style or TableStyle()
    images = (comparison.first, comparison.second)
    best = {"first": 0, "second": 1, "too_close": None}[comparison.verdict]
    columns = [
        _Column("", ["*" if i == best else "" for i in range(2)]),
        _Column("image", [printable(image.path) for image in images], shrinks=True),
        _Column("score", [f"{image.score:.2f}" for image in images], right=True),
    ]
    lines = _lines(columns, [_Row(best=i == best) for i in range(2)], style)
    words = comparison_words(comparison, "the first image", "the second image")
    verdict = _styled(words, style, fg="yellow" if best is None else "green")
    why = [f"why: {reason_words(comparison.reasons)}"] if comparison.reasons else []
    where = [f"where: {place}"] if (place := _where(comparison)) else []
    return "".join(line + "\n" for line in (*lines, "", verdict, *why, *where))


def _where(comparison: Comparison) -> str:
    """Say where the image with the higher score gains it, empty if the model does not tell."""
    first, second = comparison.first, comparison.second
    if comparison.effects is None or first.score == second.score:
        return ""
    return region_words(comparison.effects, max(first, second, key=lambda image: image.score).path)


def _series_block(series: RankedSeries, style: TableStyle) -> list[str]:
    pairs = neighbour_pairs(series)
    roomy = style.width is None or style.width >= _ROOMY_COLUMNS
    ties = [b.rank == w.rank for b, w in zip(series.images, series.images[1:], strict=False)]
    margins = [_margin(p, tied=tied, roomy=roomy) for p, tied in zip(pairs, ties, strict=True)]
    columns = [
        _Column("", ["*" if image.rank == 1 else "" for image in series.images]),
        _Column("rank", [str(image.rank) for image in series.images], right=True),
        _Column("image", [printable(image.path) for image in series.images], shrinks=True),
        _Column("score", [f"{image.score:.2f}" for image in series.images], right=True),
        _Column("best", [percent(image.p_best) for image in series.images], right=True),
        *_why(series, roomy=roomy),
        _Column("against the next" if roomy else "next", [*margins, ""]),
    ]
    unclear = [pair.verdict == "too_close" for pair in pairs] + [False]
    rows = [
        _Row(best=image.rank == 1, unclear=u)
        for image, u in zip(series.images, unclear, strict=True)
    ]
    title = f"{printable(series.id)}, {counted(len(series.images), 'image')}"
    return [_title(title, style), *_lines(columns, rows, style)]


def _why(series: RankedSeries, *, roomy: bool) -> list[_Column]:
    """Return a column of first reasons if there are any, and room for them."""
    if not roomy or not any(image.reasons for image in series.images):
        return []
    firsts = [printable(i.reasons[0].text) if i.reasons else "" for i in series.images]
    return [_Column("why", firsts)]


def _margin(pair: Pair, *, tied: bool, roomy: bool) -> str:
    if tied:
        return "identical" if roomy else "same"
    if pair.verdict == "too_close":
        return TOO_CLOSE if roomy else "too close"
    if pair.verdict == "first":
        return f"preferred, {percent(pair.p)}" if roomy else percent(pair.p)
    return f"not preferred, {percent(pair.p)}" if roomy else percent(pair.p)


def _pairs_block(series: RankedSeries, style: TableStyle) -> list[str]:
    """Return every pair, the better-ranked image first."""
    columns = [
        _Column("first", [printable(pair.first) for pair in series.pairs], shrinks=True),
        _Column("second", [printable(pair.second) for pair in series.pairs], shrinks=True),
        _Column("first wins", [percent(pair.p) for pair in series.pairs], right=True),
        _Column("verdict", [pair.verdict.replace("_", " ") for pair in series.pairs]),
    ]
    rows = [_Row(unclear=pair.verdict == "too_close") for pair in series.pairs]
    return _lines(columns, rows, style)


def _score_lines(
    names: list[str],
    numbers: list[str],
    style: TableStyle,
    shares: Sequence[Sequence[float]] = (),
) -> list[str]:
    columns = [_Column("image", names, shrinks=True), _Column("score", numbers, right=True)]
    bins = range(len(shares[0])) if shares else ()
    columns += [
        _Column(str(k + 1), [f"{100 * share[k]:.0f}%" for share in shares], right=True)
        for k in bins
    ]
    return _lines(columns, [_Row()] * len(names), style)


def _title(text: str, style: TableStyle) -> str:
    return _styled(shorten_middle(text, style.width) if style.width else text, style, bold=True)


def _lines(columns: Sequence[_Column], rows: Sequence[_Row], style: TableStyle) -> list[str]:
    """Return the heading and one line per row, the columns aligned and within the width."""
    widths = _fitted_widths(columns, style.width)
    heading = [
        _aligned(column.heading, column, width)
        for column, width in zip(columns, widths, strict=True)
    ]
    lines = [_styled(_GAP.join(heading).rstrip(), style, dim=True)]
    for position, row in enumerate(rows):
        cells = [
            _aligned(column.cells[position], column, width)
            for column, width in zip(columns, widths, strict=True)
        ]
        lines.append(_row_line(cells, row, style))
    return lines


def _row_line(cells: list[str], row: _Row, style: TableStyle) -> str:
    """Return the cells joined, the best row green and an open verdict (last cell) yellow."""
    fg = "green" if row.best else None
    verdict = cells[-1].rstrip()
    if not verdict:
        return _styled(_GAP.join(cells[:-1]).rstrip(), style, fg=fg, bold=row.best)
    body = _styled(_GAP.join(cells[:-1]) + _GAP, style, fg=fg, bold=row.best)
    return body + _styled(verdict, style, fg="yellow" if row.unclear else fg)


def _fitted_widths(columns: Sequence[_Column], table_width: int | None) -> list[int]:
    widths = [column.width() for column in columns]
    if table_width is None:
        return widths
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - table_width
    for position, column in enumerate(columns):
        if column.shrinks and excess > 0:
            widths[position] = max(widths[position] - excess, _LEAST_NAME_COLUMNS)
    return widths


def _aligned(text: str, column: _Column, width: int) -> str:
    text = shorten_middle(text, width)
    padding = " " * (width - cell_width(text))
    return padding + text if column.right else text + padding


def _styled(
    text: str, style: TableStyle, *, fg: str | None = None, bold: bool = False, dim: bool = False
) -> str:
    if not style.color or not text or not (fg or bold or dim):
        return text
    return click.style(text, fg=fg, bold=bold or None, dim=dim or None)
