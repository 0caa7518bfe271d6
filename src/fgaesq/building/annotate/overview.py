"""The organiser's view as HTML: who, how much, how reliable; series; what to look into."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal, TypeAlias, get_args

from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.keys import ADMIN_KEYS
from fgaesq.building.annotate.quality import Quality
from fgaesq.building.annotate.words import BAD
from fgaesq.building.calibrate.reliability import AnnotatorReliability, Share
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import Series
from fgaesq.building.votes.annotators import all_annotators
from fgaesq.building.votes.asking import flags
from fgaesq.building.votes.counting import Work, votes_by_series, work_by_annotator
from fgaesq.building.votes.records import Annotator, Flag
from fgaesq.report.page import text
from fgaesq.report.words import counted, percent
from fgaesq.web.pages import filled, page_html

__all__ = ["admin_page", "admin_tables"]

_State: TypeAlias = Literal["begun", "called bad", "complete", "not begun"]

_MOST_SERIES = 200
_NONE = '<td class="muted">–</td>'
_NOTES = (
    "Agreement, consistency and attention are shown with the number of cases behind them; below "
    "20 nothing is flagged.",
    "A new link ends the one before. Removed annotators cannot come in any more; their votes stay.",
)


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far the votes on a series are."""

    series: Series
    votes: int
    wanted: int
    state: _State
    flags: Sequence[Flag]


def admin_page(deck: Deck, quality: Quality, theme: str) -> str:
    """Return the whole page."""
    return page_html(
        "admin",
        "Annotation",
        filled(
            "fgaesq.building.annotate",
            "admin.html",
            dataset=text(deck.collection.name),
            tables=admin_tables(deck, quality),
        ),
        style="annotate",
        keys=ADMIN_KEYS,
        notes=_NOTES,
        theme=theme,
        data={},
    )


def admin_tables(deck: Deck, quality: Quality) -> str:
    """Return what changes while people work."""
    series = _progress(deck)
    return _summary(deck, series, quality) + _people(deck, quality) + _series(series)


def _progress(deck: Deck) -> list[_Progress]:
    counts = votes_by_series(deck.votes)
    told = defaultdict[int, list[Flag]](list)
    for flag in flags(deck.votes):
        told[flag.series].append(flag)
    found = []
    for one in all_series(deck.collection):
        if len(one.kept) < 2:
            continue
        votes, wanted = counts.get(one.id, 0), deck.plan.per_pair * comb(len(one.kept), 2)
        state: _State = "begun" if votes else "not begun"
        if deck.is_complete(one, votes):
            state = "complete"
        if len(told[one.id]) >= deck.plan.bad_after:
            state = "called bad"
        found.append(_Progress(one, votes, wanted, state, told[one.id]))
    return found


def _summary(deck: Deck, series: Sequence[_Progress], quality: Quality) -> str:
    wanted = sum(one.wanted for one in series)
    given = sum(
        one.wanted if one.state == "complete" else min(one.votes, one.wanted) for one in series
    )
    whole = sum(one.state == "complete" for one in series)
    alpha = quality.alpha
    agreement = (
        f"{_signed(alpha.value)} <small>{_signed(alpha.low)} to {_signed(alpha.high)}</small>"
        if alpha
        else "–"
    )
    facts = (
        ("Votes", f"{len(deck.votes)}"),
        ("Of those wanted", percent(given / wanted) if wanted else "–"),
        ("Series complete", f"{whole} <small>of {len(series)}</small>"),
        ("Agreement (alpha)", agreement),
    )
    shown = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{shown}</dl>'


def _people(deck: Deck, quality: Quality) -> str:
    work = work_by_annotator(deck.votes)
    rows = "".join(
        _person(one, work.get(one.id, Work()), quality.people.get(one.name))
        for one, _ in all_annotators(deck.votes)
    )
    heads = (
        "Name", "Votes", "24 h", "Last", "Median", "Left", "Neither", "Known right",
        "Same again", "With others", "Attention", "",
    )  # fmt: skip
    late = " · what changed since is not measured yet" if quality.late else ""
    note = f'<p class="muted">Measured on {counted(quality.votes, "vote")}{late}</p>'
    nobody = "" if rows else '<p class="empty">Nobody yet: add the first annotator above.</p>'
    return f'<h2 id="people">Annotators</h2>{note}{_table("people", heads, rows)}{nobody}'


