"""Losses that tie feature differences to what is said of them (paper, CTAlign)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ["edit_alignment"]


def edit_alignment(
    difference: Tensor, directions: Tensor, edit: Tensor, *, temperature: float = 0.1
) -> Tensor:
    """Return how badly feature differences point along the direction of the edit behind them.

    CTAlign pulls the difference of two images' features towards the embedding of a comparative
    text. On constructed series the text is one of a few ("sharper", "less noisy", ...), so each has
    a learned embedding, and the contrastive form (cross-entropy of scaled cosines) keeps them
    apart.

    Args:
        difference: feature of the better image minus that of the worse, (N, F).
        directions: one embedding per kind of edit, (K, F).
        edit: (N,) int in [0, K).
        temperature: divides the cosines.

    Returns:
        Scalar; log K where all cosines are equal.
    """
    cosines = functional.normalize(difference, dim=-1) @ functional.normalize(directions, dim=-1).T
    return functional.cross_entropy(cosines / temperature, edit)
