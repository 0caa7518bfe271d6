"""A training run as data: frozen dataclasses read from TOML, every key checked."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from fgaesq.datasets.edits import EDITS
from fgaesq.errors import RecipeError
from fgaesq.training.toml_tables import checked_section, read_toml

__all__ = [
    "BY_RENDERING",
    "CONSTRUCTED",
    "OF_SEVERAL_SCENES",
    "VARIED",
    "Data",
    "Loss",
    "Optimiser",
    "Recipe",
    "Source",
    "Stage",
    "read_recipe",
]

CONSTRUCTED = "constructed"
"""The name under which stages know the series of `[data]`."""

VARIED = ("mixed", "restored", "rendered", "scenes", "variants", "shaken")
"""How series are made beside those of one edit; new ones go last, the place decides the seed."""

OF_SEVERAL_SCENES = ("scenes", "variants")
"""Those whose images show different scenes."""

BY_RENDERING = ("rendered", "variants")
"""Those that are ordered by nothing but how well each image is rendered."""

_MOST_EMPHASIS = 100

_Section = TypeVar("_Section")

_LEAST = {
    "batch_images": 2,
    "average": 0,
    "checkpoint_every": 0,
    "clip": 0,
    "coarse_images": 2,
    "epochs": 0,
    "fewest_cells": 0,
    "lr": 0,
    "matrix_lr": 0,
    "mixed_series": 0,
    "rendered_series": 0,
    "restored_series": 0,
    "scenes_series": 0,
    "shaken_series": 0,
    "seed": 0,
    "steps": 1,
    "train_series": 1,
    "variants_series": 0,
    "val_series": 1,
    "validate_every": 1,
    "warmup": 0,
    "weight_decay": 0,
    "workers": 1,
}
"""The smallest possible value of each key that has one."""

_CHOICES = {
    "Loss.alignment_loss": ("edits", "cosine", "contrastive", "none"),
    "Recipe.fine_cells": ("difference", "random", "none"),
    "Optimiser.name": ("adamw", "muon"),
    "Recipe.precision": ("bf16", "fp32"),
    "Stage.reads": ("tokens", "statistics"),
    "Loss.rank_loss": ("list_mle_images", "list_mle_pairs", "logistic", "margin", "none"),
}
"""The possible values of each key that is a choice."""


@dataclass(frozen=True, slots=True)
class Data:
    """Series constructed from photos: the source `constructed`.

    Attributes:
        photos: folder with a MANIFEST.csv; series are constructed from its photos.
        cache: folder for the tokens, made at the first run (about 0.7 MB a series).
        train_series: how many to construct.
        val_series: how many to construct for validation.
        mixed_series: how many more to construct for training with a flaw of another kind each.
        restored_series: how many more with a common flaw, undone to different degrees.
        rendered_series: how many more as upscalers of different ability render them.
        scenes_series: how many more of different scenes with flaws of different severity.
        variants_series: how many more of different scenes, as generators of different ability
            render them.
        shaken_series: how many more as `train_series`, of frames of a shaking hand.
        seed: of the construction; validation uses other photos and seed + 1.
        workers: processes that construct.
        teacher: a classifier as a TFLite file, to learn what is in the photos from; empty for none.
        emphasis: how many times as often as the others series come up, by the name of their edit
            or of how they are made (`mixed`, ...); both apply.
    """

    photos: str = "photos"
    cache: str = "cache"
    train_series: int = 24000
    val_series: int = 900
    mixed_series: int = 0
    restored_series: int = 0
    rendered_series: int = 0
    scenes_series: int = 0
    variants_series: int = 0
    shaken_series: int = 0
    seed: int = 1
    workers: int = 2
    teacher: str = ""
    emphasis: dict[str, float] = field(default_factory=dict)

    @property
    def makings(self) -> dict[str, int]:
        """How many training series are constructed, by the name of their cache, without zeros."""
        number = {"train": self.train_series}
        for name in VARIED:
            number[name] = getattr(self, f"{name}_series")
        return {name: count for name, count in number.items() if count}


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset of human judgements to learn from; its name is that of its section.

    Attributes:
        path: of the dataset.
        format: of its labels, a name of `fgaesq data formats`; found out if empty.
        train: split to learn from.
        val: split to validate on; none if empty.
        texts: JSONL file of comparative texts for its pairs; none if empty.
        cache: folder for its tokens, made at the first run (about 0.4 MB an image at 512 tokens).
        workers: processes that read the images.
    """

    path: str = ""
    format: str = ""
    train: str = "train"
    val: str = "val"
    texts: str = ""
    cache: str = "cache"
    workers: int = 2


