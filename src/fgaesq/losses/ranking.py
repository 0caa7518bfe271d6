"""Losses on the order inside a series (paper, RankReg)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["bradley_terry", "list_mle", "list_mle_pairs", "pair_margin"]


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


def pair_margin(
    first: Tensor, second: Tensor, probability: Tensor, *, margin: float = 1.0
) -> Tensor:
    """Return how much score differences miss a margin that grows with the certainty of the order.

    mean max(0, margin |2P - 1| - sign(2P - 1) (first - second)).

    Args:
        first: scores, (N,).
        second: scores, (N,).
        probability: P that first beats second, in [0, 1], (N,).
        margin: the score difference asked of a pair whose order is certain.

    Returns:
        Scalar >= 0; a pair of P = 0.5 adds 0. 0 for N = 0.
    """
    if first.numel() == 0:
        return first.sum()
    certainty = 2 * probability - 1
    return (margin * certainty.abs() - certainty.sign() * (first - second)).relu().mean()


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
        0 for N = 0.
    """
    if scores.numel() == 0:
        return scores.sum()
    order = torch.argsort(level)
    order = order[torch.argsort(series[order], stable=True)]
    groups = torch.unique_consecutive(series[order], return_counts=True)[1].tolist()
    losses = []
    for members in torch.split(scores[order], groups):
        tail = torch.logcumsumexp(members.flip(0), dim=0).flip(0)
        losses.append((tail - members).sum() / max(1, len(members) - 1))
    return torch.stack(losses).mean()


def list_mle_pairs(
    first: Tensor,
    second: Tensor,
    probability: Tensor,
    series: Tensor,
    *,
    both_orders: bool = False,
) -> Tensor:
    """Return ListMLE over the pairs of each series, the paper's RankReg as its text reads.

    The items are the predicted P' = sigmoid(first - second); their true order is that of the
    annotated P, each pair written with P >= 0.5. The loss compares pairs with each other: alone, a
    series of one pair teaches nothing. With `both_orders` every pair is an item twice, as (a, b)
    and as (b, a), and then it also says which image of each pair is the better one.

    Args:
        first: scores, (M,), one for each pair.
        second: scores, (M,).
        probability: annotated P that first beats second, in [0, 1], (M,).
        series: (M,) int, the series of each pair.
        both_orders: count each pair in both orders.

    Returns:
        Scalar, averaged like `list_mle`; log(m!) / (m - 1) for m pairs of equal P'. 0 for M = 0.
    """
    flipped = probability < 0.5
    predicted = torch.sigmoid(torch.where(flipped, second - first, first - second))
    annotated = torch.where(flipped, 1 - probability, probability)
    if both_orders:
        predicted = torch.cat([predicted, 1 - predicted])
        annotated = torch.cat([annotated, 1 - annotated])
        series = torch.cat([series, series])
    return list_mle(predicted, -annotated, series)
