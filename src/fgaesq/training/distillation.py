"""Learning from a teacher: what a batch holds of it, and the heads that are used in training only.

The heads are no part of the model: a model that is published never had a teacher's shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from fgaesq.datasets.teachers import TeacherOutputs, embed_cache, load_outputs
from fgaesq.losses import class_divergence, feature_distance
from fgaesq.models.fgaesq import FGAesQ
from fgaesq.training.recipe import OF_SEVERAL_SCENES, Recipe

__all__ = ["Distillation", "Lesson", "lesson_of", "teacher_outputs"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the teacher says of the N images of a batch; the images of a series share it.

    Attributes:
        feature: (N, D) float32, standardised; rows of NaN where the teacher was not asked.
        logits: (N, K) float32, as well; K is 0 if the teacher has none.
    """

    feature: Tensor
    logits: Tensor

    def to(self, device: torch.device) -> Lesson:
        """Return the lesson on a device."""
        return Lesson(self.feature.to(device), self.logits.to(device))


class Distillation(nn.Module):
    """Linear maps from the model's feature to what the teacher says, and the losses on them.

    Args (of the constructor):
        width: F, of the model's feature.
        feature, classes: D and K of the teacher.
    """

    def __init__(self, width: int, *, feature: int, classes: int) -> None:
        super().__init__()
        self.feature = nn.Linear(width, feature)
        self.classes = nn.Linear(width, classes) if classes else None

    @classmethod
    def between(cls, model: FGAesQ, outputs: TeacherOutputs) -> Distillation:
        """Return the heads that map the model's feature to the outputs."""
        return cls(
            model.projection.shape[1],
            feature=outputs.feature.shape[1],
            classes=outputs.logits.shape[1],
        )

    def forward(self, feature: Tensor, lesson: Lesson) -> dict[str, Tensor]:
        """Return the losses by name for features (N, F); `teacher_classes` if there are any.

        They are those of the images that the teacher was asked about; none, if it was of none.
        """
        known = torch.isfinite(lesson.feature).all(dim=1)
        if not known.any():
            return {}
        feature = feature[known]
        losses = {"teacher_feature": feature_distance(self.feature(feature), lesson.feature[known])}
        if self.classes is not None:
            logits = lesson.logits[known]
            losses["teacher_classes"] = class_divergence(self.classes(feature), logits)
        return losses


def lesson_of(outputs: TeacherOutputs, series: Tensor) -> Lesson:
    """Return what the teacher says of images by the ids of their series, (N,) int64."""
    feature, logits = outputs.read(series.cpu().numpy())
    return Lesson(torch.from_numpy(feature), torch.from_numpy(logits))


def teacher_outputs(
    recipe: Recipe, *, progress: Callable[[int, int], None] | None = None
) -> TeacherOutputs | None:
    """Return what the recipe's teacher says of the training series; it is asked once per cache.

    None if the recipe has no teacher. The cache of the series must have been begun. Series of
    several scenes come last and are left out: there is one answer per series.

    Args:
        recipe: of the run.
        progress: called with (series done, all series).
    """
    if not recipe.data.teacher:
        return None
    folders = [
        recipe.tokens_folder(name) for name in recipe.data.makings if name not in OF_SEVERAL_SCENES
    ]
    teacher, workers = Path(recipe.data.teacher), recipe.data.workers
    for folder in folders:
        embed_cache(folder, teacher, workers=workers, progress=progress)
    return load_outputs(*folders)
