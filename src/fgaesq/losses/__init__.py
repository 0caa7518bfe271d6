"""Losses: pure functions of tensors. Each returns a scalar, lower is better."""

from fgaesq.losses.alignment import contrastive_alignment, text_alignment
from fgaesq.losses.distribution import emd, score_distribution
from fgaesq.losses.ranking import bradley_terry, list_mle, list_mle_pairs, pair_margin

__all__ = [
    "bradley_terry",
    "contrastive_alignment",
    "emd",
    "list_mle",
    "list_mle_pairs",
    "pair_margin",
    "score_distribution",
    "text_alignment",
]
