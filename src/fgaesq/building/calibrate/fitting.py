"""Abilities of images and traits of annotators together, from votes: a variational EM.

Each series has a normal distribution of its abilities (full covariance), of the kind

    precision = I / scale^2 + sum over votes of E[information],
    mean      : E[slope of the log likelihood] = mean / scale^2,

with the expectations over the difference that a vote is about, by Gauss-Hermite quadrature
(Opper and Archambeau, Neural Computation 21, 2009). Given these, the traits of the annotators
and the scale of the prior maximise the expected density (EM; empirical Bayes for the scale). The
most probable values of everything at once would be biased: with few votes per image these
shrink the abilities and call careless annotators careful.

The abilities of all series are stretched together in each step (parameter expansion, Liu, Rubin
and Wu, Biometrika 85, 1998), as carelessness and small differences look alike and EM alone would
creep along that ridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.annotators import (
    SCALE_DRAWS,
    START_SCALE,
    Panel,
    Traits,
    likely_traits,
    looks,
    panel_of,
    prior_traits,
)
from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.building.calibrate.davidson import information, mixed, slopes
from fgaesq.building.calibrate.posterior import Blocks, covariances, moved, spreads
from fgaesq.errors import MissingExtraError

__all__ = ["Fit", "fit"]

_Floats = NDArray[np.float64]

_LEAST_SCALE, _MOST_SCALE = 0.2, 4.0
_ROUNDS = 100
_SETTLED = 1e-3
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What votes say.

    Attributes:
        abilities: (N,), sum 0 in every series; sigmoid of a difference is P without ties.
        blocks: covariances of the abilities.
        panel: the annotators.
        scale: standard deviation of abilities within series, as found.
        gain: (S,), logarithm of the likelihood of a series' votes at these abilities, minus that at
            equal ones.
        rounds: steps of EM.
        settled: whether the last step changed nothing of note.
        traits: the annotators as parameters, for a fit that begins here.
    """

    abilities: _Floats
    blocks: Blocks
    panel: Panel
    scale: float
    gain: _Floats
    rounds: int
    settled: bool
    traits: Traits


def fit(ballots: Ballots, start: Fit | None = None) -> Fit:
    """Fit abilities and annotators to votes.

    Series without votes get abilities 0 with the covariance of the prior. Time and memory grow with
    the votes and with the squares of the sizes of series.

    Args:
        ballots: the votes.
        start: a fit to other votes of the same annotators on the same images, to begin with.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    if find_spec("scipy") is None:
        raise MissingExtraError("calibration of votes", "build")
    traits, scale = prior_traits(ballots), START_SCALE
    abilities = np.zeros(ballots.images)
    blocks = covariances(ballots, np.zeros(len(ballots)), scale)
    if start is not None:
        traits, scale, abilities, blocks = start.traits, start.scale, start.abilities, start.blocks
    done, settled = 0, False
    while not settled and done < _ROUNDS:
        abilities, blocks = _inferred(ballots, traits, scale, abilities, blocks)
        refined = _refined_scale(abilities, blocks, scale)
        nodes = _nodes(ballots, abilities, blocks)
        learned = likely_traits(ballots, traits, nodes, _WEIGHTS, refined)
        refined = float(np.clip(refined * learned.stretch, _LEAST_SCALE, _MOST_SCALE))
        settled = _change(traits, learned, refined / scale) < _SETTLED
        abilities = abilities * refined / scale
        traits, scale = learned.unstretched(), refined
        done += 1
    abilities, blocks = _inferred(ballots, traits, scale, abilities, blocks)
    difference = abilities[ballots.first] - abilities[ballots.second]
    return Fit(
        abilities=abilities,
        blocks=blocks,
        panel=panel_of(ballots, traits, difference),
        scale=scale,
        gain=_gain(ballots, traits, difference),
        rounds=done,
        settled=settled,
        traits=traits,
    )


def _change(before: Traits, after: Traits, stretched: float) -> float:
    """Return the greatest change of a step that shows in what votes say."""
    attention = np.abs(after.attention - before.attention).max(initial=0)
    return float(max(attention, abs(after.common - before.common) / 4, abs(stretched - 1)))


def _nodes(ballots: Ballots, abilities: _Floats, blocks: Blocks) -> _Floats:
    """Return the nodes of quadrature of each vote's difference, (V, Q)."""
    difference = abilities[ballots.first] - abilities[ballots.second]
    return difference[:, None] + spreads(ballots, blocks)[:, None] * _NODES


def _inferred(
    ballots: Ballots, traits: Traits, scale: float, abilities: _Floats, blocks: Blocks
) -> tuple[_Floats, Blocks]:
    """Return means and covariances of the abilities given the annotators."""
    votes = np.arange(len(ballots))
    for _ in range(20):
        seen, attention, guesses = looks(ballots, traits, _nodes(ballots, abilities, blocks))
        change = attention[..., None] * seen * slopes(seen)
        slope = (change / mixed(seen, attention, guesses))[votes, :, ballots.outcome] @ _WEIGHTS
        blocks = covariances(ballots, information(seen, attention, guesses) @ _WEIGHTS, scale)
        pull = (
            np.bincount(ballots.first, slope, len(abilities))
            - np.bincount(ballots.second, slope, len(abilities))
            - abilities / scale**2
        )
        step = moved(pull, blocks, ballots.offsets)
        # The information is an expectation, so that a full step may go too far; two are the most.
        abilities = abilities + np.clip(step, -2, 2)
        if np.abs(step).max(initial=0) < 1e-3:
            break
    return abilities, blocks


def _refined_scale(abilities: _Floats, blocks: Blocks, scale: float) -> float:
    """Return the scale that maximises the expected density of the prior.

    The level of a series means nothing, so that n images are n - 1 draws. `SCALE_DRAWS` keep a
    single small series near the scale to begin with.
    """
    squares, draws = float((abilities**2).sum()) + SCALE_DRAWS * START_SCALE**2, SCALE_DRAWS
    for block in blocks.blocks:
        # Along the level the covariance is that of the prior.
        trace = np.trace(block.covariance, axis1=1, axis2=2) - scale**2
        squares += float(trace.sum())
        draws += len(block.covariance) * (block.covariance.shape[1] - 1)
    return float(np.sqrt(squares / draws))


def _gain(ballots: Ballots, traits: Traits, difference: _Floats) -> _Floats:
    votes, number = np.arange(len(ballots)), len(ballots.sizes)
    found, even = (
        np.log(mixed(*looks(ballots, traits, d[:, None]))[votes, 0, ballots.outcome])
        for d in (difference, np.zeros_like(difference))
    )
    return np.bincount(ballots.series, found - even, number).astype(np.float64)
