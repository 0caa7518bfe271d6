"""The earth mover's distance and the distributions it is taken to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from fgaesq.losses import emd, score_distribution


def delta(bin_1_to_10: int) -> Tensor:
    one = torch.zeros(1, 10, dtype=torch.float64)
    one[0, bin_1_to_10 - 1] = 1
    return one


UNIFORM = torch.full((1, 10), 0.1, dtype=torch.float64)


@pytest.mark.parametrize(
    ("predicted", "target", "distance"),
    [(UNIFORM, delta(5), 0.291548), (delta(1), delta(10), 0.948683)],
)
def test_published_values(predicted: Tensor, target: Tensor, distance: float) -> None:
    assert emd(predicted, target).item() == pytest.approx(distance, abs=1e-6)
    assert emd(target, predicted).item() == pytest.approx(distance, abs=1e-6)


@pytest.mark.parametrize("r", [1.0, 2.0])
def test_agreement_with_a_slow_loop(r: float) -> None:
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.ones(10), 7), rng.dirichlet(np.ones(10), 7)
    wanted = 0.0
    for row_p, row_q in zip(p, q, strict=True):
        gap, total = 0.0, 0.0
        for a, b in zip(row_p, row_q, strict=True):
            gap += a - b
            total += abs(gap) ** r
        wanted += (total / 10) ** (1 / r) / 7
    found = emd(torch.from_numpy(p), torch.from_numpy(q), r=r)
    assert found.item() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("steps", range(1, 10))
def test_distance_of_order_one_counts_steps_between_bins(steps: int) -> None:
    assert emd(delta(1), delta(1 + steps), r=1).item() == pytest.approx(steps / 10)


def test_equal_distributions_have_the_floor_and_a_finite_gradient() -> None:
    predicted = UNIFORM.clone().requires_grad_()
    loss = emd(predicted, UNIFORM)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(1e-6)
    assert predicted.grad is not None
    assert predicted.grad.isfinite().all()


def test_one_bin_has_no_distance() -> None:
    one = torch.ones(3, 1, dtype=torch.float64)
    assert emd(one, one).item() == pytest.approx(1e-6)
    scores = torch.tensor([1.0, 9.0])
    np.testing.assert_array_equal(score_distribution(scores, bins=1), [[1.0], [1.0]])


def test_gradients_are_finite_in_single_precision() -> None:
    logits = torch.randn(5, 10, generator=torch.Generator().manual_seed(0)).requires_grad_()
    target = score_distribution(torch.tensor([1.0, 3.3, 5.5, 8.0, 10.0]))
    emd(torch.softmax(logits, dim=-1), target).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert logits.grad.abs().sum() > 0


@pytest.mark.parametrize("score", [3.0, 5.5, 7.2])
def test_distributions_sum_to_one_around_their_score(score: float) -> None:
    [found] = score_distribution(torch.tensor([score], dtype=torch.float64))
    assert found.sum().item() == pytest.approx(1)
    mean = float(found @ torch.arange(1.0, 11.0, dtype=torch.float64))
    assert mean == pytest.approx(score, abs=0.1)


def test_distributions_are_normal() -> None:
    [found] = score_distribution(torch.tensor([4.0], dtype=torch.float64), spread=2.0)
    wanted = np.exp(-0.5 * ((np.arange(1, 11) - 4.0) / 2.0) ** 2)
    np.testing.assert_allclose(found, wanted / wanted.sum(), atol=1e-12)
