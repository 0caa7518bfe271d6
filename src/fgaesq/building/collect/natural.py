"""Photos -> bursts, by capture time and likeness; or each folder as one series."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from fgaesq.building.collect.records import CollectSettings, Found, Member, Proposed
from fgaesq.desk.grouping import GroupingSettings, Sighting, group
from fgaesq.desk.records import PROTECTED

__all__ = ["folder_series", "natural_series"]


def natural_series(
    found: Sequence[Found], settings: CollectSettings
) -> tuple[list[Proposed], list[tuple[str, Path]]]:
    """Return bursts, and photos of sets that are no series to judge, each with its reason.

    Photos are grouped as the photo desk does (docs/grouping.md). Of brackets, stacks, panoramas and
    time-lapses all photos are needed, so that none of them is better than another.
    """
    sightings = [
        Sighting(
            number,
            os.fspath(one.path.parent),
            one.path.name,
            one.reading.capture,
            one.reading.fingerprint,
        )
        for number, one in enumerate(found)
    ]
    proposed, dropped = [], []
    for one in group(sightings, GroupingSettings(settings.size)):
        members = [found[number] for number in one.members]
        if one.kind in PROTECTED:
            dropped += [(str(one.kind), member.path) for member in members]
        else:
            proposed.append(Proposed(tuple(Member(member) for member in members), one.why))
    return proposed, dropped


def folder_series(found: Sequence[Found]) -> list[Proposed]:
    """Return the images of each folder as one series, with the prompts they state."""
    folders: dict[Path, list[Found]] = defaultdict(list)
    for one in found:
        folders[one.path.parent].append(one)
    return [
        Proposed(
            tuple(Member(one) for one in members),
            f"{len(members)} images of the folder {folder.name}",
            "alone",
        )
        for folder, members in folders.items()
    ]
