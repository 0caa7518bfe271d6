"""Which votes count for what, and what they say of the annotators.

The calibration and the organiser's view of the annotation page read votes with these functions, so
that both say the same of everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.agreement import first_votes
from fgaesq.building.calibrate.ballots import Ballots, ballots_from_votes
from fgaesq.building.calibrate.fitting import Fit, fit
from fgaesq.building.calibrate.reliability import (
    AnnotatorReliability,
    FlagRule,
    golden_answers,
    reliability,
)
from fgaesq.building.records import Choice, Vote

__all__ = ["Reliance", "Sifted", "reliance", "sift"]


@dataclass(frozen=True, slots=True, eq=False)
class Sifted:
    """Votes by what they count for.

    Attributes:
        ballots: those on kept images, golden pairs set aside.
        golden: by annotator how many answers on golden pairs were right, and of how many.
        elsewhere: how many are left out, as they are on images that are not kept.
    """

    ballots: Ballots
    golden: Mapping[str, tuple[int, int]]
    elsewhere: int


@dataclass(frozen=True, slots=True, eq=False)
class Reliance:
    """How far annotators can be relied on.

    Attributes:
        annotators: with flags.
        once: (V,), which ballots are an annotator's first on their pair.
        fit: of these.
    """

    annotators: tuple[AnnotatorReliability, ...]
    once: NDArray[np.bool_]
    fit: Fit


def sift(
    votes: Iterable[Vote],
    members: Mapping[int, Sequence[int]] | None = None,
    golden: Mapping[tuple[int, int, int], Choice] | None = None,
) -> Sifted:
    """Sort votes by what they count for.

    Args:
        votes: of all annotators; those of the role `golden` only say how far annotators can be
            relied on.
        members: kept images by series. None for the images that were voted on.
        golden: right answers by (series, first, second).
    """
    every = list(votes)
    ordinary = [vote for vote in every if vote.role != "golden"]
    kept = ordinary if members is None else list(_of_members(ordinary, members))
    return Sifted(
        ballots=ballots_from_votes(kept, members),
        golden=golden_answers(every, golden or {}),
        elsewhere=len(ordinary) - len(kept),
    )


def reliance(
    ballots: Ballots,
    golden: Mapping[str, tuple[int, int]] | None = None,
    rule: FlagRule | None = None,
) -> Reliance:
    """Return how far annotators can be relied on.

    An annotator's second vote on a pair says how consistent they are; the fit is of first votes,
    as a repeated answer is no further evidence of the images.

    Args:
        ballots: one vote or more, none on golden pairs.
        golden: see `Sifted`.
        rule: of the flags.
    """
    once = first_votes(ballots)
    found = fit(ballots.only(once))
    return Reliance(reliability(ballots, found.panel, golden, rule), once, found)


def _of_members(votes: Iterable[Vote], members: Mapping[int, Sequence[int]]) -> Iterable[Vote]:
    known = {series: set(images) for series, images in members.items()}
    none: set[int] = set()
    for vote in votes:
        images = known.get(vote.series, none)
        if vote.first in images and vote.second in images:
            yield vote
