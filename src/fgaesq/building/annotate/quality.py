"""How far annotators can be relied on, measured beside the serving, for the organiser's view."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from fgaesq.building.calibrate.agreement import alpha_of_votes
from fgaesq.building.calibrate.dataset import known_answers, members_to_rank
from fgaesq.building.calibrate.reliability import AnnotatorReliability
from fgaesq.building.calibrate.sifting import reliance, sift
from fgaesq.building.collection import Collection
from fgaesq.building.votes.counting import state_of_votes
from fgaesq.building.votes.store import Votes
from fgaesq.evaluation.results import Estimate

__all__ = ["Measuring", "Quality", "measured"]

_REST: Final = 20.0
"""A measurement of t seconds is followed by a pause of so many times t, so that pages stay fast."""

_PATIENCE_S: Final = 2.0

_State: TypeAlias = tuple[int, tuple[int, float]]
"""Another value after every change of the collection or of the votes."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the votes said of the annotators at a time, as the calibration says it.

    Attributes:
        votes: how many there were.
        people: by name.
        alpha: Krippendorff's of all votes; None if no pair has votes of two people.
        late: whether something changed since.
    """

    votes: int = 0
    people: Mapping[str, AnnotatorReliability] = field(default_factory=dict)
    alpha: Estimate | None = None
    late: bool = False


def measured(collection: Collection, votes: Votes) -> Quality:
    """Measure all votes on kept images; those on golden pairs only by whether they are right."""
    every = votes.votes()
    sifted = sift(every, members_to_rank(collection), known_answers(votes))
    if not len(sifted.ballots):
        return Quality(len(every))
    found = reliance(sifted.ballots, sifted.golden).annotators
    return Quality(len(every), {one.name: one for one in found}, alpha_of_votes(sifted.ballots))


class Measuring:
    """Measures in a thread when asked, and gives what was measured last.

    Args:
        collection: whose kept members count.
        votes: on them.
    """

    def __init__(self, collection: Collection, votes: Votes) -> None:
        self._collection, self._votes = collection, votes
        self._lock = threading.Lock()
        self._latest: tuple[_State | None, Quality] = None, Quality()
        self._again_at = 0.0
        self._running: threading.Thread | None = None

    def latest(self) -> Quality:
        """Return the last measurement; begin a new one if something changed, and wait a little."""
        with self._lock:
            running = self._running
            if running is None or not running.is_alive():
                if time.monotonic() < self._again_at or self._state() == self._latest[0]:
                    return self._as_of_now()
                running = self._running = threading.Thread(target=self._measure, daemon=True)
                running.start()
        running.join(_PATIENCE_S)
        return self._as_of_now()

    def _as_of_now(self) -> Quality:
        state, quality = self._latest
        return quality if state == self._state() else replace(quality, late=True)

    def _measure(self) -> None:
        begun = time.monotonic()
        state = self._state()  # before reading: what comes in meanwhile is measured once more
        self._latest = state, measured(self._collection, self._votes)
        now = time.monotonic()
        self._again_at = now + _REST * (now - begun)

    def _state(self) -> _State:
        return self._collection.version(), state_of_votes(self._votes)