@dataclass(frozen=True, slots=True)
class Optimiser:
    """How weights are changed, with warm-up and a cosine to zero.

    Attributes:
        name: `adamw`, or `muon` for the matrices of the transformer and AdamW for the rest.
        steps: batches in all.
        epochs: passes over the fine sources, or over the coarse ones where a stage has no fine
            ones; above 0 it decides the steps.
        batch_images: images of a fine batch; series are taken whole, so it may hold a few less.
        coarse_images: images of a coarse batch.
        lr: highest learning rate of AdamW.
        matrix_lr: highest learning rate of Muon, scaled to AdamW's size of steps.
        weight_decay: on matrices only.
        warmup: steps of linear warm-up.
        clip: largest gradient norm.
    """

    name: str = "muon"
    steps: int = 2000
    epochs: int = 0
    batch_images: int = 64
    coarse_images: int = 128
    lr: float = 1e-3
    matrix_lr: float = 2e-3
    weight_decay: float = 0.05
    warmup: int = 200
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """Losses and their weights.

    Attributes:
        rank: of the order inside each series (RankReg).
        distribution: on fine batches, of EMD against the absolute score, where it is known.
        alignment: of feature differences with what is said of them (CTAlign).
        coarse: on coarse batches, of EMD against the distribution of scores.
        teacher_feature: 1 - cosine with the teacher's feature, if there is a teacher.
        teacher_classes: divergence from the teacher's classes, if it has any.
        rank_loss: `list_mle_images`, `list_mle_pairs` (each pair in both orders), `logistic` or
            `margin` (both on pairs, with soft labels), or `none`.
        alignment_loss: `edits` (contrastive, one learned direction for each kind of edit; for
            constructed series), `cosine` (1 - cos to the text embedding), `contrastive` (with the
            texts of the batch) or `none`.
        fewest_cells: each batch sees a random number of fine cells from here on,
        most_cells: up to here; teaches the model to work with any budget and saves time.
    """

    rank: float = 2.0
    distribution: float = 2.0
    alignment: float = 0.5
    coarse: float = 1.0
    teacher_feature: float = 0.5
    teacher_classes: float = 0.1
    rank_loss: str = "list_mle_images"
    alignment_loss: str = "edits"
    fewest_cells: int = 8
    most_cells: int = 28


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a run with its own sources, losses and optimiser.

    With both kinds of sources, fine and coarse batches take turns, a fine one first. Several
    sources of a kind take turns too.

    Attributes:
        name: for messages and logs.
        fine: sources of whole series.
        coarse: sources of single images with a score.
        optimiser: its keys default to those of the recipe's `[optimiser]`.
        loss: its keys default to those of the recipe's `[loss]`.
        reads: `tokens`, or `statistics`: only what a model says of these alone learns (overview,
            cells and framing), which takes a fraction of the time and is a good beginning.
    """

    name: str = ""
    fine: tuple[str, ...] = ()
    coarse: tuple[str, ...] = ()
    optimiser: Optimiser = field(default_factory=Optimiser)
    loss: Loss = field(default_factory=Loss)
    reads: str = "tokens"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole run.

    Attributes:
        model: name of a spec.
        weights: what to begin from: the name of an embedded model or the folder of a model, of the
            recipe's spec, or a file of CLIP's weights; random weights if empty.
        text_weights: file of CLIP's weights for the frozen text tower, its vocabulary beside it;
            without, the `contrastive` alignment trains a small text encoder.
        seed: of initial weights and batches.
        precision: `bf16` (autocast) or `fp32`.
        fine_cells: which fine cells the model sees, in training and validation: those of
            `difference` (DiffToken), `random` ones of the frame, or `none`.
        mirror: whether half of the batches, drawn at random, are mirrored.
        average: share that each step keeps of the running mean of the weights; the mean is what is
            validated and exported. 0.995 is a mean over some 200 steps, 0 takes the last weights.
        recompute: compute the blocks again in the backward pass (gradient checkpointing): less
            memory, a third more time.
        validate_every: steps between validations; each writes a checkpoint.
        checkpoint_every: steps between further checkpoints; 0 for none.
        data: of the constructed series.
        source: human datasets by name.
        optimiser, loss: of the only stage, or what stages default to.
        stage: the stages in order; empty for one stage on the constructed series alone.
    """

    model: str = "fgaesq-s"
    weights: str = ""
    text_weights: str = ""
    seed: int = 0
    precision: str = "bf16"
    fine_cells: str = "difference"
    mirror: bool = True
    average: float = 0.0
    recompute: bool = False
    validate_every: int = 200
    checkpoint_every: int = 0
    data: Data = field(default_factory=Data)
    source: dict[str, Source] = field(default_factory=dict)
    optimiser: Optimiser = field(default_factory=Optimiser)
    loss: Loss = field(default_factory=Loss)
    stage: tuple[Stage, ...] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the run, one where the recipe lists none."""
        only = Stage("", (CONSTRUCTED,), (), self.optimiser, self.loss)
        return self.stage or (only,)

    def tokens_folder(self, split: str) -> Path:
        """Return where the tokens of the constructed series are kept."""
        suffix = "-random" if self.fine_cells == "random" else ""
        return Path(self.data.cache) / f"{split}{suffix}"

    @property
    def steps(self) -> int:
        """Batches of all stages, once epochs have become steps."""
        return sum(stage.optimiser.steps for stage in self.stages)

    def with_steps(self, steps: Sequence[int]) -> Recipe:
        """Return the recipe with these numbers of steps for its stages."""
        optimisers = [
            replace(stage.optimiser, steps=number, epochs=0)
            for stage, number in zip(self.stages, steps, strict=True)
        ]
        if not self.stage:
            return replace(self, optimiser=optimisers[0])
        stages = [
            replace(one, optimiser=other) for one, other in zip(self.stage, optimisers, strict=True)
        ]
        return replace(self, stage=tuple(stages))


def read_recipe(path: Path, overrides: dict[str, str] | None = None) -> Recipe:
    """Read a recipe and apply `section.key=value` overrides.

    Raises:
        RecipeError: the file is missing, is not TOML, or has an unknown key, a wrong type or an
            impossible value.
    """
    table = read_toml(path)
    for key, text in (overrides or {}).items():
        _set(table, key, text)
    try:
        return _recipe(table)
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from None


def _recipe(table: dict[str, Any]) -> Recipe:
    """Check the sections from the inside out."""
    sections = {"data": Data(), "optimiser": Optimiser(), "loss": Loss()}
    for name, default in sections.items():
        table[name] = _section(default, table.get(name, {}), f"[{name}]")
    _check_emphasis(table["data"])
    sources, stages = table.get("source", {}), table.get("stage", [])
    if not isinstance(sources, dict):
        raise RecipeError("source: needs sections such as [source.ava]")
    if not isinstance(stages, list):
        raise RecipeError("stage: needs sections [[stage]]")
    table["source"] = {
        name: _section(Source(), one, f"[source.{name}]") for name, one in sources.items()
    }
    table["stage"] = tuple(_stage(number, one, table) for number, one in enumerate(stages, start=1))
    recipe = _section(Recipe(), table, "")
    if not recipe.average < 1:
        raise RecipeError(f"average is {recipe.average}; needs less than 1")
    for section, stage in _named(recipe):
        if stage.loss.most_cells < stage.loss.fewest_cells:
            least = stage.loss.fewest_cells
            found = stage.loss.most_cells
            raise RecipeError(f"{section}: most_cells is {found}; needs at least {least}")
        _check_sources(stage, recipe, section)
    return recipe


def _check_emphasis(data: Data) -> None:
    for name, value in data.emphasis.items():
        if name not in (*EDITS, *VARIED):
            known = ", ".join(VARIED)
            raise RecipeError(
                f"[data.emphasis]: unknown key '{name}'; give an edit, or one of {known}"
            )
        if type(value) not in (int, float) or not 0 <= value <= _MOST_EMPHASIS:
            raise RecipeError(
                f"[data.emphasis]: {name} is {value!r}; needs a number from 0 to {_MOST_EMPHASIS}"
            )


def _named(recipe: Recipe) -> list[tuple[str, Stage]]:
    if not recipe.stage:
        return [("[loss]", recipe.stages[0])]
    return [(f"[[stage]] {number}", one) for number, one in enumerate(recipe.stage, start=1)]


def _stage(number: int, values: object, table: dict[str, Any]) -> Stage:
    """Read one stage; what it does not say of optimiser and loss is the recipe's."""
    where = f"[[stage]] {number}"
    if not isinstance(values, dict):
        raise RecipeError(f"{where} is {values!r}; needs a table of keys")
    values = dict(values)
    for name in ("optimiser", "loss"):
        values[name] = _section(table[name], values.get(name, {}), f"{where}: [{name}]")
    return _section(Stage(), values, where)


