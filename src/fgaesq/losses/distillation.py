"""Losses that draw a student towards a teacher (Hou et al., 2022; Hinton et al., 2015)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ["class_divergence", "feature_distance"]


def feature_distance(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the mean of 1 - cosine between features.

    Args:
        student: (N, D), mapped to the teacher's length.
        teacher: (N, D).

    Returns:
        Scalar in [0, 2]; 1 where features are orthogonal or 0.
    """
    return (1 - functional.cosine_similarity(student, teacher, dim=-1)).mean()


def class_divergence(student: Tensor, teacher: Tensor, *, temperature: float = 2.0) -> Tensor:
    """Return T^2 KL(softmax(teacher / T) || softmax(student / T)), the mean over images.

    The factor keeps the size of the gradients when T changes (Hinton et al., arXiv 1503.02531,
    section 2).

    Args:
        student: logits, (N, K).
        teacher: logits, (N, K).
        temperature: T; the higher, the more the unlikely classes count.

    Returns:
        Scalar, 0 or more; 0 where the distributions are equal.
    """
    log_student = functional.log_softmax(student / temperature, dim=-1)
    log_teacher = functional.log_softmax(teacher / temperature, dim=-1)
    divergence = functional.kl_div(log_student, log_teacher, reduction="batchmean", log_target=True)
    return divergence * temperature**2
