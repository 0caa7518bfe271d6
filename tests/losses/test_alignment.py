"""The contrastive alignment of feature differences with edit directions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from fgaesq.losses import contrastive_alignment, text_alignment


def test_agreement_with_a_slow_loop() -> None:
    rng = np.random.default_rng(2)
    difference, directions = rng.normal(size=(6, 5)), rng.normal(size=(4, 5))
    edit = [0, 3, 1, 1, 2, 0]
    wanted = 0.0
    for row, kind in zip(difference, edit, strict=True):
        cosines = [
            float(row @ one / np.linalg.norm(row) / np.linalg.norm(one)) for one in directions
        ]
        powers = [math.exp(cosine / 0.1) for cosine in cosines]
        wanted -= math.log(powers[kind] / sum(powers)) / 6
    found = contrastive_alignment(
        torch.from_numpy(difference), torch.from_numpy(directions), torch.tensor(edit)
    )
    assert found.item() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("kinds", [1, 2, 15])
def test_equal_cosines_give_the_log_of_the_kinds(kinds: int) -> None:
    directions = torch.ones(kinds, 3)
    found = contrastive_alignment(torch.randn(4, 3), directions, torch.zeros(4, dtype=torch.int64))
    assert found.item() == pytest.approx(math.log(kinds), abs=1e-6)


def test_lengths_do_not_matter() -> None:
    generator = torch.Generator().manual_seed(0)
    difference = torch.randn(3, 4, generator=generator)
    directions = torch.randn(5, 4, generator=generator)
    edit = torch.tensor([0, 4, 2])
    first = contrastive_alignment(difference, directions, edit)
    second = contrastive_alignment(100 * difference, 0.01 * directions, edit)
    assert second.item() == pytest.approx(first.item(), rel=1e-5)


def test_pointing_along_the_direction_is_best_and_against_it_worst() -> None:
    directions = torch.eye(3)
    edit = torch.tensor([1])
    along = contrastive_alignment(directions[1:2], directions, edit)
    across = contrastive_alignment(directions[0:1], directions, edit)
    against = contrastive_alignment(-directions[1:2], directions, edit)
    assert along < 0.001
    assert along < across < against


def test_no_difference_at_all_has_a_finite_gradient() -> None:
    difference = torch.zeros(2, 4, requires_grad=True)
    directions = torch.eye(4)[:3].clone().requires_grad_()
    loss = contrastive_alignment(difference, directions, torch.tensor([0, 2]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(math.log(3))
    for one in (difference, directions):
        assert one.grad is not None
        assert one.grad.isfinite().all()


def test_no_pairs_give_zero_and_a_gradient() -> None:
    none = torch.zeros(0, 4, requires_grad=True)
    loss = contrastive_alignment(none, torch.eye(4), torch.zeros(0, dtype=torch.int64))
    (loss + text_alignment(none, none)).backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0


@pytest.mark.parametrize(
    ("difference", "text", "wanted"),
    [
        ([2.0, 0.0], [0.5, 0.0], 0.0),
        ([0.0, 3.0], [1.0, 0.0], 1.0),
        ([-1.0, 0.0], [4.0, 0.0], 2.0),
        ([1.0, 1.0], [1.0, 0.0], 1 - math.sqrt(0.5)),
        ([0.0, 0.0], [1.0, 0.0], 1.0),
    ],
)
def test_text_alignment_is_one_less_the_cosine(
    difference: list[float], text: list[float], wanted: float
) -> None:
    found = text_alignment(torch.tensor([difference]), torch.tensor([text]))
    assert found.item() == pytest.approx(wanted, abs=1e-6)


def test_swapping_the_images_flips_the_sign_of_the_cosine() -> None:
    generator = torch.Generator().manual_seed(3)
    first, second, text = torch.randn(3, 6, 8, generator=generator)
    there = text_alignment(first - second, text)
    back = text_alignment(second - first, text)
    assert (1 - there).item() == pytest.approx(-(1 - back).item(), abs=1e-6)
    assert 0 <= there.item() <= 2
