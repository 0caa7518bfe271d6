"""Verdicts, probabilities and failures in plain words, the same in tables, pictures and pages."""

from __future__ import annotations

from collections.abc import Iterable

from fgaesq.errors import InputError
from fgaesq.report.text import printable
from fgaesq.types import Comparison, Failure, Pair, RankedSeries, Reason

__all__ = [
    "TOO_CLOSE",
    "comparison_words",
    "counted",
    "failure_words",
    "margin_words",
    "neighbour_pairs",
    "percent",
    "reason_words",
    "series_words",
]

TOO_CLOSE = "too close to call"


def percent(probability: float) -> str:
    """Return a probability (0 to 1) in whole percent; `<1 %` and `>99 %` where it is not certain.

    Examples:
        >>> percent(0.834), percent(0.001), percent(0.9999), percent(1.0)
        ('83 %', '<1 %', '>99 %', '100 %')
    """
    whole = round(probability * 100)
    if whole == 0 and probability > 0:
        return "<1 %"
    if whole == 100 and probability < 1:
        return ">99 %"
    return f"{whole} %"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return the number with its noun, such as `1 image` or `3 images`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def neighbour_pairs(series: RankedSeries) -> list[Pair]:
    """Return the verdicts on each image and the next in rank order, one fewer than images.

    Raises:
        InputError: a verdict is missing. Without it the margin would have to be guessed.
    """
    by_paths = {(pair.first, pair.second): pair for pair in series.pairs}
    neighbours = []
    for better, worse in zip(series.images, series.images[1:], strict=False):
        pair = by_paths.get((better.path, worse.path))
        if pair is None:
            raise InputError(
                f"series '{printable(series.id)}' holds no verdict on '{printable(better.path)}' "
                f"over '{printable(worse.path)}'; give all pairs, the better-ranked image first"
            )
        neighbours.append(pair)
    return neighbours


def margin_words(series: RankedSeries) -> list[str]:
    """Say of each image how clearly it beats the next in rank order; empty for the last one.

    Raises:
        InputError: a verdict is missing.
    """
    words = [
        _margin(pair, identical=better.rank == worse.rank)
        for pair, better, worse in zip(
            neighbour_pairs(series), series.images, series.images[1:], strict=False
        )
    ]
    return [*words, ""] if series.images else []


def _margin(pair: Pair, *, identical: bool) -> str:
    if identical:
        return "identical to the next"
    if pair.verdict == "too_close":
        return f"{TOO_CLOSE} with the next"
    if pair.verdict == "first":
        return f"preferred to the next ({percent(pair.p)})"
    return f"the next is preferred ({percent(1 - pair.p)})"


def series_words(series: RankedSeries) -> str:
    """Say in one sentence how clear the pick of the series is."""
    if len(series.images) < 2:
        return "A single image: nothing to compare it with."
    best = series.images[0]
    rivals = [p for p in series.pairs if p.first == best.path and p.verdict == "too_close"]
    if not rivals:
        return f"The pick is clear: it is the best with probability {percent(best.p_best)}."
    if len(rivals) + 1 == len(series.images):
        everyone = "The two" if len(series.images) == 2 else f"All {len(series.images)}"
        return f"{everyone} images are {TOO_CLOSE}: let your eye decide."
    return (
        f"The pick and {counted(len(rivals), 'other image')} are {TOO_CLOSE}: "
        "let your eye decide among them."
    )


def comparison_words(comparison: Comparison, first: str, second: str) -> str:
    """Say which of two images is preferred; `first` and `second` are the names to call them by."""
    if comparison.verdict == "too_close":
        return f"{TOO_CLOSE}: {first} is preferred with probability {percent(comparison.p)}"
    if comparison.verdict == "first":
        return f"{first} is preferred with probability {percent(comparison.p)}"
    return f"{second} is preferred with probability {percent(1 - comparison.p)}"


def reason_words(reasons: Iterable[Reason]) -> str:
    """Return reasons in one line, strongest first.

    Examples:
        >>> reason_words([Reason("sharper", 0.74), Reason("less noise", 0.18)])
        'sharper (74 %), less noise (18 %)'
    """
    return ", ".join(f"{printable(one.text)} ({percent(one.strength)})" for one in reasons)


def failure_words(failures: Iterable[Failure]) -> list[str]:
    """Return one printable line per failure: the path (if the sentence lacks it) and the reason."""
    return [
        printable(f.error if f.error.startswith(f.path) else f"{f.path}: {f.error}")
        for f in failures
    ]
