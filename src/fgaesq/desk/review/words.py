"""Groups, photos and verdicts of the desk in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fgaesq.desk.desk import Waiting
from fgaesq.desk.records import DeskGroup, DeskPhoto, GroupKind, Verb
from fgaesq.report.text import printable
from fgaesq.report.words import TOO_CLOSE, counted, percent, reason_words
from fgaesq.types import Pair

__all__ = [
    "KIND_WORDS",
    "VERB_WORDS",
    "day_words",
    "group_words",
    "pair_words",
    "series_count",
    "size_words",
    "summary_words",
    "time_words",
    "waiting_words",
    "without_folder",
]

KIND_WORDS: dict[GroupKind, str] = {
    "series": "Series",
    "single": "Single photo",
    "bracket": "Exposure bracket",
    "focus_stack": "Focus stack",
    "panorama": "Panorama",
    "timelapse": "Time-lapse",
}

VERB_WORDS: dict[Verb, str] = {"keep": "keep", "reject": "reject", "undecided": "undecided"}


def pair_words(pair: Pair, first: str, second: str) -> str:
    """Say which of two photos is better, how sure that is and why; names are made printable."""
    first, second = printable(first), printable(second)
    why = reason_words(pair.reasons[:2])
    if pair.verdict == "too_close":
        leader = first if pair.p >= 0.5 else second
        lean = f"{leader} leads with {percent(max(pair.p, 1 - pair.p))}"
        return f"Too close to call: {lean}{f', {why}' if why else ''}"
    better, p = (first, pair.p) if pair.verdict == "first" else (second, 1 - pair.p)
    return f"{better} is better, {percent(p)} sure{f': {why}' if why else ''}"


def group_words(group: DeskGroup) -> str:
    """Say in one sentence how clear the pick of a group is, or why all of it is needed."""
    if group.protected:
        return f"All {len(group.photos)} photos are needed: none is proposed as a reject."
    if len(group.photos) == 1:
        return "Nothing to compare it with."
    if group.margin is None:
        return "Not ranked yet."
    if 0.4 < group.margin < 0.6:
        return f"The first two are {TOO_CLOSE}: let your eye decide."
    taste = ", with your taste" if group.taste else ""
    return f"The first beats the second with {percent(group.margin)}{taste}."


def time_words(taken: str) -> str:
    """Return the time of day of an ISO 8601 time; "" if it is none."""
    try:
        return datetime.fromisoformat(taken).strftime("%H:%M:%S")
    except ValueError:
        return ""


def day_words(taken: str) -> str:
    """Return the day of an ISO 8601 time, such as `Saturday, 21 November 2026`."""
    try:
        day = datetime.fromisoformat(taken)
    except ValueError:
        return "Time not known"
    return f"{day:%A}, {day.day} {day:%B %Y}"


def without_folder(sentence: str, photo: DeskPhoto) -> str:
    """Return a sentence of a photo with its name in place of its path."""
    return printable(sentence.replace(photo.path, photo.name))


def summary_words(counts: dict[str, int]) -> str:
    """Say how many photos and groups there are, and whether the taste has a say."""
    words = f"{counted(counts['photos'], 'photo')} in {counted(counts['groups'], 'group')}"
    failures = counts.get("failures", 0)
    words += f", {failures} could not be used" if failures else ""
    picks = counts.get("taste", 0)
    return words + (f", with your taste, learned from {picks} picks" if picks else "")


def series_count(groups: Iterable[DeskGroup]) -> int:
    """Return how many groups are series: what the size of groups changes."""
    return sum(len(group.photos) > 1 and not group.protected for group in groups)


def size_words(size: float) -> str:
    """Say how wide series are, of 0 (tight) to 1 (wide)."""
    for below, words in ((0.25, "tight"), (0.45, "rather tight"), (0.55, "usual")):
        if size < below:
            return words
    return "rather wide" if size <= 0.75 else "wide"


def waiting_words(waiting: Waiting) -> str:
    """Say how many groups are still to be ranked."""
    if not waiting.left:
        return "All groups are ranked"
    left = counted(waiting.left, "group")
    if waiting.trouble:
        return f"{left} could not be ranked: {printable(waiting.trouble)}"
    return f"Ranking: {left} to go"
