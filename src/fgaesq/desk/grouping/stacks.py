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
_SWING = 5.0  # by which sharpness (see `Fingerprint`) must change: a factor of about 1.25
_WOBBLE = 1.6  # by which it may go the wrong way
_SWINGING = 0.4  # share of the textured cells that must change so much: not a bird that passes
_TEXTURED = 24  # sharpness that these reach once; grain alone gives as much
_OVER_GRAIN = 40  # what they reach in photos so alike that nothing can have passed
_STILL = 0.98  # likeness of those
_ONE_WAY = 0.75  # share of them that must rise to one peak and fall from there
_OF_ITS_OWN = 4.5  # what must be left of the change, in the middle, less that of the whole frame
_ONE_PHOTO = 0.75  # share of the peaks that may lie in one photo
_SCATTERED = 0.7  # of what peaks in random places would differ from cell to cell

_Places = NDArray[np.intp]


def find_stacks(track: Track, free: NDArray[np.bool_]) -> Iterator[Found]:
    """Yield the focus stacks of a track.

    A stack is a run of photos of one framing and exposure, at most 4 s (and the exposure) apart,
    through which the focus moves one way. Either the focus distances say so: three or more, each
    further (or nearer) than the last. Or sharpness does, in four or more photos: most parts of the
    frame grow sharper, then softer, neighbours at nearly the same time, and others in three or more
    different photos (two, if the photos are alike but for that). A blurred frame of a burst is
    blurred everywhere, and a hand that shakes is still at random.

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
            continue
        rows, still = track.rows[run], bool(track.alike[run[:-1]].min() >= _STILL)
        if len(run) >= 4 and _sharpness_moves(track.shoot.prints.sharpness[rows], still=still):
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


def _sharpness_moves(sharpness: NDArray[np.uint8], *, still: bool) -> bool:
    """Tell whether the sharpest part moves through the frame.

    Args:
        sharpness: (n, 8, 8) of the photos in the order of time.
        still: whether nothing else can have changed, so that a few cells tell enough.
    """
    cells = sharpness.astype(np.float32)
    textured = _OVER_GRAIN if still else _TEXTURED
    swings = np.ptp(cells, axis=0) >= _SWING
    if swings.sum() < max(2, _SWINGING * (cells.max(0) >= textured).sum()):
        return False
    peak = cells.argmax(0)
    rising = np.arange(1, len(cells))[:, None, None] <= peak
    steps = np.diff(cells, axis=0)
    follows = swings & (np.where(rising, -steps, steps) <= _WOBBLE).all(0)
    if follows.sum() < _ONE_WAY * swings.sum():
        return False
    own = cells[:, follows] - np.median(cells[:, follows], axis=1, keepdims=True)
    share = np.bincount(peak[follows], minlength=len(cells)) / follows.sum()
    return bool(
        np.median(np.ptp(own, axis=0)) >= _OF_ITS_OWN
        and (share >= 0.06).sum() >= (2 if still else 3)
        and share.max() <= _ONE_PHOTO
        and _scatter(peak, follows) <= _SCATTERED
    )


def _scatter(peak: NDArray[np.intp], follows: NDArray[np.bool_]) -> float:
    """Return by how much neighbouring cells' peaks differ, 1 for peaks in random places."""
    apart = [
        np.abs(one - other)[both]
        for one, other, both in (
            (peak[1:], peak[:-1], follows[1:] & follows[:-1]),
            (peak[:, 1:], peak[:, :-1], follows[:, 1:] & follows[:, :-1]),
        )
    ]
    anywhere = np.abs(peak[follows][:, None] - peak[follows]).mean()
    beside = np.concatenate(apart)
    return float(beside.mean() / anywhere) if len(beside) and anywhere else 1.0


def _why(track: Track, rows: _Places, moved: str) -> str:
    return (
        f"focus stack: {len(rows)} photos of one framing and exposure within "
        f"{seconds_text(track.shoot.span_s(rows))}, {moved}"
    )
