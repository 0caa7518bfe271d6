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
_TURN_S = 0.25  # nobody turns a camera by a third of the frame and holds it still in less
_SAME_STOPS = 0.4
_LEAST_STEP = 0.17  # share of a side; less is the same framing
_MOST_STEP = 0.78
_ASIDE = 0.16  # share of the other side by which a hand may miss the line
_CONFIDENCE = 0.40
_CONFIDENCE_BESIDE = 0.15  # where the step is that of a sure neighbour: the sky tells little
_SAME_STEP = 0.1
_SHORT_STEP = 0.12  # beside one of full length
_MOVED = 0.1  # share of a side by which the framing has moved, or
_UNLIKE = 0.6  # the photos do not look like one framing
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
    near = (track.pause_s <= _PAUSE_S) & (track.gap_s + track.slack_s >= _TURN_S)
    near &= np.abs(stops_step) <= _SAME_STOPS
    before = np.flatnonzero(near & free[:-1] & free[1:])
    if len(before) < 2:
        return
    (down, right), confidence = pair_overlap(
        track.shoot.prints, track.rows[before], track.rows[before + 1]
    )
    step = np.zeros((len(near), 2), np.float32)
    step[before] = np.stack([down, right], 1)
    sure = np.zeros(len(near), np.float32)
    sure[before] = confidence
    moved = (track.shift >= _MOVED) | (track.alike < _UNLIKE)
    linked = _continues(step, sure, moved)
    for run in track.runs(linked, least=3):
        for places in _always_new(run, step):
            yield Found(track.rows[places], "panorama", _why(track, places, step))


def _continues(step: _Floats, sure: _Floats, moved: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which steps lead on to an overlapping place.

    A step is sure of itself, or it goes the way of a neighbour: skies and bare walls tell little.

    Args:
        step: (n - 1, 2) down and right.
        sure: (n - 1,) confidence.
        moved: (n - 1,) whether the photos do not look like one framing.
    """
    far, aside = np.abs(step).max(1), np.abs(step).min(1)
    fits = (far <= _MOST_STEP) & (aside <= _ASIDE)
    linked: NDArray[np.bool_] = fits & moved & (sure >= _CONFIDENCE) & (far >= _LEAST_STEP)
    like_neighbour = np.abs(np.diff(step, axis=0)).max(1) <= _SAME_STEP
    one_way = (step[1:] * step[:-1]).sum(1) > 0.7 * far[1:] * far[:-1]
    for places in (range(1, len(linked)), range(len(linked) - 2, -1, -1)):
        side = -1 if places.step > 0 else 1
        for place in places:
            between = min(place, place + side)
            same = sure[place] >= _CONFIDENCE_BESIDE and like_neighbour[between]
            short = sure[place] >= _CONFIDENCE and far[place] >= _SHORT_STEP and one_way[between]
            linked[place] |= linked[place + side] and fits[place] and (same or short)
    return linked


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
