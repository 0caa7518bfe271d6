"""The loop on a task of one number: schedule, checkpoints, going on after a stop."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import Tensor, nn

from fgaesq.errors import RecipeError
from fgaesq.training.averaging import Average
from fgaesq.training.batches import Batch
from fgaesq.training.loop import fit
from fgaesq.training.recipe import Optimiser, Recipe

SETTINGS = Optimiser(name="adamw", steps=6, lr=0.1, warmup=2, weight_decay=0.0)
RECIPE = Recipe(precision="fp32", validate_every=2, optimiser=SETTINGS)


class Towards(nn.Module):
    """Draws a value towards that of the batch, with noise as of dropout."""

    def __init__(self, *, fault: float = 0.0) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(2, 2))
        self.offset = nn.Parameter(torch.zeros(2))
        self.fault = fault

    def forward(self, batch: float) -> dict[str, Tensor]:
        noise = 0.1 * torch.randn(2) if self.training else torch.zeros(2)
        gap = (self.value + self.offset + noise - batch).pow(2).mean() + self.fault
        return {"gap": gap, "total": gap}


def run(
    task: Towards,
    folder: Path,
    *,
    recipe: Recipe = RECIPE,
    stop_at: int | None = None,
    validations: list[bool] | None = None,
) -> dict[str, float]:
    def batches(step: int) -> Batch:
        if step == stop_at:
            raise KeyboardInterrupt
        return cast(Batch, float(step))  # the loop hands it on unseen

    def validate() -> dict[str, float]:
        if validations is not None:
            validations.append(task.training or torch.is_grad_enabled())
        return {"value": float(task.value.detach().sum())}

    return fit(task, batches, validate, recipe, folder)


def rows_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("average", [0.0, 0.5])
@pytest.mark.parametrize("stop_at", [1, 2, 3, 5])
def test_a_stopped_run_ends_as_if_it_had_not_been(
    tmp_path: Path, stop_at: int, average: float
) -> None:
    whole, pieces = Towards(), Towards()
    recipe = replace(RECIPE, average=average)
    wanted = run(whole, tmp_path / "whole", recipe=recipe)
    with pytest.raises(KeyboardInterrupt):
        run(pieces, tmp_path / "pieces", recipe=recipe, stop_at=stop_at)
    resumed = Towards()
    found = run(resumed, tmp_path / "pieces", recipe=recipe)
    assert found == wanted
    for name, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value), name


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    first = run(Towards(), tmp_path)
    again = Towards()
    assert run(again, tmp_path, stop_at=0) == first
    assert again.value.any()


def test_validation_sees_no_dropout_and_no_gradients(tmp_path: Path) -> None:
    seen: list[bool] = []
    run(Towards(), tmp_path, validations=seen)
    assert seen == [False, False, False]


def test_the_last_step_is_validated_whatever_the_rhythm(tmp_path: Path) -> None:
    run(Towards(), tmp_path, recipe=replace(RECIPE, validate_every=4))
    assert [row["step"] for row in rows_of(tmp_path)] == [4, 6]


def test_the_log_holds_losses_and_measures(tmp_path: Path) -> None:
    measured = run(Towards(), tmp_path)
    last = rows_of(tmp_path)[-1]
    assert set(last) == {"step", "seconds", "gap", "total", "value"}
    assert last["value"] == measured["value"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "curves.svg",
        "last.pt",
        "log.jsonl",
        "steps.jsonl",
    ]


def test_the_checkpoint_tells_its_recipe(tmp_path: Path) -> None:
    run(Towards(), tmp_path)
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    assert state["step"] == 6
    assert state["recipe"]["optimiser"]["lr"] == 0.1


def test_another_recipe_is_an_error(tmp_path: Path) -> None:
    run(Towards(), tmp_path)
    with pytest.raises(RecipeError) as caught:
        run(Towards(), tmp_path, recipe=replace(RECIPE, seed=1))
    path = tmp_path / "last.pt"
    text = f"{path}: made with another recipe; remove it or choose another folder"
    assert str(caught.value) == text


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        run(Towards(fault=math.nan), tmp_path)
    text = "step 1: the loss is nan; lower optimiser.lr or raise optimiser.warmup"
    assert str(caught.value) == text
    assert not (tmp_path / "last.pt").exists()


def test_progress_is_told_after_each_step(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fit(
        Towards(),
        lambda step: cast(Batch, float(step)),
        dict,
        RECIPE,
        tmp_path,
        progress=lambda step, steps, losses: told.append((step, steps)),
    )
    assert told == [(step, 6) for step in range(1, 7)]


def test_gradients_are_clipped(tmp_path: Path) -> None:
    task = Towards()
    recipe = replace(RECIPE, optimiser=replace(SETTINGS, clip=1e-3, steps=1))
    run(task, tmp_path, recipe=recipe)
    norm = math.sqrt(
        sum(float(p.grad.pow(2).sum()) for p in task.parameters() if p.grad is not None)
    )
    assert norm <= 1e-3 * 1.01


def test_the_mean_of_the_weights_is_validated_and_kept(tmp_path: Path) -> None:
    every_step = replace(RECIPE, validate_every=1)
    last, mean = Towards(), Towards()
    run(last, tmp_path / "last", recipe=every_step)
    run(mean, tmp_path / "mean", recipe=replace(every_step, average=0.75))
    values = [row["value"] for row in rows_of(tmp_path / "last") if "value" in row]
    expected = [values[0]]
    for value in values[1:]:
        expected.append(0.75 * expected[-1] + 0.25 * value)
    found = [row["value"] for row in rows_of(tmp_path / "mean") if "value" in row]
    assert found == pytest.approx(expected, rel=1e-5)
    assert torch.equal(mean.value, last.value)  # learning goes on from the weights themselves
    kept = torch.load(tmp_path / "mean" / "last.pt", weights_only=True)
    assert float(Average.weights(kept)["value"].sum()) == pytest.approx(expected[-1], rel=1e-5)
    assert torch.equal(kept["task"]["value"], mean.value)
