"""Steps, reasons, series and images in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fgaesq.building.people.entries import Entry, State
from fgaesq.building.records import Decision, Drop, SourceImage, Step
from fgaesq.report.text import printable
from fgaesq.report.words import counted

__all__ = [
    "CATEGORY_WORDS",
    "STATE_WORDS",
    "STEP_WORDS",
    "drop_words",
    "entry_words",
    "image_name",
    "number_words",
    "overruled_words",
    "reason_name",
]

STEP_WORDS: Final[Mapping[Step, str]] = {
    "collect": "Collected",
    "metrics": "Metrics",
    "model": "Model",
    "people": "People",
    "calibration": "Calibration",
}
STATE_WORDS: Final[Mapping[State, str]] = {
    "open": "to check",
    "kept": "kept",
    "few": "too few left",
    "dropped": "dropped",
}
CATEGORY_WORDS: Final = {"natural": "Natural", "aigc": "Generated", "cropping": "Cropping"}


def reason_name(reason: str) -> str:
    """Return a reason in a word or two.

    Examples:
        >>> reason_name("near_identical")
        'near identical'
    """
    return reason.replace("_", " ")


def drop_words(drop: Drop, said: Decision | None, names: Mapping[int, str]) -> str:
    """Say who dropped an image or series, why, and what it resembles."""
    by = said.who if said is not None and said.who and drop.step == "people" else ""
    who = printable(by) or STEP_WORDS[drop.step]
    words = f"{who}: {reason_name(drop.reason)}"
    if drop.other is not None and drop.other in names:
        words += f", like {names[drop.other]}"
    return words + (f" ({printable(drop.detail)})" if drop.detail else "")


def overruled_words(said: Decision, drop: Drop | None) -> str:
    """Say who brought an image back, and what had dropped it; "" if nothing had."""
    if drop is None:
        return ""
    who = printable(said.who) or "A person"
    return f"{who} brought it back; {STEP_WORDS[drop.step].lower()}: {reason_name(drop.reason)}"


def entry_words(entry: Entry) -> str:
    """Say how many images of a series are in and where it stands."""
    series = entry.series
    words = f"{number_words(entry)}, {STATE_WORDS[entry.state]}"
    if series.drop is not None:
        words += f" by {STEP_WORDS[series.drop.step].lower()}: {reason_name(series.drop.reason)}"
    return words


def number_words(entry: Entry) -> str:
    """Say how many images of a series are in."""
    members = entry.series.members
    left, images = len(members) - len(entry.series.dropped), counted(len(members), "image")
    return images if left == len(members) else f"{left} of {images} in"


def image_name(image: SourceImage) -> str:
    """Return the name of an image without its folder; of a crop also where it lies."""
    name = printable(image.path.name)
    if image.crop is None:
        return name
    crop = image.crop
    return f"{name} at {crop.left:g}, {crop.top:g}"
