"""The report of a calibration as one self-contained page: annotators, series, doubtful pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fgaesq.building.calibrate.calibration import Calibration
from fgaesq.building.calibrate.checking import vote_reliability
from fgaesq.building.calibrate.reliability import AnnotatorReliability, Share
from fgaesq.building.calibrate.table import estimate_words
from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images_of
from fgaesq.building.records import CalibratedSeries, SourceImage
from fgaesq.datasets.records import open_image
from fgaesq.errors import FgaError
from fgaesq.images import printable
from fgaesq.report.charts import reliability_chart
from fgaesq.report.page import embedded, text, whole_page
from fgaesq.report.words import counted

__all__ = ["calibration_page", "write_report"]

_SHEETS = 6  # series shown with all their images
_CONTESTED = 8  # pairs
_DROPPED = 4  # series shown with pictures
_CIRCLES = 3  # triads
_ROWS = 200  # of a list
_LONG_SIDE_PX = 320

_NOTE = (
    "Intervals are of 95 %. What each number means, and by which rules pairs, series and "
    "annotators are left out: docs/calibration.md of fgaesq."
)


def write_report(collection: Collection, found: Calibration) -> Path:
    """Write `calibration/report.html` in the folder of the dataset and return its path."""
    folder = collection.folder / "calibration"
    folder.mkdir(exist_ok=True)
    path = folder / "report.html"
    path.write_text(calibration_page(collection, found), encoding="utf-8")
    return path


def calibration_page(collection: Collection, found: Calibration) -> str:
    """Return the page as HTML; images that cannot be read are left blank."""
    series = found.series()
    pictures = _Pictures(collection)
    parts = [
        _section("Annotators", _annotators(found.annotators) + _agreement(found)),
        _section("Orders", _orders(series, pictures)),
        _section("Most contested pairs", _contested(found, pictures)),
        _section("Series that were dropped", _dropped(found, pictures)),
        _section("Series that wait for votes", _reasons(found, found.waiting)),
        _section("Majorities that go in circles", _circles(found, pictures)),
    ]
    return whole_page(
        f"Calibration of {collection.name}",
        _summary(found, series),
        parts,
        note=f"{_NOTE} Made {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.",
        styles=["evaluation.css", "calibration.css"],
    )


class _Pictures:
    """Small pictures of the images of a collection, each read once."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._known: dict[int, str] = {}

    def figure(self, image: int, caption: str, kind: str = "") -> str:
        """Return an image with an HTML caption."""
        if image not in self._known:
            self._known[image] = self._picture(image)
        words = f"<figcaption>{caption}</figcaption>"
        return f'<figure class="{kind}">{self._known[image]}{words}</figure>'

    def _picture(self, image: int) -> str:
        one = images_of(self._collection, [image]).get(image)
        uri, (width, height) = ("", (3, 2)) if one is None else _embedded(one)
        name = text(f"image {image}" if one is None else _name(one))
        if not uri:
            return f'<p class="missing" role="img" aria-label="{name}">no picture</p>'
        return f'<img src="{uri}" width="{width}" height="{height}" alt="{name}" title="{name}">'


def _embedded(image: SourceImage) -> tuple[str, tuple[int, int]]:
    try:
        pixels = open_image(image.item(), max_long_side_px=_LONG_SIDE_PX)
    except (FgaError, OSError):
        return "", (3, 2)
    return embedded(str(image.path), pixels, _LONG_SIDE_PX)


def _name(image: SourceImage) -> str:
    return f"image {image.id}, {printable(image.path.name)}"


def _section(title: str, content: str) -> str:
    return (
        f'<section class="series"><h2>{text(title)}</h2>\n{content}\n</section>' if content else ""
    )


def _summary(found: Calibration, series: Sequence[CalibratedSeries]) -> str:
    votes = int(found.used.sum())
    kept = sum(not pair.removed for one in series for pair in one.pairs)
    return (
        f"{counted(len(series), 'series', 'series')} ranked and {counted(kept, 'pair')} kept, from "
        f"{votes:,} of {len(found.ballots):,} votes by "
        f"{counted(len(found.annotators) - len(found.left_out), 'annotator')}"
    )


