"""What is learned: the model, its losses and what a batch must hold, one class per kind of run."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from fgaesq.datasets.edits import EDITS
from fgaesq.losses import (
    bradley_terry,
    contrastive_alignment,
    emd,
    list_mle,
    list_mle_pairs,
    pair_margin,
    text_alignment,
)
from fgaesq.models.fgaesq import FGAesQ, expected_score
from fgaesq.texts.encoder import TextEncoder, text_directions
from fgaesq.training.batches import Batch
from fgaesq.training.distillation import Distillation
from fgaesq.training.distributed import gather_rows
from fgaesq.training.recipe import Loss

__all__ = ["SeriesTask", "neighbours", "recompute_blocks"]


class SeriesTask(nn.Module):
    """Rank series, place images on the absolute scale, tie differences to what is said of them.

    The paper's L = d (lambda L_align + L_RR) + (1 - d) L_EMD, where d is 1 for fine batches and 0
    for coarse ones; fine batches of constructed series may have EMD too, as their scores are known.
    """

    def __init__(
        self,
        model: FGAesQ,
        weights: Loss,
        distillation: Distillation | None = None,
        texts: TextEncoder | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.weights = weights
        feature = model.projection.shape[1]
        self.directions = nn.Parameter(torch.randn(len(EDITS), feature) * feature**-0.5)
        self.distillation = distillation
        self.texts = texts

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Return the losses by name, `total` among them."""
        if batch.reads == "statistics":
            _, weights, scales, padded, _, statistics = batch.inputs
            share = self.model.measured(weights, scales, padded, statistics)
        else:
            share = self.model.encode(*batch.inputs)
        with torch.autocast(share.device.type, enabled=False):
            # In bf16 the scores of near-identical images would be rounded to the same value.
            feature = gather_rows(share.float(), len(batch.series))
            return self._losses(feature, self.model.head(feature), batch)

    def _losses(self, feature: Tensor, logits: Tensor, batch: Batch) -> dict[str, Tensor]:
        weights = batch.loss or self.weights
        parts = self._fine if batch.fine else self._coarse
        losses = parts(feature, logits, batch, weights)
        if self.distillation is not None and batch.teacher is not None:
            losses |= self.distillation(feature, batch.teacher)
        terms = [getattr(weights, name) * value for name, value in losses.items()]
        # The zero keeps a graph where nothing is to be learned from a batch.
        return {**losses, "total": torch.stack([*terms, 0 * logits.sum()]).sum()}

    def _coarse(
        self, feature: Tensor, logits: Tensor, batch: Batch, weights: Loss
    ) -> dict[str, Tensor]:
        del feature, weights
        return {"coarse": _distance(logits, batch)}

    def _fine(
        self, feature: Tensor, logits: Tensor, batch: Batch, weights: Loss
    ) -> dict[str, Tensor]:
        losses = {}
        if weights.rank and weights.rank_loss != "none":
            losses["rank"] = _rank(expected_score(logits), batch, weights.rank_loss)
        if weights.distribution and not batch.distribution.isnan().all():
            losses["distribution"] = _distance(logits, batch)
        if weights.alignment and weights.alignment_loss != "none":
            losses["alignment"] = self._alignment(feature, batch, weights.alignment_loss)
        return losses

    def _alignment(self, feature: Tensor, batch: Batch, kind: str) -> Tensor:
        if kind == "edits":
            better, worse = neighbours(batch)
            return contrastive_alignment(
                feature[better] - feature[worse], self.directions, batch.kind[worse]
            )
        said = [row for row, text in enumerate(batch.texts) if text]
        if not said or self.texts is None:
            return 0 * feature.sum()
        better, worse = batch.pairs[said].T
        difference = feature[better] - feature[worse]
        if kind == "cosine":
            own = text_directions([batch.texts[row] for row in said], self.texts)
            return text_alignment(difference, own)
        said_once = dict.fromkeys(batch.texts[row] for row in said)
        numbers = {text: number for number, text in enumerate(said_once)}
        chosen = torch.tensor([numbers[batch.texts[row]] for row in said], device=feature.device)
        return contrastive_alignment(difference, text_directions(list(numbers), self.texts), chosen)


def _distance(logits: Tensor, batch: Batch) -> Tensor:
    """Return EMD over the images whose distribution is known."""
    known = ~batch.distribution.isnan().any(dim=1)
    return emd(torch.softmax(logits[known], dim=-1), batch.distribution[known])


def _rank(scores: Tensor, batch: Batch, kind: str) -> Tensor:
    """Return the loss of that name on the order inside the series."""
    if kind == "list_mle_images":
        return list_mle(scores, batch.severity, batch.series)
    first, second = scores[batch.pairs[:, 0]], scores[batch.pairs[:, 1]]
    if kind == "list_mle_pairs":
        series = batch.series[batch.pairs[:, 0]]
        return list_mle_pairs(first, second, batch.probability, series, both_orders=True)
    if kind == "margin":
        return pair_margin(first, second, batch.probability)
    return bradley_terry(first, second, batch.probability)


def neighbours(batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the indices (better, worse) of the best and each other image of every series.

    Only of series that an edit orders.
    """
    better, worse = [], []
    for series in torch.unique(batch.series[batch.kind >= 0]):
        members = torch.nonzero(batch.series == series).flatten()
        ordered = members[torch.argsort(batch.severity[members])]
        better.append(ordered[:1].expand(len(ordered) - 1))
        worse.append(ordered[1:])
    none = batch.series.new_zeros(0)
    return torch.cat([none, *better]), torch.cat([none, *worse])


def recompute_blocks(model: FGAesQ) -> None:
    """Make the model's blocks compute their activations again in the backward pass.

    Gradient checkpointing (Chen et al., arXiv 1604.06174); names and values stay the same.
    """
    for block in model.blocks:
        block.forward = partial(checkpoint, block.forward, use_reentrant=False)
