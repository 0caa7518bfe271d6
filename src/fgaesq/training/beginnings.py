"""What a run begins from: the weights of a model of ours, or of CLIP."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.nn import functional

from fgaesq.datasets.edits import EDITS
from fgaesq.engines.networks import read_network
from fgaesq.errors import RecipeError, WeightsError
from fgaesq.models.clip_weights import initialise_from_clip
from fgaesq.models.reasons_file import read_reasons
from fgaesq.models.specs import ModelSpec
from fgaesq.models.weights import ModelFolder, embedded_models, find_model
from fgaesq.training.tasks import SeriesTask

__all__ = ["begin_from"]


def begin_from(task: SeriesTask, weights: str, spec: ModelSpec) -> None:
    """Give the task the weights that a recipe names.

    Args:
        task: what learns; what the weights do not tell of keeps its values.
        weights: an embedded model's name, a model folder, or a file of CLIP's weights.
        spec: of the task's model.

    Raises:
        RecipeError: the model is another one than the recipe's.
        WeightsError: there is nothing of that name, or the folder or the file is not sound.
    """
    if weights in embedded_models():
        _begin_from_model(task, find_model(weights), spec)
    elif Path(weights).is_dir():
        _begin_from_model(task, find_model(Path(weights)), spec)
    elif Path(weights).exists():
        initialise_from_clip(task.model, Path(weights))
    else:
        raise WeightsError(
            f"weights: there is no {weights}; give {' or '.join(embedded_models())}, "
            "a model folder, or a file of CLIP's weights"
        )


def _begin_from_model(task: SeriesTask, folder: ModelFolder, spec: ModelSpec) -> None:
    """Take over a network, and which way its feature moves with each kind of edit."""
    if folder.spec.name != spec.name:
        raise RecipeError(
            f"weights: {folder.path} is {folder.spec.name} and the recipe trains {spec.name}; "
            f"give weights of that, or model = '{folder.spec.name}'"
        )
    task.model.load_state_dict(read_network(folder).state_dict())
    words = read_reasons(folder)
    if words is None:
        return
    known = {word.kind: row for word, row in zip(words.words, words.directions, strict=True)}
    with torch.no_grad():
        for own, kind in zip(task.directions, EDITS, strict=True):
            if kind in known:
                row = torch.tensor(known[kind], dtype=own.dtype)
                own.copy_(functional.normalize(row, dim=0) * own.norm())