def _annotators(annotators: Sequence[AnnotatorReliability]) -> str:
    heads = ("", "votes", "looks at", "agrees with oneself", "golden pairs right",
             "agrees with others", "left of decided", "ties", "median")  # fmt: skip
    rows = []
    for one in sorted(annotators, key=lambda one: (bool(one.flags), -one.attention)):
        looks = Share(0, 0, one.attention, one.attention_low, one.attention_high)
        cells = [f"<td>{one.votes:,}</td>", _cell(looks)]
        cells += [_cell(share) for share in (one.consistency, one.golden, one.agreement, one.left)]
        cells += [f"<td>{one.ties.value:.0%}</td>", f"<td>{one.median_s:.1f} s</td>"]
        kind = ' class="flagged"' if one.flags else ""
        rows.append(f'<tr{kind}><th scope="row">{text(one.name)}</th>{"".join(cells)}</tr>')
        rows += [
            f'<tr class="flag"><td colspan="{len(heads)}">{text(flag)}</td></tr>'
            for flag in one.flags
        ]
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    return (
        '<p class="verdict">Bars show the value, whiskers its 95 % interval; the line marks one '
        f'half. Why votes are left out stands below the name.</p><div class="wide"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(share: Share | None) -> str:
    """Return a table cell with a share as a bar with its interval."""
    if share is None:
        return '<td class="none">-</td>'
    of = f' title="{share.count} of {share.of}"' if share.of else ""
    value, low, high = (f"{100 * v:.1f}" for v in (share.value, share.low, share.high))
    return (
        f'<td{of}><span class="share">{share.value:.0%}</span><svg class="gauge" '
        'viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" y="3" width="100" height="6"/>'
        f'<rect class="fill" y="3" width="{value}" height="6"/><path class="half" d="M50 1v10"/>'
        f'<path class="whisker" d="M{low} 6H{high}M{low} 3v6M{high} 3v6"/></svg></td>'
    )


def _agreement(found: Calibration) -> str:
    rows = [("all votes", found.alpha)]
    rows += [("votes used", found.alpha_used)] if found.left_out else []
    lines = "".join(
        f"<li>{words}: {text(estimate_words(alphas['nominal']))} for equal choices, "
        f"{text(estimate_words(alphas['ordinal']))} where a tie lies between the two</li>"
        for words, alphas in rows
    )
    checked = vote_reliability(found)
    chart = reliability_chart("Decided votes used", checked) if checked else ""
    return (
        "<h3>Agreement</h3><p class='note'>Krippendorff's alpha: 1 is perfect, 0 is chance. Images "
        "of a series are alike, so that even careful people often differ; what counts is that the "
        f"interval lies above 0.</p><ul class='plain'>{lines}</ul><div class='charts'>{chart}</div>"
    )


def _orders(series: Sequence[CalibratedSeries], pictures: _Pictures) -> str:
    """Return contact sheets of a few series, spread over all of them."""
    if not series:
        return "<p>No series could be ranked.</p>"
    chosen = np.unique(np.linspace(0, len(series) - 1, _SHEETS).round().astype(int)).tolist()
    sheets = "".join(_sheet(series[place], pictures) for place in chosen)
    return (
        '<p class="verdict">Best first, with value and 95 % interval; images that cannot be told '
        f"apart share a rank. {len(chosen)} of {len(series):,} series.</p>{sheets}"
    )


def _sheet(series: CalibratedSeries, pictures: _Pictures) -> str:
    low = min(one.low for one in series.images)
    high = max(one.high for one in series.images)
    figures = "".join(
        pictures.figure(
            one.image,
            f"<b>{one.rank}.</b> {one.value:+.2f} "
            f"<small>({one.low:+.2f} to {one.high:+.2f})</small>"
            + _place((one.value, one.low, one.high), low, high),
            "first" if one.rank == 1 else "",
        )
        for one in series.images
    )
    kept = sum(not pair.removed for pair in series.pairs)
    return (
        f"<h3>Series {series.series}</h3><p class='note'>{kept} of "
        f"{counted(len(series.pairs), 'judged pair')} kept</p><div class='sheet'>{figures}</div>"
    )


def _place(values: tuple[float, float, float], low: float, high: float) -> str:
    """Return a value with its interval on the scale of its series."""
    x, start, stop = (100 * (value - low) / max(high - low, 1e-9) for value in values)
    return (
        '<svg class="place" viewBox="-4 0 108 12" aria-hidden="true"><path class="axis" '
        f'd="M0 6H100"/><path class="interval" d="M{start:.1f} 6H{stop:.1f}"/>'
        f'<circle class="dot" cx="{x:.1f}" cy="6" r="3.5"/></svg>'
    )


def _contested(found: Calibration, pictures: _Pictures) -> str:
    """Return pairs with many votes near .5, one of a series, and how many were removed."""
    judged = np.flatnonzero(found.votes > 0)
    if len(judged) == 0:
        return ""
    entropy = found.votes[judged] * (0.5 - np.abs(found.pairs.p[judged] - 0.5))
    order = judged[np.argsort(-entropy, kind="stable")]
    _, first = np.unique(found.pairs.series[order], return_index=True)  # one pair of a series
    order = order[np.sort(first)][:_CONTESTED]
    removed = [found.removed[pair] for pair in judged.tolist()]
    counts = {word: removed.count(word) for word in sorted({*removed} - {""})}
    ids = found.ballots.image_ids
    shown = "".join(
        '<div class="contest"><div class="duo">'
        f"{pictures.figure(ids[found.pairs.first[pair]], 'first')}"
        f"{pictures.figure(ids[found.pairs.second[pair]], 'second')}</div><p>"
        f"P(first) {found.pairs.p[pair]:.2f} <small>({found.pairs.low[pair]:.2f} to "
        f"{found.pairs.high[pair]:.2f})</small>, {counted(int(found.votes[pair]), 'vote')}, "
        f"{text(found.removed[pair] and 'removed: ' + found.removed[pair] or 'kept')}</p></div>"
        for pair in order.tolist()
    )
    words = ", ".join(f"{number:,} {word}" for word, number in counts.items()) or "none"
    return (
        f'<p class="verdict">{len(judged):,} pairs were judged; removed: {words}.</p>'
        f'<div class="contests">{shown}</div>'
    )


def _dropped(found: Calibration, pictures: _Pictures) -> str:
    if not found.dropped:
        return ""
    offsets, ids = found.ballots.offsets, found.ballots.image_ids
    sheets = []
    for place in list(found.dropped)[:_DROPPED]:
        figures = "".join(
            pictures.figure(ids[image], f"{found.fit.abilities[image]:+.2f}")
            for image in range(offsets[place], offsets[place + 1])
        )
        sheets.append(
            f"<h3>Series {found.ballots.series_ids[place]}</h3><p class='note'>"
            f"{text(found.dropped[place])}</p><div class='sheet'>{figures}</div>"
        )
    rest = dict(list(found.dropped.items())[_DROPPED:])
    return "".join(sheets) + _reasons(found, rest)


def _reasons(found: Calibration, words: Mapping[int, str]) -> str:
    """Return series with their reasons as a list."""
    if not words:
        return ""
    ids = found.ballots.series_ids
    rows = "".join(
        f"<li>series {ids[place]}: {text(why)}</li>" for place, why in list(words.items())[:_ROWS]
    )
    more = f"<p>and {len(words) - _ROWS:,} more</p>" if len(words) > _ROWS else ""
    return f"<ul class='plain'>{rows}</ul>{more}"


def _circles(found: Calibration, pictures: _Pictures) -> str:
    cycles = found.cycles
    judged = int(cycles.judged.sum())
    if not judged:
        return ""
    ids = found.ballots.image_ids
    words = ("beats the second", "beats the third", "beats the first")
    sheets = "".join(
        f"<h3>Series {found.ballots.series_ids[series]}</h3><div class='sheet'>"
        + "".join(pictures.figure(ids[i], what) for i, what in zip(triad, words, strict=True))
        + "</div>"
        for series, triad in list(zip(cycles.series, cycles.triads, strict=True))[:_CIRCLES]
    )
    return (
        f'<p class="verdict">{len(cycles.triads):,} of {judged:,} triads that were judged in all '
        f"three pairs.</p>{sheets}"
    )