def _check_sources(stage: Stage, recipe: Recipe, where: str) -> None:
    known = (CONSTRUCTED, *recipe.source)
    for name in (*stage.fine, *stage.coarse):
        if name not in known:
            raise RecipeError(f"{where}: unknown source '{name}'; known: {', '.join(known)}")
    if not stage.fine and not stage.coarse:
        raise RecipeError(f"{where}: has nothing to learn from; give fine or coarse sources")


def _section(default: _Section, values: object, where: str) -> _Section:
    """Return `default` with the values of a table; each must be known and of its key's type."""
    return checked_section(default, values, where, least=_LEAST, choices=_CHOICES)


def _set(table: dict[str, Any], key: str, text: str) -> None:
    """Set `section.key` in a nested table to a TOML value; bare words are strings.

    Stages are counted from 1, as in `stage.2.optimiser.lr`.
    """
    *parents, last = key.split(".")
    inner: Any = table
    for parent in parents:
        if isinstance(inner, list) and parent.isdecimal() and 1 <= int(parent) <= len(inner):
            inner = inner[int(parent) - 1]
        elif isinstance(inner, dict):
            inner = inner.setdefault(parent, {})
        if not isinstance(inner, (dict, list)):
            raise RecipeError(f"{key}: '{parent}' is not a section of the recipe")
    if not isinstance(inner, dict):
        raise RecipeError(f"{key}: needs the number of a stage, 1 to {len(inner)}")
    table = inner
    try:
        table[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = text
