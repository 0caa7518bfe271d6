"""Series: moments that look the same, minutes apart, in other folders, or without any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.grouping.lookup import alike_anywhere, alike_neighbours, descriptions
from fgaesq.desk.grouping.moments import Links
from fgaesq.desk.grouping.records import GroupingSettings
from fgaesq.desk.grouping.shoot import Shoot
from fgaesq.desk.likeness import pair_likeness
from fgaesq.series.joining import Sets

__all__ = ["merge_moments"]

_NEAR = 64  # photos before and after that are looked at, whatever lies between
_NEAR_DESCRIPTION = 0.45
_FAR_DESCRIPTION = 0.65
_OTHER_CLOCK_S = 43200.0  # by which two cameras' clocks may differ
_ON_AVERAGE = 0.12  # by which all of two series may be less alike than their most alike photos

_Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """The photos that stand for moments: the first, the middle and the last of each.

    Attributes:
        row: (R,) their rows, in the order of the moments.
        moment: (R,) whose they are.
    """

    row: _Rows
    moment: _Rows


def merge_moments(
    shoot: Shoot, moments: Sequence[_Rows], settings: GroupingSettings
) -> tuple[list[_Rows], Links]:
    """Return the moments joined to series, and the comparisons made.

    Candidates are the next 64 photos and, anywhere, those whose description is alike. The best
    pair of two moments has to be as alike as the time between them wants, and their photos on
    average not much less, also those of what was joined to them before: nobody wanders from scene
    to scene over photos that lie between. The most alike are joined first.

    Args:
        shoot: the sightings.
        moments: rows of each, in order.
        settings: how alike photos have to be.
    """
    standing = _standing(moments)
    described = descriptions(shoot.prints, standing.row)
    pairs = np.concatenate(
        [
            alike_neighbours(described, reach=_NEAR, least=_NEAR_DESCRIPTION),
            alike_anywhere(described, least=_FAR_DESCRIPTION),
        ]
    )
    pairs = np.unique(pairs, axis=0)
    pairs = pairs[standing.moment[pairs[:, 0]] != standing.moment[pairs[:, 1]]]
    first, second = standing.row[pairs].T
    alike, _ = pair_likeness(shoot.prints, first, second)
    surplus = alike - _wanted(shoot, first, second, settings)
    sets = Sets(len(moments))
    joined = np.zeros(len(pairs), np.bool_)
    fits = _Fitting(shoot, moments, settings)
    for pair in _best_first(surplus):
        one, other = (sets.find(int(standing.moment[end])) for end in pairs[pair])
        if one == other or fits.together(one, other, float(alike[pair] - surplus[pair])):
            joined[pair] = True
        if one != other and joined[pair]:
            fits.joined(one, other, sets.join(one, other))
    return _series(moments, sets), Links(first, second, alike, joined)


def _standing(moments: Sequence[_Rows]) -> _Standing:
    chosen = [sorted({0, len(rows) // 2, len(rows) - 1}) for rows in moments]
    row = [rows[places] for rows, places in zip(moments, chosen, strict=True)]
    moment = np.repeat(np.arange(len(moments)), [len(places) for places in chosen])
    return _Standing(np.concatenate([np.empty(0, np.intp), *row]), moment)


def _wanted(
    shoot: Shoot, first: _Rows, second: _Rows, settings: GroupingSettings
) -> NDArray[np.float64]:
    """Return how alike pairs of photos have to be."""
    gap_s = np.abs(shoot.seconds[second] - shoot.seconds[first])
    same_clock = shoot.clock[first] == shoot.clock[second]
    same_folder = shoot.folder[first] == shoot.folder[second]
    untimed = settings.wanted_untimed(same_folder & np.isnan(gap_s))
    known = np.nan_to_num(gap_s)
    by_other_clock = np.maximum(untimed, settings.wanted_after(known - _OTHER_CLOCK_S))
    timed = np.where(same_clock, settings.wanted_after(known), by_other_clock)
    return np.where(np.isnan(gap_s), untimed, timed)


def _best_first(surplus: NDArray[np.float64]) -> list[int]:
    """Return the pairs that are alike enough, the most alike first."""
    order = np.argsort(-surplus, kind="stable")
    return [int(pair) for pair in order[: int((surplus >= 0).sum())]]


class _Fitting:
    """Whether series still fit each other, from three photos of each."""

    def __init__(self, shoot: Shoot, moments: Sequence[_Rows], settings: GroupingSettings) -> None:
        self._shoot = shoot
        self._settings = settings
        self._rows = dict(enumerate(moments))

    def together(self, one: int, other: int, wanted: float) -> bool:
        """Tell whether two series are alike on average."""
        ours, theirs = _three(self._rows[one]), _three(self._rows[other])
        if len(ours) == len(theirs) == 1:
            return True
        first, second = np.repeat(ours, len(theirs)), np.tile(theirs, len(ours))
        alike, _ = pair_likeness(self._shoot.prints, first, second)
        return float(alike.mean()) >= wanted - _ON_AVERAGE

    def joined(self, one: int, other: int, now: int) -> None:
        """Take note that two series are one, called `now`."""
        rows = np.sort(np.concatenate([self._rows.pop(one), self._rows.pop(other)]))
        self._rows[now] = rows


def _three(rows: _Rows) -> _Rows:
    return rows[sorted({0, len(rows) // 2, len(rows) - 1})]


def _series(moments: Sequence[_Rows], sets: Sets) -> list[_Rows]:
    found: dict[int, list[_Rows]] = {}
    for moment, rows in enumerate(moments):
        found.setdefault(sets.find(moment), []).append(rows)
    return [np.sort(np.concatenate(parts)) for parts in found.values()]
