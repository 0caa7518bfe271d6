"""What naturalness says, fitted on pairs of known order."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from tests.training.caches import INFORMED

from fgaesq.models.fgaesq import FGAesQ, expected_score
from fgaesq.models.specs import build
from fgaesq.tokens.naturalness import NATURALNESS
from fgaesq.training.naturalness import fitted_sum, teach_naturalness

TRUE = torch.linspace(-1, 1, NATURALNESS, dtype=torch.double)
TEMPERATURE = 0.4


def drawn_pairs(strength: float, number: int = 4000) -> tuple[torch.Tensor, torch.Tensor]:
    """Return numbers, and pairs decided as Bradley and Terry have it by their true sum."""
    torch.manual_seed(0)
    numbers = torch.randn(2 * number, NATURALNESS, dtype=torch.double)
    pairs = torch.arange(2 * number).reshape(-1, 2)
    margin = (numbers[pairs[:, 0]] - numbers[pairs[:, 1]]) @ TRUE * strength
    swapped = torch.rand(number) > torch.sigmoid(margin)
    pairs[swapped] = pairs[swapped].flip(1)
    return numbers, pairs


def test_the_sum_gives_the_probabilities_of_the_pairs() -> None:
    numbers, pairs = drawn_pairs(0.3)
    weights, constant = fitted_sum(numbers, pairs, temperature=TEMPERATURE)
    wanted = 0.3 * TRUE * TEMPERATURE
    assert torch.corrcoef(torch.stack([weights, wanted]))[0, 1] > 0.97
    assert 0.7 < float(weights.norm() / wanted.norm()) < 1.05  # the penalty makes it small
    assert float((numbers @ weights).mean() + constant) == pytest.approx(0, abs=1e-9)


def natural_model() -> FGAesQ:
    torch.manual_seed(0)
    spec = replace(INFORMED, readout="mean", head=(), dropout=(), naturalness=True)
    return build(spec).eval()


def test_a_taught_model_scores_by_the_sum() -> None:
    model = natural_model()
    weights = TRUE / 20
    teach_naturalness(model, [(TRUE, 5.0), (weights, 0.25)])
    torch.manual_seed(1)
    kinds = torch.tensor([[0.0, 1.0]]).expand(5, 2)
    told = torch.cat([kinds, torch.randn(5, NATURALNESS)], dim=1)
    assert model.naturalness is not None
    feature = model.naturalness(told)
    scores = expected_score(model.head(feature))
    nothing = expected_score(model.head(torch.zeros_like(feature)))
    said = told[:, 2:].double() @ weights + 0.25
    torch.testing.assert_close((scores - nothing).double(), said, atol=0.05, rtol=0.1)
    order = said.argsort()
    assert all(scores[low] < scores[high] for low, high in pairwise(order.tolist()))


def test_only_a_model_that_reads_naturalness_is_taught() -> None:
    with pytest.raises(ValueError, match="does not read naturalness"):
        teach_naturalness(build(INFORMED), [(TRUE, 0.0)])
