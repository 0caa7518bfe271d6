"""Whether the model of the votes says what the votes do."""

from __future__ import annotations

import numpy as np

from fgaesq.building.calibrate.annotators import looks
from fgaesq.building.calibrate.calibration import Calibration
from fgaesq.building.calibrate.davidson import FIRST, SECOND, TIE, mixed
from fgaesq.evaluation.calibration import reliability
from fgaesq.evaluation.results import Calibration as Reliability

__all__ = ["vote_reliability"]


def vote_reliability(found: Calibration) -> Reliability | None:
    """Return how often decided votes fall as the model expects, by its probability for it.

    The votes are those that the model was fitted to, so that this shows whether its form is right,
    not how well it foresees. None if no vote is decided.
    """
    ballots = found.ballots.only(found.used & (found.ballots.outcome != TIE))
    difference = found.fit.abilities[ballots.first] - found.fit.abilities[ballots.second]
    chances = mixed(*looks(ballots, found.fit.traits, difference[:, None]))[:, 0]
    p = chances[:, FIRST] / (chances[:, FIRST] + chances[:, SECOND])
    right = ((p >= 0.5) == (ballots.outcome == FIRST)).astype(np.float64)
    return reliability(np.maximum(p, 1 - p), right, ballots.series)
