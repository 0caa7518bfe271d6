"""Runs in processes of their own: killed at any moment, or training together."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from tests.datasets.pool import write_pool
from tests.training.runner import start_training, train_together

RECIPE = """
model = "fgaesq-tiny"
precision = "fp32"
validate_every = 8
checkpoint_every = 3
recompute = true
[data]
photos = "{folder}/photos"
cache = "{folder}/cache"
train_series = 8
val_series = 3
workers = 1
[optimiser]
steps = 14
batch_images = 9
coarse_images = 7
lr = 1e-3
warmup = 2
[loss]
fewest_cells = 2
most_cells = 6
[[stage]]
name = "joint"
fine = ["constructed"]
coarse = ["constructed"]
[[stage]]
name = "fine"
fine = ["constructed"]
optimiser = {{ steps = 6 }}
loss = {{ rank_loss = "list_mle_pairs" }}
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("processes")
    write_pool(folder / "photos", train=3, val=2)
    path = folder / "recipe.toml"
    path.write_text(RECIPE.format(folder=folder), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody stopped."""
    out = tmp_path_factory.mktemp("whole")
    process = start_training(recipe, out)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out


def assert_equal(found: Any, wanted: Any) -> None:  # noqa: ANN401 - what checkpoints hold
    """Compare values and tensors bit by bit."""
    if isinstance(wanted, torch.Tensor):
        assert torch.equal(found, wanted)
    elif isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for key in wanted:
            assert_equal(found[key], wanted[key])
    elif isinstance(wanted, (list, tuple)):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_equal(one, other)
    else:
        assert found == wanted


def checkpoint(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(folder / "last.pt", weights_only=True)
    return state


def steps_of(folder: Path) -> list[dict[str, float]]:
    path = folder / "steps.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("seed", [0, 1])
def test_a_killed_run_ends_as_if_it_had_not_been(
    recipe: Path, whole: Path, tmp_path: Path, seed: int
) -> None:
    target = Random(seed).randrange(1, 19)  # noqa: S311 - a moment, not a secret
    process = start_training(recipe, tmp_path)
    while process.poll() is None and len(steps_of(tmp_path)) < target:
        time.sleep(0.001)
    process.kill()
    process.communicate()
    assert process.returncode == -9
    again = start_training(recipe, tmp_path)
    _, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert_equal(checkpoint(tmp_path), checkpoint(whole))
    assert steps_of(tmp_path) == steps_of(whole)
    assert [row["step"] for row in steps_of(tmp_path)] == list(range(1, 21))


def test_two_processes_train_as_one(recipe: Path, whole: Path, tmp_path: Path) -> None:
    first, second = train_together(recipe, tmp_path, 2)
    together, alone = checkpoint(tmp_path), checkpoint(whole)
    # Adam divides a gradient by its size: where it is 0 but for rounding (biases of attention keys
    # have no effect), single weights may differ, and only the whole is compared.
    one, other = (torch.cat([t.flatten() for t in s["task"].values()]) for s in (together, alone))
    assert (one - other).norm() <= 1e-3 * other.norm()
    for found, wanted in zip(steps_of(tmp_path), steps_of(whole), strict=True):
        assert found == pytest.approx(wanted, abs=2e-4)
    assert json.loads(first) == pytest.approx(together["measured"])
    assert second == ""


def test_the_checkpoint_says_where_it_comes_from(whole: Path) -> None:
    state = checkpoint(whole)
    assert state["recipe"]["stage"][1]["optimiser"]["lr"] == 1e-3
    assert {"date", "commit", "machine", "versions"} <= state["provenance"].keys()
