"""Annotators with known faults who vote on images of known ability, to test the calibration on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.building.calibrate.davidson import mixed, outcomes
from fgaesq.building.records import Choice, Vote

__all__ = [
    "ALWAYS_LEFT",
    "RANDOM_KEYS",
    "Judge",
    "Study",
    "cast",
    "simulate",
    "ten_annotators",
    "votes_of",
]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judge:
    """How a simulated annotator votes.

    Attributes:
        attention: share of pairs looked at.
        guess: shares of left, tie and right for the others.
        side_bias: added to the difference of abilities for the image on the left.
        log_tie: how readily ties are given (`davidson`).
        acuity: what differences of abilities are multiplied with; 1 is what the model assumes.
        seconds: median time of a vote.
    """

    attention: float = 0.95
    guess: tuple[float, float, float] = (0.45, 0.1, 0.45)
    side_bias: float = 0.0
    log_tie: float = -1.0
    acuity: float = 1.0
    seconds: float = 4.0


ALWAYS_LEFT = Judge(attention=0.0, guess=(0.98, 0.0, 0.02), seconds=2.0)
RANDOM_KEYS = Judge(attention=0.0, guess=(0.45, 0.1, 0.45), seconds=2.5)


def ten_annotators() -> tuple[Judge, ...]:
    """Return eight honest annotators of different care, and two spammers at the end."""
    honest = (
        Judge(attention=0.98),
        Judge(attention=0.95, side_bias=0.3),
        Judge(attention=0.95, log_tie=-2.0),
        Judge(attention=0.92, side_bias=-0.3),
        Judge(attention=0.90, log_tie=0.0),
        Judge(attention=0.90),
        Judge(attention=0.85, side_bias=0.2),
        Judge(attention=0.80),
    )
    return (*honest, ALWAYS_LEFT, RANDOM_KEYS)


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A simulated study: `ballots`, and the true `abilities` (N,), sum 0 in every series."""

    ballots: Ballots
    abilities: _Floats


def simulate(
    sizes: Sequence[int],
    judges: Sequence[Judge],
    rng: np.random.Generator,
    *,
    scale: float = 1.5,
    votes_per_pair: int | None = None,
) -> Study:
    """Return votes on all pairs of series with drawn abilities.

    Args:
        sizes: images of each series.
        judges: the annotators.
        rng: of abilities, sides and votes.
        scale: standard deviation of abilities, normal.
        votes_per_pair: by so many judges, drawn for every pair; None for all of them.
    """
    offsets = np.cumsum([0, *sizes], dtype=np.int64)
    abilities = rng.normal(0, scale, int(offsets[-1]))
    for start, stop in zip(offsets, offsets[1:], strict=False):
        abilities[start:stop] -= abilities[start:stop].mean()
    pairs = np.array(
        [
            pair
            for start, stop in zip(offsets, offsets[1:], strict=False)
            for pair in combinations(range(int(start), int(stop)), 2)
        ],
        np.int64,
    ).reshape(-1, 2)
    if votes_per_pair is None:
        annotator = np.tile(np.arange(len(judges)), len(pairs))
        each = len(judges)
    else:
        each = votes_per_pair
        ranks = rng.random((len(pairs), len(judges))).argsort(axis=1)
        annotator = ranks[:, :each].ravel()
    first, second = np.repeat(pairs[:, 0], each), np.repeat(pairs[:, 1], each)
    left = rng.random(len(first)) < 0.5
    outcome, seconds = cast(abilities[first] - abilities[second], left, annotator, judges, rng)
    ballots = Ballots(
        offsets=offsets,
        first=first,
        second=second,
        outcome=outcome,
        annotator=annotator,
        first_on_left=left,
        side_known=np.ones(len(left), np.bool_),
        seconds=seconds,
        at=np.cumsum(seconds)[rng.permutation(len(seconds))],
        annotators=tuple(f"annotator {number:02d}" for number in range(1, len(judges) + 1)),
        series_ids=tuple(range(1, len(sizes) + 1)),
        image_ids=tuple(range(1, int(offsets[-1]) + 1)),
    )
    return Study(ballots, abilities)


def cast(
    difference: _Floats,
    first_on_left: NDArray[np.bool_],
    annotator: _Ints,
    judges: Sequence[Judge],
    rng: np.random.Generator,
) -> tuple[_Ints, _Floats]:
    """Return drawn outcomes and seconds of votes, all arguments of shape (V,)."""
    side = np.where(first_on_left, 1.0, -1.0)

    def of(name: str) -> _Floats:
        return np.array([getattr(judge, name) for judge in judges], np.float64)[annotator]

    looks = outcomes(of("acuity") * difference + of("side_bias") * side, of("log_tie"))
    guesses = np.where(first_on_left[:, None], of("guess"), of("guess")[:, ::-1])
    chances = mixed(looks, of("attention"), guesses).cumsum(axis=1)
    outcome = (rng.random((len(difference), 1)) > chances).sum(axis=1)
    seconds = of("seconds") * rng.lognormal(0, 0.5, len(difference))
    return np.minimum(outcome, 2).astype(np.int64), seconds


def votes_of(study: Study) -> list[Vote]:
    """Return the votes of a study as records."""
    ballots = study.ballots
    order: tuple[Choice, ...] = ("first", "tie", "second")
    columns = (
        ballots.series,
        ballots.first,
        ballots.second,
        ballots.outcome,
        ballots.annotator,
        ballots.seconds,
        ballots.first_on_left,
        ballots.at,
    )
    return [
        Vote(
            series=ballots.series_ids[series],
            first=ballots.image_ids[first],
            second=ballots.image_ids[second],
            choice=order[outcome],
            annotator=ballots.annotators[annotator],
            seconds=seconds,
            first_on_left=left,
            at=at,
        )
        for series, first, second, outcome, annotator, seconds, left, at in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]
