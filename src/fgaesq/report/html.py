"""A ranking as one self-contained web page.

The page loads nothing: pictures are data URIs, style and script stand in the page, and its
Content-Security-Policy allows just these (by hash). Everything but the large view works without
JavaScript, the difference maps included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from fgaesq.report.drawing import ImageProvider
from fgaesq.report.page import asset, embedded, joined, text, whole_page
from fgaesq.report.svg import effect_layer, effect_legend, map_definition, map_legend, map_use
from fgaesq.report.text import display_names
from fgaesq.report.words import (
    counted,
    failure_words,
    margin_words,
    neighbour_pairs,
    percent,
    reason_words,
    series_words,
)
from fgaesq.types import Failure, ModelIdentity, RankedImage, RankedSeries, Ranking, Reason

__all__ = ["ranking_page"]

_LONG_SIDE_PX = 900
_NOTE = (
    "Scores run from 1 to 10, higher is better, and are judged within a series. “Best pick” is the "
    "probability that the image is the preferred one of its series; the percentage beneath an "
    "image is the probability that it is preferred to the next. A reason says what the image is, "
    "compared with the others of its series; its bar is how sure the model is that this is what "
    "sets it apart."
)


@dataclass(frozen=True, slots=True)
class _Card:
    """What one image's card shows; `maps` is empty where there is nothing to lay over it."""

    image: RankedImage
    name: str
    margin: str
    unclear: bool
    of: int
    picture_uri: str
    size: tuple[int, int]
    maps: str


def ranking_page(
    ranking: Ranking,
    images: ImageProvider,
    *,
    title: str = "Ranked series",
    long_side_px: int = _LONG_SIDE_PX,
) -> str:
    """Return the HTML page that shows a ranking: each series in rank order, and what failed.

    Args:
        ranking: with all pairs of each series.
        images: gives a small image of each path (sRGB, uint8, (H, W, 3)), at least `long_side_px`
            long for a sharp page; None leaves a placeholder. Each path is asked for once.
        title: the page's title and heading.
        long_side_px: the size at which images are embedded; about 150 kB each at 900.

    Returns:
        HTML to be written as UTF-8.

    Raises:
        InputError: a series lacks a pair, or its difference map an image.
        ShapeError: a fine cell lies outside its difference map.
    """
    sections = [
        _section(series, position, images, long_side_px)
        for position, series in enumerate(ranking.series, start=1)
    ]
    return whole_page(
        title,
        _summary(ranking),
        [*sections, _failures(ranking.failures)],
        note=_NOTE,
        facts=_model(ranking.model),
        script=joined("gestures.js", "report.js"),
        end=asset("viewer.html"),
    )


def _summary(ranking: Ranking) -> str:
    images = sum(len(series.images) for series in ranking.series)
    words = f"{counted(images, 'image')} in {counted(len(ranking.series), 'series', 'series')}"
    if ranking.failures:
        words += f", {len(ranking.failures)} could not be used"
    return words


def _section(series: RankedSeries, position: int, images: ImageProvider, long_side_px: int) -> str:
    cards = _cards(series, f"map-{position}", images, long_side_px)
    number = min(len(cards), 6)
    return (
        f'<section class="series" aria-labelledby="series-{position}">\n'
        f'<h2 id="series-{position}"><bdi>{text(series.id)}</bdi></h2>\n'
        f'<p class="verdict">{text(series_words(series))}</p>\n{_switch(series, position)}\n'
        f'<ol class="cards of-{number}">\n{"".join(map(_card, cards))}</ol>\n</section>'
    )


def _switch(series: RankedSeries, position: int) -> str:
    """Return the choice of what lies over the photos, and what its colours mean."""
    if series.difference is None or len(series.images) < 2:
        return ""
    views = [("photos", "Photos"), ("difference", "Where they differ")]
    views += [("effect", "What moves the score")] if series.effects is not None else []
    choices = "".join(
        f'<label><input type="radio" name="view-{position}" value="{view}" class="show-{view}"'
        f"{' checked' if view == 'photos' else ''}><span>{label}</span></label>"
        for view, label in views
    )
    return (
        f'<fieldset class="switch"><legend>Show</legend>{choices}</fieldset>'
        + map_legend(series.difference)
        + (effect_legend(series.effects) if series.effects is not None else "")
        + map_definition(series.difference, f"map-{position}")
    )


