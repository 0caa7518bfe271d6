"""What a dataset card states: counts, licences, votes and what they may be biased by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from fgaesq.building.calibrate.agreement import alpha_of_votes, first_votes
from fgaesq.building.calibrate.ballots import Ballots, ballots_from_votes
from fgaesq.building.collection import Collection
from fgaesq.building.collection.series import all_series, steps_run
from fgaesq.building.publish.finished import UNKNOWN_LICENCE, Finished
from fgaesq.building.records import STEPS, Series, Vote
from fgaesq.evaluation.results import Estimate

__all__ = ["StepFacts", "VoteFacts", "licence_counts", "step_facts", "vote_facts"]

_TIE, _LEFT = 1, 0  # as ballots count them


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What one step left, and why it dropped the rest.

    Attributes:
        step: its name.
        images, series: how many are left after it, by category; a series counts with two images.
        reasons: how many images it dropped, by reason; those of a dropped series each.
    """

    step: str
    images: Mapping[str, int]
    series: Mapping[str, int]
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class VoteFacts:
    """What is known of the votes, without names.

    Attributes:
        votes: how many there are.
        annotators: how many people gave them.
        most: the largest share of the votes by one person.
        ties: the share of ties.
        sided: of the others, those whose sides are known.
        left: of these, the share for the image on the left; None without any.
        median_s: the median of the time taken, in seconds; None where no times are known.
        alpha: Krippendorff's, nominal, with its 95 % interval over series; None where no pair was
            judged by two people, or all chose alike.
        same_again: of a person's later votes on a pair, the share as before; None without any.
    """

    votes: int
    annotators: int
    most: float
    ties: float
    sided: int
    left: float | None
    median_s: float | None
    alpha: Estimate | None
    same_again: float | None


def step_facts(collection: Collection) -> list[StepFacts]:
    """Return what each step that ran left of the collected images, those that dropped none too."""
    ran = {*steps_run(collection)}
    every = all_series(collection)
    reasons: dict[str, Counter[str]] = {step: Counter() for step in STEPS}
    for one in every:
        for drop in one.dropped.values():
            reasons[drop.step][drop.reason] += 1
        if one.drop is not None:
            reasons[one.drop.step][one.drop.reason] += len(one.members) - len(one.dropped)
    facts = [_after("collected", every, -1, {})]
    facts += [
        _after(step, every, place, reasons[step])
        for place, step in enumerate(STEPS)
        if step in ran or reasons[step]
    ]
    return facts


def vote_facts(votes: Iterable[Vote]) -> VoteFacts | None:
    """Return what is known of the votes, None if there are none."""
    ballots = ballots_from_votes(votes)
    if not len(ballots):
        return None
    decided, timed = ballots.outcome != _TIE, ballots.seconds > 0
    sided = decided & ballots.side_known
    return VoteFacts(
        votes=len(ballots),
        annotators=len(ballots.annotators),
        most=float(np.bincount(ballots.annotator).max() / len(ballots)),
        ties=float(1 - decided.mean()),
        sided=int(sided.sum()),
        left=float((ballots.key[sided] == _LEFT).mean()) if sided.any() else None,
        median_s=float(np.median(ballots.seconds[timed])) if timed.any() else None,
        alpha=alpha_of_votes(ballots),
        same_again=_same_again(ballots),
    )


def _same_again(ballots: Ballots) -> float | None:
    """Return how many of the annotators' later votes on a pair are as their first ones."""
    first = first_votes(ballots)
    keys = ballots.annotator * (ballots.pair.max() + 1) + ballots.pair
    order = np.flatnonzero(first)[np.argsort(keys[first])]
    later = np.flatnonzero(~first)
    if not len(later):
        return None
    before = order[np.searchsorted(keys[order], keys[later])]
    return float((ballots.outcome[before] == ballots.outcome[later]).mean())


def licence_counts(finished: Finished) -> dict[str, int]:
    """Return how many images each licence covers, the commonest first."""
    items = finished.dataset.items.values()
    return dict(Counter(item.licence or UNKNOWN_LICENCE for item in items).most_common())


def _after(step: str, every: Iterable[Series], place: int, reasons: Mapping[str, int]) -> StepFacts:
    images: Counter[str] = Counter()
    series: Counter[str] = Counter()
    for one in every:
        if one.drop is not None and STEPS.index(one.drop.step) <= place:
            continue
        gone = sum(STEPS.index(drop.step) <= place for drop in one.dropped.values())
        left = len(one.members) - gone
        if left >= 2:
            images[one.category] += left
            series[one.category] += 1
    return StepFacts(step, images, series, dict(reasons))
