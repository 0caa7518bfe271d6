"""What a taste is and whether it helps, in words and as JSON."""

from __future__ import annotations

from typing import Any

from fgaesq.desk.catalogue.tastes import Taste
from fgaesq.desk.taste.head import FEWEST_GROUPS
from fgaesq.report.words import counted, percent

__all__ = ["taste_data", "taste_words"]


def taste_data(taste: Taste | None) -> dict[str, Any]:
    """Return `{"taste"}` for JSON, without its weights; null if there is none."""
    if taste is None:
        return {"taste": None}
    fields = {
        "at": taste.at,
        "model": taste.model,
        "sha256": taste.sha256,
        "picks": taste.picks,
        "groups": taste.groups,
        "held_out": None if taste.held_out is None else dict(taste.held_out),
        "helps": taste.helps,
        "on": taste.switched_on and taste.helps,
    }
    return {"taste": fields}


def taste_words(taste: Taste | None) -> str:
    """Return a few lines for the person."""
    if taste is None:
        return "No taste has been learned. Mark photos in the review, then run: fgaesq taste fit\n"
    lines = [
        f"Learned from {counted(taste.picks, 'pick')} in {counted(taste.groups, 'group')}, "
        f"{taste.at[:16].replace('T', ' ')} UTC, for the model {taste.model} "
        f"({taste.sha256[:12]}).",
        _verdict(taste),
        _state(taste),
    ]
    return "\n".join(lines) + "\n"


def _verdict(taste: Taste) -> str:
    found = taste.held_out
    if found is None:
        return f"That is too little: picks in at least {FEWEST_GROUPS} groups are needed."
    numbers = (
        f"on held-out groups the better photo is ahead in {percent(found['accuracy'])} of the "
        f"pairs, by the model alone in {percent(found['model_accuracy'])}; log-likelihood per "
        f"group {found['likelihood']:.3f}, by the model alone {found['model_likelihood']:.3f}"
    )
    return f"It {'helps' if taste.helps else 'does not help beyond chance'}: {numbers}."


def _state(taste: Taste) -> str:
    if not taste.helps:
        return "It is off, and the model alone ranks."
    return "It is on." if taste.switched_on else "It is switched off, and the model alone ranks."
