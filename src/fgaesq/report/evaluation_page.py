"""An evaluation as one self-contained web page; it loads nothing and has no script."""

from __future__ import annotations

from collections.abc import Iterable

from fgaesq.evaluation.results import Evaluation, MeasuredSet, Mistake, Scorer
from fgaesq.report.charts import interval_mark, reliability_chart, scale_chart
from fgaesq.report.evaluation_tables import Table, published_tables, set_summary, set_tables
from fgaesq.report.page import embedded, text, whole_page
from fgaesq.report.words import failure_words, percent

__all__ = ["evaluation_page"]

_LONG_SIDE_PX = 560
_NOTE = (
    "Intervals are of 95 %, by bootstrap over whole series. What each number means: "
    "docs/evaluation.md of fgaesq."
)


def evaluation_page(evaluation: Evaluation, *, origin: str, title: str = "Evaluation") -> str:
    """Return the HTML page of an evaluation: tables, charts and the worst mistakes as pictures.

    Args:
        evaluation: the result.
        origin: when, where and by which code it was made.
        title: of the page.

    Returns:
        HTML to be written as UTF-8.
    """
    names = ", ".join(measured.name for measured in evaluation.sets)
    return whole_page(
        title,
        f"{' and '.join(one.name for one in evaluation.models)} on {names}",
        map(_section, evaluation.sets),
        note=f"{_NOTE} {origin}",
        facts="".join(
            f"<div><dt>{text(one.name)} {text(one.version)}</dt><dd>{text(one.engine)} engine, "
            f"{text(one.tokenizer)} tokenizer, sha256 {text(one.sha256[:12])}</dd></div>"
            for one in evaluation.models
        ),
        styles=["evaluation.css"],
    )


def _section(measured: MeasuredSet) -> str:
    tables = set_tables(measured)
    parts = [
        f"<h2>{text(measured.name)}</h2>",
        f'<p class="verdict">{text(set_summary(measured))}</p>',
        *map(_table, tables[:1]),
        _charts(measured),
        *(_mistakes(scorer) for scorer in measured.scorers if scorer.mistakes),
        *map(_table, tables[1:]),
        *(_table(one, "published") for one in published_tables(measured)),
        _failures(measured),
    ]
    return '<section class="series">\n' + "\n".join(part for part in parts if part) + "\n</section>"


def _table(table: Table, kind: str = "") -> str:
    heads = "".join(f'<th scope="col">{text(head)}</th>' for head in table.heads)
    heads += '<th scope="col" class="marked">0 to 1, chance .5</th>' if table.marks else ""
    rows = []
    for number, row in enumerate(table.rows):
        cells = f'<th scope="row">{text(row[0])}</th>'
        cells += "".join(f"<td>{text(cell)}</td>" for cell in row[1:])
        if table.marks:
            mark = table.marks[number]
            cells += f'<td class="marked">{interval_mark(mark) if mark else ""}</td>'
        rows.append(f"<tr{' class=lead' if number < table.lead else ''}>{cells}</tr>")
    note = f'<p class="note">{text(table.note)}</p>' if table.note else ""
    return (
        f'<div class="table {kind}"><h3>{text(table.title)}</h3>{note}<div class="wide"><table>'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{chr(10).join(rows)}</tbody></table></div></div>"
    )


def _charts(measured: MeasuredSet) -> str:
    charts = [
        reliability_chart(scorer.name, scorer.calibration)
        for scorer in measured.scorers
        if scorer.calibration
    ] + [scale_chart(scale) for scale in measured.scales]
    return f'<div class="charts">{"".join(charts)}</div>' if charts else ""


def _mistakes(scorer: Scorer) -> str:
    return (
        f"<h3>What {text(scorer.name)} was surest of, and wrong</h3>"
        '<p class="note">Left the image it preferred, right the one that is truly better.</p>'
        f'<ol class="mistakes">{_pairs(scorer.mistakes)}</ol>'
    )


def _pairs(mistakes: Iterable[Mistake]) -> str:
    items = []
    for one in mistakes:
        pictures = "".join(
            f'<img src="{uri}" width="{size[0]}" height="{size[1]}" alt="{label} {text(name)}" '
            f'title="{text(name)}">'
            for label, name, (uri, size) in (
                ("preferred:", one.worse, embedded(one.worse, one.worse_image, _LONG_SIDE_PX)),
                ("better:", one.better, embedded(one.better, one.better_image, _LONG_SIDE_PX)),
            )
        )
        items.append(
            f'<li><div class="pair">{pictures}</div><p><b>{text(one.group)}</b> '
            f"left preferred with {percent(one.p)}; right: {text(one.truth)} "
            f'<span class="id">series {text(one.series)}</span></p></li>'
        )
    return "\n".join(items)


def _failures(measured: MeasuredSet) -> str:
    if not measured.failures:
        return ""
    items = "".join(f"<li>{text(line)}</li>\n" for line in failure_words(measured.failures))
    return f'<div class="failures"><h3>Could not be used</h3>\n<ul>\n{items}</ul>\n</div>'
