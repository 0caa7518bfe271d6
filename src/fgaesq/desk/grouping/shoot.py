"""Sightings as columns in their natural order, and the tracks of single cameras in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from fgaesq.capture.records import Capture
from fgaesq.desk.grouping.records import Sighting
from fgaesq.desk.likeness import Fingerprints, pair_likeness
from fgaesq.images.discover import natural_key

__all__ = ["Shoot", "Track", "read_shoot", "tracks_of"]

_Floats = NDArray[np.float64]
_Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Shoot:
    """All sightings by clock, time and name; the order they were given in does not matter.

    Attributes:
        rows: the sightings.
        clock: (n,) which camera's clock, or which folder where there is no time.
        folder: (n,) which folder.
        seconds: (n,) capture time; NaN where it is not known.
        whole: (n,) whether the time has no fraction of a second.
        exposure_s: (n,) exposure time; 0 where it is not known.
        stops: (n,) exposure in stops: log2 of time by aperture squared times ISO; NaN if unknown.
        bias_ev: (n,) exposure compensation; NaN if unknown.
        focus_m: (n,) focus distance; NaN if unknown.
        prints: fingerprints.
    """

    rows: tuple[Sighting, ...]
    clock: _Rows
    folder: _Rows
    seconds: _Floats
    whole: NDArray[np.bool_]
    exposure_s: _Floats
    stops: _Floats
    bias_ev: _Floats
    focus_m: _Floats
    prints: Fingerprints

    @property
    def timed(self) -> NDArray[np.bool_]:
        """Which have a capture time."""
        return ~np.isnan(self.seconds)

    def span_s(self, rows: _Rows) -> float:
        """Return the seconds from the first to the last of some rows."""
        return float(np.ptp(self.seconds[rows]))


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The photos of one clock and folder in the order of time; what follows what.

    Attributes:
        shoot: the whole.
        rows: (n,) positions in the shoot.
        gap_s: (n - 1,) seconds from the start of each photo to that of the next.
        pause_s: the same, less the exposure time of the former.
        alike, shift: (n - 1,) of each with the next (see `likeness.pair_likeness`).
        slack_s: (n - 1,) what the clock's resolution adds to the uncertainty of a gap.
    """

    shoot: Shoot
    rows: _Rows
    gap_s: _Floats
    pause_s: _Floats
    alike: NDArray[np.float32]
    shift: NDArray[np.float32]
    slack_s: _Floats

    def steps(self, column: _Floats) -> _Floats:
        """Return by how much a column of the shoot changes from each photo to the next."""
        return np.diff(column[self.rows])

    def runs(self, linked: NDArray[np.bool_], *, least: int) -> Iterator[_Rows]:
        """Yield the places in the track of at least so many photos that follow each other linked.

        Args:
            linked: (n - 1,) whether each is linked with the next.
            least: photos of a run.
        """
        breaks = np.flatnonzero(~linked) + 1
        for run in np.split(np.arange(len(self.rows)), breaks):
            if len(run) >= least:
                yield run


def read_shoot(sightings: Sequence[Sighting]) -> Shoot:
    """Return the columns of the sightings, in an order that follows from their content."""
    zone = _usual_zone([one.capture for one in sightings])
    clocks = _numbered([_clock_name(one) for one in sightings])
    seconds = {one.id: _seconds(one.capture, zone) for one in sightings}
    keyed = sorted(
        zip(clocks, sightings, strict=True),
        key=lambda entry: (
            entry[0],
            np.nan_to_num(seconds[entry[1].id]),
            -1 if entry[1].capture.sequence is None else entry[1].capture.sequence,
            natural_key(entry[1].name),
            entry[1].folder,
            entry[1].id,
        ),
    )
    rows = tuple(one for _, one in keyed)
    clock = np.array([number for number, _ in keyed], np.intp)
    time = np.array([seconds[one.id] for one in rows], np.float64)
    captures = [one.capture for one in rows]
    return Shoot(
        rows=rows,
        clock=clock,
        folder=np.array(_numbered([one.folder for one in rows]), np.intp),
        seconds=time,
        whole=np.array([one.taken is None or not one.taken.microsecond for one in captures]),
        exposure_s=np.array([one.exposure_s or 0.0 for one in captures], np.float64),
        stops=np.array([_stops(one) for one in captures], np.float64),
        bias_ev=np.array([_number(one.bias_ev) for one in captures], np.float64),
        focus_m=np.array([_number(one.focus_m) for one in captures], np.float64),
        prints=Fingerprints([one.fingerprint for one in rows]),
    )


def tracks_of(shoot: Shoot) -> Iterator[Track]:
    """Yield the tracks of at least two photos with a time."""
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(shoot.timed):
        places[int(shoot.clock[row]), int(shoot.folder[row])].append(int(row))
    ordered = [np.array(rows, np.intp) for _, rows in sorted(places.items()) if len(rows) > 1]
    if not ordered:
        return
    before = np.concatenate([rows[:-1] for rows in ordered])
    after = np.concatenate([rows[1:] for rows in ordered])
    alike, shift = pair_likeness(shoot.prints, before, after)
    start = 0
    for rows in ordered:
        here = slice(start, start + len(rows) - 1)
        start = here.stop
        gap_s = np.diff(shoot.seconds[rows])
        yield Track(
            shoot=shoot,
            rows=rows,
            gap_s=gap_s,
            pause_s=gap_s - shoot.exposure_s[rows[:-1]],
            alike=alike[here],
            shift=shift[here],
            slack_s=np.where(shoot.whole[rows[:-1]] | shoot.whole[rows[1:]], 1.0, 0.02),
        )


def _clock_name(one: Sighting) -> tuple[str, ...]:
    """Return what names the clock by which a photo's time was taken."""
    capture = one.capture
    if not _has_time(capture):
        return ("folder", one.folder)
    return ("camera", capture.make, capture.model, capture.serial)


def _has_time(capture: Capture) -> bool:
    """Tell whether the time is that of the capture: a file's own date changes with copying."""
    return capture.taken is not None and capture.time_source != "file"


def _seconds(capture: Capture, zone: timedelta) -> float:
    """Return the capture time in seconds of UTC; a clock without a zone is taken to be in `zone`.

    Counted from 2000, so that fractions keep their precision.
    """
    if capture.taken is None or not _has_time(capture):
        return float("nan")
    taken = capture.taken
    if taken.tzinfo is None:
        taken = (taken - zone).replace(tzinfo=UTC)
    return (taken - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()


def _usual_zone(captures: Sequence[Capture]) -> timedelta:
    """Return the most frequent offset from UTC of those that tell one, 0 if none does."""
    offsets = Counter(
        one.taken.utcoffset()
        for one in captures
        if one.taken is not None and one.taken.tzinfo is not None and _has_time(one)
    )
    usual = max(offsets, key=lambda offset: (offsets[offset], offset or timedelta()), default=None)
    return usual or timedelta()


def _stops(capture: Capture) -> float:
    """Return the exposure in stops; where only the compensation is known, that."""
    if not capture.exposure_s or capture.exposure_s <= 0:
        return _number(capture.bias_ev)
    aperture = capture.aperture if capture.aperture and capture.aperture > 0 else 1.0
    iso = capture.iso if capture.iso and capture.iso > 0 else 100.0
    return float(np.log2(capture.exposure_s / aperture**2 * iso / 100))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _numbered(names: Sequence[tuple[str, ...] | str]) -> list[int]:
    """Return the place of each name among all different ones, sorted."""
    number = {name: place for place, name in enumerate(sorted(set(names)))}
    return [number[name] for name in names]
