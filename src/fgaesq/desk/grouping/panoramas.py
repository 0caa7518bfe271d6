"""Panoramas: photos of one exposure, each of which continues the one before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.grouping.protected import Found, seconds_text
from fgaesq.desk.grouping.shoot import Track
from fgaesq.desk.likeness import pair_overlap

__all__ = ["find_panoramas"]

_PAUSE_S = 20.0
_SAME_STOPS = 0.4
_LEAST_STEP = 0.17  # share of a side; less is the same framing
_MOST_STEP = 0.78
_ASIDE = 0.16  # share of the other side by which a hand may miss the line
_CONFIDENCE = 0.30
_NEW_PLACE = 0.14  # from every earlier photo; whoever goes back and forth frames anew

_Places = NDArray[np.intp]
_Floats = NDArray[np.float32]


def find_panoramas(track: Track, free: NDArray[np.bool_]) -> Iterator[Found]:
    """Yield the panoramas of a track.

    A panorama is a run of three or more photos of one exposure (within .4 EV), at most 20 s apart,
    each of which overlaps the one before, displaced by 17 to 78 % along one side and by no more
    than 16 % along the other, to a place where no earlier one is. Several rows are one panorama.

    Args:
        track: of one camera.
        free: (n,) which photos of the track are in no other set yet.
    """
    stops_step = np.nan_to_num(track.steps(track.shoot.stops))
    likely = (
        (track.pause_s <= _PAUSE_S)
        & (np.abs(stops_step) <= _SAME_STOPS)
        & ((track.shift >= 0.1) | (track.alike < 0.6))
        & free[:-1]
        & free[1:]
    )
    before = np.flatnonzero(likely)
    if len(before) < 2:
        return
    (down, right), confidence = pair_overlap(
        track.shoot.prints, track.rows[before], track.rows[before + 1]
    )
    far, aside = np.maximum(abs(down), abs(right)), np.minimum(abs(down), abs(right))
    continues = (confidence >= _CONFIDENCE) & (aside <= _ASIDE)
    continues &= (far >= _LEAST_STEP) & (far <= _MOST_STEP)
    linked = np.zeros(len(likely), np.bool_)
    linked[before[continues]] = True
    step = np.zeros((len(likely), 2), np.float32)
    step[before] = np.stack([down, right], 1)
    for run in track.runs(linked, least=3):
        for places in _always_new(run, step):
            yield Found(track.rows[places], "panorama", _why(track, places, step))


def _always_new(run: _Places, step: _Floats) -> Iterator[_Places]:
    """Yield the parts of a run in which each photo shows a place that no earlier one is at."""
    part, seen = [int(run[0])], np.zeros((1, 2), np.float32)
    for place in run[1:].tolist():
        here = seen[-1] + step[place - 1]
        if np.abs(seen - here).max(1).min() < _NEW_PLACE:
            if len(part) >= 3:
                yield np.array(part, np.intp)
            part, seen = [], np.zeros((0, 2), np.float32)
            here = np.zeros(2, np.float32)
        part.append(place)
        seen = np.concatenate([seen, here[None]])
    if len(part) >= 3:
        yield np.array(part, np.intp)


def _why(track: Track, places: _Places, step: _Floats) -> str:
    steps = step[places[:-1]]
    far = np.abs(steps).max(1)
    side = int(np.abs(steps).sum(0).argmax())
    way = (("further down", "further up"), ("further to the right", "further to the left"))
    towards = way[side][int(steps[:, side].sum() < 0)]
    span = seconds_text(track.shoot.span_s(track.rows[places]))
    return (
        f"panorama: {len(places)} photos of one exposure within {span}, each "
        f"{100 * far.min():.0f} to {100 * far.max():.0f} % {towards}"
    )
