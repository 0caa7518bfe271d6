"""Time-lapses: many photos at an even interval from one viewpoint, to be made a film."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.grouping.protected import Found, seconds_text
from fgaesq.desk.grouping.shoot import Track

__all__ = ["find_timelapses"]

_LEAST = 12  # photos
_SHORTEST_S = 0.8  # interval; a burst is even, too, and faster
_UNEVEN = 0.15  # share of the interval by which a gap may differ
_MISSING = 3  # intervals that a gap may span: photos that were deleted
_ALIKE = 0.35  # clouds and people move
_SHIFT = 0.05
_STEADY = 0.9  # share of the steps that must look alike from one viewpoint

_Places = NDArray[np.intp]


def find_timelapses(track: Track, free: NDArray[np.bool_]) -> Iterator[Found]:
    """Yield the time-lapses of a track.

    A time-lapse is a run of 12 or more photos at an interval of .8 s or more that is even within
    15 % (and what the clock's resolution adds), now and then with up to two photos missing, of
    which each but one in ten looks like the one before from the same viewpoint.

    Args:
        track: of one camera.
        free: (n,) which photos of the track are in no other set yet.
    """
    steady = (track.alike >= _ALIKE) & (track.shift <= _SHIFT)
    for start, stop in _even_runs(track, free):
        same = start + np.flatnonzero(steady[start : stop - 1])
        if len(same) < _STEADY * (stop - 1 - start):
            continue
        places = np.arange(same[0], same[-1] + 2)  # what precedes or follows is another scene
        if len(places) < _LEAST:
            continue
        rows = track.rows[places]
        interval = float(np.median(track.gap_s[places[:-1]]))
        why = (
            f"time-lapse: {len(rows)} photos every {seconds_text(interval)} from one viewpoint, "
            f"over {seconds_text(track.shoot.span_s(rows))}"
        )
        yield Found(rows, "timelapse", why)


def _even_runs(track: Track, free: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of the longest runs of at least 12 photos at an even interval."""
    start, last = 0, len(track.rows)
    while start + _LEAST <= last:
        interval = float(np.median(track.gap_s[start : start + _LEAST - 1]))
        if interval >= _SHORTEST_S and _on_beat(track, start, interval):
            stop = _reach(track, free, start, interval)
            if stop - start >= _LEAST:
                yield start, stop
                start = stop
                continue
        start += 1


def _reach(track: Track, free: NDArray[np.bool_], start: int, interval: float) -> int:
    """Return where the run that begins at `start` with that interval ends."""
    slack = _UNEVEN * interval + track.slack_s
    stop = start + int(free[start])
    while start < stop < len(track.rows) and free[stop]:
        gap = float(track.gap_s[stop - 1])
        times = min(max(1, round(gap / interval)), _MISSING)
        if abs(gap - times * interval) > slack[stop - 1]:
            break
        if (stop - start) % _LEAST == 0 and not _on_beat(track, stop + 1 - _LEAST, interval):
            break
        stop += 1
    return stop


def _on_beat(track: Track, start: int, interval: float) -> bool:
    """Tell whether the 12 photos from `start` on, by a clock of whole seconds, keep to one beat.

    Gaps of 1, 2 and 3 s are all within a second of 2 s, but only a timer stays on its beat. Clocks
    that are fine beside the interval need no such test.
    """
    seconds = track.shoot.seconds[track.rows[start : start + _LEAST]]
    if track.slack_s[start] < 1 or interval > 8:
        return True
    beats = np.arange(_LEAST)
    return bool(np.ptp(seconds - np.polyval(np.polyfit(beats, seconds, 1), beats)) <= 1.6)