def _cards(
    series: RankedSeries, map_id: str, images: ImageProvider, long_side_px: int
) -> list[_Card]:
    names = display_names([image.path for image in series.images])
    margins = margin_words(series)
    unclear = [pair.verdict == "too_close" for pair in neighbour_pairs(series)] + [False]
    cards = []
    for position, image in enumerate(series.images):
        uri, size = embedded(image.path, images(image.path), long_side_px)
        cards.append(
            _Card(
                image=image,
                name=names[position],
                margin=margins[position],
                unclear=unclear[position],
                of=len(series.images),
                picture_uri=uri,
                size=size,
                maps=_maps(series, map_id, image.path, size) if uri else "",
            )
        )
    return cards


def _maps(series: RankedSeries, map_id: str, path: str, size: tuple[int, int]) -> str:
    """Return what can be laid over an image."""
    if series.difference is None or len(series.images) < 2:
        return ""
    maps = map_use(series.difference, map_id, path, size)
    return maps + (effect_layer(series.effects, path, size) if series.effects is not None else "")


def _card(card: _Card) -> str:
    image, name = card.image, escape(card.name)
    best = " best" if image.rank == 1 and card.of > 1 else ""
    unclear = " unclear" if card.unclear else ""
    margin = f'<p class="margin{unclear}">{escape(card.margin)}</p>\n' if card.margin else ""
    return (
        f'<li class="card{best}"><figure>\n{_frame(card)}<figcaption>\n'
        f'<p class="numbers"><span class="score" title="score, 1 to 10">{image.score:.2f}</span>'
        f"{_chance(card)}"
        f'<p class="name" title="{text(image.path)}"><bdi>{name}</bdi></p>\n{margin}'
        f"{_reasons(image.reasons)}"
        "</figcaption></figure></li>\n"
    )


def _reasons(reasons: Sequence[Reason]) -> str:
    """Return a list of reasons, each with a bar of its strength."""
    rows = "".join(
        f'<li><span class="why">{text(reason.text)}</span>'
        f'<span class="strength">{escape(percent(reason.strength))}</span>'
        f"{_bar(reason.strength)}</li>\n"
        for reason in reasons
    )
    return f'<ul class="reasons" aria-label="Reasons">\n{rows}</ul>\n' if reasons else ""


def _bar(share: float) -> str:
    return (
        '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="1"/>'
        f'<rect class="fill" width="{share * 100:.1f}" height="1"/></svg>'
    )


def _chance(card: _Card) -> str:
    """Return P(best) with its bar, and the end of the line of numbers; nothing to say of one."""
    if card.of == 1:
        return "</p>\n"
    chance = escape(percent(card.image.p_best))
    return (
        f' <span class="chance">best pick <b>{chance}</b></span></p>\n{_bar(card.image.p_best)}\n'
    )


def _frame(card: _Card) -> str:
    image, (width, height) = card.image, card.size
    label = f"{card.name}, rank {image.rank} of {card.of}, score {image.score:.2f}"
    if card.picture_uri:
        picture = (
            f'<img src="{card.picture_uri}" width="{width}" height="{height}" '
            f'alt="{escape(label)}">{card.maps}'
        )
    else:
        picture = f'<p class="missing" role="img" aria-label="{escape(label)}">no picture</p>'
    return (
        f'<div class="frame" data-name="{escape(card.name)}" data-rank="{image.rank}" '
        f'data-score="{image.score:.2f}" data-why="{text(reason_words(image.reasons[:1]))}">'
        f"{picture}"
        f'<span class="rank" aria-hidden="true">{image.rank}</span></div>\n'
    )


def _failures(failures: Sequence[Failure]) -> str:
    if not failures:
        return ""
    items = "".join(f"<li>{escape(line)}</li>\n" for line in failure_words(failures))
    return (
        '<section class="failures" aria-labelledby="failures">\n'
        f'<h2 id="failures">Could not be used</h2>\n<ul>\n{items}</ul>\n</section>'
    )


def _model(model: ModelIdentity) -> str:
    rows: Iterable[tuple[str, str]] = (
        ("Model", f"{model.name} {model.version}"),
        ("Engine", model.engine),
        ("Tokenizer", model.tokenizer),
        ("Reasons", "yes" if model.reasons else "none: this model has no words for them"),
        ("SHA-256 of the weights", model.sha256),
    )
    return "".join(f"<div><dt>{term}</dt><dd>{text(value)}</dd></div>" for term, value in rows)
