"""The head that learns a taste: Bradley-Terry on pairs, and whether it helps on held-out series.

Of two photos A and B of a group with the model's strengths s (its scores over its temperature, so
that the model alone says P(A beats B) = sigmoid(s_A - s_B)) and features f, the head says

    P(A beats B) = sigmoid(c (s_A - s_B) + v . (f_A - f_B)).

The features are standardised by their spread within groups. The confidence c has the prior
N(1, 1); each weight has N(0, r^2 / 2F), so that two photos that differ as photos of one group
usually do move by about r: the reach, which cross-validation chooses. The fit is the most
probable one (Newton's method on a convex function). Each group counts alike, however many pairs it
has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FEWEST_GROUPS",
    "LEAST_ACCURACY_GAIN",
    "LEAST_LIKELIHOOD_GAIN",
    "SURENESS",
    "Head",
    "HeldOut",
    "Picks",
    "fit_head",
]

FEWEST_GROUPS: Final = 30
"""Groups with picks below which no taste is learned."""

LEAST_LIKELIHOOD_GAIN: Final = 0.01
"""Nats per group that the held-out log-likelihood must gain over the model alone, at least."""

LEAST_ACCURACY_GAIN: Final = 0.02
"""Share of held-out pairs that must be right beyond those of the model alone, at least."""

SURENESS: Final = 2.0
"""Standard errors (over groups) that both gains must be above zero."""

_FOLDS: Final = 5
_REACHES: Final = (0.3, 1.0, 3.0, 10.0)
_STEPS: Final = 50
_TINY: Final = 1e-12
_ENOUGH: Final = 1e-6  # gain of the loss, relative; Newton's method is then as good as there

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Picks:
    """Pairs of photos of which a person preferred the first.

    Attributes:
        strengths: difference of the model's strengths, first minus second, (P,).
        features: difference of the features, (P, F).
        groups: number of the group of each pair, 0 to G - 1, each of which occurs, (P,).
        spread: root of the mean variance of each feature within the groups, (F,).
    """

    strengths: _Floats
    features: _Floats
    groups: NDArray[np.intp]
    spread: _Floats

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return int(self.groups.max()) + 1 if len(self.groups) else 0


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the model alone and the head say of groups that neither was fitted on.

    Attributes:
        groups: how many.
        likelihood: mean log-likelihood per group of the head, nats.
        model_likelihood: that of the model with the confidence that fits the picks best.
        accuracy: share of pairs of which the head has the right one ahead, mean over groups.
        model_accuracy: that of the model.
        likelihood_error, accuracy_error: standard errors of the two gains, over groups.
    """

    groups: int
    likelihood: float
    model_likelihood: float
    accuracy: float
    model_accuracy: float
    likelihood_error: float
    accuracy_error: float

    @property
    def helps(self) -> bool:
        """Whether the head is better than the model alone, in both ways, beyond chance."""
        likelihood = self.likelihood - self.model_likelihood
        accuracy = self.accuracy - self.model_accuracy
        return (
            self.groups >= FEWEST_GROUPS
            and likelihood >= max(LEAST_LIKELIHOOD_GAIN, SURENESS * self.likelihood_error)
            and accuracy >= max(LEAST_ACCURACY_GAIN, SURENESS * self.accuracy_error)
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The strength of a photo with the taste: `confidence` * s + `weights` . f.

    Attributes:
        confidence: factor of the model's strength.
        weights: of the raw features, (F,).
    """

    confidence: float
    weights: _Floats

    def strengths(self, strengths: _Floats, features: NDArray[np.floating]) -> _Floats:
        """Return the strengths with the taste, (N,), from (N,) and (N, F)."""
        # Not a matrix product: equal rows would not always have equal sums.
        result: _Floats = self.confidence * strengths + (features * self.weights).sum(axis=1)
        return result


def fit_head(picks: Picks, *, rng: np.random.Generator) -> tuple[Head, HeldOut]:
    """Fit the head and measure it.

    The groups are dealt into five folds. The reach for a fold is the one that does best on the
    other folds, so that its held-out numbers do not flatter; that of the head is the one that does
    best on all.

    Args:
        picks: of at least 30 groups.
        rng: deals the groups.
    """
    columns = _columns(picks)
    fold_of_group = rng.permutation(np.arange(picks.group_count) % _FOLDS)
    fold_of_pair = fold_of_group[picks.groups]
    weights = _group_weights(picks.groups)
    model = np.zeros(len(columns))
    heads = np.zeros((len(_REACHES), len(columns)))
    for fold in range(_FOLDS):
        out = fold_of_pair == fold
        model[out] = columns[out, :1] @ _fit_model(columns[~out, :1], weights[~out])
        for number, fitted in enumerate(_path(columns[~out], weights[~out])):
            heads[number, out] = columns[out] @ fitted
    likelihoods = np.array([_by_group(_log_sigmoid(one), picks.groups) for one in heads])
    chosen = np.zeros(len(columns))
    for fold in range(_FOLDS):
        best = int(likelihoods[:, fold_of_group != fold].mean(axis=1).argmax())
        chosen[fold_of_pair == fold] = heads[best, fold_of_pair == fold]
    best = int(likelihoods.mean(axis=1).argmax())
    fitted = list(_path(columns, weights))[best]
    head = Head(float(fitted[0]), fitted[1:] * _inverse(picks.spread))
    return head, _held_out(chosen, model, picks)


def _held_out(head: _Floats, model: _Floats, picks: Picks) -> HeldOut:
    likelihood = _by_group(_log_sigmoid(head), picks.groups)
    model_likelihood = _by_group(_log_sigmoid(model), picks.groups)
    accuracy = _by_group(_right(head), picks.groups)
    model_accuracy = _by_group(_right(picks.strengths), picks.groups)
    return HeldOut(
        picks.group_count,
        float(likelihood.mean()),
        float(model_likelihood.mean()),
        float(accuracy.mean()),
        float(model_accuracy.mean()),
        _standard_error(likelihood - model_likelihood),
        _standard_error(accuracy - model_accuracy),
    )


def _columns(picks: Picks) -> _Floats:
    """Return the differences of strengths and of standardised features, (P, 1 + F)."""
    return np.column_stack([picks.strengths, picks.features * _inverse(picks.spread)])


def _inverse(spread: _Floats) -> _Floats:
    """Return 1 / spread; 0 for features that do not vary, which so have no say."""
    varies = spread > _TINY
    return np.where(varies, 1.0, 0.0) / np.where(varies, spread, 1.0)


def _fit_model(strengths: _Floats, weights: _Floats) -> _Floats:
    """Return the confidence, (1,), with which the model alone fits best; never below 0."""
    return np.maximum(_newton(strengths, weights, np.ones(1), np.ones(1)), 0.0)


def _path(columns: _Floats, weights: _Floats) -> Iterator[_Floats]:
    """Yield the fit for each reach; each begins where the last one ended."""
    features = columns.shape[1] - 1
    prior = np.zeros(1 + features)
    prior[0] = 1.0
    fitted = prior
    for reach in _REACHES:
        precision = np.full(1 + features, 2 * features / reach**2)
        precision[0] = 1.0
        fitted = _newton(columns, weights, prior, precision, fitted)
        yield fitted


def _newton(
    columns: _Floats,
    weights: _Floats,
    prior: _Floats,
    precision: _Floats,
    start: _Floats | None = None,
) -> _Floats:
    """Return the most probable coefficients: weighted logistic loss with a Gaussian prior."""

    def loss(at: _Floats) -> float:
        penalty = 0.5 * float(precision @ (at - prior) ** 2)
        return penalty - float(weights @ _log_sigmoid(columns @ at))

    at = prior if start is None else start
    value = loss(at)
    for _ in range(_STEPS):
        wrong = np.exp(_log_sigmoid(-(columns @ at)))
        slope = precision * (at - prior) - columns.T @ (weights * wrong)
        rooted = columns * np.sqrt(weights * wrong * (1.0 - wrong))[:, None]
        hessian = rooted.T @ rooted + np.diag(precision)  # so written it takes half the time
        step = np.linalg.solve(hessian, slope)
        length = 1.0
        # The loss is convex, so a shorter step always helps unless rounding stands in the way.
        while (after := loss(at - length * step)) > value and length > _TINY:
            length /= 2
        gain = value - after
        if gain <= 0:
            break
        at, value = at - length * step, after
        if gain < _ENOUGH * abs(value):
            break
    return at


def _group_weights(groups: NDArray[np.intp]) -> _Floats:
    """Return a weight for each pair; those of a group sum to 1."""
    weights: _Floats = 1.0 / np.bincount(groups)[groups]
    return weights


def _by_group(values: _Floats, groups: NDArray[np.intp]) -> _Floats:
    """Return the mean over the pairs of each group, (G,)."""
    means: _Floats = np.bincount(groups, values) / np.bincount(groups)
    return means


def _right(differences: _Floats) -> _Floats:
    """Return 1 where the preferred photo is ahead, 1/2 where the two are even, else 0."""
    return 0.5 * (1.0 + np.sign(differences))


def _log_sigmoid(values: _Floats) -> _Floats:
    logs: _Floats = -np.logaddexp(0.0, -values)
    return logs


def _standard_error(values: Sequence[float] | _Floats) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
