"""The report of a refinement as one self-contained page: counts, examples, histograms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series, steps_run
from fgaesq.building.records import REASONS, Drop, Series, SourceImage, Step
from fgaesq.building.refine.counting import Count, StepCount, funnel, groups_of
from fgaesq.building.refine.lines import values_of
from fgaesq.building.refine.measuring import Measured
from fgaesq.building.refine.metrics import MetricsStep
from fgaesq.building.refine.statistics import SIMILARITIES, Similarity, similarities
from fgaesq.building.refine.thresholds import RULES, TOGETHER, Threshold
from fgaesq.datasets.records import open_image
from fgaesq.errors import FgaError
from fgaesq.images import printable
from fgaesq.report.histogram import Line, histogram_chart
from fgaesq.report.page import embedded, text, whole_page

__all__ = ["refinement_page", "write_report"]

_NOTE = (
    "What each measure and rule is: docs/refining.md of fgaesq. An image counts once for each "
    "series it is in."
)
_EXAMPLES = 6  # of a reason
_LONG_SIDE_PX = 300
_FROM = {"recipe": "of the recipe", "data": "chosen from the data", "default": "the default"}
_STEP_WORDS = {
    "collect": "collected",
    "metrics": "after metrics",
    "model": "after the model",
    "people": "after people",
    "calibration": "after calibration",
}


def write_report(collection: Collection, step: MetricsStep) -> Path:
    """Write `refinement/report.html` in the folder of the dataset and return its path."""
    folder = collection.folder / "refinement"
    folder.mkdir(exist_ok=True)
    path = folder / "report.html"
    path.write_text(refinement_page(collection, step), encoding="utf-8")
    return path


def refinement_page(collection: Collection, step: MetricsStep, *, origin: str = "") -> str:
    """Return the page as HTML.

    Args:
        collection: of the dataset.
        step: what the metrics step measured and chose.
        origin: a sentence on when and by what it was made.
    """
    series, steps, known = all_series(collection), steps_run(collection), images(collection)
    kept = Count(sum(len(one.kept) for one in series), sum(bool(one.kept) for one in series))
    collected = sum(len(one.members) for one in series)
    parts = [
        _section("What is left", _flow(series, steps) + _sources(series, steps)),
        _section("Why images and series went", _reasons(series)),
        *_examples(series, known),
        _section("Thresholds", _thresholds(series, step)),
        _section("How alike the images of a series are", _similarities(series, step.measured)),
        _proposals(step),
    ]
    return whole_page(
        f"Refinement of {collection.name}",
        f"{kept.images:,} of {collected:,} images in {kept.series:,} of {len(series):,} series "
        "are left",
        parts,
        note=f"{_NOTE} {origin}".strip(),
        styles=["evaluation.css", "refinement.css"],
    )


def _section(title: str, content: str) -> str:
    return f'<section class="series"><h2>{text(title)}</h2>\n{content}\n</section>'


def _flow(series: Sequence[Series], steps: Sequence[Step]) -> str:
    """Return one bar a step: what it kept, and beside it what it dropped."""
    total = max(1, sum(len(one.members) for one in series))
    whole = Count(sum(len(one.members) for one in series), len(series))
    rows = [StepCount("collect", whole)]
    rows += [one for one in funnel(series, steps) if one.step != "collect" or one.images]
    return f'<div class="flow">{"".join(_bar(one, total) for one in rows)}</div>'


def _bar(one: StepCount, total: int) -> str:
    lost = sum(one.images.values())
    words = ", ".join(
        f"{number} {reason.replace('_', ' ')}"
        for reason, number in sorted(one.images.items(), key=lambda row: -row[1])
    )
    return (
        f'<div class="row"><span>{_STEP_WORDS[one.step]}</span><span class="track" '
        f'title="{text(words)}"><svg width="100%" height="100%" viewBox="0 0 100 10" '
        'preserveAspectRatio="none" role="img" '
        f'aria-label="{one.kept.images} kept, {lost} dropped">'
        f'<rect class="kept" width="{100 * one.kept.images / total:.2f}" height="10"/>'
        f'<rect class="lost" x="{100 * one.kept.images / total:.2f}" '
        f'width="{100 * lost / total:.2f}" height="10"/></svg></span>'
        f'<span class="number"><b>{one.kept.images:,}</b> in {one.kept.series:,}</span></div>'
    )


def _sources(series: Sequence[Series], steps: Sequence[Step]) -> str:
    """Return the table of images and series by source and step, as the paper's Table 1."""
    found = [one.step for one in funnel(series, steps) if one.step != "collect"]
    heads = ["source", "category", "collected", *(_STEP_WORDS[step] for step in found), "left"]
    rows = []
    for (category, source), some in [*groups_of(series).items(), (("", "all"), list(series))]:
        if not some:
            continue
        collected = sum(len(one.members) for one in some)
        counts = {one.step: one.kept for one in funnel(some, steps)}
        cells = [f"{collected:,} / {len(some):,}"]
        for step in found:
            kept = counts.get(step)
            cells.append(f"{kept.images:,} / {kept.series:,}" if kept else "")
        left = sum(len(one.kept) for one in some) / max(1, collected)
        rows.append([source or "not named", category, *cells, f"{left:.0%}"])
    note = "Images / series, after each step; columns as in Table 1 of the paper."
    return _table(heads, rows, note)


