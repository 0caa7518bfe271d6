"""Losses on order: closed forms, slow loops, edges."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fgaesq.losses import bradley_terry, list_mle, list_mle_pairs, pair_margin


def tensor(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def slow_list_mle(scores: list[float], level: list[float], series: list[int]) -> float:
    """Return the loss by its definition, one series and one step at a time."""
    losses = []
    for one in sorted(set(series)):
        members = [i for i, s in enumerate(series) if s == one]
        ordered = [scores[i] for i in sorted(members, key=lambda i: level[i])]
        steps = [
            math.log(sum(math.exp(s) for s in ordered[i:])) - ordered[i]
            for i in range(len(ordered))
        ]
        losses.append(sum(steps) / max(1, len(ordered) - 1))
    return sum(losses) / len(losses)


@pytest.mark.parametrize(
    ("better", "worse", "probability"),
    [(6.2, 5.5, 0.668188), (6.2, 5.9, 0.574443), (5.9, 5.5, 0.598688)],
)
def test_bradley_terry_is_the_log_of_the_published_probabilities(
    better: float, worse: float, probability: float
) -> None:
    loss = bradley_terry(tensor(better), tensor(worse))
    assert math.exp(-loss.item()) == pytest.approx(probability, abs=1e-6)


def test_bradley_terry_agrees_with_a_slow_loop() -> None:
    rng = np.random.default_rng(0)
    better, worse, truth = rng.normal(5, 2, 30), rng.normal(5, 2, 30), rng.random(30)
    wanted = 0.0
    for b, w, p in zip(better, worse, truth, strict=True):
        chance = 1 / (1 + math.exp(w - b))
        wanted -= (p * math.log(chance) + (1 - p) * math.log(1 - chance)) / 30
    found = bradley_terry(tensor(*better), tensor(*worse), tensor(*truth))
    assert found.item() == pytest.approx(wanted, abs=1e-9)


def test_bradley_terry_of_equal_scores_is_log_two() -> None:
    assert bradley_terry(tensor(5, 7), tensor(5, 7)).item() == pytest.approx(math.log(2))


def test_bradley_terry_of_no_pairs_is_zero_and_has_a_gradient() -> None:
    scores = torch.zeros(0, requires_grad=True)
    loss = bradley_terry(scores, scores)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0


def test_bradley_terry_is_finite_for_absurd_scores() -> None:
    better = tensor(-1e4, 1e4).requires_grad_()
    loss = bradley_terry(better, tensor(1e4, -1e4))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(1e4)
    assert better.grad is not None
    assert better.grad.isfinite().all()


def test_swapping_a_pair_swaps_its_probability() -> None:
    chance = math.exp(-bradley_terry(tensor(6.0), tensor(5.2)).item())
    other = math.exp(-bradley_terry(tensor(5.2), tensor(6.0)).item())
    assert chance + other == pytest.approx(1)


@pytest.mark.parametrize("number", [2, 3, 5, 10])
def test_list_mle_of_equal_scores_is_log_of_the_orders(number: int) -> None:
    level = torch.arange(number, dtype=torch.float64)
    loss = list_mle(torch.full_like(level, 4.2), level, torch.zeros(number, dtype=torch.int64))
    assert loss.item() == pytest.approx(math.log(math.factorial(number)) / (number - 1))


def test_list_mle_of_the_published_pair_probabilities() -> None:
    """The paper's reading has pairs as items; the sum over the steps is 1.726090."""
    chances = tensor(0.668188, 0.574443, 0.598688)
    annotated = tensor(0.9, 0.6, 0.7)
    loss = list_mle(chances, -annotated, torch.zeros(3, dtype=torch.int64))
    assert loss.item() * 2 == pytest.approx(1.726090, abs=1e-6)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-8, 12), st.integers(0, 4)), min_size=1, max_size=25),
    st.randoms(use_true_random=False),
)
def test_list_mle_agrees_with_a_slow_loop(images: list[tuple[float, int]], random: Random) -> None:
    scores = [score for score, _ in images]
    series = [one for _, one in images]
    level = [i / 7 for i in range(len(images))]
    random.shuffle(level)
    found = list_mle(tensor(*scores), tensor(*level), torch.tensor(series))
    assert found.item() == pytest.approx(slow_list_mle(scores, level, series), abs=1e-9)


def test_list_mle_does_not_depend_on_the_order_of_the_images() -> None:
    rng = np.random.default_rng(3)
    scores, level = tensor(*rng.normal(5, 2, 12)), tensor(*rng.random(12))
    series = torch.tensor([4, 4, 4, 1, 1, 9, 9, 9, 9, 9, 2, 2])
    order = torch.from_numpy(rng.permutation(12))
    first = list_mle(scores, level, series)
    second = list_mle(scores[order], level[order], series[order])
    assert first.item() == pytest.approx(second.item(), abs=1e-12)


def test_list_mle_is_not_changed_by_a_common_shift() -> None:
    level, series = tensor(0, 1, 2), torch.zeros(3, dtype=torch.int64)
    first = list_mle(tensor(5, 4, 6), level, series)
    assert list_mle(tensor(8, 7, 9), level, series).item() == pytest.approx(first.item())


