"""The losses between a student and its teacher."""

from __future__ import annotations

import math

import pytest
import torch

from fgaesq.losses import class_divergence, feature_distance


def random_pair(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(5, 7, generator=generator), torch.randn(5, 7, generator=generator)


def test_features_along_across_and_against_the_teacher() -> None:
    teacher = torch.eye(3)[:1]
    along, across, against = 2 * teacher, torch.eye(3)[1:2], -teacher
    found = [feature_distance(student, teacher).item() for student in (along, across, against)]
    assert found == pytest.approx([0, 1, 2], abs=1e-6)


def test_a_feature_at_45_degrees() -> None:
    found = feature_distance(torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0, 0.0]]))
    assert found.item() == pytest.approx(1 - math.sqrt(0.5))


def test_lengths_of_features_do_not_matter() -> None:
    student, teacher = random_pair()
    first = feature_distance(student, teacher)
    assert feature_distance(30 * student, 0.2 * teacher).item() == pytest.approx(first.item())


def test_features_of_zero_have_a_finite_gradient() -> None:
    student = torch.zeros(2, 3, requires_grad=True)
    loss = feature_distance(student, torch.ones(2, 3))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(1)
    assert student.grad is not None
    assert student.grad.isfinite().all()


def test_equal_logits_diverge_by_nothing_whatever_is_added_to_all() -> None:
    student, _ = random_pair()
    assert class_divergence(student, student + 3).item() == pytest.approx(0, abs=1e-6)


def test_two_classes_in_closed_form() -> None:
    """Teacher (3/4, 1/4) at T = 2 against an undecided student."""
    teacher = torch.tensor([[2 * math.log(3.0), 0.0]])
    wanted = 4 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    found = class_divergence(torch.zeros(1, 2), teacher, temperature=2.0)
    assert found.item() == pytest.approx(wanted)


def test_the_mean_is_taken_over_images() -> None:
    student, teacher = random_pair()
    each = [class_divergence(student[i : i + 1], teacher[i : i + 1]).item() for i in range(5)]
    assert class_divergence(student, teacher).item() == pytest.approx(sum(each) / 5)


def test_gradients_keep_their_size_at_high_temperatures() -> None:
    """They tend to (student - teacher) / K for centred logits (Hinton et al., equation 4)."""
    student, teacher = (one.double() - one.double().mean(-1, keepdim=True) for one in random_pair())
    student.requires_grad_()
    class_divergence(student, teacher, temperature=1e4).backward()  # type: ignore[no-untyped-call]
    assert student.grad is not None
    wanted = (student - teacher).detach() / 7 / 5
    torch.testing.assert_close(student.grad, wanted, rtol=1e-3, atol=1e-6)
