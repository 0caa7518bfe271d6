"""The pages of the review: overview, series, confirmation; each is HTML and a block of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, TypeAlias, get_args

from fgaesq.desk.desk import Applied, Desk
from fgaesq.desk.records import DeskGroup
from fgaesq.desk.review.actions import Ranking, Regrouping, Reversing
from fgaesq.desk.review.keys import KEYS, View
from fgaesq.desk.review.parts import card, cover, strip, verb_counts
from fgaesq.desk.review.states import group_state
from fgaesq.desk.review.words import (
    KIND_WORDS,
    day_words,
    series_count,
    size_words,
    summary_words,
    time_words,
)
from fgaesq.report.page import text
from fgaesq.report.text import printable
from fgaesq.report.words import counted
from fgaesq.web.pages import filled, page_html

__all__ = [
    "SHOWN",
    "Place",
    "Shown",
    "confirm_page",
    "counts_html",
    "lines_html",
    "open_groups",
    "overview_page",
    "places",
    "series_page",
]

Shown: TypeAlias = Literal["all", "open", "undecided", "marked", "protected"]
SHOWN: tuple[Shown, ...] = get_args(Shown)

_SHOWN_WORDS: dict[Shown, str] = {
    "all": "In order of time",
    "open": "Undecided first",
    "undecided": "Only undecided",
    "marked": "Changed by you",
    "protected": "Protected",
}
_NOTES = (
    "On a touch screen: swipe to the next or previous photo, pinch to zoom, tap the middle for "
    "100 % and the whole photo, tap the left or right edge to step.",
    "The desk only proposes. Nothing is written before you say so, and no photo is ever deleted.",
)
_UNAPPLY = '<button type="button" id="unapply">Take the last writing back</button>'
_SIZE_STEPS = 20
_CHUNK = 60
_FILLED = 1  # chunks that are in the page when it comes; the others are fetched when they near


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group stands in the shoot; ids are None at the ends."""

    position: int
    of: int
    previous: int | None
    next: int | None
    undecided: int | None


def places(groups: Sequence[DeskGroup]) -> dict[int, Place]:
    """Return the place of each group; `undecided` is the next one with an undecided photo."""
    ids = [group.id for group in groups]
    found: dict[int, Place] = {}
    undecided = next((group.id for group in groups if _is_open(group)), None)  # goes round
    for position in range(len(groups) - 1, -1, -1):
        found[ids[position]] = Place(
            position + 1,
            len(ids),
            ids[position - 1] if position else None,
            ids[position + 1] if position + 1 < len(ids) else None,
            undecided if undecided != ids[position] else None,
        )
        if _is_open(groups[position]):
            undecided = ids[position]
    return found


def overview_page(desk: Desk, shown: Shown, theme: str) -> str:
    """Return the page of all groups, the first of them filled in."""
    counts, groups = desk.counts(), desk.groups()
    chunks = _chunks(groups, shown)
    body = _filled(
        "overview.html",
        summary=text(summary_words(counts)),
        counts=counts_html(counts),
        filters=_filters(shown),
        size=_size_slider(desk, groups),
        chunks="\n".join(
            _chunk(number, title, members) for number, (title, members) in enumerate(chunks)
        )
        or '<p class="empty">There is nothing to show here.</p>',
    )
    return _page(
        "overview",
        "Review",
        body,
        theme,
        {
            "shown": shown,
            "open": open_groups(groups),
            "sizes": [size_words(step / _SIZE_STEPS) for step in range(_SIZE_STEPS + 1)],
            "waiting": isinstance(desk, Ranking) and desk.waiting().left > 0,
        },
    )


def series_page(desk: Desk, group: DeskGroup, place: Place, theme: str) -> str:
    """Return the page of one group."""
    time = time_words(group.photos[0].taken)
    facts = " · ".join(filter(None, (time, printable(group.why))))
    body = _filled(
        "series.html",
        id=group.id,
        title=text(f"{KIND_WORDS[group.kind]} {place.position} of {place.of}"),
        facts=text(facts),
        counts=counts_html(desk.counts()),
        strip=strip(group),
        alone=" alone" if len(group.photos) == 1 else "",
    )
    data = {
        "group": group_state(desk, group),
        "previous": place.previous,
        "next": place.next,
        "undecided": place.undecided,
    }
    return _page("series", f"{KIND_WORDS[group.kind]} {place.position}", body, theme, data)


