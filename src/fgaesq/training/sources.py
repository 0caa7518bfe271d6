"""What a recipe learns from: tokens and truth of its sources, made where they are missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.constructed import Making
from fgaesq.datasets.judged_cache import build_judged_cache, judged_truth, load_judged_cache
from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Split
from fgaesq.datasets.teachers import TeacherOutputs
from fgaesq.datasets.token_cache import CacheSpec, TokenCache, build_cache, load_cache
from fgaesq.datasets.truth import Truth, constructed_truth, series_bounds
from fgaesq.errors import RecipeError
from fgaesq.models.specs import find_spec
from fgaesq.texts.records import PairTexts, read_texts
from fgaesq.training.distillation import teacher_outputs
from fgaesq.training.distributed import is_first, wait_for_all
from fgaesq.training.recipe import CONSTRUCTED, VARIED, Recipe

__all__ = ["Material", "construct_data", "load_sources"]

_SPREADS = (0.0, 0.5, 1.0)  # of the fine cells, drawn per series of the training set

_Report: TypeAlias = Callable[[int, int], None] | None


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The images of one split of a source, what is known of them, and what a teacher says.

    `emphasis`, one number per series, says how often it comes up; None for all alike.
    """

    cache: TokenCache
    truth: Truth
    teacher: TeacherOutputs | None = None
    emphasis: NDArray[np.float64] | None = None


def load_sources(
    recipe: Recipe, *, progress: _Report = None
) -> tuple[dict[str, Material], dict[str, Material]]:
    """Return the training and the validation material by source, of the sources that stages use.

    Of several processes, the first makes what is missing while the others wait.

    Raises:
        RecipeError: a source has not what its stage needs of it.
        InputError: a dataset or a cache cannot be used.
    """
    if not is_first():
        wait_for_all()
    training, validation = {}, {}
    used = {name for stage in recipe.stages for name in (*stage.fine, *stage.coarse)}
    for name in sorted(used):
        if name == CONSTRUCTED:
            training[name], validation[name] = _constructed(recipe, progress)
            continue
        training[name] = _judged(recipe, name, recipe.source[name].train, progress)
        if recipe.source[name].val:
            validation[name] = _judged(recipe, name, recipe.source[name].val, progress)
    _check(recipe, training)
    if is_first():
        wait_for_all()
    return training, validation


def construct_data(recipe: Recipe, *, progress: _Report = None) -> tuple[TokenCache, TokenCache]:
    """Return the caches of training and validation series, making what is missing."""
    spec, data = find_spec(recipe.model), recipe.data
    plain = CacheSpec(data.photos, "val", data.val_series, data.seed + 1, spec.layout)
    plain = replace(plain, fine=_fine(recipe))
    validation = _cached(recipe, "val", plain, progress)
    caches = []
    for name, number in data.makings.items():
        making: Making = "edited" if name == "train" else cast("Making", name)
        seed = data.seed if name == "train" else data.seed + 2 + VARIED.index(name)
        part = replace(
            plain, split="train", series=number, seed=seed, spreads=_SPREADS, making=making
        )
        caches.append(_cached(recipe, name, part, progress))
    return reduce(TokenCache.joined, caches), validation


def _cached(recipe: Recipe, name: str, part: CacheSpec, progress: _Report) -> TokenCache:
    folder = recipe.tokens_folder(name)
    build_cache(part, folder, workers=recipe.data.workers, progress=progress)
    return load_cache(folder)


def _constructed(recipe: Recipe, progress: _Report) -> tuple[Material, Material]:
    kinds = {stage.loss.alignment_loss for stage in recipe.stages}
    texts = not kinds.isdisjoint(("cosine", "contrastive"))
    training, validation = construct_data(recipe, progress=progress)
    teacher = teacher_outputs(recipe, progress=progress)
    return (
        Material(
            training, constructed_truth(training, texts=texts), teacher, _emphasis(recipe, training)
        ),
        Material(validation, constructed_truth(validation)),
    )


def _emphasis(recipe: Recipe, cache: TokenCache) -> NDArray[np.float64] | None:
    """Return how often each series comes up: by how it is made, and by the edit of its worst."""
    wanted = recipe.data.emphasis
    if not wanted:
        return None
    made = [wanted.get(name, 1.0) for name in recipe.data.makings]
    by_making = np.repeat(made, list(recipe.data.makings.values()))
    starts, ends = series_bounds(cache)
    worst = [
        start + int(cache.severity[start:end].argmax())
        for start, end in zip(starts, ends, strict=True)
    ]
    by_kind = [wanted.get(cache.kinds[kind], 1.0) for kind in cache.kind[worst].tolist()]
    times: NDArray[np.float64] = by_making * np.array(by_kind)
    return times


def _judged(recipe: Recipe, name: str, split: str, progress: _Report) -> Material:
    """Return one split of a judged dataset; an empty name means all of it."""
    source = recipe.source[name]
    if not source.path:
        raise RecipeError(f"[source.{name}]: has no path; give that of the dataset")
    if split not in ("", *get_args(Split)):
        raise RecipeError(f"[source.{name}]: no split '{split}'; use train, val or test")
    part = cast("Split | None", split or None)
    dataset = read_dataset(source.path, source.format or None, part)
    fine = _fine(recipe)
    folder = Path(source.cache) / name / f"{split or 'all'}{'-random' if fine == 'random' else ''}"
    layout = find_spec(recipe.model).layout
    build_judged_cache(
        dataset, folder, layout=layout, fine=fine, workers=source.workers, progress=progress
    )
    cache = load_judged_cache(folder)
    texts = PairTexts(read_texts(Path(source.texts))) if source.texts else None
    return Material(cache.tokens, judged_truth(dataset, cache, texts))


def _fine(recipe: Recipe) -> Literal["difference", "random"]:
    return "random" if recipe.fine_cells == "random" else "difference"


def _check(recipe: Recipe, training: dict[str, Material]) -> None:
    """Refuse sources that have nothing of what their stage would learn from them."""
    for stage in recipe.stages:
        for name in stage.fine:
            if not len(training[name].truth.pairs):
                raise RecipeError(f"[source.{name}]: has no series to compare; use it as coarse")
        for name in stage.coarse:
            if not training[name].truth.scored.any():
                raise RecipeError(f"[source.{name}]: has no scores; use it as fine")
