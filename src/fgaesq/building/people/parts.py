"""The HTML of lists: cards of the overview, images of a series, counts, filters, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fgaesq.building.people.entries import Entry, Filter
from fgaesq.building.people.shelf import Counts
from fgaesq.building.people.words import (
    CATEGORY_WORDS,
    STATE_WORDS,
    STEP_WORDS,
    drop_words,
    entry_words,
    image_name,
    overruled_words,
    reason_name,
)
from fgaesq.building.records import REASONS, Drop, SourceImage
from fgaesq.report.page import text
from fgaesq.report.words import counted

__all__ = ["card", "counts_table", "progress", "reason_buttons", "suggestion", "tiles"]

_MOST_THUMBS = 6
_THUMB_PX, _VIEW_PX = 400, 1280


def card(entry: Entry, chosen: Filter) -> str:
    """Return the card of a series for the overview: a strip of its images that opens it."""
    series = entry.series
    shown = _shown_first(entry)
    more = len(series.members) - len(shown)
    rest = f'<span class="number">+{more}</span>' if more else ""
    hints = [one for one, so in (("split?", entry.parts), ("merge?", entry.same)) if so]
    hint = "".join(f'<span class="hint">{one}</span>' for one in hints)
    label = ", ".join([f"Series {entry.id}", entry_words(entry), *hints])
    return (
        f'<li class="group {entry.state}" data-group="{entry.id}" data-stamp="{entry.stamp}">'
        f'<a href="/series/{entry.id}{text(chosen.query())}" aria-label="{text(label)}" '
        f'tabindex="-1"><span class="film">'
        f"{''.join(_thumb(image, image in series.dropped) for image in shown)}{rest}</span>"
        f'<span class="line"><span class="id">{entry.id}</span>'
        f'<span class="words">{text(_card_words(entry))}</span>{hint}</span></a></li>\n'
    )


def tiles(entry: Entry, images: Mapping[int, SourceImage], found: Mapping[int | None, Drop]) -> str:
    """Return the images of a series as options to choose from.

    Args:
        entry: of the series.
        images: those of the series and those that they resemble, by id.
        found: what steps dropped, by image, also what people overruled.
    """
    names = {id: image_name(image) for id, image in images.items()}
    part_of = {image: part for part, part_images in enumerate(entry.parts) for image in part_images}
    return "".join(
        _tile(entry, images[id], names, found.get(id), part_of.get(id), number)
        for number, id in enumerate(entry.series.members, start=1)
        if id in images
    )


def counts_table(counts: Counts, chosen: Filter) -> str:
    """Return what every step took out for every reason, as rows; each leads to what it took."""
    rows = []
    for step in counts.steps:
        name = STEP_WORDS[step.step]
        reasons = sorted(step.series.keys() | step.images.keys(), key=list(REASONS).index)
        for reason in reasons:
            target = Filter(step=step.step, reason=reason, category=chosen.category).query()
            link = f'<a href="/{text(target)}">{text(reason_name(reason))}</a>'
            rows.append(
                f"<tr><td>{name}</td><td>{link}</td><td>{step.series[reason]:,}</td>"
                f"<td>{step.images[reason]:,}</td><td></td><td></td></tr>\n"
            )
        rows.append(
            f'<tr class="sum"><th scope="row">{name}</th><td>all</td>'
            f"<td>{step.series.total():,}</td><td>{step.images.total():,}</td>"
            f"<td>{step.series_left:,}</td><td>{step.images_left:,}</td></tr>\n"
        )
    return "".join(rows)


def progress(counts: Counts) -> str:
    """Return how many series are still to check, as words and a bar."""
    settled = counts.series - counts.todo
    return (
        f'<span class="count open"><b>{counts.todo:,}</b> to check</span>'
        f'<span class="count kept"><b>{counts.kept:,}</b> kept</span>'
        f'<span class="count dropped"><b>{counts.dropped:,}</b> out</span>'
        f'<progress max="{max(1, counts.series)}" value="{settled}" '
        f'aria-label="{settled:,} of {counts.series:,} series are settled"></progress>'
    )


def reason_buttons(reasons: Sequence[str], *, action: str, explained: bool = False) -> str:
    """Return a button for each reason, with its key."""
    return "".join(
        f'<button type="button" data-do="{action}-{reason}" data-reason="{reason}" '
        f'title="{text(REASONS[reason].capitalize())} ({number})"><kbd>{number}</kbd>'
        f"<span>{text(reason_name(reason))}</span>"
        f"{f'<small>{text(REASONS[reason])}</small>' if explained else ''}</button>\n"
        for number, reason in enumerate(reasons, start=1)
    )


def suggestion(entry: Entry, others: Sequence[Entry]) -> str:
    """Return what is proposed for a series, with its button; "" if nothing is.

    Args:
        entry: of the series.
        others: the entries that it may be merged with.
    """
    if entry.parts:
        parts = ", ".join(
            f'<span class="part p{part % 6}">{_letter(part)}</span> {counted(len(ids), "image")}'
            for part, ids in enumerate(entry.parts)
        )
        words, accept = f"These may be {len(entry.parts)} series: {parts}", "Split so"
    elif others:
        films = "".join(
            f'<a href="/series/{one.id}" class="film" aria-label="Series {one.id}">'
            f"{''.join(_thumb(image, image in one.series.dropped) for image in _shown_first(one))}"
            "</a>"
            for one in others
        )
        words, accept = f"This may be the same as {films}", "Merge them"
    else:
        return ""
    return (
        f'<p class="proposed">{words}</p><button type="button" data-do="accept" '
        f'title="Accept what is proposed (a)"><kbd>a</kbd>{accept}</button>'
    )


def _letter(part: int) -> str:
    """Return the letter of a part; after Z the letters come again."""
    return chr(ord("A") + part % 26)


def _shown_first(entry: Entry) -> list[int]:
    """Return the images for a card: those that are in go first."""
    members = entry.series.members
    if len(members) <= _MOST_THUMBS:
        return list(members)
    return sorted(members, key=lambda image: image in entry.series.dropped)[: _MOST_THUMBS - 1]


def _thumb(image: int, out: bool) -> str:  # noqa: FBT001 - of one list above
    return (
        f'<span class="thumb{" out" if out else ""}">'
        f'<img src="/image/{image}/thumb" alt="" loading="lazy" decoding="async"></span>'
    )


def _card_words(entry: Entry) -> str:
    series = entry.series
    left = len(series.members) - len(series.dropped)
    number = str(left) if left == len(series.members) else f"{left} of {len(series.members)}"
    words = f"{CATEGORY_WORDS[series.category]}, {number}"
    if series.drop is not None:
        return f"{words}, {reason_name(series.drop.reason)}"
    return words if entry.state == "open" else f"{words}, {STATE_WORDS[entry.state]}"


def _tile(
    entry: Entry,
    image: SourceImage,
    names: Mapping[int, str],
    found: Drop | None,
    part: int | None,
    number: int,
) -> str:
    drop, said = entry.series.dropped.get(image.id), entry.said.get(image.id)
    words = drop_words(drop, said, names) if drop is not None else ""
    if drop is None and said is not None:
        words = overruled_words(said, found)
    other = drop.other if drop is not None and drop.other in names else None
    label = ", ".join(filter(None, (f"Image {number}", names[image.id], words)))
    badge = f'<span class="part p{part % 6}">{_letter(part)}</span>' if part is not None else ""
    beside = f'<img class="other" src="/image/{other}/view" alt="" loading="lazy">' if other else ""
    return (
        f'<li role="option" class="tile{" out" if drop is not None else ""}" '
        f'data-image="{image.id}" tabindex="-1" aria-selected="false" '
        f'aria-label="{text(label)}" title="{text(words)}">'
        f'<span class="thumb"><img class="own" src="/image/{image.id}/view" '
        f'srcset="{_sources(image)}" alt="" decoding="async">{beside}{badge}'
        f'<span class="why">{text(words)}</span></span>'
        f'<span class="line"><span class="name">{text(names[image.id])}</span></span></li>\n'
    )


def _sources(image: SourceImage) -> str:
    """Return the two sizes of an image with their widths, for the browser to choose from."""
    long_side = max(image.height, image.width, 1)
    return ", ".join(
        f"/image/{image.id}/{size} {max(1, round(image.width * min(1, px / long_side)))}w"
        for size, px in (("thumb", _THUMB_PX), ("view", _VIEW_PX))
    )
