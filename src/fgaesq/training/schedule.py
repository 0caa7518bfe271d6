"""Which batch each step of a run learns from: sources and kinds taking turns, stage by stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fgaesq.models.specs import ModelSpec
from fgaesq.training.batches import Batch, read_batch, shuffled_images, shuffled_series
from fgaesq.training.distillation import lesson_of
from fgaesq.training.distributed import share_of
from fgaesq.training.recipe import Recipe, Stage
from fgaesq.training.sources import Material

__all__ = ["Schedule"]

_ALONE_SHARE = 0.25  # of the series, read image by image: single images are scored, too


@dataclass(frozen=True, slots=True, eq=False)
class _Draw:
    """What a step learns from: images of a source, as series or one by one."""

    material: Material
    images: NDArray[np.int64]
    stage: Stage
    fine: bool


class Schedule:
    """The batches of all steps, drawn once from the recipe's seed, so that any can be repeated.

    Args (of the constructor):
        recipe: of the run.
        sources: training material by name.

    Attributes:
        recipe: with epochs turned into steps.

    Raises:
        RecipeError: a series has more images than a batch.
    """

    def __init__(self, recipe: Recipe, sources: Mapping[str, Material]) -> None:
        self.recipe = recipe.with_steps([_steps(stage, sources) for stage in recipe.stages])
        rng = np.random.default_rng(recipe.seed)
        self._draws = [
            draw for stage in self.recipe.stages for draw in _stage_draws(stage, sources, rng)
        ]

    def read(self, step: int, spec: ModelSpec) -> Batch:
        """Return the batch of a step, with the inputs of this process's share."""
        draw = self._draws[step]
        rng = np.random.default_rng([self.recipe.seed, step])
        loss = draw.stage.loss
        cells = int(rng.integers(loss.fewest_cells, loss.most_cells + 1))
        mirror = bool(rng.integers(2)) and self.recipe.mirror
        sees_cells = self.recipe.fine_cells != "none" and draw.stage.reads == "tokens"
        series = np.unique(draw.material.cache.series[draw.images]).tolist()
        drawn = [one for one in series if rng.random() < _ALONE_SHARE]
        batch = read_batch(
            draw.material.cache,
            draw.images,
            spec,
            truth=draw.material.truth,
            fine_cells=cells if sees_cells else 0,
            rng=rng,
            share=share_of(len(draw.images)),
            mirror=mirror,
            alone=drawn if draw.fine else series,
        )
        outputs = draw.material.teacher
        lesson = None if outputs is None else lesson_of(outputs, batch.series)
        return replace(batch, reads=draw.stage.reads, fine=draw.fine, loss=loss, teacher=lesson)


def _steps(stage: Stage, sources: Mapping[str, Material]) -> int:
    """Return the steps of a stage; an epoch passes over the fine sources, or the coarse ones."""
    settings = stage.optimiser
    if not settings.epochs:
        return settings.steps
    if stage.fine:
        size, names = settings.batch_images, stage.fine
    else:
        size, names = settings.coarse_images, stage.coarse
    batches = sum(-(-len(sources[name].truth.level) // size) for name in names)
    return settings.epochs * batches * (2 if stage.fine and stage.coarse else 1)


def _stage_draws(
    stage: Stage, sources: Mapping[str, Material], rng: np.random.Generator
) -> Iterator[_Draw]:
    """Yield what each step of a stage learns from."""
    fine = [_fine(sources[name], stage, rng) for name in stage.fine]
    coarse = [_coarse(sources[name], stage, rng) for name in stage.coarse]
    kinds = [kind for kind in (fine, coarse) if kind]
    for step in range(stage.optimiser.steps):
        streams = kinds[step % len(kinds)]
        yield next(streams[step // len(kinds) % len(streams)])


def _fine(material: Material, stage: Stage, rng: np.random.Generator) -> Iterator[_Draw]:
    size, emphasis = stage.optimiser.batch_images, material.emphasis
    for images in shuffled_series(material.cache, size, rng, emphasis):
        yield _Draw(material, images, stage, fine=True)


def _coarse(material: Material, stage: Stage, rng: np.random.Generator) -> Iterator[_Draw]:
    known = np.flatnonzero(material.truth.scored)
    for chosen in shuffled_images(len(known), stage.optimiser.coarse_images, rng):
        yield _Draw(material, known[chosen], stage, fine=False)
