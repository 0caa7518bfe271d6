"""What is learned: the model, its losses and what a batch must hold, one class per kind of run."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fgaesq.datasets.edits import EDITS
from fgaesq.losses import edit_alignment, emd, list_mle, score_distribution
from fgaesq.models.fgaesq import FGAesQ, expected_score
from fgaesq.training.batches import Batch
from fgaesq.training.distillation import Distillation
from fgaesq.training.recipe import Loss

__all__ = ["SeriesTask", "neighbours"]


class SeriesTask(nn.Module):
    """Rank constructed series, place their images on the absolute scale, name the edit."""

    def __init__(
        self, model: FGAesQ, weights: Loss, distillation: Distillation | None = None
    ) -> None:
        super().__init__()
        self.model = model
        self.weights = weights
        feature = model.projection.shape[1]
        self.directions = nn.Parameter(torch.randn(len(EDITS), feature) * feature**-0.5)
        self.distillation = distillation

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Return the losses by name, `total` among them."""
        feature, _ = self.model(*batch.inputs)
        with torch.autocast(feature.device.type, enabled=False):
            # In bf16 the scores of near-identical images would be rounded to the same value.
            feature = feature.float()
            return self._losses(feature, self.model.head(feature), batch)

    def _losses(self, feature: Tensor, logits: Tensor, batch: Batch) -> dict[str, Tensor]:
        better, worse = neighbours(batch)
        losses = {
            "rank": list_mle(expected_score(logits), batch.severity, batch.series),
            "distribution": emd(torch.softmax(logits, dim=-1), score_distribution(batch.score)),
            "alignment": edit_alignment(
                feature[better] - feature[worse], self.directions, batch.kind[worse]
            ),
        }
        if self.distillation is not None and batch.teacher is not None:
            losses |= self.distillation(feature, batch.teacher)
        weights = {name: getattr(self.weights, name) for name in losses}
        losses["total"] = torch.stack([weights[k] * losses[k] for k in weights]).sum()
        return losses


def neighbours(batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the indices (better, worse) of the best and each other image of every series."""
    better, worse = [], []
    for series in torch.unique(batch.series):
        members = torch.nonzero(batch.series == series).flatten()
        ordered = members[torch.argsort(batch.severity[members])]
        better.append(ordered[:1].expand(len(ordered) - 1))
        worse.append(ordered[1:])
    return torch.cat(better), torch.cat(worse)
