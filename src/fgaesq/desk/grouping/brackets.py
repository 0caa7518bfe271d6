"""Exposure brackets: one framing, exposed in different ways, to be merged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.grouping.protected import Found, seconds_text
from fgaesq.desk.grouping.shoot import Track

__all__ = ["find_brackets"]

_PAUSE_S = 4.0  # from the end of one exposure to the start of the next
_ALIKE = 0.40  # much of a photo three stops over is white
_ALIKE_FLAGGED = 0.10  # where the camera says that it brackets
_SHIFT = 0.10
_SAME_STOPS = 0.2  # exposures that differ less count as equal
_LEAST_RANGE = 0.6  # stops from the darkest to the brightest
_BRIGHTER = 0.25  # stops by which a photo must be brighter per stop; what is white stays white

_Places = NDArray[np.intp]


def find_brackets(track: Track, free: NDArray[np.bool_]) -> Iterator[Found]:
    """Yield the exposure brackets of a track.

    A bracket is a run of photos of one framing, at most 4 s (and the exposure) apart, no two of
    the same exposure. When an exposure comes back, the next bracket has begun. Three photos make
    one; two, if the camera says that it bracketed. Without such a flag and without exposure
    compensation, the photos must be as bright as their exposure tells: a camera that follows the
    light changes the exposure to keep the brightness.

    Args:
        track: of one camera.
        free: (n,) which photos of the track are in no other set yet.
    """
    stops = track.shoot.stops[track.rows]
    flagged = np.array([track.shoot.rows[row].capture.auto_bracket for row in track.rows])
    together = flagged[:-1] & flagged[1:]
    linked = (
        (track.pause_s <= _PAUSE_S + track.slack_s)
        & (track.alike >= np.where(together, _ALIKE_FLAGGED, _ALIKE))
        & ((track.shift <= _SHIFT) | together)
        & ~np.isnan(stops[:-1] + stops[1:])
        & (flagged[:-1] == flagged[1:])
        & free[:-1]
        & free[1:]
    )
    for run in track.runs(linked, least=2):
        for places in _sets(run, stops):
            if _is_bracket(track, places, stops, flagged=bool(flagged[places[0]])):
                yield Found(track.rows[places], "bracket", _why(track, places, stops))


def _sets(run: _Places, stops: NDArray[np.float64]) -> list[_Places]:
    """Return a run cut wherever an exposure comes back, from the end that leaves fewest over."""
    forward = _cut(run, stops)
    backward = [part[::-1] for part in _cut(run[::-1], stops)][::-1]

    def covered(parts: list[_Places]) -> int:
        return sum(len(part) for part in parts if len(part) > 2)

    return backward if covered(backward) > covered(forward) else forward


def _cut(run: _Places, stops: NDArray[np.float64]) -> list[_Places]:
    parts: list[list[int]] = [[]]
    for place in run.tolist():
        if any(abs(stops[place] - stops[other]) < _SAME_STOPS for other in parts[-1]):
            parts.append([])
        parts[-1].append(place)
    return [np.array(part, np.intp) for part in parts]


def _is_bracket(
    track: Track, places: _Places, stops: NDArray[np.float64], *, flagged: bool
) -> bool:
    if len(places) < (2 if flagged else 3) or np.ptp(stops[places]) < _LEAST_RANGE:
        return False
    rows = track.rows[places]
    bias = track.shoot.bias_ev[rows]
    if flagged or len(np.unique(np.rint(bias[~np.isnan(bias)] * 10))) == len(places):
        return True
    brightness = track.shoot.prints.brightness_ev[rows]
    if np.ptp(brightness) < _BRIGHTER * np.ptp(stops[places]):
        return False
    return bool(np.corrcoef(stops[places], brightness)[0, 1] > 0.8)


def _why(track: Track, places: _Places, stops: NDArray[np.float64]) -> str:
    rows = track.rows[places]
    bias = track.shoot.bias_ev[rows]
    relative = stops[places] - np.median(stops[places])
    shown = bias if np.ptp(bias) > 0 else relative
    return (
        f"exposure bracket: {len(places)} exposures of one framing from {shown.min():+.1f} to "
        f"{shown.max():+.1f} EV within {seconds_text(track.shoot.span_s(rows))}"
    )
