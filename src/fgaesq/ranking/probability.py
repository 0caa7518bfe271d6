"""From scores to probabilities (Bradley-Terry) and verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fgaesq.types import Verdict

__all__ = ["TOO_CLOSE", "p_best", "p_first", "ranks", "verdict"]

TOO_CLOSE = 0.6
"""Below this probability of being right, a pair is too close to call: worse than 3 in 5."""


def p_first(first: float, second: float, *, temperature: float) -> float:
    """Return P(first beats second) = sigmoid((first - second) / temperature).

    Args:
        first: score of the one image.
        second: score of the other.
        temperature: of the model, above 0; fitted on validation pairs (`evaluation.metrics`), so
            that pairs called with p = .8 are right in 8 of 10 cases.
    """
    margin = (first - second) / temperature
    if margin < 0:
        return 1.0 - p_first(second, first, temperature=temperature)
    return 1.0 / (1.0 + math.exp(-margin))


def p_best(scores: Sequence[float], *, temperature: float) -> list[float]:
    """Return for each image of a series the probability that it is the best one.

    Plackett-Luce with the strengths of `p_first`: a softmax of the scores, which for two images is
    `p_first` itself. Sums to 1.
    """
    top = max(scores)
    powers = [math.exp((score - top) / temperature) for score in scores]
    # fsum is exact, so that the order of the images has no influence.
    total = math.fsum(powers)
    return [power / total for power in powers]


def verdict(p: float) -> Verdict:
    """Return who wins, or that it is too close to call."""
    if p >= TOO_CLOSE:
        return "first"
    return "second" if p <= 1.0 - TOO_CLOSE else "too_close"


def ranks(scores: Sequence[float]) -> list[int]:
    """Return rank 1 for the highest score; equal scores share a rank and the next is skipped."""
    return [1 + sum(other > score for other in scores) for score in scores]