def _person(one: Annotator, work: Work, found: AnnotatorReliability | None) -> str:
    standing = "removed" if one.removed else "paused" if one.paused else ""
    sign = f' <span class="tag">{standing}</span>' if standing else ""
    more = [f"{work.skips} skipped" if work.skips else "", f"{work.bad} bad" if work.bad else ""]
    small = f"<small>{', '.join(filter(None, more))}</small>" if any(more) else ""
    cells = [
        f'<th scope="row">{text(one.name)}{sign}{small}</th>',
        f"<td>{work.votes}</td>",
        f"<td>{work.recent}</td>",
        f"<td>{_ago(work.last)}</td>",
    ]
    if found is None:
        cells += [_NONE] * 7
    else:
        cells += [
            f"<td>{found.median_s:.1f} s</td>",
            _share(found.left),
            _share(found.ties),
            _share(found.golden),
            _share(found.consistency),
            _share(found.agreement),
            f"<td>{percent(found.attention)}</td>",
        ]
    cells.append(f'<td><div class="doing">{_buttons(one)}</div></td>')
    row = f'<tr class="{standing}">{"".join(cells)}</tr>'
    hints = found.flags if found is not None else ()
    if hints:
        words = "; ".join(hints)
        row += f'<tr class="hint"><td colspan="12">Look into it: {text(words)}</td></tr>'
    return row


def _buttons(one: Annotator) -> str:
    doing = [("paused", "false", "Let go on") if one.paused else ("paused", "true", "Pause")]
    doing.append(
        ("removed", "false", "Take back") if one.removed else ("removed", "true", "Remove")
    )
    buttons = "".join(
        f'<button type="button" data-set="{what}" data-to="{value}" data-id="{one.id}" '
        f'aria-label="{words} {text(one.name)}">{words}</button>'
        for what, value, words in doing
    )
    return (
        f'<button type="button" data-link="{one.id}" aria-label="New link for {text(one.name)}">'
        f"New link</button>{buttons}"
    )


def _series(series: Sequence[_Progress]) -> str:
    states = Counter(one.state for one in series)
    words = ", ".join(f"{states[name]} {name}" for name in get_args(_State) if states[name])
    shown = [one for one in series if one.state == "begun" or one.flags]
    shown.sort(key=lambda one: (-len(one.flags), -one.votes))
    rows = "".join(map(_series_row, shown[:_MOST_SERIES]))
    if not rows:
        return f'<h2>Series</h2><p class="muted">{words or "none"}</p>'
    heads = ("Series", "Kind", "Images", "Votes", "Called bad")
    return f'<h2 id="series">Series</h2><p class="muted">{words}</p>' + _table(
        "series", heads, rows
    )


def _series_row(one: _Progress) -> str:
    share = min(1.0, one.votes / one.wanted)
    bar = f'<progress max="1" value="{share:.2f}" aria-label="share of votes"></progress>'
    bad = "; ".join(f"{flag.annotator}: {BAD[flag.reason].lower()}" for flag in one.flags)
    series = one.series
    return (
        f'<tr><th scope="row">{series.id}</th><td>{series.category}</td>'
        f"<td>{len(series.kept)}</td><td>{bar}{one.votes} of {one.wanted}</td>"
        f"<td>{text(bad)}</td></tr>"
    )


def _table(name: str, heads: Sequence[str], rows: str) -> str:
    """Return a table that scrolls sideways by itself where the window is narrow."""
    cells = "".join(f'<th scope="col">{one}</th>' for one in heads)
    return (
        f'<div class="wide-table" tabindex="0" role="region" aria-labelledby="{name}"><table>'
        f"<thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _share(share: Share | None) -> str:
    if share is None or not share.of:
        return _NONE
    title = f"{percent(share.low)} to {percent(share.high)}, {counted(share.of, 'case')}"
    return f'<td title="{title}">{percent(share.value)} <small>of {share.of}</small></td>'


def _ago(at: float | None) -> str:
    if at is None:
        return "–"
    s = max(0.0, time.time() - at)
    for length, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if s >= length:
            return f"{int(s // length)} {name} ago"
    return "now"
