"""A training run as data: frozen dataclasses read from TOML, every key checked."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from fgaesq.errors import RecipeError

__all__ = ["Data", "Loss", "Optimiser", "Recipe", "read_recipe"]

_Section = TypeVar("_Section")

_LEAST = {
    "batch_images": 2,
    "clip": 0,
    "fewest_cells": 0,
    "lr": 0,
    "matrix_lr": 0,
    "mixed_series": 0,
    "seed": 0,
    "steps": 1,
    "train_series": 1,
    "val_series": 1,
    "validate_every": 1,
    "warmup": 0,
    "weight_decay": 0,
    "workers": 1,
}
"""The smallest possible value of each key that has one."""


@dataclass(frozen=True, slots=True)
class Data:
    """What to learn from.

    Attributes:
        photos: folder with a MANIFEST.csv; series are constructed from its photos.
        cache: folder for the tokens, made at the first run (about 0.65 MB a series).
        train_series: how many to construct.
        val_series: how many to construct for validation.
        mixed_series: how many more to construct for training with a flaw of another kind each.
        seed: of the construction; validation uses other photos and seed + 1.
        workers: processes that construct.
        teacher: a classifier as a TFLite file, to learn what is in the photos from; empty for none.
    """

    photos: str = "photos"
    cache: str = "cache"
    train_series: int = 24000
    val_series: int = 900
    mixed_series: int = 0
    seed: int = 1
    workers: int = 2
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class Optimiser:
    """How weights are changed, with warm-up and a cosine to zero.

    Attributes:
        name: `adamw`, or `muon` for the matrices of the transformer and AdamW for the rest.
        steps: batches in all.
        batch_images: images of a batch; series are taken whole, so it may hold a few less.
        lr: highest learning rate of AdamW.
        matrix_lr: highest learning rate of Muon, scaled to AdamW's size of steps.
        weight_decay: on matrices only.
        warmup: steps of linear warm-up.
        clip: largest gradient norm.
    """

    name: str = "muon"
    steps: int = 2000
    batch_images: int = 64
    lr: float = 1e-3
    matrix_lr: float = 2e-3
    weight_decay: float = 0.05
    warmup: int = 200
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """Weights of the losses.

    Attributes:
        rank: ListMLE over the images of each series (RankReg).
        distribution: EMD against the constructed absolute score.
        alignment: of feature differences with the direction of the edit (CTAlign).
        teacher_feature: 1 - cosine with the teacher's feature, if there is a teacher.
        teacher_classes: divergence from the teacher's classes, if it has any.
        fewest_cells: each batch sees a random number of fine cells from here on,
        most_cells: up to here; teaches the model to work with any budget and saves time.
    """

    rank: float = 2.0
    distribution: float = 2.0
    alignment: float = 0.5
    teacher_feature: float = 0.5
    teacher_classes: float = 0.1
    fewest_cells: int = 8
    most_cells: int = 28


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole run.

    Attributes:
        model: name of a spec.
        seed: of initial weights and batches.
        precision: `bf16` (autocast) or `fp32`.
        validate_every: steps between validations and checkpoints.
    """

    model: str = "fgaesq-s"
    seed: int = 0
    precision: str = "bf16"
    validate_every: int = 200
    data: Data = field(default_factory=Data)
    optimiser: Optimiser = field(default_factory=Optimiser)
    loss: Loss = field(default_factory=Loss)


def read_recipe(path: Path, overrides: dict[str, str] | None = None) -> Recipe:
    """Read a recipe and apply `section.key=value` overrides.

    Raises:
        RecipeError: the file is missing, is not TOML, or has an unknown key, a wrong type or an
            impossible value.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"{path}: not found; give the path of a recipe (.toml)") from None
    except OSError as error:
        reason = error.strerror
        raise RecipeError(f"{path}: cannot be read ({reason}); give a recipe (.toml)") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not a TOML file ({error}); mend it") from None
    for key, text in (overrides or {}).items():
        _set(table, key, text)
    table["data"] = _section(Data, table.get("data", {}), f"{path}: [data]")
    table["optimiser"] = _section(Optimiser, table.get("optimiser", {}), f"{path}: [optimiser]")
    table["loss"] = _section(Loss, table.get("loss", {}), f"{path}: [loss]")
    recipe = _section(Recipe, table, str(path))
    if recipe.precision not in ("bf16", "fp32"):
        raise RecipeError(f"{path}: precision is '{recipe.precision}'; use bf16 or fp32")
    if recipe.optimiser.name not in ("adamw", "muon"):
        name = recipe.optimiser.name
        raise RecipeError(f"{path}: [optimiser]: name is '{name}'; use adamw or muon")
    fewest, most = recipe.loss.fewest_cells, recipe.loss.most_cells
    if most < fewest:
        raise RecipeError(f"{path}: [loss]: most_cells is {most}; needs at least {fewest}")
    return recipe


def _section(kind: type[_Section], values: object, where: str) -> _Section:
    """Build a dataclass from a table; every key must exist and have the type of its default."""
    if not isinstance(values, dict):
        raise RecipeError(f"{where} is {values!r}; needs a table of keys")
    known = [one.name for one in dataclasses.fields(kind)]  # type: ignore[arg-type]
    default = kind()
    checked: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            raise RecipeError(f"{where}: unknown key '{key}'; known: {', '.join(known)}")
        wanted = type(getattr(default, key))
        whole = type(value) is int and wanted is float
        if type(value) is not wanted and not whole:
            raise RecipeError(f"{where}: {key} is {value!r}; needs a {wanted.__name__}")
        if key in _LEAST and not value >= _LEAST[key]:
            raise RecipeError(f"{where}: {key} is {value!r}; needs at least {_LEAST[key]}")
        checked[key] = float(value) if whole else value
    return kind(**checked)


def _set(table: dict[str, Any], key: str, text: str) -> None:
    """Set `section.key` in a nested table to a TOML value; bare words are strings."""
    *parents, last = key.split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise RecipeError(f"{key}: '{parent}' is not a section of the recipe")
    try:
        table[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = text
