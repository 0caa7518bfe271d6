"""A calibration as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from fgaesq.building.calibrate.calibration import Calibration
from fgaesq.building.calibrate.dataset import calibration_summary
from fgaesq.building.calibrate.reliability import AnnotatorReliability, Share
from fgaesq.evaluation.results import Estimate
from fgaesq.images import printable

__all__ = ["calibration_text", "estimate_words", "share_words"]

_COLUMNS = ("votes", "looked", "oneself", "golden", "others", "left", "ties", "median s")


def calibration_text(found: Calibration) -> str:
    """Return the annotators as a table, and below it what came of their votes."""
    return "".join(f"{line}\n" for line in _lines(found))


def share_words(share: Share | None) -> str:
    """Return a share in percent with what it is of, such as `83% of 40`."""
    return "-" if share is None else f"{share.value:.0%} of {share.of}"


def estimate_words(estimate: Estimate | None) -> str:
    """Return an estimate with its interval."""
    if estimate is None:
        return "cannot be measured"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _lines(found: Calibration) -> Iterator[str]:
    summary = calibration_summary(found)
    yield from _annotators(found)
    yield ""
    yield f"agreement (alpha)   {estimate_words(found.alpha['nominal'])} of all votes"
    if found.left_out:
        yield f"                    {estimate_words(found.alpha_used['nominal'])} of those used"
    yield f"votes               {summary['votes']}, {summary['votes_used']} used" + _set_aside(
        found
    )
    if normal := len(summary["series"]["normal_intervals"]):
        yield f"intervals           of {normal} series by the normal approximation"
    series, pairs, cycles = summary["series"], summary["pairs"], summary["cycles"]
    yield (
        f"series              {series['ranked']} ranked, {len(series['dropped'])} dropped, "
        f"{len(series['waiting'])} wait for votes"
    )
    removed = ", ".join(f"{number} {why}" for why, number in sorted(pairs["removed"].items()))
    yield f"pairs               {pairs['kept']} of {pairs['judged']} kept" + (
        f"; removed: {removed}" if removed else ""
    )
    yield (
        f"circles             {cycles['triads_circular']} of {cycles['triads_judged']} triads, "
        f"{len(cycles['components'])} groups of images in circles"
    )


def _set_aside(found: Calibration) -> str:
    words = [
        f"{number} {what}"
        for number, what in (
            (found.golden, "on golden pairs"),
            (found.elsewhere, "on images that are not kept"),
        )
        if number
    ]
    return f"; besides {' and '.join(words)}" if words else ""


def _annotators(found: Calibration) -> Iterator[str]:
    names = [printable(one.name) for one in found.annotators]
    width = max(len("annotator"), *map(len, names))
    yield f"{'annotator':<{width}}" + "".join(f"  {column:>8}" for column in _COLUMNS)
    for name, one in zip(names, found.annotators, strict=True):
        yield f"{name:<{width}}" + "".join(f"  {cell:>8}" for cell in _cells(one))
        yield from (f"{'':<{width}}  FLAGGED: {flag}" for flag in one.flags)


def _cells(one: AnnotatorReliability) -> tuple[str, ...]:
    shares = (one.consistency, one.golden, one.agreement, one.left, one.ties)
    return (
        str(one.votes),
        f"{one.attention:.0%}",
        *("-" if share is None else f"{share.value:.0%}" for share in shares),
        f"{one.median_s:.1f}",
    )