def test_list_mle_falls_when_the_order_is_right() -> None:
    level, series = tensor(0, 1, 2), torch.zeros(3, dtype=torch.int64)
    right, wrong = tensor(9, 5, 1), tensor(1, 5, 9)
    assert list_mle(right, level, series) < 0.05
    assert list_mle(wrong, level, series) > 3


def test_a_series_of_one_image_adds_nothing() -> None:
    alone = list_mle(tensor(3.3), tensor(0), torch.tensor([7]))
    assert alone.item() == 0
    pair = list_mle(tensor(5, 4), tensor(0, 1), torch.tensor([1, 1]))
    both = list_mle(tensor(5, 4, 2), tensor(0, 1, 0), torch.tensor([1, 1, 2]))
    assert both.item() == pytest.approx(pair.item() / 2)


def test_list_mle_has_finite_gradients_for_absurd_scores() -> None:
    scores = tensor(-1e4, 1e4, 0, 1e4).requires_grad_()
    loss = list_mle(scores, tensor(0, 1, 2, 3), torch.zeros(4, dtype=torch.int64))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.isfinite()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()


def test_gradients_push_the_better_image_up() -> None:
    scores = tensor(5, 5, 5).requires_grad_()
    list_mle(scores, tensor(0.5, 0.1, 0.9), torch.zeros(3, dtype=torch.int64)).backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    worst, best = int(scores.grad.argmax()), int(scores.grad.argmin())
    assert (best, worst) == (1, 2)
    assert scores.grad.sum().item() == pytest.approx(0, abs=1e-12)


ONE = torch.zeros(3, dtype=torch.int64)


def test_list_mle_over_pairs_has_the_published_value() -> None:
    """Scores 6.2 > 5.9 > 5.5 with annotated P .9, .7, .6; the sum over the steps is 1.726090."""
    first, second = tensor(6.2, 5.9, 6.2), tensor(5.5, 5.5, 5.9)
    loss = list_mle_pairs(first, second, tensor(0.9, 0.7, 0.6), ONE)
    assert loss.item() * 2 == pytest.approx(1.726090, abs=1e-6)


def test_list_mle_over_pairs_does_not_depend_on_how_a_pair_is_written() -> None:
    first, second = tensor(6.2, 5.9, 6.2), tensor(5.5, 5.5, 5.9)
    written = list_mle_pairs(first, second, tensor(0.9, 0.7, 0.6), ONE)
    turned = list_mle_pairs(
        tensor(5.5, 5.9, 5.9), tensor(6.2, 5.5, 6.2), tensor(0.1, 0.7, 0.4), ONE
    )
    assert turned.item() == pytest.approx(written.item(), abs=1e-12)


@pytest.mark.parametrize(("number", "both_orders"), [(3, False), (3, True), (6, False)])
def test_list_mle_over_pairs_of_equal_scores_is_log_of_the_orders(
    number: int, both_orders: bool
) -> None:
    equal = torch.full((number,), 5.0, dtype=torch.float64)
    annotated = torch.linspace(0.55, 0.95, number, dtype=torch.float64)
    series = torch.zeros(number, dtype=torch.int64)
    loss = list_mle_pairs(equal, equal, annotated, series, both_orders=both_orders)
    items = 2 * number if both_orders else number
    assert loss.item() == pytest.approx(math.log(math.factorial(items)) / (items - 1))


def test_one_pair_alone_teaches_only_if_counted_in_both_orders() -> None:
    for both_orders, pushed in ((False, False), (True, True)):
        first = tensor(5.0).requires_grad_()
        one = torch.zeros(1, dtype=torch.int64)
        loss = list_mle_pairs(first, tensor(5.0), tensor(0.8), one, both_orders=both_orders)
        loss.backward()  # type: ignore[no-untyped-call]
        assert first.grad is not None
        assert bool(first.grad < 0) == pushed
        assert loss.item() == pytest.approx(math.log(2) if pushed else 0)


def test_no_pairs_at_all_give_zero_and_a_gradient() -> None:
    none = torch.zeros(0, requires_grad=True)
    series = torch.zeros(0, dtype=torch.int64)
    loss = list_mle_pairs(none, none, none, series) + pair_margin(none, none, none)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0


@pytest.mark.parametrize(
    ("first", "second", "probability", "wanted"),
    [
        (6.0, 5.0, 1.0, 0.0),
        (5.25, 5.0, 1.0, 0.75),
        (5.0, 6.0, 1.0, 2.0),
        (5.0, 6.0, 0.0, 0.0),
        (6.0, 5.0, 0.0, 2.0),
        (9.0, 1.0, 0.5, 0.0),
        (5.0, 5.0, 0.75, 0.5),
    ],
)
def test_the_margin_grows_with_certainty(
    first: float, second: float, probability: float, wanted: float
) -> None:
    found = pair_margin(tensor(first), tensor(second), tensor(probability))
    assert found.item() == pytest.approx(wanted)
    doubled = pair_margin(tensor(2 * first), tensor(2 * second), tensor(probability), margin=2.0)
    assert doubled.item() == pytest.approx(2 * wanted)