def _reasons(series: Sequence[Series]) -> str:
    lost: dict[str, dict[str, list[int]]] = {}
    for one in series:
        for drop in one.dropped.values():
            lost.setdefault(drop.reason, {}).setdefault(drop.step, [0, 0])[0] += 1
        if one.drop:
            lost.setdefault(one.drop.reason, {}).setdefault(one.drop.step, [0, 0])[1] += 1
    if not lost:
        return '<p class="note">Nothing was dropped.</p>'
    rows = [
        [reason.replace("_", " "), step, f"{some[0]:,}", f"{some[1]:,}", REASONS[reason]]
        for reason in REASONS
        for step, some in lost.get(reason, {}).items()
    ]
    return _table(["reason", "step", "images", "series", "meaning"], rows, "", words=True)


def _table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], note: str, *, words: bool = False
) -> str:
    """Return a table whose last column holds words if `words`."""
    kinds = [""] * (len(heads) - 1) + [' class="words"' if words else ""]
    head = "".join(
        f'<th scope="col"{kind}>{text(one)}</th>' for one, kind in zip(heads, kinds, strict=True)
    )
    body = []
    for row in rows:
        cells = [f"<td>{text(cell)}</td>" for cell in row[1:]]
        if words:
            cells[-1] = f'<td class="words">{text(row[-1])}</td>'
        body.append(f'<tr><th scope="row">{text(row[0])}</th>{"".join(cells)}</tr>')
    above = f'<p class="note">{text(note)}</p>' if note else ""
    return (
        f'<div class="table">{above}<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div></div>"
    )


def _examples(series: Sequence[Series], known: Mapping[int, SourceImage]) -> list[str]:
    """Return a section for each reason with pictures: what was dropped beside what was kept."""
    drops = sorted(
        ((drop, one) for one in series for drop in one.dropped.values()),
        key=lambda found: list(REASONS).index(found[0].reason),
    )
    sections = []
    for reason, group in groupby(drops, key=lambda found: found[0].reason):
        some = list(group)
        chosen = [some[int(place)] for place in _spread(len(some))]
        items = "".join(_example(drop, one, known) for drop, one in chosen)
        title = f"{reason.replace('_', ' ').capitalize()}: {len(some):,}"
        note = f'<p class="note">{text(REASONS[reason].capitalize())}. Left what was dropped.</p>'
        sections.append(_section(title, f'{note}<ol class="examples">{items}</ol>'))
    return sections


def _spread(number: int) -> list[int]:
    """Return places spread over so many, at most six."""
    return sorted({round(place) for place in np.linspace(0, number - 1, min(number, _EXAMPLES))})


