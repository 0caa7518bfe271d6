"""What is known of annotators, and how votes change it.

The model of one vote of annotator a: with probability `attention` a looks, and answers as
Davidson's model says, with a summand of a's own for the side (`side_bias`) and for ties; otherwise
a answers without a look, left, tie or right by `guess`. The mixture is that of Crowd-BT (Chen,
Bennett, Collins-Thompson and Horvitz, WSDM 2013) with a guess in place of the reversed order, so
that always pressing left is a case of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.building.calibrate.davidson import SECOND, TIE, mixed, outcomes, sigmoid, slopes

__all__ = [
    "SCALE_DRAWS",
    "START_SCALE",
    "Panel",
    "Traits",
    "likely_traits",
    "looks",
    "panel_of",
    "prior_traits",
]

_Floats = NDArray[np.float64]

# Priors as pseudo-votes or standard deviations: weak against the votes of an hour.
_LOOKED, _GUESSED = 8.0, 1.0
_GUESSES = 1.0
_SIDE_DEVIATION = 0.5
_MOST_SIDE = 1.5  # of equal images .82 on one side: beyond it, the images are not looked at
_TIE_DEVIATION = 0.5
_COMMON_TIE, _COMMON_TIE_DEVIATION = -1.0, 1.0
START_SCALE, SCALE_DRAWS = 1.5, 8  # so many draws of abilities at this scale
_MOST_STRETCH = 0.7  # of one step
_STEPS = 15
_Z = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What is known of A annotators.

    Attributes:
        attention: (A,), share of pairs that were looked at, 0 to 1.
        attention_interval: (A, 2), 95 %, from the information on the logit.
        side_bias: (A,), added to the difference of abilities for the image on the left.
        side_bias_error: (A,), standard error.
        log_tie: (A,), how readily ties are given (`davidson`).
        guess: (A, 3), shares of left, tie and right without a look.
    """

    attention: _Floats
    attention_interval: _Floats
    side_bias: _Floats
    side_bias_error: _Floats
    log_tie: _Floats
    guess: _Floats


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """The parameters of A annotators while they are fitted: `vector` of 6 A + 2 values.

    By rows of A: logit of the attention, bias for the left, readiness for ties, logits of the
    guesses left, tie, right; then the readiness for ties in common, and the logarithm of what all
    abilities are stretched by.
    """

    vector: _Floats

    @property
    def _rows(self) -> _Floats:
        rows: _Floats = self.vector[:-2].reshape(6, -1)
        return rows

    @property
    def logit(self) -> _Floats:
        """Logit of the attention, (A,)."""
        logit: _Floats = self._rows[0]
        return logit

    @property
    def attention(self) -> _Floats:
        """Share of pairs that are looked at, (A,)."""
        return sigmoid(self._rows[0])

    @property
    def side(self) -> _Floats:
        """Summand for the left, (A,)."""
        side: _Floats = self._rows[1]
        return side

    @property
    def log_tie(self) -> _Floats:
        """Readiness for ties, (A,)."""
        log_tie: _Floats = self._rows[2] + self.common
        return log_tie

    @property
    def common(self) -> float:
        """Readiness for ties that annotators have in common."""
        return float(self.vector[-2])

    @property
    def guess(self) -> _Floats:
        """Shares of left, tie and right without a look, (A, 3)."""
        weights = np.exp(self._rows[3:] - self._rows[3:].max(axis=0))
        shares: _Floats = (weights / weights.sum(axis=0)).T
        return shares

    @property
    def stretch(self) -> float:
        """What abilities are multiplied by; 1 between the steps of a fit."""
        return float(np.exp(self.vector[-1]))

    def unstretched(self) -> Traits:
        """Return the traits with a stretch of 1."""
        vector = self.vector.copy()
        vector[-1] = 0
        return Traits(vector)


