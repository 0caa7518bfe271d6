"""Focus stacks: one framing and exposure, the focus moving through it, to be merged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.grouping.protected import Found, seconds_text
from fgaesq.desk.grouping.shoot import Track

__all__ = ["find_stacks"]

_PAUSE_S = 4.0  # flashes have to charge
_ALIKE = 0.45  # far and near focus blur different things
_SHIFT = 0.07  # lenses breathe
_SAME_STOPS = 0.2
_TEXTURE = 24  # sharpness (see `Fingerprint`) that a cell must reach once to tell anything
_SWING = 5.0  # by which it must change: a factor of about 1.25 in steps of luma
_WOBBLE = 1.6  # by which it may go the wrong way
_TELLING = 0.5  # share of the textured cells that must follow the focus
_ONE_FRAME = 0.75  # share of them that may be sharpest in the same photo

_Places = NDArray[np.intp]


def find_stacks(track: Track, free: NDArray[np.bool_]) -> Iterator[Found]:
    """Yield the focus stacks of a track.

    A stack is a run of photos of one framing and exposure, at most 4 s (and the exposure) apart,
    through which the focus moves one way. Either the focus distances say so: three or more, each
    further (or nearer) than the last. Or sharpness does, in four or more photos: each part of the
    frame grows sharper, then softer, and different parts are sharpest in three or more different
    photos. A blurred frame of a burst is blurred everywhere, and a focus that misses comes back.

    Args:
        track: of one camera.
        free: (n,) which photos of the track are in no other set yet.
    """
    stops_step = np.nan_to_num(track.steps(track.shoot.stops))
    linked = (
        (track.pause_s <= _PAUSE_S + track.slack_s)
        & (track.alike >= _ALIKE)
        & (track.shift <= _SHIFT)
        & (np.abs(stops_step) <= _SAME_STOPS)
        & free[:-1]
        & free[1:]
    )
    focus = track.shoot.focus_m[track.rows]
    for run in track.runs(linked, least=3):
        if not np.isnan(focus[run]).any() and np.ptp(focus[run]) > 0:
            yield from _by_distance(track, run, focus)
        elif len(run) >= 4 and _sharpness_moves(track.shoot.prints.sharpness[track.rows[run]]):
            rows = track.rows[run]
            yield Found(rows, "focus_stack", _why(track, rows, "sharpness moves through the frame"))


def _by_distance(track: Track, run: _Places, focus: NDArray[np.float64]) -> Iterator[Found]:
    """Yield the parts of a run in which the focus distance grows, or falls, at every step."""
    way = np.sign(np.diff(focus[run]))
    turns = np.flatnonzero(way[1:] != way[:-1]) + 1
    end = 0
    for steps in np.split(np.arange(len(way)), turns):
        places = run[max(int(steps[0]), end) : int(steps[-1]) + 2]
        if way[steps[0]] == 0 or len(places) < 3:
            continue
        end = int(steps[-1]) + 2
        rows = track.rows[places]
        moved = f"focus moves from {focus[places[0]]:.2f} to {focus[places[-1]]:.2f} m"
        yield Found(rows, "focus_stack", _why(track, rows, moved))


def _sharpness_moves(sharpness: NDArray[np.uint8]) -> bool:
    """Tell whether the sharpest part moves through the frame.

    Args:
        sharpness: (n, 8, 8) of the photos in the order of time.
    """
    cells = sharpness.reshape(len(sharpness), -1).astype(np.float32)
    peak = cells.argmax(0)
    rising = np.arange(1, len(cells))[:, None] <= peak
    steps = np.diff(cells, axis=0)
    one_way = (np.where(rising, -steps, steps) <= _WOBBLE).all(0)
    textured = cells.max(0) >= _TEXTURE
    follows = one_way & textured & (np.ptp(cells, axis=0) >= _SWING)
    if textured.sum() < 8 or follows.sum() < _TELLING * textured.sum():
        return False
    share = np.bincount(peak[follows], minlength=len(cells)) / follows.sum()
    return bool((share >= 0.06).sum() >= 3 and share.max() <= _ONE_FRAME)


def _why(track: Track, rows: _Places, moved: str) -> str:
    return (
        f"focus stack: {len(rows)} photos of one framing and exposure within "
        f"{seconds_text(track.shoot.span_s(rows))}, {moved}"
    )