def open_groups(groups: Sequence[DeskGroup]) -> list[int]:
    """Return the groups with an undecided photo, but those of which all are needed."""
    return [group.id for group in groups if _is_open(group)]


def confirm_page(desk: Desk, theme: str) -> str:
    """Return the page that says what will be written, and writes it."""
    plan = desk.apply(dry_run=True)
    counts = desk.counts()
    body = _filled(
        "confirm.html",
        counts=counts_html(counts),
        intro=text(_plan_words(plan)),
        lines=lines_html(plan.lines),
        failures=lines_html(plan.failures),
        trouble="" if plan.failures else " hidden",
        number=text(counted(plan.written, "sidecar")),
        disabled="" if plan.lines else " disabled",
        unapply=_UNAPPLY if isinstance(desk, Reversing) else "",
    )
    return _page("confirm", "Write the decisions", body, theme, {})


def counts_html(counts: dict[str, int]) -> str:
    """Return how many photos are kept, rejected and undecided, each with its sign."""
    return "".join(
        f'<span class="count {kind}"><b>{counts.get(key, 0)}</b> {word}</span>'
        for kind, key, word in (
            ("keep", "keepers", "keep"),
            ("reject", "rejects", "reject"),
            ("undecided", "undecided", "undecided"),
        )
    )


def lines_html(lines: Sequence[str]) -> str:
    """Return sentences as list items."""
    return "".join(f"<li>{text(line)}</li>\n" for line in lines)


def _is_open(group: DeskGroup) -> bool:
    return not group.protected and verb_counts(group.photos)["undecided"] > 0


def _is_marked(group: DeskGroup) -> bool:
    return group.by_hand or any(
        photo.mark.verb is not None or photo.mark.stars is not None for photo in group.photos
    )


def _chunks(groups: Sequence[DeskGroup], shown: Shown) -> list[tuple[str, list[DeskGroup]]]:
    """Return the groups to show in runs of at most 60 with a heading for each run's first."""
    if shown == "open":
        parts = [
            ("Undecided", [group for group in groups if _is_open(group)]),
            ("Decided", [group for group in groups if not _is_open(group)]),
        ]
    else:
        chosen = {
            "all": lambda group: True,
            "undecided": _is_open,
            "marked": _is_marked,
            "protected": lambda group: group.protected,
        }[shown]
        by_day = groupby(filter(chosen, groups), key=lambda group: day_words(cover(group).taken))
        parts = [(day, list(members)) for day, members in by_day]
    return [
        (title if start == 0 else "", members[start : start + _CHUNK])
        for title, members in parts
        for start in range(0, len(members), _CHUNK)
    ]


def _chunk(number: int, title: str, groups: Sequence[DeskGroup]) -> str:
    heading = f"<h2>{text(title)}</h2>" if title else ""
    ids = ",".join(str(group.id) for group in groups)
    cards = "".join(map(card, groups)) if number < _FILLED else ""
    return f'{heading}<ol class="groups" data-ids="{ids}">{cards}</ol>'


def _filters(shown: Shown) -> str:
    return "".join(
        f'<a href="/?show={one}"{" aria-current=true" if one == shown else ""}>'
        f"{_SHOWN_WORDS[one]}</a>"
        for one in SHOWN
    )


def _size_slider(desk: Desk, groups: Sequence[DeskGroup]) -> str:
    if not isinstance(desk, Regrouping):
        return ""
    size = desk.group_size()
    now = f"{size_words(size)}, {counted(series_count(groups), 'series', 'series')}"
    return (
        '<div class="size"><label for="size">Group size</label> <input type="range" id="size" '
        f'min="0" max="1" step="{1 / _SIZE_STEPS}" value="{size:.2f}" '
        f'aria-valuetext="{now}" autocomplete="off"> '
        f'<output for="size" id="size-words">{now}</output></div>'
    )


def _plan_words(plan: Applied) -> str:
    if not plan.lines:
        return "Nothing is to be written: the sidecars already say what you decided."
    moved = f", {counted(plan.moved, 'file')} will be moved" if plan.moved else ""
    return f"{counted(plan.written, 'sidecar')} will be written{moved}. No photo is deleted."


def _page(view: View, title: str, body: str, theme: str, data: dict[str, Any]) -> str:
    return page_html(
        view, title, body, style="review", keys=KEYS, notes=_NOTES, theme=theme, data=data
    )


def _filled(name: str, **parts: object) -> str:
    return filled("fgaesq.desk.review", name, **parts)
