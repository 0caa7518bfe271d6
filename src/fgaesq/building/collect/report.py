"""What a run of collecting did, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fgaesq.building.collect.records import LEFT_OUT, Collected
from fgaesq.images.names import printable
from fgaesq.report.words import counted

__all__ = ["collected_data", "collected_text"]

_COLUMN = 8
_SOURCES = 10  # that are named; more are summed up


def collected_data(done: Collected, folder: Path, *, dry_run: bool) -> dict[str, Any]:
    """Return a run as JSON can hold it."""
    return {
        "dataset": printable(folder),
        "kind": done.kind,
        "dry_run": dry_run,
        "found": {"photos": done.photos, "clips": done.clips},
        "known": done.known,
        "moved": done.moved,
        "made": {"series": done.series, "images": done.images, "by_source": dict(done.by_source)},
        "left_out": {
            reason: {
                "count": number,
                "why": LEFT_OUT[reason],
                "examples": done.left_out.examples[reason],
            }
            for reason, number in done.left_out.counts.items()
        },
        "in_all": {"series": done.series_in_all, "images": done.images_in_all},
        "notes": list(done.notes),
        "failures": [asdict(one) for one in done.failures],
    }


def collected_text(done: Collected, folder: Path, *, dry_run: bool) -> str:
    """Return a run as lines for people."""
    return "".join(f"{line}\n" for line in _lines(done, folder, dry_run=dry_run))


def _lines(done: Collected, folder: Path, *, dry_run: bool) -> Iterator[str]:
    found = [counted(done.photos, "image")]
    found += [counted(done.clips, "clip")] if done.clips else []
    verb = "would be made" if dry_run else "made"
    yield (
        f"{printable(folder)}: {' and '.join(found)} found, "
        f"{done.series} {done.kind} series of {counted(done.images, 'image')} {verb}"
    )
    largest = sorted(done.by_source.items(), key=lambda one: -one[1])
    for source, number in largest[:_SOURCES]:
        yield f"{number:>{_COLUMN}}  series from {printable(source)}"
    if rest := sum(number for _, number in largest[_SOURCES:]):
        yield f"{rest:>{_COLUMN}}  series from {counted(len(largest) - _SOURCES, 'other source')}"
    if done.known:
        yield f"{done.known:>{_COLUMN}}  already in a series of the dataset"
    if done.moved:
        yield f"{done.moved:>{_COLUMN}}  found at a new place{'' if dry_run else ', updated'}"
    for reason, number in done.left_out.counts.items():
        names = done.left_out.examples[reason]
        more = ", ..." if number > len(names) else ""
        yield f"{number:>{_COLUMN}}  left out: {LEFT_OUT[reason]} ({', '.join(names)}{more})"
    if done.failures:
        yield f"{len(done.failures):>{_COLUMN}}  could not be read"
    yield from (f"note: {note}" for note in done.notes)
    if not dry_run:
        yield (
            f"The dataset has {done.series_in_all} series of "
            f"{counted(done.images_in_all, 'image')} now."
        )
