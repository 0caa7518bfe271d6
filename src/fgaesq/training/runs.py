"""`fgaesq train`: construct the series, train, keep what is needed to go on or to export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fgaesq.datasets.token_cache import TokenCache
from fgaesq.errors import RecipeError
from fgaesq.evaluation.metrics import pair_accuracy, pair_table, pearson, series_top1, spearman
from fgaesq.models.fgaesq import expected_score
from fgaesq.models.specs import ModelSpec, build, find_spec
from fgaesq.texts.encoder import text_encoder
from fgaesq.training.batches import Batch, read_inputs
from fgaesq.training.beginnings import begin_from
from fgaesq.training.distillation import Distillation
from fgaesq.training.distributed import gather_objects, process_group, share_of, training_device
from fgaesq.training.loop import Progress, fit
from fgaesq.training.recipe import CONSTRUCTED, Recipe
from fgaesq.training.schedule import Schedule
from fgaesq.training.sources import Material, construct_data, load_sources
from fgaesq.training.tasks import SeriesTask, recompute_blocks

__all__ = ["construct_data", "measure", "measure_all", "score_cache", "train"]

_IMAGES_PER_PASS = 64


def train(
    recipe: Recipe,
    folder: Path,
    *,
    spec: ModelSpec | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    data_progress: Callable[[int, int], None] | None = None,
    tensorboard: bool = False,
) -> dict[str, float]:
    """Run a recipe; a stopped run goes on where it was. Returns the last validation.

    A GPU is used if there is one, and all processes that `torchrun` started.

    Args:
        recipe: of the run.
        folder: for the checkpoint and the log.
        spec: another network than the recipe's, for comparisons; its tokens must be the same.
        threads: cores for the network; default: as torch is set.
        progress: called after each step, see `training.loop.fit`.
        data_progress: called with (parts done, all parts) of the tokens that are to be made.
        tensorboard: whether to write event files, see `training.journal.Journal`.
    """
    device = training_device()
    with process_group(device):
        training, validation = load_sources(recipe, progress=data_progress)
        if threads:
            torch.set_num_threads(threads)
        spec = spec or find_spec(recipe.model)
        torch.manual_seed(recipe.seed)
        task = _task(recipe, spec, training).to(device)
        plan = Schedule(recipe, training)

        def batch(step: int) -> Batch:
            return plan.read(step, spec).to(device)

        def validate() -> dict[str, float]:
            return measure_all(task, validation, spec, recipe)

        return fit(
            task, batch, validate, plan.recipe, folder, progress=progress, tensorboard=tensorboard
        )


def _task(recipe: Recipe, spec: ModelSpec, sources: Mapping[str, Material]) -> SeriesTask:
    """Return the task with its initial weights; what only some recipes have is drawn last."""
    task = SeriesTask(build(spec), recipe.loss)
    reads = {stage.reads for stage in recipe.stages}
    if "statistics" in reads and not task.model.measures:
        raise RecipeError(
            f"a stage reads statistics, of which {spec.name} knows nothing; leave the stage out"
        )
    if recipe.weights:
        begin_from(task, recipe.weights, spec)
    for material in sources.values():
        if material.teacher is not None:
            task.distillation = Distillation.between(task.model, material.teacher)
    aligned = {stage.loss.alignment_loss for stage in recipe.stages if stage.loss.alignment}
    if "cosine" in aligned and not recipe.text_weights:
        raise RecipeError(
            "alignment_loss is 'cosine' without text_weights; give CLIP's, or use 'contrastive': "
            "a text encoder that learns too would map all texts to one direction"
        )
    if not aligned.isdisjoint(("cosine", "contrastive")):
        weights = Path(recipe.text_weights) if recipe.text_weights else None
        task.texts = text_encoder(spec.feature, clip_weights=weights)
    if recipe.recompute:
        recompute_blocks(task.model)
    return task


def measure_all(
    task: SeriesTask, sources: Mapping[str, Material], spec: ModelSpec, recipe: Recipe
) -> dict[str, float]:
    """Return the measures on all sources, each under its name but for the constructed series."""
    cells = 0 if recipe.fine_cells == "none" else None
    coarse = {name for stage in recipe.stages for name in stage.coarse}
    measured = {}
    for name, material in sources.items():
        scores = score_cache(
            task, material.cache, spec, precision=recipe.precision, fine_cells=cells
        )
        if name == CONSTRUCTED:
            found = measure(scores, material.cache)
        else:
            found = measure_pairs(scores, material)
        if name in coarse or name == CONSTRUCTED:
            found |= measure_scores(scores, material)
        prefix = "" if name == CONSTRUCTED else f"{name}/"
        measured.update({prefix + key: value for key, value in found.items()})
    return measured


def score_cache(
    task: SeriesTask,
    cache: TokenCache,
    spec: ModelSpec,
    *,
    precision: str = "bf16",
    fine_cells: int | None = None,
) -> NDArray[np.float64]:
    """Return the scores of all images of a cache, (n,) float64; needs `task.eval()` before.

    Several processes share the work.

    Args:
        task: holds the model.
        cache: what to score.
        spec: of the model.
        precision: `bf16` (autocast; scores are computed in fp32 all the same) or `fp32`.
        fine_cells: how many the model sees of each image; default all.
    """
    device = next(task.parameters()).device
    own = range(len(cache.series))[share_of(len(cache.series))]
    rng = None if fine_cells is None else np.random.default_rng(0)
    scores = [np.zeros(0)]
    for start in range(own.start, own.stop, _IMAGES_PER_PASS):
        images = np.arange(start, min(start + _IMAGES_PER_PASS, own.stop))
        inputs = read_inputs(cache, images, spec, fine_cells=fine_cells, rng=rng)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16"):
            feature = task.model.encode(*(one.to(device) for one in inputs))
        scores.append(expected_score(task.model.head(feature.float())).double().cpu().numpy())
    return np.concatenate(gather_objects(np.concatenate(scores)))


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


def measure_pairs(scores: NDArray[np.float64], material: Material) -> dict[str, float]:
    """Return the accuracy on the judged pairs that are no tie, and top-1; {} without pairs."""
    truth = material.truth
    decided = truth.pairs[truth.probability > 0.5]
    if not len(decided):
        return {}
    level = truth.level.astype(np.float64)
    return {
        "pair_accuracy": pair_accuracy(scores[decided[:, 0]] - scores[decided[:, 1]]),
        "top1": float(series_top1(scores, level, material.cache.series).mean()),
    }


def measure_scores(scores: NDArray[np.float64], material: Material) -> dict[str, float]:
    """Return Spearman's and the linear correlation with the known scores, where they vary."""
    known = np.isfinite(material.truth.score)
    values = material.truth.score[known].astype(np.float64)
    found = {"srcc": spearman(scores[known], values), "plcc": pearson(scores[known], values)}
    return {name: value for name, value in found.items() if value is not None}