def prior_traits(ballots: Ballots) -> Traits:
    """Return annotators to begin with, who guess as they vote on the whole."""
    annotators = len(ballots.annotators)
    vector = np.zeros(6 * annotators + 2)
    vector[:annotators] = np.log(_LOOKED / _GUESSED)
    keys = np.bincount(ballots.annotator * 3 + ballots.key, minlength=3 * annotators)
    vector[3 * annotators : -2] = np.log(keys.reshape(-1, 3).T + _GUESSES).ravel()
    vector[-2] = _COMMON_TIE
    return Traits(vector)


def looks(ballots: Ballots, traits: Traits, d: _Floats) -> tuple[_Floats, _Floats, _Floats]:
    """Return of votes: outcomes with a look, attention, outcomes without a look.

    Args:
        ballots: V votes.
        traits: of the annotators.
        d: (V, Q), differences of abilities at Q nodes.

    Returns:
        Shapes (V, Q, 3), (V, 1) and (V, 1, 3).
    """
    a = ballots.annotator
    shifted = d * traits.stretch + (traits.side[a] * ballots.side)[:, None]
    guesses = traits.guess[a]
    # A guess is of a side; outcomes are of images.
    guesses[~ballots.first_on_left] = guesses[~ballots.first_on_left, ::-1]
    return (
        outcomes(shifted, traits.log_tie[a][:, None]),
        traits.attention[a][:, None],
        guesses[:, None],
    )


def likely_traits(
    ballots: Ballots, traits: Traits, d: _Floats, weights: _Floats, scale: float
) -> Traits:
    """Return traits of more expected posterior density, a few steps of L-BFGS from `traits`.

    Args:
        ballots: V votes.
        traits: to begin with.
        d: (V, Q), nodes of the distributions of the differences.
        weights: (Q,), of the nodes, sum 1.
        scale: of the prior of abilities, which is stretched with them.
    """
    from scipy.optimize import minimize

    options: dict[str, Any] = {"maxiter": _STEPS, "gtol": 1e-6}
    bounds = np.full((len(traits.vector), 2), (-12.0, 12.0))
    annotators = len(ballots.annotators)
    bounds[-1] = -_MOST_STRETCH, _MOST_STRETCH
    bounds[annotators : 2 * annotators] = -_MOST_SIDE, _MOST_SIDE
    found = minimize(
        _objective,
        traits.vector,
        args=(ballots, d, weights, scale),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options=options,
    )
    return Traits(found.x)


def _objective(
    vector: _Floats, ballots: Ballots, d: _Floats, weights: _Floats, scale: float
) -> tuple[float, _Floats]:
    """Return minus the expected logarithm of the density, up to a constant, and its gradient."""
    traits = Traits(vector)
    seen, attention, guesses = looks(ballots, traits, d)
    a, annotators = ballots.annotator, len(ballots.annotators)
    y = ballots.outcome[:, None, None]
    chosen = np.take_along_axis(seen, y, axis=2)[..., 0]
    looked = attention * chosen
    likelihood = looked + (1 - attention) * np.take_along_axis(guesses, y, axis=2)[..., 0]
    share = looked / likelihood * weights  # P(the vote was given with a look), at each node
    mean = (seen[..., 0] - seen[..., SECOND]) / 2
    slope = share * ((1 - ballots.outcome[:, None]) / 2 - mean)
    tie = (share * ((ballots.outcome[:, None] == TIE) - seen[..., TIE])).sum(axis=1)
    side, share = slope.sum(axis=1), share.sum(axis=1)

    def total(values: _Floats) -> _Floats:
        return np.bincount(a, values, annotators).astype(np.float64)

    guessed = np.bincount(a * 3 + ballots.key, 1 - share, 3 * annotators).reshape(-1, 3) + _GUESSES
    given = total(np.ones(len(ballots))) + _LOOKED + _GUESSED
    common, stretched = traits.common, scale * traits.stretch / START_SCALE
    gradient = np.concatenate(
        [
            total(share) + _LOOKED - given * traits.attention,
            total(side * ballots.side) - traits.side / _SIDE_DEVIATION**2,
            total(tie) - (traits.log_tie - common) / _TIE_DEVIATION**2,
            (guessed - guessed.sum(axis=1, keepdims=True) * traits.guess).T.ravel(),
            [tie.sum() - (common - _COMMON_TIE) / _COMMON_TIE_DEVIATION**2],
            [(slope * d).sum() * traits.stretch + SCALE_DRAWS * (stretched**-2 - 1)],
        ]
    )
    value = float((np.log(likelihood) @ weights).sum()) + _log_prior(traits)
    value -= SCALE_DRAWS * (np.log(stretched) + stretched**-2 / 2)
    return -value, -gradient


