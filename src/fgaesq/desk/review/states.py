"""Groups as the page's script needs them: plain dictionaries that become JSON."""

from __future__ import annotations

from typing import Any

from fgaesq.desk.desk import Desk
from fgaesq.desk.records import DeskGroup, DeskPhoto
from fgaesq.desk.review.overlays import in_frame, spots
from fgaesq.desk.review.parts import mark_words, strip
from fgaesq.desk.review.words import group_words, pair_words, without_folder
from fgaesq.report.svg import effect_legend, map_legend
from fgaesq.report.text import printable
from fgaesq.types import DifferenceMap, EffectMap

__all__ = ["group_state", "maps_state"]


def group_state(desk: Desk, group: DeskGroup) -> dict[str, Any]:
    """Return a group with its photos and the verdicts on their pairs; no path is in it."""
    by_path = {photo.path: photo for photo in group.photos}
    ranked = not group.protected and group.margin is not None
    pairs = {}
    for pair in desk.pairs(group.id) if ranked else ():
        first, second = by_path[pair.first], by_path[pair.second]
        pairs[f"{min(first.id, second.id)}-{max(first.id, second.id)}"] = {
            "words": pair_words(pair, first.name, second.name),
            "close": pair.verdict == "too_close",
        }
    return {
        "id": group.id,
        "words": group_words(group),
        "protected": group.protected,
        "ranked": group.protected or any(photo.rank is not None for photo in group.photos),
        "photos": [_photo_state(photo) for photo in group.photos],
        "pairs": pairs,
        "strip": strip(group),
    }


def maps_state(
    group: DeskGroup, difference: DifferenceMap | None, effects: EffectMap | None
) -> dict[str, Any]:
    """Return where the compare viewer should look, and where the maps fall onto each photo.

    The scene is the frame of the largest photo that could be aligned: `spots` are places in it,
    `boxes` say where it lies in each photo, `grids` where the grid of the maps does.
    """
    grids = {
        photo.id: box
        for photo in group.photos
        if difference is not None and (box := difference.boxes.get(photo.path)) is not None
    }
    if difference is None or not grids:
        return {"reference": None, "spots": [], "boxes": {}, "grids": {}, "legends": {},
                "effects": []}  # fmt: skip
    aligned = [photo for photo in group.photos if photo.id in grids]
    reference = max(aligned, key=lambda photo: photo.width * photo.height).id
    top, left, bottom, right = grids[reference]
    known = effects.values if effects is not None else {}
    legends = {"difference": map_legend(difference)}
    if effects is not None:
        legends["effect"] = effect_legend(effects)
    return {
        "reference": reference,
        "spots": [
            {"x": left + one.x * (right - left), "y": top + one.y * (bottom - top)}
            for one in spots(difference)
        ],
        "boxes": {photo: in_frame(box, grids[reference]) for photo, box in grids.items()},
        "grids": grids,
        "effects": [photo.id for photo in group.photos if known.get(photo.path) is not None],
        "legends": legends,
    }


def _photo_state(photo: DeskPhoto) -> dict[str, Any]:
    return {
        "id": photo.id,
        "name": printable(photo.name),
        "width": photo.width,
        "height": photo.height,
        "rank": photo.rank,
        "score": photo.score,
        "verb": photo.verb,
        "marked": photo.mark.verb is not None,
        "stars": photo.stars,
        "label": photo.mark.label or "",
        "words": mark_words(photo),
        "said": f"{photo.verb}, {'your choice' if photo.mark.verb else 'proposed'}",
        "why": printable(photo.proposal.why) if photo.proposal else "",
        "reasons": [printable(reason.text) for reason in photo.reasons[:3]],
        "usable": not photo.failure,
        "trouble": without_folder(photo.failure, photo),
    }
