"""How far each annotator can be relied on, counted from the votes, and who is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.annotators import Panel
from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.building.calibrate.davidson import TIE
from fgaesq.building.records import Choice, Vote

__all__ = [
    "AnnotatorReliability",
    "FlagRule",
    "Share",
    "agreements",
    "golden_answers",
    "reliability",
    "share_of",
]

_Bools = NDArray[np.bool_]

_Z2 = 1.959964**2


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `of` cases with its 95 % interval after Wilson (JASA 22, 1927)."""

    count: int
    of: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FlagRule:
    """Who is flagged. Every rule needs `least` cases, and holds for an end of an interval.

    Attributes:
        least: cases below which nothing is said.
        attention: flagged if the upper end of the attention is below this.
        side: flagged if the lower end of the share of one side among decided votes is above this.
        golden: flagged if the upper end of the accuracy on golden pairs is below this.
        of_median: flagged if the upper end of the agreement with the others, or of that with
            oneself, is below 1/2 + `of_median` (median of all annotators - 1/2).
        fast_s: a vote in less is implausibly fast.
        fast: flagged if the lower end of their share is above this.
        pattern: flagged if a run of one key, or keys in turn, would come about by chance with less
            than this probability, among this many annotators.
        turns: share of changes of side from which turns are a pattern at all.
    """

    least: int = 20
    attention: float = 0.5
    side: float = 0.75
    golden: float = 0.75
    of_median: float = 0.4
    fast_s: float = 0.6
    fast: float = 0.5
    pattern: float = 1e-4
    turns: float = 0.8


@dataclass(frozen=True, slots=True)
class AnnotatorReliability:
    """What the votes say of one annotator; None where there are no such cases.

    Attributes:
        name: of the annotator.
        votes: how many.
        attention, attention_low, attention_high: share of pairs looked at (`annotators.Panel`).
        side_bias: as in `annotators.Panel`; 0 is none.
        consistency: equal answers among repeats of a pair by the annotator.
        golden: right answers on pairs of known order.
        agreement: decided votes that agree with the majority of the others' on the same pair.
        left: left among decided votes whose sides are known.
        left_p: probability of a share at least as far from 1/2 by chance (exact binomial test).
        ties: among all votes.
        median_s: of the time a vote took.
        fast: votes that took less than is plausible.
        longest_run: of votes with the same key, where sides are known.
        turns: changes of side between neighbouring decided votes, where sides are known.
        flags: reasons in words to leave the votes out, () for none.
    """

    name: str
    votes: int
    attention: float
    attention_low: float
    attention_high: float
    side_bias: float
    consistency: Share | None
    golden: Share | None
    agreement: Share | None
    left: Share | None
    left_p: float
    ties: Share
    median_s: float
    fast: Share
    longest_run: int
    turns: Share | None
    flags: tuple[str, ...] = ()


def share_of(count: int, of: int) -> Share | None:
    """Return a share with Wilson's interval, None for no cases."""
    if of == 0:
        return None
    p = count / of
    centre = (p + _Z2 / (2 * of)) / (1 + _Z2 / of)
    reach = np.sqrt(_Z2 * (p * (1 - p) / of + _Z2 / (4 * of**2))) / (1 + _Z2 / of)
    return Share(count, of, p, float(max(centre - reach, 0)), float(min(centre + reach, 1)))


def reliability(
    ballots: Ballots,
    panel: Panel,
    golden: Mapping[str, tuple[int, int]] | None = None,
    rule: FlagRule | None = None,
) -> tuple[AnnotatorReliability, ...]:
    """Return the reliability of every annotator, in the order of `ballots.annotators`.

    Args:
        ballots: all votes but those on golden pairs.
        panel: of the fit to these votes.
        golden: by name of annotator, how many answers on golden pairs were right, and of how many.
        rule: of the flags.
    """
    rule = rule or FlagRule()
    agreeing = agreements(ballots)
    counted = []
    for number, name in enumerate(ballots.annotators):
        mine = np.flatnonzero(ballots.annotator == number)
        mine = mine[np.argsort(ballots.at[mine], kind="stable")]
        key = ballots.key[mine[ballots.side_known[mine]]]
        decided = key[key != TIE]
        left = int((decided == 0).sum())
        low, high = panel.attention_interval[number]
        turns = decided[1:] != decided[:-1]
        seconds = ballots.seconds[mine]
        seconds = seconds[seconds > 0]  # of imported votes it is not known
        counted.append(
            AnnotatorReliability(
                name=name,
                votes=len(mine),
                attention=float(panel.attention[number]),
                attention_low=float(low),
                attention_high=float(high),
                side_bias=float(panel.side_bias[number]),
                consistency=_consistency(ballots, mine),
                golden=share_of(*(golden or {}).get(name, (0, 0))),
                agreement=share_of(int(agreeing[0][mine].sum()), int(agreeing[1][mine].sum())),
                left=share_of(left, len(decided)),
                left_p=_binomial_p(left, len(decided)),
                ties=_share(int((ballots.outcome[mine] == TIE).sum()), len(mine)),
                median_s=float(np.median(seconds)) if len(seconds) else 0.0,
                fast=_share(int((seconds < rule.fast_s).sum()), len(seconds)),
                longest_run=_longest_run(key)[0],
                turns=share_of(int(turns.sum()), len(turns)),
            )
        )
    return tuple(_flagged(one, counted, ballots, rule) for one in counted)