def _log_prior(traits: Traits) -> float:
    common = traits.common
    squares = (
        (traits.side**2).sum() / _SIDE_DEVIATION**2
        + ((traits.log_tie - common) ** 2).sum() / _TIE_DEVIATION**2
        + (common - _COMMON_TIE) ** 2 / _COMMON_TIE_DEVIATION**2
    )
    looked = -_LOOKED * np.logaddexp(0, -traits.logit) - _GUESSED * np.logaddexp(0, traits.logit)
    return float(looked.sum() + _GUESSES * np.log(traits.guess).sum() - squares / 2)


def panel_of(ballots: Ballots, traits: Traits, d: _Floats) -> Panel:
    """Return the annotators with errors, from the expected information given the abilities.

    Args:
        ballots: V votes.
        traits: as fitted.
        d: (V,), differences of abilities.
    """
    seen, share, guesses = looks(ballots, traits, d[:, None])
    seen, attention, guesses = seen[:, 0], share[:, 0], guesses[:, 0]
    chances, slope = mixed(seen, attention, guesses), slopes(seen)
    annotators = len(ballots.annotators)
    by_key = traits.guess[ballots.annotator]
    matrices = np.zeros((annotators, 25))
    for outcome in range(3):
        f, g = seen[:, outcome], guesses[:, outcome]
        key = np.where(ballots.first_on_left, outcome, 2 - outcome)
        changes = np.stack(
            [
                attention * (1 - attention) * (f - g),
                attention * f * slope[:, outcome] * ballots.side,
                attention * f * ((outcome == TIE) - seen[:, TIE]),
                *((1 - attention) * g * ((key == one) - by_key[:, one]) for one in (0, 2)),
            ],
            axis=1,
        )
        products = changes[:, :, None] * changes[:, None, :] / chances[:, outcome, None, None]
        for cell, values in enumerate(products.reshape(-1, 25).T):
            matrices[:, cell] += np.bincount(ballots.annotator, values, annotators)
    precision = matrices.reshape(-1, 5, 5) + _prior_precision(traits)[:, :, None] * np.eye(5)
    errors = np.sqrt(np.diagonal(np.linalg.inv(precision), axis1=1, axis2=2))
    reach = _Z * errors[:, 0]
    return Panel(
        attention=traits.attention,
        attention_interval=sigmoid(np.stack([traits.logit - reach, traits.logit + reach], axis=1)),
        side_bias=traits.side.copy(),
        side_bias_error=errors[:, 1],
        log_tie=traits.log_tie,
        guess=traits.guess,
    )


def _prior_precision(traits: Traits) -> _Floats:
    """Return what the priors say of logit, side, tie and two guesses, (A, 5)."""
    attention, guess = traits.attention, traits.guess
    precision = np.empty((len(attention), 5))
    precision[:, 0] = (_LOOKED + _GUESSED) * attention * (1 - attention)
    precision[:, 1], precision[:, 2] = 1 / _SIDE_DEVIATION**2, 1 / _TIE_DEVIATION**2
    precision[:, 3:] = 3 * _GUESSES * (guess * (1 - guess))[:, [0, 2]]
    return np.maximum(precision, 1e-6)
