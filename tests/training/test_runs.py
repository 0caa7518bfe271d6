"""Whole runs in miniature: construct, train, stop, go on, validate."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.datasets.pool import write_pool
from tests.training.caches import SPEC, small_cache

from fgaesq.datasets.edits import EDITS
from fgaesq.evaluation.metrics import pair_accuracy, pair_table
from fgaesq.models.specs import build
from fgaesq.training.batches import read_batch
from fgaesq.training.loop import fit
from fgaesq.training.recipe import Data, Loss, Optimiser, Recipe
from fgaesq.training.runs import construct_data, measure, score_cache, train
from fgaesq.training.tasks import SeriesTask


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    folder = tmp_path_factory.mktemp("data")
    write_pool(folder / "photos", train=5, val=2)
    return Recipe(
        model="fgaesq-tiny",
        precision="fp32",
        validate_every=2,
        data=Data(str(folder / "photos"), str(folder / "cache"), 12, 4, workers=1),
        optimiser=Optimiser(steps=4, batch_images=10, lr=1e-3, warmup=2),
        loss=Loss(fewest_cells=2, most_cells=6),
    )


class Stop(Exception):
    """Stands for a power cut."""


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(folder / "last.pt", weights_only=True)["task"]
    return state


def test_a_run_goes_on_from_the_weights_of_a_model(
    recipe: Recipe, tiny_model: Path, tmp_path: Path
) -> None:
    still = Optimiser(steps=1, batch_images=10, lr=0, matrix_lr=0)
    train(replace(recipe, weights=str(tiny_model), optimiser=still), tmp_path)
    own = weights_of(tmp_path)
    for name, value in load_file(tiny_model / "model.safetensors").items():
        assert torch.equal(own[f"model.{name}"], value), name


def test_a_stopped_run_gives_bit_identical_weights(recipe: Recipe, tmp_path: Path) -> None:
    told: list[int] = []
    measured = train(
        recipe, tmp_path / "whole", progress=lambda step, steps, losses: told.append(step)
    )
    assert told == [1, 2, 3, 4]

    def stop(step: int, steps: int, losses: dict[str, float]) -> None:
        if step == 3:
            raise Stop

    with pytest.raises(Stop):
        train(recipe, tmp_path / "pieces", progress=stop)
    assert train(recipe, tmp_path / "pieces") == measured
    whole, pieces = weights_of(tmp_path / "whole"), weights_of(tmp_path / "pieces")
    assert whole.keys() == pieces.keys()
    for name, value in whole.items():
        assert torch.equal(value, pieces[name]), name
    rows = [json.loads(line) for line in (tmp_path / "pieces/log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4]


def test_the_last_validation_is_that_of_the_weights(recipe: Recipe, tmp_path: Path) -> None:
    measured = train(recipe, tmp_path)
    task = SeriesTask(build(SPEC), recipe.loss)
    task.load_state_dict(weights_of(tmp_path))
    _, validation = construct_data(recipe)
    with torch.no_grad():
        scores = score_cache(task.eval(), validation, SPEC, precision="fp32")
    assert measure(scores, validation).items() <= measured.items()


def test_validation_series_are_of_other_photos(recipe: Recipe) -> None:
    training, validation = construct_data(recipe)
    assert len(np.unique(training.series)) == 12
    assert len(np.unique(validation.series)) == 4
    notes = [
        json.loads((Path(recipe.data.cache) / split / "cache.json").read_text())
        for split in ("train", "val")
    ]
    assert [note["split"] for note in notes] == ["train", "val"]
    assert notes[0]["seed"] != notes[1]["seed"]


def test_measures_name_the_kinds_that_occur() -> None:
    cache, _ = small_cache(6)
    scores = -cache.severity.astype(np.float64)
    assert measure(scores, cache) == {
        "pair_accuracy": 1.0,
        "top1": 1.0,
        "pair_accuracy/defocus": 1.0,
        "pair_accuracy/underexposure": 1.0,
        "pair_accuracy/haze": 1.0,
    }
    assert set(measure(-scores, cache).values()) == {0.0}


def test_measures_by_kind_are_those_of_its_series() -> None:
    cache, _ = small_cache(9)
    scores = np.random.default_rng(0).normal(size=len(cache.series))
    found = measure(scores, cache)
    for kind in ("defocus", "haze"):
        rows = cache.kind == list(EDITS).index(kind)
        level = cache.severity[rows].astype(np.float64)
        margins, _, _ = pair_table(scores[rows], level, cache.series[rows])
        assert found[f"pair_accuracy/{kind}"] == pair_accuracy(margins)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_scores_of_a_cache_are_those_of_the_model(precision: str) -> None:
    cache, _ = small_cache(5)
    torch.manual_seed(0)
    task = SeriesTask(build(SPEC), Loss()).eval()
    with torch.no_grad():
        scores = score_cache(task, cache, SPEC, precision=precision)
        logits = task.model(*read_batch(cache, np.arange(len(cache.series)), SPEC).inputs)[1]
    wanted = torch.softmax(logits, dim=-1) @ torch.arange(1.0, 11.0)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, wanted, atol=1e-5 if precision == "fp32" else 0.02)
    assert len(np.unique(scores)) == len(scores)


def test_losses_fall_on_a_few_series(recipe: Recipe, tmp_path: Path) -> None:
    cache, _ = small_cache(8)
    torch.manual_seed(0)
    task = SeriesTask(build(replace(SPEC, dropout=(0.0, 0.0))), Loss())
    batch = read_batch(cache, np.arange(len(cache.series)), SPEC)
    losses: list[dict[str, float]] = []
    fit(
        task,
        lambda step: batch,
        dict,
        replace(recipe, validate_every=30, optimiser=Optimiser(steps=30, lr=3e-3, warmup=3)),
        tmp_path,
        progress=lambda step, steps, values: losses.append(values),
    )
    first, last = losses[0], losses[-1]
    assert last["total"] < 0.8 * first["total"]
    assert last["rank"] < first["rank"]
    assert last["distribution"] < first["distribution"]
    assert last["alignment"] < first["alignment"]
