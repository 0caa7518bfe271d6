"""Which pair of a series to ask for next, and when its order is known.

Small series are judged exhaustively: every pair by so many people. Larger ones by the pair whose
answer says most of the order, given the votes so far: normal distribution of the abilities, as in
`fitting`, with the expected answer by quadrature. Choosing pairs by what their answer is expected
to tell goes back to Lindley (Annals of Mathematical Statistics 27, 1956), for paired comparisons
to Glickman and Jensen (Journal of Statistical Planning and Inference 127, 2005).

Several annotators are served at once: pairs that others are looking at count as information that
is coming, which narrows the distribution and does not move it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.davidson import (
    FIRST,
    SECOND,
    TIE,
    information,
    mixed,
    outcomes,
    slopes,
)
from fgaesq.building.records import Choice

__all__ = [
    "SamplingRule",
    "SeriesState",
    "expected_gain",
    "expected_loss",
    "is_resolved",
    "next_pair",
    "normal_share",
    "series_state",
]

_Floats = NDArray[np.float64]

_OUTCOMES = {"first": FIRST, "tie": TIE, "second": SECOND}
_GRID = np.linspace(-3.5, 3.5, 40)  # an even number, so that no node is at an even difference
_MASS = np.exp(-(_GRID**2) / 2)
_MASS = _MASS / _MASS.sum()
_GUESS = np.array([0.45, 0.1, 0.45])


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """How a series is judged.

    Attributes:
        exhaustive_to: series of up to so many images are judged in all pairs.
        votes_per_pair: by so many people each.
        most_per_pair: for larger series, so many votes on all pairs on average are the end in any
            case.
        certain: a neighbouring order is known at this probability.
        even: so is one whose |ability difference| is below this at the same probability; the two
            images then share a place. 0.2 is a P of .55.
        loss: the whole order is known well enough if the expected share of wrongly ordered pairs is
            below this. At .05, ten images are about as well ordered as by ten votes on every pair.
        scale: standard deviation of abilities before any vote.
        log_tie: how readily ties are given.
        attention: share of pairs that people look at.
    """

    exhaustive_to: int = 5
    votes_per_pair: int = 5
    most_per_pair: float = 10.0
    certain: float = 0.95
    even: float = 0.2
    loss: float = 0.05
    scale: float = 1.5
    log_tie: float = -1.0
    attention: float = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class SeriesState:
    """What is known of the abilities of n images: `mean` (n,), `covariance` (n, n)."""

    mean: _Floats
    covariance: _Floats

    @property
    def spread(self) -> _Floats:
        """Standard deviation of all differences, (n, n)."""
        variance = np.diagonal(self.covariance)
        return np.sqrt(
            np.maximum(variance[:, None] + variance[None, :] - 2 * self.covariance, 1e-12)
        )


Votes = Sequence[tuple[int, int, Choice]]


def next_pair(
    n_images: int,
    votes_so_far: Votes,
    pending: Sequence[tuple[int, int]] = (),
    *,
    judged_by_me: Collection[tuple[int, int]] = (),
    rng: np.random.Generator,
    rule: SamplingRule | None = None,
) -> tuple[int, int] | None:
    """Return the pair (i, j), i < j, to ask an annotator for, or None if there is nothing to ask.

    Args:
        n_images: images 0 to n - 1.
        votes_so_far: (i, j, choice) of everyone.
        pending: pairs that others look at now, repeated if several people do.
        judged_by_me: pairs that this annotator has judged, in any order of the two.
        rng: breaks ties between pairs.
        rule: how the series is judged.
    """
    rule = rule or SamplingRule()
    mine = {(min(pair), max(pair)) for pair in judged_by_me}
    open_pairs = [
        (i, j) for i in range(n_images) for j in range(i + 1, n_images) if (i, j) not in mine
    ]
    if not open_pairs:
        return None
    asked = np.zeros((n_images, n_images), np.int64)
    for i, j in (*(vote[:2] for vote in votes_so_far), *pending):
        asked[min(i, j), max(i, j)] += 1
    i, j = np.array(open_pairs).T
    if n_images <= rule.exhaustive_to:
        fewest = asked[i, j]
        if fewest.min() >= rule.votes_per_pair:
            return None
        worth = -fewest.astype(np.float64)
    else:
        if asked.sum() >= rule.most_per_pair * n_images * (n_images - 1) / 2:
            return None
        state = series_state(n_images, votes_so_far, rule)
        if _known(state, rule):
            return None
        state = _foreseen(state, pending, rule)
        worth = expected_gain(state, rule)[i, j]
    best = np.flatnonzero(worth >= worth.max() - 1e-9)
    return open_pairs[int(rng.choice(best))]


def is_resolved(n_images: int, votes_so_far: Votes, *, rule: SamplingRule | None = None) -> bool:
    """Return whether a series needs no more votes by the rule."""
    rule = rule or SamplingRule()
    pairs = n_images * (n_images - 1) // 2
    if n_images <= rule.exhaustive_to:
        asked = np.zeros((n_images, n_images), np.int64)
        for i, j, _ in votes_so_far:
            asked[min(i, j), max(i, j)] += 1
        return bool(asked[np.triu_indices(n_images, 1)].min(initial=1 << 30) >= rule.votes_per_pair)
    if len(votes_so_far) >= rule.most_per_pair * pairs:
        return True
    return _known(series_state(n_images, votes_so_far, rule), rule)


def series_state(n_images: int, votes: Votes, rule: SamplingRule | None = None) -> SeriesState:
    """Return the distribution of abilities after some votes, by Fisher scoring at their mode."""
    rule = rule or SamplingRule()
    i = np.fromiter((vote[0] for vote in votes), np.int64, len(votes))
    j = np.fromiter((vote[1] for vote in votes), np.int64, len(votes))
    outcome = np.fromiter((_OUTCOMES[vote[2]] for vote in votes), np.int64, len(votes))
    # Votes on the same pair with the same choice are one term of several times the weight.
    kinds, times = np.unique(np.stack([i, j, outcome]), axis=1, return_counts=True)
    i, j, outcome = kinds
    mean, precision = np.zeros(n_images), np.eye(n_images) / rule.scale**2
    for _ in range(25):
        seen = outcomes(mean[i] - mean[j], rule.log_tie)
        change = rule.attention * seen * slopes(seen) / mixed(seen, rule.attention, _GUESS)
        slope = times * change[np.arange(len(i)), outcome]
        pull = np.bincount(i, slope, n_images) - np.bincount(j, slope, n_images)
        precision = _precision(
            n_images, i, j, times * information(seen, rule.attention, _GUESS), rule
        )
        step = np.linalg.solve(precision, pull - mean / rule.scale**2)
        mean = mean + np.clip(step, -1.5, 1.5)
        if np.abs(step).max() < 1e-3:
            break
    return SeriesState(mean, np.linalg.inv(precision).astype(np.float64))


def expected_gain(state: SeriesState, rule: SamplingRule | None = None) -> _Floats:
    """Return what a vote on each pair is expected to tell of the order of the two, in nats.

    The mutual information of the answer and of which image is better, for a normal difference d of
    abilities: H(P(answer)) - E[H(P(answer | sign of d))], on a grid of d. What an answer tells of
    how far apart images of known order are does not count: on it, votes are lost.

    Returns:
        (n, n), symmetric; 0 on the diagonal.
    """
    rule = rule or SamplingRule()
    i, j = np.triu_indices(len(state.mean), 1)
    d = (state.mean[i] - state.mean[j])[:, None] + state.spread[i, j][:, None] * _GRID
    answers = mixed(outcomes(d, rule.log_tie), rule.attention, _GUESS) * _MASS[:, None]
    joint = np.stack([(answers * (side * d > 0)[..., None]).sum(axis=1) for side in (1, -1)], 1)
    orders, chances = joint.sum(axis=2), joint.sum(axis=1)
    gain = _entropy(orders) + _entropy(chances) - _entropy(joint.reshape(len(i), -1))
    table = np.zeros_like(state.covariance)
    table[i, j] = table[j, i] = np.maximum(gain, 0)
    return table


def _entropy(chances: _Floats) -> _Floats:
    entropy: _Floats = -(chances * np.log(np.maximum(chances, 1e-300))).sum(axis=-1)
    return entropy


def _precision(
    n_images: int, i: NDArray[np.int64], j: NDArray[np.int64], weights: _Floats, rule: SamplingRule
) -> _Floats:
    """Return the precision of the abilities from the information of votes on pairs, (n, n)."""
    table = np.bincount(i * n_images + j, weights, n_images**2).reshape(n_images, n_images)
    table = table + table.T
    return np.diag(table.sum(axis=1) + 1 / rule.scale**2) - table


def _foreseen(
    state: SeriesState, pending: Sequence[tuple[int, int]], rule: SamplingRule
) -> SeriesState:
    """Return the state as narrow as it will be when the pending pairs are answered."""
    covariance = state.covariance
    for i, j in pending:
        column = covariance[:, i] - covariance[:, j]
        d = np.asarray(state.mean[i] - state.mean[j])
        told = float(information(outcomes(d, rule.log_tie), rule.attention, _GUESS))
        covariance = covariance - np.outer(column, column) * (
            told / (1 + told * (column[i] - column[j]))
        )
    return SeriesState(state.mean, covariance)


def _known(state: SeriesState, rule: SamplingRule) -> bool:
    """Return whether the order is known: every neighbours' order, or nearly all pairs."""
    order = np.argsort(-state.mean, kind="stable")
    upper, lower = order[:-1], order[1:]
    gap, spread = state.mean[upper] - state.mean[lower], state.spread[upper, lower]
    certain = normal_share(gap / spread) >= rule.certain
    even = (
        normal_share((rule.even - gap) / spread) - normal_share((-rule.even - gap) / spread)
        >= rule.certain
    )
    return bool((certain | even).all()) or expected_loss(state) < rule.loss


def expected_loss(state: SeriesState) -> float:
    """Return the expected share of pairs that the order of the means has the wrong way round."""
    i, j = np.triu_indices(len(state.mean), 1)
    if len(i) == 0:
        return 0.0
    wrong = normal_share(-np.abs(state.mean[i] - state.mean[j]) / state.spread[i, j])
    return float(wrong.mean())


def normal_share(z: _Floats) -> _Floats:
    """Return the normal distribution function."""
    from scipy.special import ndtr

    value: _Floats = ndtr(z)
    return value
