"""What a finished model is taught of naturalness, for the series that are judged by it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from fgaesq.models.fgaesq import FGAesQ, expected_score

__all__ = ["fitted_sum", "teach_naturalness"]

_PENALTY = 0.01
_MOST_STEPS = 300


def fitted_sum(naturalness: Tensor, pairs: Tensor, *, temperature: float) -> tuple[Tensor, float]:
    """Return the weights of a sum that gives the Bradley-Terry probabilities of pairs.

    Logistic regression on the pairs with a penalty on the squared weights of numbers of spread 1:
    few numbers and one best solution, since what is to be judged later is unlike anything here.

    Args:
        naturalness: (N, K), see `tokens.naturalness`.
        pairs: (M, 2) int64, better and worse image.
        temperature: of the model, in P = sigmoid(difference / temperature).

    Returns:
        Weights (K,), and what to add so that the sum is 0 in the mean.
    """
    numbers = naturalness.double()
    spread = numbers.std(dim=0).clamp(min=1e-6)
    better, worse = pairs.T
    differences = (numbers[better] - numbers[worse]) / spread
    weights = torch.zeros(numbers.shape[1], dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=_MOST_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        missed = functional.softplus(-differences @ weights).mean()
        value: Tensor = missed + _PENALTY * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    found = temperature * weights.detach() / spread
    return found, -float(numbers.mean(dim=0) @ found)


def teach_naturalness(model: FGAesQ, sums: Sequence[tuple[Tensor, float]]) -> None:
    """Let the model score the images of each kind of series by a sum.

    The feature moves along the gradient of the score where nothing is known, so that there the
    score changes by the sum, and ever less towards the ends of the scale.

    Args:
        model: one that reads naturalness.
        sums: weights (K,) and what is added to the weighted sum, by the order of `BY_NATURALNESS`.
    """
    part = model.naturalness
    if part is None:
        raise ValueError("this model does not read naturalness")
    feature = torch.zeros(1, len(part.direction), requires_grad=True)
    [gradient] = torch.autograd.grad(expected_score(model.head(feature)).sum(), feature)
    with torch.no_grad():
        part.sum.weight.copy_(torch.stack([weights for weights, _ in sums]))
        part.sum.bias.copy_(torch.tensor([constant for _, constant in sums]))
        part.direction.copy_((gradient / gradient.square().sum())[0])
