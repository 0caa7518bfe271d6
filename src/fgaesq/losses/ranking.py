"""Losses on the order inside a series (paper, RankReg)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["bradley_terry", "list_mle"]


def bradley_terry(better: Tensor, worse: Tensor, probability: Tensor | None = None) -> Tensor:
    """Return the mean cross-entropy of P(better beats worse) = sigmoid(better - worse).

    Args:
        better: scores, (N,).
        worse: scores, (N,).
        probability: the true P in [0, 1], (N,); default 1 (the order is certain).

    Returns:
        Scalar; log 2 where scores are equal. 0 for N = 0.
    """
    if better.numel() == 0:
        return better.sum()
    target = torch.ones_like(better) if probability is None else probability
    return functional.binary_cross_entropy_with_logits(better - worse, target)


def list_mle(scores: Tensor, level: Tensor, series: Tensor) -> Tensor:
    """Return ListMLE (Xia et al., 2008) over images, averaged over the series and their steps.

    For a series in true order r: -sum_i [s(r_i) - log sum_{j >= i} exp s(r_j)], divided by the
    number of its images less one (the last term is always 0), so that long series weigh as much
    as short ones.

    Args:
        scores: (N,) of all images of a batch.
        level: (N,) truth, lower is better; no two equal inside a series.
        series: (N,) int, which series each image belongs to.

    Returns:
        Scalar; log(n!) / (n - 1) for one series of n equal scores. A series of one image adds 0.
    """
    order = torch.argsort(level)
    order = order[torch.argsort(series[order], stable=True)]
    groups = torch.unique_consecutive(series[order], return_counts=True)[1].tolist()
    losses = []
    for members in torch.split(scores[order], groups):
        tail = torch.logcumsumexp(members.flip(0), dim=0).flip(0)
        losses.append((tail - members).sum() / max(1, len(members) - 1))
    return torch.stack(losses).mean()