def _example(drop: Drop, series: Series, known: Mapping[int, SourceImage]) -> str:
    beside = drop.other
    if beside is None:
        beside = next((image for image in series.kept if image != drop.image), None)
    shown = [_picture(image, known) for image in (drop.image, beside) if image is not None]
    image = known[drop.image] if drop.image is not None else None
    name = printable(image.path.name) if image else ""
    return (
        f'<li><div class="pair">{"".join(shown)}</div><p><b>{text(name)}</b> '
        f"{text(drop.detail)}<br>series {series.id}, by {text(drop.step)}</p></li>"
    )


def _picture(image: int, known: Mapping[int, SourceImage]) -> str:
    one = known[image]
    try:
        pixels = open_image(one.item(), max_long_side_px=2 * _LONG_SIDE_PX)
    except FgaError:
        return '<span class="missing">cannot be read</span>'
    uri, (width, height) = embedded(str(one.path), pixels, _LONG_SIDE_PX)
    name = text(printable(one.path.name))
    return f'<img src="{uri}" width="{width}" height="{height}" alt="{name}" title="{name}">'


def _thresholds(series: Sequence[Series], step: MetricsStep) -> str:
    """Return the histogram of each measure with its threshold."""
    charts = []
    shown = step.lines["content"]
    for name, line in step.lines.single.items():
        values = values_of(name, series, step.measured, None if name == "content" else shown)
        if values:
            charts.append(_with_line(name, values, line))
    for category, lines in step.lines.together.items():
        of_category = [one for one in series if one.category == category]
        if len(of_category) < 2:
            continue
        for name in TOGETHER:
            pairs = step.measured.pairs[name]
            chance = [pairs[p] for p in step.measured.strangers.get(category, ()) if p in pairs]
            if chance:
                words = f"{category}, images of different series"
                charts.append(_with_line(name, chance, lines[name], words=words))
    note = (
        "Bars grow with the root of their number. Red is the side that is dropped; for likeness, "
        "SSIM and matches the bars are pairs of images of different series, and an image has to "
        "reach one of the three lines with the rest of its series to stay."
    )
    return f'<p class="note">{note}</p><div class="charts">{"".join(charts)}</div>'


def _with_line(name: str, values: Sequence[float], line: Threshold, *, words: str = "") -> str:
    rule = RULES[name]
    bounded = [min(value, 5.0) for value in values] if name == "difference" else values
    caption = f"{rule.words}; {len(values):,} values, threshold {line.value:.3g}, {_FROM[line.how]}"
    title = f"{name.replace('_', ' ')} ({words})" if words else name.replace("_", " ")
    return histogram_chart(title, bounded, caption=caption, line=Line(line.value, rule.drops))


def _similarities(series: Sequence[Series], measured: Measured) -> str:
    found = similarities(series, measured)
    if not found:
        return '<p class="note">No pairs are left.</p>'
    rows = [_row(one) for one in found]
    heads = ["category", "measure", "pairs", "5 %", "median", "95 %", "median as collected"]
    note = (
        "Over the pairs of images that are left in a series, as in Figure 3 of the paper. The "
        "distance of patches is our own and no LPIPS: the paper's numbers cannot be set beside it."
    )
    charts = "".join(
        histogram_chart(
            f"{one.category}: {SIMILARITIES[one.name]}",
            one.values,
            caption=f"median {one.quantile(0.5):.3f} of {len(one.values):,} pairs",
        )
        for one in found
    )
    return _table(heads, rows, note) + f'<div class="charts">{charts}</div>'


def _row(one: Similarity) -> list[str]:
    quantiles = [f"{one.quantile(share):.3f}" for share in (0.05, 0.5, 0.95)]
    before = f"{float(np.median(one.before)):.3f}"
    return [one.category, SIMILARITIES[one.name], f"{len(one.values):,}", *quantiles, before]


def _proposals(step: MetricsStep) -> str:
    words = step.proposal_words()
    if not words:
        return ""
    items = "".join(f"<li>{text(line)}</li>" for line in words)
    return _section("Proposed to people", f'<div class="failures"><ul>{items}</ul></div>')
