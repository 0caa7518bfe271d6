"""Losses: pure functions of tensors. Each returns a scalar, lower is better."""

from fgaesq.losses.alignment import contrastive_alignment, text_alignment
from fgaesq.losses.distillation import class_divergence, feature_distance
from fgaesq.losses.distribution import emd, score_distribution
from fgaesq.losses.ranking import bradley_terry, list_mle, list_mle_pairs, pair_margin

__all__ = [
    "bradley_terry",
    "class_divergence",
    "contrastive_alignment",
    "emd",
    "feature_distance",
    "list_mle",
    "list_mle_pairs",
    "pair_margin",
    "score_distribution",
    "text_alignment",
]
