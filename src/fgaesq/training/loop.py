"""The loop: steps, validation, checkpoints. It knows nothing of the task but that it has losses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fgaesq.errors import RecipeError
from fgaesq.training.batches import Batch
from fgaesq.training.optimisers import Optimisers, learning_rate_factor
from fgaesq.training.recipe import Recipe

__all__ = ["Progress", "batch_indices", "fit"]

Progress = Callable[[int, int, dict[str, float]], None]


def fit(
    task: nn.Module,
    batches: Callable[[int], Batch],
    validate: Callable[[], dict[str, float]],
    recipe: Recipe,
    folder: Path,
    *,
    progress: Progress | None = None,
) -> dict[str, float]:
    """Train `task` and return the last validation.

    The batch of a step is a function of the step alone, so that a run that was stopped goes on from
    `folder/last.pt` exactly as if it had not been.

    Args:
        task: returns a dict of losses with `total`.
        batches: step -> batch.
        validate: measures the task, in eval mode without gradients.
        recipe: of the run; written into every checkpoint.
        folder: for `last.pt` and `log.jsonl`.
        progress: called after each step with (step, steps, losses).

    Raises:
        RecipeError: `folder` holds a checkpoint of another recipe, or the loss is no longer finite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    optimiser = Optimisers(task, recipe.optimiser)
    start, measured = _resume(folder / "last.pt", task, optimiser, recipe)
    steps = recipe.optimiser.steps
    began = time.monotonic()
    for step, batch in _read_ahead(batches, range(start, steps)):
        torch.manual_seed(recipe.seed * 1_000_003 + step)  # dropout; local to this process
        losses = _step(task, batch, optimiser, step, recipe)
        if progress:
            progress(step + 1, steps, losses)
        if (step + 1) % recipe.validate_every == 0 or step + 1 == steps:
            measured = _validated(task, validate)
            _log(folder, {"step": step + 1, "seconds": round(time.monotonic() - began, 1),
                          **losses, **measured})  # fmt: skip
            _save(folder / "last.pt", task, optimiser, step + 1, recipe, measured)
    return measured


def _read_ahead(batches: Callable[[int], Batch], steps: range) -> Iterator[tuple[int, Batch]]:
    """Yield (step, its batch); the next one is read on another thread meanwhile."""
    if not steps:
        return
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(batches, steps[0])
        for step in steps:
            batch = ahead.result()
            if step + 1 < steps.stop:
                ahead = reader.submit(batches, step + 1)
            yield step, batch


def _step(
    task: nn.Module,
    batch: Batch,
    optimiser: Optimisers,
    step: int,
    recipe: Recipe,
) -> dict[str, float]:
    task.train()
    optimiser.set_factor(learning_rate_factor(step, recipe.optimiser))
    optimiser.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=recipe.precision == "bf16"):
        losses: dict[str, Tensor] = task(batch)
    if not losses["total"].isfinite():
        raise RecipeError(
            f"step {step + 1}: the loss is {losses['total'].item()}; "
            "lower optimiser.lr or raise optimiser.warmup"
        )
    losses["total"].backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(task.parameters(), recipe.optimiser.clip)
    optimiser.step()
    return {name: float(value.detach()) for name, value in losses.items()}


def _validated(task: nn.Module, validate: Callable[[], dict[str, float]]) -> dict[str, float]:
    task.eval()
    with torch.no_grad():
        return validate()


def _resume(
    path: Path, task: nn.Module, optimiser: Optimisers, recipe: Recipe
) -> tuple[int, dict[str, float]]:
    """Load the checkpoint if there is one made with the same recipe."""
    if not path.exists():
        return 0, {}
    state: dict[str, Any] = torch.load(path, weights_only=True)
    if state["recipe"] != asdict(recipe):
        raise RecipeError(f"{path}: made with another recipe; remove it or choose another folder")
    task.load_state_dict(state["task"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"]), state["measured"]


def _save(
    path: Path,
    task: nn.Module,
    optimiser: Optimisers,
    step: int,
    recipe: Recipe,
    measured: dict[str, float],
) -> None:
    """Write the checkpoint beside and rename it, so that a kill never leaves half of one."""
    part = path.with_suffix(".part")
    state = {
        "task": task.state_dict(),
        "optimiser": optimiser.state_dict(),
        "step": step,
        "recipe": asdict(recipe),
        "measured": measured,
        "torch": str(torch.__version__),
    }
    torch.save(state, part)
    part.replace(path)


def _log(folder: Path, row: dict[str, float]) -> None:
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(row) + "\n")


def batch_indices(stream: Iterator[NDArray[np.int64]], steps: int) -> list[NDArray[np.int64]]:
    """Return the image indices of every step, drawn once, so that any step can be repeated."""
    return [next(stream) for _ in range(steps)]
