"""Losses: pure functions of tensors. Each returns a scalar, lower is better."""

from fgaesq.losses.alignment import edit_alignment
from fgaesq.losses.distribution import emd, score_distribution
from fgaesq.losses.ranking import bradley_terry, list_mle

__all__ = ["bradley_terry", "edit_alignment", "emd", "list_mle", "score_distribution"]
