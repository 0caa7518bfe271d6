"""What a recipe learns from: tokens and truth of its sources, made where they are missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fgaesq.datasets.teachers import TeacherOutputs
from fgaesq.datasets.token_cache import CacheSpec, TokenCache, build_cache, load_cache
from fgaesq.datasets.truth import Truth, constructed_truth
from fgaesq.models.specs import find_spec
from fgaesq.training.distillation import teacher_outputs
from fgaesq.training.distributed import is_first, wait_for_all
from fgaesq.training.recipe import CONSTRUCTED, Recipe

__all__ = ["Material", "construct_data", "load_sources"]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The images of one split of a source, what is known of them, and what a teacher says."""

    cache: TokenCache
    truth: Truth
    teacher: TeacherOutputs | None = None


def load_sources(
    recipe: Recipe, *, progress: Callable[[int, int], None] | None = None
) -> tuple[dict[str, Material], dict[str, Material]]:
    """Return the training and the validation material by source, of the sources that stages use.

    Of several processes, the first makes what is missing while the others wait.
    """
    if not is_first():
        wait_for_all()
    training, validation = {}, {}
    used = {name for stage in recipe.stages for name in (*stage.fine, *stage.coarse)}
    for name in sorted(used):
        if name == CONSTRUCTED:
            caches = construct_data(recipe, progress=progress)
            made, held_back = (Material(cache, constructed_truth(cache)) for cache in caches)
            training[name] = replace(made, teacher=teacher_outputs(recipe, progress=progress))
            validation[name] = held_back
    if is_first():
        wait_for_all()
    return training, validation


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
    return load_cache(Path(data.cache) / "train"), load_cache(Path(data.cache) / "val")
