"""Bradley-Terry with ties after Davidson (1970), and an annotator who does not always look.

With d = ability of the first minus that of the second image, and t the logarithm of how readily
ties are given, the outcomes first, tie, second have the logits d / 2, t and -d / 2:

    P(first) : P(tie) : P(second) = e^(d/2) : e^t : e^(-d/2)

(R. R. Davidson, JASA 65, 1970; the form with an effect of the order shown is Davidson and Beaver,
Biometrics 33, 1977.) Set ties aside, and it is Bradley-Terry: P(first) = sigmoid(d). It was chosen
over Rao and Kupper (1967) because it is an exponential family: the logarithm of the likelihood is
concave in abilities and t together, a tie counts as half a win for each, and an effect of the side
is one more summand of d.

Outcomes are numbered as in `FIRST`, `TIE`, `SECOND`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIRST", "SECOND", "TIE", "information", "mixed", "outcomes", "sigmoid", "slopes"]

_Floats = NDArray[np.float64]

FIRST, TIE, SECOND = 0, 1, 2
_HALVES = np.array([0.5, 0.0, -0.5])


def outcomes(d: _Floats, log_tie: _Floats | float) -> _Floats:
    """Return the probabilities of first, tie and second.

    Args:
        d: difference of abilities, any shape.
        log_tie: t, broadcast against `d`; 0 gives ties a third of equal pairs.

    Returns:
        `d.shape` + (3,), sums 1.
    """
    d, t = np.broadcast_arrays(np.asarray(d, np.float64), np.asarray(log_tie, np.float64))
    # Three outcomes are written out: NumPy is slow along an axis of three.
    top = np.maximum(np.abs(d) / 2, t)
    weights = np.exp(np.stack([d / 2 - top, t - top, -d / 2 - top], axis=-1))
    shares: _Floats = weights / (weights[..., 0] + weights[..., 1] + weights[..., 2])[..., None]
    return shares


def slopes(probabilities: _Floats) -> _Floats:
    """Return d log P(outcome) / dd of attentive annotators, of the shape of `outcomes`."""
    mean = (probabilities[..., FIRST] - probabilities[..., SECOND]) / 2
    return _HALVES - mean[..., None]


def mixed(attentive: _Floats, attention: _Floats | float, guess: _Floats) -> _Floats:
    """Return the probabilities of outcomes by one who looks only at a share of the pairs.

    Args:
        attentive: `outcomes` (..., 3) of a look.
        attention: share of pairs looked at, 0 to 1, broadcast against (...).
        guess: (..., 3), what is answered without a look.
    """
    share = np.asarray(attention, np.float64)[..., None]
    return share * attentive + (1 - share) * guess


def information(attentive: _Floats, attention: _Floats | float, guess: _Floats) -> _Floats:
    """Return the Fisher information on d of one vote, sum over outcomes of (dP/dd)^2 / P, (...)."""
    share = np.asarray(attention, np.float64)[..., None]
    change = share * attentive * slopes(attentive)
    total: _Floats = (change**2 / mixed(attentive, attention, guess)).sum(axis=-1)
    return total


def sigmoid(x: _Floats) -> _Floats:
    """Return 1 / (1 + e^-x) without overflow."""
    value: _Floats = 0.5 * (1 + np.tanh(np.asarray(x, np.float64) / 2))
    return value