def golden_answers(
    votes: Iterable[Vote], golden: Mapping[tuple[int, int, int], Choice]
) -> dict[str, tuple[int, int]]:
    """Return by annotator how many answers on golden pairs were right, and of how many.

    Args:
        votes: of all roles.
        golden: right answers by (series, first, second). That on an image and its spoiled copy,
            whose id is negative, needs none: the copy is the worse one.
    """
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for vote in votes:
        answer = golden.get((vote.series, vote.first, vote.second))
        answer = "second" if vote.first < 0 else answer
        if vote.role == "golden" and answer is not None:
            asked[vote.annotator] += 1
            right[vote.annotator] += vote.choice == answer
    return {name: (right[name], asked[name]) for name in asked}


def agreements(ballots: Ballots) -> tuple[_Bools, _Bools]:
    """Return of each vote whether it agrees with the majority of the others, and whether it can.

    The others are all votes of other annotators on the pair, a tie counting for neither side. A
    vote can agree if it is decided and the others are not even.
    """
    _, unit = np.unique(ballots.pair, return_inverse=True)
    sign = 1 - ballots.outcome
    total = np.bincount(unit, sign)
    own_key = unit * len(ballots.annotators) + ballots.annotator
    _, place = np.unique(own_key, return_inverse=True)
    others = total[unit] - np.bincount(place, sign)[place]
    can = (sign != 0) & (others != 0)
    return can & (np.sign(others) == sign), can


def _share(count: int, of: int) -> Share:
    return share_of(count, of) or Share(0, 0, 0.0, 0.0, 1.0)


def _consistency(ballots: Ballots, mine: NDArray[np.int64]) -> Share | None:
    """Count later votes on a pair that equal the annotator's first one on it."""
    pairs, first, unit = np.unique(ballots.pair[mine], return_index=True, return_inverse=True)
    outcome = ballots.outcome[mine]
    later = np.arange(len(mine)) != first[unit]
    return share_of(int((outcome == outcome[first][unit])[later].sum()), int(later.sum()))


def _binomial_p(count: int, of: int) -> float:
    from scipy.stats import binomtest

    return float(binomtest(count, of).pvalue) if of else 1.0


def _longest_run(key: NDArray[np.int64]) -> tuple[int, int]:
    """Return the length of the longest run of one key, and the key."""
    if len(key) == 0:
        return 0, 0
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    lengths = np.diff(np.r_[starts, len(key)])
    longest = int(lengths.argmax())
    return int(lengths[longest]), int(key[starts[longest]])


def _flagged(
    one: AnnotatorReliability,
    everyone: list[AnnotatorReliability],
    ballots: Ballots,
    rule: FlagRule,
) -> AnnotatorReliability:
    flags = [
        *_carelessness(one, rule),
        *_against_the_median(one, everyone, rule),
        *_patterns(one, ballots, rule, len(everyone)),
    ]
    return replace(one, flags=tuple(flags))


def _carelessness(one: AnnotatorReliability, rule: FlagRule) -> list[str]:
    flags = []
    if one.votes >= rule.least and one.attention_high < rule.attention:
        flags.append(
            f"votes hardly depend on the images: looked at {one.attention:.0%} of the pairs "
            f"({one.attention_low:.0%} to {one.attention_high:.0%})"
        )
    if one.left is not None and one.left.of >= rule.least:
        sides = (
            ("left", one.left.value, one.left.low),
            ("right", 1 - one.left.value, 1 - one.left.high),
        )
        flags += [
            f"nearly always {side}: {share:.0%} of {one.left.of} decided votes"
            for side, share, low in sides
            if low > rule.side
        ]
    if one.golden and one.golden.of >= rule.least and one.golden.high < rule.golden:
        flags.append(f"wrong on pairs of known order: {one.golden.count} of {one.golden.of} right")
    if one.fast.of >= rule.least and one.fast.low > rule.fast:
        flags.append(
            f"too fast to have looked: {one.fast.value:.0%} of votes in under {rule.fast_s} s"
        )
    return flags


def _against_the_median(
    one: AnnotatorReliability, everyone: list[AnnotatorReliability], rule: FlagRule
) -> list[str]:
    flags = []
    for name, words in (
        ("agreement", "does not agree with the others"),
        ("consistency", "answers repeated pairs as by chance"),
    ):
        share: Share | None = getattr(one, name)
        known = [s for other in everyone if (s := getattr(other, name)) and s.of >= rule.least]
        if share is None or share.of < rule.least or len(known) < 3:
            continue
        median = float(np.median([s.value for s in known]))
        if share.high < 0.5 + rule.of_median * max(median - 0.5, 0):
            flags.append(
                f"{words}: {share.value:.0%} of {share.of}, where the median is {median:.0%}"
            )
    return flags


def _patterns(
    one: AnnotatorReliability, ballots: Ballots, rule: FlagRule, annotators: int
) -> list[str]:
    """Return runs and turns that chance would not give.

    Sides are drawn, so that an annotator who looks presses left as often as right, whatever the
    images. At most n starts of a run of L: P <= n q^L, with q = 1/2 or, for ties, their share.
    """
    number = ballots.annotators.index(one.name)
    # Imported votes have no moment: nobody pressed them one after the other.
    pressed_here = ballots.side_known & (ballots.at > 0)
    mine = np.flatnonzero((ballots.annotator == number) & pressed_here)
    if len(mine) < rule.least:
        return []
    key = ballots.key[mine[np.argsort(ballots.at[mine], kind="stable")]]
    length, pressed = _longest_run(key)
    chance = max(0.5, one.ties.value if pressed == TIE else 0.5)
    flags = []
    if len(key) * chance**length < rule.pattern / annotators:
        words = ("left", "tie", "right")[pressed]
        flags.append(f"pressed '{words}' {length} times in a row")
    if one.turns is not None and one.turns.value > rule.turns:
        p = _binomial_p(one.turns.count, one.turns.of)
        if p < rule.pattern / annotators:
            flags.append(f"left and right in turn: {one.turns.value:.0%} of {one.turns.of} times")
    return flags
