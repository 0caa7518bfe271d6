"""Sightings in, groups out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.grouping.brackets import find_brackets
from fgaesq.desk.grouping.merging import merge_moments
from fgaesq.desk.grouping.moments import Links, find_moments
from fgaesq.desk.grouping.panoramas import find_panoramas
from fgaesq.desk.grouping.protected import Found, seconds_text
from fgaesq.desk.grouping.records import Group, GroupingSettings, Sighting
from fgaesq.desk.grouping.shoot import Shoot, read_shoot, tracks_of
from fgaesq.desk.grouping.stacks import find_stacks
from fgaesq.desk.grouping.timelapses import find_timelapses
from fgaesq.errors import InputError
from fgaesq.series.joining import Sets

__all__ = ["group"]

_FINDERS = (find_stacks, find_timelapses, find_brackets, find_panoramas)
"""The first that claims a photo has it: a long stack may be even in time, too."""

_Rows = NDArray[np.intp]


def group(
    sightings: Sequence[Sighting],
    settings: GroupingSettings | None = None,
    *,
    fixed: Collection[int] = (),
) -> list[Group]:
    """Return the groups of the sightings, by time; each photo is in exactly one.

    The result depends on the sightings alone, not on their order. Time and memory grow nearly
    linearly with their number: about 1 ms and 5 kB each.

    Args:
        sightings: what is known of each photo.
        settings: what the person chose.
        fixed: ids of photos whose groups were made by hand: they are left out.

    Raises:
        InputError: two sightings have one id.
    """
    settings = settings or GroupingSettings()
    left_out = frozenset(fixed)
    chosen = [one for one in sightings if one.id not in left_out]
    doubled = [number for number, times in Counter(one.id for one in chosen).items() if times > 1]
    if doubled:
        raise InputError(f"two photos have the id {min(doubled)}; give each an id of its own")
    if not chosen:
        return []
    shoot = read_shoot(chosen)
    found = list(_protected(shoot))
    free = np.ones(len(shoot.rows), np.bool_)
    for one in found:
        free[one.rows] = False
    found += _series(shoot, np.flatnonzero(free), settings)
    ordered = [(one, _by_time(shoot, one.rows)) for one in found]
    place = np.argsort(_by_time(shoot, np.arange(len(shoot.rows))))
    ordered.sort(key=lambda entry: int(place[entry[1][0]]))
    return [
        Group(tuple(shoot.rows[row].id for row in rows), one.kind, one.why) for one, rows in ordered
    ]


def _by_time(shoot: Shoot, rows: _Rows) -> _Rows:
    """Return rows by time, whatever the camera; those without one come last, by name."""
    return rows[np.argsort(shoot.seconds[rows], kind="stable")]


def _protected(shoot: Shoot) -> Iterator[Found]:
    """Yield the sets of which every photo is needed."""
    for track in tracks_of(shoot):
        free = np.ones(len(track.rows), np.bool_)
        for find in _FINDERS:
            for one in list(find(track, free)):
                free &= ~np.isin(track.rows, one.rows)
                yield one


def _series(shoot: Shoot, rows: _Rows, settings: GroupingSettings) -> Iterator[Found]:
    """Yield the series and singles among some rows."""
    moments, near = find_moments(shoot, rows, settings)
    series, far = merge_moments(shoot, moments, settings)
    if settings.untimed_folders:
        series = _by_folder(shoot, series)
    label = np.zeros(len(shoot.rows), np.intp)
    for number, members in enumerate(series):
        label[members] = number
    joined, best = _likenesses(label, len(series), (near, far))
    for number, members in enumerate(series):
        if len(members) > 1:
            yield Found(members, "series", _why_series(shoot, members, joined[number]))
        else:
            yield Found(members, "single", _why_single(best[members[0]]))


def _by_folder(shoot: Shoot, series: Sequence[_Rows]) -> list[_Rows]:
    """Return the series, those without times in one folder joined."""
    sets = Sets(len(series))
    first: dict[int, int] = {}
    for number, members in enumerate(series):
        untimed = members[~shoot.timed[members]]
        for folder in np.unique(shoot.folder[untimed]).tolist():
            sets.join(number, first.setdefault(folder, number))
    label = sets.labels()
    return [
        np.sort(np.concatenate([series[int(part)] for part in np.flatnonzero(label == number)]))
        for number in np.unique(label)
    ]


def _likenesses(
    label: _Rows, number: int, links: Sequence[Links]
) -> tuple[list[float], NDArray[np.float64]]:
    """Return each series' median likeness of the pairs that joined it, and each row's highest."""
    within: list[list[float]] = [[] for _ in range(number)]
    best = np.full(len(label), -1.0)
    for some in links:
        np.maximum.at(best, some.first, some.alike)
        np.maximum.at(best, some.second, some.alike)
        for row, alike in zip(
            some.first[some.joined].tolist(), some.alike[some.joined].tolist(), strict=True
        ):
            within[int(label[row])].append(alike)
    return [float(np.median(some)) if some else 0.0 for some in within], best


def _why_series(shoot: Shoot, members: _Rows, alike: float) -> str:
    cameras = len(np.unique(shoot.clock[members][shoot.timed[members]]))
    timed = shoot.timed[members]
    what = f"{len(members)} photos"
    if timed.all() and cameras == 1:
        what += f" within {seconds_text(shoot.span_s(members))}"
    elif timed.all():
        what += f" by {cameras} cameras"
    else:
        what += f", {int((~timed).sum())} of them without a capture time"
    return f"{what}, likeness {_decimals(alike)}" if alike else f"{what}, in one folder"


def _why_single(best: float) -> str:
    if best < 0:
        return "no photo near it looks like it"
    return f"no photo looks enough like it; the most alike has likeness {_decimals(best)}"


def _decimals(alike: float) -> str:
    return f"{alike:.2f}".lstrip("0") if alike < 1 else "1.00"
