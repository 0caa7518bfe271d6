"""The two pages, overview and series; each is HTML and a block of JSON for its script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fgaesq.building.collection.images import images_of
from fgaesq.building.collection.series import found_drops
from fgaesq.building.people.entries import SHOWN, Entry, Filter, Shown
from fgaesq.building.people.keys import IMAGE_REASONS, KEYS, SERIES_REASONS, View
from fgaesq.building.people.parts import (
    card,
    counts_table,
    progress,
    reason_buttons,
    suggestion,
    tiles,
)
from fgaesq.building.people.shelf import Counts, Shelf
from fgaesq.building.people.words import (
    CATEGORY_WORDS,
    STATE_WORDS,
    STEP_WORDS,
    drop_words,
    image_name,
    number_words,
    reason_name,
)
from fgaesq.building.records import SourceImage
from fgaesq.report.page import text
from fgaesq.report.text import printable
from fgaesq.report.words import counted
from fgaesq.web.pages import filled, page_html

__all__ = ["overview_page", "series_page", "series_state"]

_PACKAGE: Final = "fgaesq.building.people"
_NOTES: Final = (
    "On a touch screen: tap an image to choose it, twice to compare it; compared, pinch to zoom "
    "and swipe for the next image. The rows of buttons move sideways.",
    "Nothing is deleted: what is dropped stays in the collection, and all can be undone.",
)
_SHOWN_WORDS: Final[dict[Shown, str]] = {
    "all": "All",
    "open": "To check",
    "kept": "Kept",
    "dropped": "Dropped",
    "mine": "Decided by me",
    "wide": "Over-wide",
    "same": "Perhaps the same",
}
_RUN: Final = 60


def overview_page(shelf: Shelf, chosen: Filter, theme: str) -> str:
    """Return the page of all series that a filter shows, the first of them filled in."""
    counts, ids = shelf.counts(), shelf.ids(chosen)
    runs = [ids[start : start + _RUN] for start in range(0, len(ids), _RUN)]
    first = "".join(card(shelf.entry(id), chosen) for id in (runs[0] if runs else ()))
    shown = counted(len(ids), "series", "series")
    body = filled(
        _PACKAGE,
        "overview.html",
        name=text(shelf.collection.name),
        summary=text(f"{counts.series:,} series, {counts.images:,} images"),
        progress=progress(counts),
        tabs=_tabs(chosen),
        selects=_selects(shelf, chosen, counts),
        shown=text(f"{shown} shown"),
        table=counts_table(counts, chosen),
        first_series=f"{counts.series:,}",
        first_images=f"{counts.images:,}",
        chooser=_chooser(),
        runs="\n".join(
            f'<ol class="groups" data-ids="{",".join(map(str, run))}">'
            f"{first if number == 0 else ''}</ol>"
            for number, run in enumerate(runs)
        )
        or '<p class="empty">There is nothing to show here.</p>',
    )
    data = {
        "query": chosen.query(),
        "open": shelf.ids(Filter(show="open")),
        "version": shelf.version(),
    }
    return _page("overview", shelf.collection.name, body, theme, data)


def series_page(shelf: Shelf, series: int, chosen: Filter, theme: str) -> str:
    """Return the page of one series."""
    state = series_state(shelf, series, chosen)
    body = filled(
        _PACKAGE,
        "series.html",
        title=text(state["title"]),
        facts=text(state["facts"]),
        query=text(chosen.query()),
        id=series,
        reasons=reason_buttons(IMAGE_REASONS, action="reason"),
        chooser=_chooser(),
    )
    return _page("series", state["title"], body, theme, {"state": state, "query": chosen.query()})


def series_state(shelf: Shelf, series: int, chosen: Filter) -> dict[str, Any]:
    """Return a series as the page's script needs it; no path is in it.

    Raises:
        InputError: there is no such series (any more).
    """
    entry, place = shelf.entry(series), shelf.place(series, chosen)
    others = [other for drop in entry.series.dropped.values() if (other := drop.other) is not None]
    images = images_of(shelf.collection, [*entry.series.members, *others])
    same = [shelf.entry(one) for one in entry.same if one != series]
    beside = [shelf.entry(one) for one in (place.next,) if one is not None]
    return {
        "id": series,
        "stamp": entry.stamp,
        "state": entry.state,
        "title": f"Series {series}",
        "word": STATE_WORDS[entry.state],
        "facts": _facts(entry, place.position, place.of, images),
        "tiles": tiles(entry, images, found_drops(shelf.collection, series)),
        "images": [
            _image_state(images[id], entry)
            for id in dict.fromkeys((*entry.series.members, *others))
            if id in images
        ],
        "members": [id for id in entry.series.members if id in images],
        "suggestion": suggestion(entry, same),
        "proposes": "split" if entry.parts else "merge" if same else "",
        "stamps": {one.id: one.stamp for one in (entry, *same, *beside)},
        "same": [one.id for one in same],
        "previous": place.previous,
        "next": place.next,
        "todo": place.todo,
        "progress": progress(shelf.counts()),
        "version": shelf.version(),
    }  # fmt: skip


def _facts(entry: Entry, position: int, of: int, images: dict[int, SourceImage]) -> str:
    series = entry.series
    names = {id: image_name(image) for id, image in images.items()}
    dropped = drop_words(series.drop, entry.said.get(None), names) if series.drop else ""
    prompts = {image.prompt for image in images.values() if image.prompt}
    parts = (
        f"{position:,} of {of:,}",
        number_words(entry),
        dropped,
        CATEGORY_WORDS[series.category],
        printable(series.source),
        printable(series.why),
        f"made of {', '.join(map(str, series.made_of))}" if series.made_of else "",
        f"“{printable(prompts.pop())}”" if len(prompts) == 1 else "",
    )
    return " · ".join(filter(None, parts))


def _image_state(image: SourceImage, entry: Entry) -> dict[str, Any]:
    drop = entry.series.dropped.get(image.id)
    return {
        "id": image.id,
        "name": image_name(image),
        "width": image.width,
        "height": image.height,
        "out": drop is not None,
        "reason": drop.reason if drop is not None else "",
        "other": drop.other if drop is not None else None,
    }


def _tabs(chosen: Filter) -> str:
    return "".join(
        f'<a href="/{text(chosen.query(show=one))}"'
        f"{' aria-current=true' if one == chosen.show else ''}>{_SHOWN_WORDS[one]}</a>"
        for one in SHOWN
    )


def _selects(shelf: Shelf, chosen: Filter, counts: Counts) -> str:
    """Return the choices of reason, category and source; each is an address to go to."""
    entries = [entry.series for entry in shelf.entries()]
    categories = sorted({series.category for series in entries})
    sources = sorted({series.source for series in entries} - {""})
    reasons = [("Dropped or not", chosen.query(step="", reason=""), not chosen.step)]
    for one in counts.steps:
        if not one.images and not one.series:
            continue
        name = STEP_WORDS[one.step]
        picked = (chosen.step, chosen.reason)
        target = chosen.query(step=one.step, reason="")
        reasons.append((f"{name}: any reason", target, picked == (one.step, "")))
        reasons += [
            (
                f"{name}: {reason_name(reason)}",
                chosen.query(step=one.step, reason=reason),
                picked == (one.step, reason),
            )
            for reason in sorted(one.images.keys() | one.series.keys())
        ]
    found = _select("What was dropped", reasons)
    found += _choice("Category", chosen, "category", categories, [*map(_category, categories)])
    return found + _choice("Source", chosen, "source", sources, [*map(printable, sources)])


def _category(category: str) -> str:
    return CATEGORY_WORDS.get(category, category)


def _choice(
    label: str, chosen: Filter, field: str, values: Sequence[str], words: Sequence[str]
) -> str:
    if len(values) < 2:
        return ""
    options = [(f"{label}: all", chosen.query(**{field: ""}), not getattr(chosen, field))]
    options += [
        (word, chosen.query(**{field: value}), value == getattr(chosen, field))
        for value, word in zip(values, words, strict=True)
    ]
    return _select(label, options)


def _select(label: str, options: Iterable[tuple[str, str, bool]]) -> str:
    inside = "".join(
        f'<option value="/{text(target)}"{" selected" if picked else ""}>{text(words)}</option>'
        for words, target, picked in options
    )
    return f'<select data-go aria-label="{label}">{inside}</select>'


def _chooser() -> str:
    return filled(
        _PACKAGE,
        "chooser.html",
        reasons=reason_buttons(SERIES_REASONS, action="choose", explained=True),
    )


def _page(view: View, title: str, body: str, theme: str, data: dict[str, Any]) -> str:
    return page_html(
        view, title, body, style="check", keys=KEYS, notes=_NOTES, theme=theme, data=data
    )
