"""Losses that tie feature differences to what is said of them (paper, CTAlign)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ["contrastive_alignment", "text_alignment"]


def text_alignment(difference: Tensor, text: Tensor) -> Tensor:
    """Return the mean of 1 - cos(feature difference, text embedding), the paper's CTAlign.

    The paper writes the cosine and describes its distance; minimising needs the distance.

    Args:
        difference: E_v(x) - E_v(y), features of the two images of each pair, (M, F).
        text: E_t of the comparison of x with y, from a frozen text tower, (M, F).

    Returns:
        Scalar in [0, 2]; swapping x and y turns 1 - c into 1 + c. 1 where a difference is all
        zeros. 0 for M = 0.
    """
    if difference.shape[0] == 0:
        return difference.sum()
    return (1 - functional.cosine_similarity(difference, text, dim=-1)).mean()


def contrastive_alignment(
    difference: Tensor, texts: Tensor, chosen: Tensor, *, temperature: float = 0.1
) -> Tensor:
    """Return how badly feature differences tell their own text from the others (InfoNCE).

    The cross-entropy of scaled cosines keeps the embeddings apart, which `text_alignment` alone
    does not: a text encoder that learns too would map all texts to one point. On constructed series
    the text is one of a few ("sharper", "less noisy", ...), one learned embedding per kind of edit.

    Args:
        difference: feature of the first image minus that of the second, (M, F).
        texts: embeddings of the K different texts to tell apart, (K, F).
        chosen: which of them belongs to each pair, (M,) int in [0, K).
        temperature: divides the cosines.

    Returns:
        Scalar; log K where all cosines are equal. 0 for M = 0.
    """
    if difference.shape[0] == 0:
        return difference.sum()
    cosines = functional.normalize(difference, dim=-1) @ functional.normalize(texts, dim=-1).T
    return functional.cross_entropy(cosines / temperature, chosen)
