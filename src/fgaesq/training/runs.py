"""`fgaesq train`: construct the series, train, keep what is needed to go on or to export."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fgaesq.datasets.token_cache import CacheSpec, TokenCache, build_cache, load_cache
from fgaesq.evaluation.metrics import pair_accuracy, pair_table, series_top1
from fgaesq.models.fgaesq import expected_score
from fgaesq.models.specs import ModelSpec, build, find_spec
from fgaesq.training.batches import Batch, read_batch, shuffled_series
from fgaesq.training.distillation import Distillation, lesson_of, teacher_outputs
from fgaesq.training.loop import Progress, batch_indices, fit
from fgaesq.training.recipe import Recipe
from fgaesq.training.tasks import SeriesTask

__all__ = ["construct_data", "measure", "score_cache", "train"]


def construct_data(
    recipe: Recipe, *, progress: Callable[[int, int], None] | None = None
) -> tuple[TokenCache, TokenCache]:
    """Return the caches of training and validation series, making what is missing."""
    spec, data = find_spec(recipe.model), recipe.data
    for split, series, seed, spreads in (
        ("val", data.val_series, data.seed + 1, (0.5,)),
        ("train", data.train_series, data.seed, (0.0, 0.5, 1.0)),
    ):
        cache = CacheSpec(data.photos, split, series, seed, spec.layout, 0.2, spreads)
        build_cache(cache, Path(data.cache) / split, workers=data.workers, progress=progress)
    training, validation = (load_cache(Path(data.cache) / name) for name in ("train", "val"))
    if data.mixed_series:
        mixed = Path(data.cache) / "mixed"
        cache = CacheSpec(
            data.photos, "train", data.mixed_series, data.seed + 2, spec.layout, 0.2,
            (0.0, 0.5, 1.0), mixed=True,
        )  # fmt: skip
        build_cache(cache, mixed, workers=data.workers, progress=progress)
        training = training.joined(load_cache(mixed))
    return training, validation


def train(
    recipe: Recipe,
    folder: Path,
    *,
    spec: ModelSpec | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, float]:
    """Run a recipe; a stopped run goes on where it was. Returns the last validation.

    Args:
        recipe: of the run.
        folder: for the checkpoint and the log.
        spec: another network than the recipe's, for comparisons; its tokens must be the same.
        threads: cores for the network; default: as torch is set.
        progress: called after each step, see `training.loop.fit`.
    """
    training, validation = construct_data(recipe)
    if threads:
        torch.set_num_threads(threads)
    spec = spec or find_spec(recipe.model)
    torch.manual_seed(recipe.seed)
    outputs = teacher_outputs(recipe)
    task = SeriesTask(build(spec), recipe.loss)
    if outputs is not None:  # after the model, whose initial weights stay those without a teacher
        task.distillation = Distillation.between(task.model, outputs)
    rng = np.random.default_rng(recipe.seed)
    stream = shuffled_series(training, recipe.optimiser.batch_images, rng)
    indices = batch_indices(stream, recipe.optimiser.steps)

    def batch(step: int) -> Batch:
        draw = np.random.default_rng([recipe.seed, step])
        cells = int(draw.integers(recipe.loss.fewest_cells, recipe.loss.most_cells + 1))
        mirror = bool(draw.integers(2))
        alone = frozenset(
            int(one) for one in np.unique(training.series[indices[step]]) if draw.random() < 0.25
        )
        made = read_batch(
            training, indices[step], spec, fine_cells=cells, rng=draw, mirror=mirror, singles=alone
        )
        return made if outputs is None else replace(made, teacher=lesson_of(outputs, made.series))

    def validate() -> dict[str, float]:
        scores = score_cache(task, validation, spec, precision=recipe.precision)
        return measure(scores, validation)

    return fit(task, batch, validate, recipe, folder, progress=progress)


def score_cache(
    task: SeriesTask, cache: TokenCache, spec: ModelSpec, *, precision: str = "bf16"
) -> NDArray[np.float64]:
    """Return the scores of all images of a cache, (n,) float64; needs `task.eval()` before.

    Args:
        task: holds the model.
        cache: what to score.
        spec: of the model.
        precision: `bf16` (autocast; scores are computed in fp32 all the same) or `fp32`.
    """
    scores = []
    for images in _whole_series(cache.series):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            feature = task.model(*read_batch(cache, images, spec).inputs)[0]
        scores.append(expected_score(task.model.head(feature.float())).double().numpy())
    return np.concatenate(scores)


def _whole_series(series: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the images in parts of about 64 that hold whole series."""
    starts = np.flatnonzero(np.r_[True, series[1:] != series[:-1]])
    cuts = [0]
    for start in starts[1:]:
        if start - cuts[-1] >= 60:
            cuts.append(int(start))
    return [np.arange(a, b) for a, b in itertools.pairwise([*cuts, len(series)])]


def measure(scores: NDArray[np.float64], cache: TokenCache) -> dict[str, float]:
    """Return pair accuracy, top-1 and pair accuracy by kind of edit, of the kinds that occur."""
    level = cache.severity.astype(np.float64)
    margins, _, ids = pair_table(scores, level, cache.series)
    kind_of = dict(zip(cache.series.tolist(), cache.kind.tolist(), strict=True))
    kinds = np.array([kind_of[int(i)] for i in ids])
    measured = {
        "pair_accuracy": pair_accuracy(margins),
        "top1": float(series_top1(scores, level, cache.series).mean()),
    }
    for number in np.unique(kinds):
        name = cache.kinds[int(number)]
        measured[f"pair_accuracy/{name}"] = pair_accuracy(margins[kinds == number])
    return measured
