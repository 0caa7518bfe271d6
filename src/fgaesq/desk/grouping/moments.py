"""Moments: photos of one camera that follow each other within seconds and look alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.grouping.records import GroupingSettings
from fgaesq.desk.grouping.shoot import Shoot
from fgaesq.desk.likeness import pair_likeness
from fgaesq.series.joining import Sets

__all__ = ["Links", "find_moments"]

_GAP_S = 3.0
_LAGS = 4  # photos that each is compared with; two scenes may alternate
_BURST_LIKENESS = 0.30  # where the camera says that it was one burst


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Pairs of photos that were compared.

    Attributes:
        first, second: (P,) rows.
        alike: (P,) likeness.
        joined: (P,) whether it was enough.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    alike: NDArray[np.float32]
    joined: NDArray[np.bool_]


def find_moments(
    shoot: Shoot, rows: NDArray[np.intp], settings: GroupingSettings
) -> tuple[list[NDArray[np.intp]], Links]:
    """Return rows in moments, and the comparisons made.

    Each photo is compared with the next four of its camera, as far as they were taken within 3 s
    of its end. Links join without regard to the rest: a burst that follows a bird may end where
    nothing of its start is left.

    Args:
        shoot: the sightings.
        rows: those to look at, in order.
        settings: how alike photos have to be.
    """
    pairs = [np.empty((0, 2), np.intp)]
    for lag in range(1, _LAGS + 1):
        before, after = rows[:-lag], rows[lag:]
        gap_s = shoot.seconds[after] - shoot.seconds[before] - shoot.exposure_s[before]
        gap_s -= shoot.whole[before] & shoot.whole[after]
        near = (shoot.clock[before] == shoot.clock[after]) & (gap_s <= _GAP_S)
        pairs.append(np.stack([before[near], after[near]], 1))
    every = np.concatenate(pairs)
    first, second = every[np.lexsort(every.T[::-1])].T  # neighbours are compared at a time
    alike, _ = pair_likeness(shoot.prints, first, second)
    wanted = settings.wanted_after(shoot.seconds[second] - shoot.seconds[first])
    wanted[_one_burst(shoot, first, second)] = _BURST_LIKENESS
    links = Links(first, second, alike, alike >= wanted)
    sets = Sets(len(shoot.rows))
    for one, other in zip(first[links.joined], second[links.joined], strict=True):
        sets.join(int(one), int(other))
    label = np.array([sets.find(int(row)) for row in rows], np.intp)
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return (np.split(rows[order], cuts) if len(rows) else []), links


def _one_burst(
    shoot: Shoot, first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which pairs the camera itself says are of one burst."""
    bursts = [one.capture.burst for one in shoot.rows]
    same = [
        bool(bursts[one]) and bursts[one] == bursts[other]
        for one, other in zip(first.tolist(), second.tolist(), strict=True)
    ]
    return np.array(same, np.bool_)
