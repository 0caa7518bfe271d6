"""The HTML of the review page's lists: cards of the overview, photos of a strip, the help sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fgaesq.desk.records import DeskGroup, DeskPhoto, Verb
from fgaesq.desk.review.words import KIND_WORDS, VERB_WORDS, time_words, without_folder
from fgaesq.report.page import text
from fgaesq.report.words import TOO_CLOSE, counted, percent

__all__ = [
    "card",
    "cover",
    "mark_words",
    "star_signs",
    "strip",
    "verb_counts",
]

_MOST_DOTS = 14
_VERBS: tuple[Verb, ...] = ("keep", "reject", "undecided")


def cover(group: DeskGroup) -> DeskPhoto:
    """Return the photo that stands for a group: the first keeper, else its first photo."""
    usable = [photo for photo in group.photos if not photo.failure] or list(group.photos)
    return next((photo for photo in usable if photo.verb == "keep"), usable[0])


def verb_counts(photos: Iterable[DeskPhoto]) -> dict[Verb, int]:
    """Return how many photos are to be kept, rejected, or are undecided."""
    found = [photo.verb for photo in photos]
    return {verb: found.count(verb) for verb in _VERBS}


def star_signs(stars: int) -> str:
    """Return stars as signs, such as `★★★`; "" for none."""
    return "★" * stars


def mark_words(photo: DeskPhoto) -> str:
    """Say what is to become of a photo and who says so."""
    words = [VERB_WORDS[photo.verb]]
    if photo.stars:
        words.append(counted(photo.stars, "star"))
    if photo.mark.label:
        words.append(f"label {photo.mark.label}")
    by_hand = photo.mark.verb is not None
    return ", ".join(words) + (", your choice" if by_hand else ", proposed")


def card(group: DeskGroup) -> str:
    """Return the card of a group for the overview: a fixed box that opens the series."""
    photo = cover(group)
    counts = verb_counts(group.photos)
    said = ", ".join(f"{VERB_WORDS[verb]} {counts[verb]}" for verb in _VERBS if counts[verb])
    time = time_words(photo.taken)
    label = ", ".join(
        filter(
            None,
            (_kind(group), time, photo.name, said, _margin(group), star_signs_words(photo.stars)),
        )
    )
    number = f'<span class="number">{len(group.photos)}</span>' if len(group.photos) > 1 else ""
    kind = f'<span class="kind">{KIND_WORDS[group.kind]}</span>' if group.protected else ""
    undecided = " open-question" if counts["undecided"] and not group.protected else ""
    return (
        f'<li class="group {photo.verb}{undecided}" data-group="{group.id}" '
        f'data-photo="{photo.id}">'
        f'<a href="/group/{group.id}" aria-label="{text(label)}" tabindex="-1">'
        f'<span class="thumb{" stack" if number else ""}">{_image(photo, lazy=True)}{number}{kind}'
        f"{_label_flag(photo)}</span>"
        f'<span class="line"><span class="time">{text(time or photo.name)}</span>'
        f'<span class="stars">{star_signs(photo.stars)}</span></span>'
        f'<span class="line"><span class="dots">{_dots(group.photos)}</span>'
        f'<span class="margin">{text(_margin(group))}</span></span></a></li>\n'
    )


def star_signs_words(stars: int) -> str:
    """Return stars in words; "" for none."""
    return counted(stars, "star") if stars else ""


def strip(group: DeskGroup) -> str:
    """Return the photos of a group as buttons, for the strip of the series view."""
    return "".join(_strip_photo(photo, len(group.photos)) for photo in group.photos)


def _kind(group: DeskGroup) -> str:
    if len(group.photos) == 1:
        return KIND_WORDS["single"]
    return f"{KIND_WORDS[group.kind]} of {len(group.photos)}"


def _margin(group: DeskGroup) -> str:
    """Return how sure the pick is, short enough for a card."""
    if group.protected or len(group.photos) == 1:
        return ""
    if group.margin is None:
        return "not ranked yet"
    return TOO_CLOSE if 0.4 < group.margin < 0.6 else f"{percent(group.margin)} sure"


def _image(photo: DeskPhoto, *, lazy: bool) -> str:
    if photo.failure:
        return '<span class="missing">cannot be read</span>'
    loading = ' loading="lazy"' if lazy else ""
    return f'<img src="/photo/{photo.id}/thumb" alt=""{loading} decoding="async">'


def _dots(photos: Sequence[DeskPhoto]) -> str:
    dots = "".join(f'<i class="{photo.verb}"></i>' for photo in photos[:_MOST_DOTS])
    return dots + ("…" if len(photos) > _MOST_DOTS else "")


def _label_flag(photo: DeskPhoto) -> str:
    label = photo.mark.label
    return f'<span class="label {text(label.lower())}"></span>' if label else ""


def _strip_photo(photo: DeskPhoto, of: int) -> str:
    rank = f"rank {photo.rank} of {of}" if photo.rank else ""
    trouble = without_folder(photo.failure, photo)
    label = ", ".join(filter(None, (photo.name, rank, mark_words(photo), trouble)))
    by_hand = " by-hand" if photo.mark.verb is not None else ""
    disabled = " disabled" if photo.failure else ""
    return (
        f'<li class="{photo.verb}{by_hand}" data-photo="{photo.id}">'
        f'<button type="button" aria-label="{text(label)}" title="{text(photo.name)}"{disabled}>'
        f'<span class="thumb">{_image(photo, lazy=True)}'
        f'<span class="number">{photo.rank or "–"}</span>{_label_flag(photo)}</span>'
        f'<span class="line"><span class="verb">{VERB_WORDS[photo.verb]}</span>'
        f'<span class="stars">{star_signs(photo.stars)}</span></span></button></li>\n'
    )
