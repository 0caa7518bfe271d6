"""How far annotators can be relied on, measured beside the serving, for the organiser's view."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

from fgaesq.building.calibrate.agreement import alpha_of_votes
from fgaesq.building.calibrate.ballots import ballots_from_votes
from fgaesq.building.calibrate.fitting import fit
from fgaesq.building.calibrate.reliability import (
    AnnotatorReliability,
    golden_answers,
    reliability,
)
from fgaesq.building.votes.asking import golden_pairs
from fgaesq.building.votes.store import Votes
from fgaesq.evaluation.results import Estimate

__all__ = ["Measuring", "Quality", "measured"]

_REST: Final = 20.0
"""A measurement of t seconds is followed by a pause of so many times t, so that pages stay fast."""

_PATIENCE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Quality:
    """What the votes said of the annotators at a time.

    Attributes:
        votes: how many there were.
        people: by name.
        alpha: Krippendorff's of all votes; None if no pair has votes of two people.
    """

    votes: int
    people: dict[str, AnnotatorReliability]
    alpha: Estimate | None


def measured(votes: Votes) -> Quality:
    """Measure all votes; those on golden pairs only by whether they are right."""
    every = votes.votes()
    ordinary = [vote for vote in every if vote.role != "golden"]
    if not ordinary:
        return Quality(len(every), {}, None)
    known = {(one.series, one.first, one.second): one.choice for one in golden_pairs(votes)}
    ballots = ballots_from_votes(ordinary)
    found = reliability(ballots, fit(ballots).panel, golden_answers(every, known))
    return Quality(len(every), {one.name: one for one in found}, alpha_of_votes(ballots))


class Measuring:
    """Measures in a thread when asked, and gives what was measured last.

    Args:
        votes: of the dataset.
    """

    def __init__(self, votes: Votes) -> None:
        self._votes = votes
        self._lock = threading.Lock()
        self._latest = Quality(0, {}, None)
        self._again_at = 0.0
        self._running: threading.Thread | None = None

    def latest(self) -> Quality:
        """Return the last measurement; begin a new one if votes came since, and wait a little."""
        with self._lock:
            running = self._running
            if running is None or not running.is_alive():
                if time.monotonic() < self._again_at or len(self._votes) == self._latest.votes:
                    return self._latest
                running = self._running = threading.Thread(target=self._measure, daemon=True)
                running.start()
        running.join(_PATIENCE_S)
        return self._latest

    def _measure(self) -> None:
        begun = time.monotonic()
        self._latest = measured(self._votes)
        now = time.monotonic()
        self._again_at = now + _REST * (now - begun)
