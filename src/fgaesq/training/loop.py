"""The loop: steps, validation, checkpoints. It knows nothing of the task but that it has losses."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from fgaesq.errors import RecipeError
from fgaesq.evaluation.provenance import provenance
from fgaesq.training.averaging import Average
from fgaesq.training.batches import Batch
from fgaesq.training.distributed import is_first, synchronised, wait_for_all
from fgaesq.training.journal import Journal
from fgaesq.training.optimisers import Optimisers, learning_rate_factor
from fgaesq.training.recipe import Recipe, Stage

__all__ = ["Progress", "fit"]

Progress = Callable[[int, int, dict[str, float]], None]


def fit(
    task: nn.Module,
    batches: Callable[[int], Batch],
    validate: Callable[[], dict[str, float]],
    recipe: Recipe,
    folder: Path,
    *,
    progress: Progress | None = None,
    tensorboard: bool = False,
) -> dict[str, float]:
    """Train `task` where its parameters are, and return the last validation.

    The batch of a step is a function of the step alone, so that a run that was stopped goes on from
    `folder/last.pt` exactly as if it had not been. Each stage begins with a new optimiser.

    Args:
        task: returns a dict of losses with `total`.
        batches: step, counted through all stages -> batch.
        validate: measures the task, in eval mode without gradients.
        recipe: of the run, its epochs turned into steps; written into every checkpoint.
        folder: for `last.pt` and the files of `Journal`.
        progress: called after each step with (step, steps, losses).
        tensorboard: whether the journal also writes event files.

    Raises:
        RecipeError: `folder` holds a checkpoint of another recipe, or the loss is no longer finite.
        MissingExtraError: `tensorboard` is asked for and not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved = _read(folder / "last.pt", task, recipe)
    start, measured = (int(saved["step"]), saved["measured"]) if saved else (0, {})
    wait_for_all()  # before the first process writes what the others have just read
    journal = Journal(folder, start, tensorboard=tensorboard, writes=is_first())
    origin, began = provenance(), time.monotonic()
    average = Average(task, recipe.average)
    if saved:
        average.load_state_dict(saved["average"])
    parallel, optimiser = synchronised(task), None
    for step, batch in _read_ahead(batches, range(start, recipe.steps)):
        stage, local = _place(recipe, step)
        if optimiser is None or local == 0:
            optimiser = Optimisers(task, stage.optimiser)
            if saved and local > 0:
                optimiser.load_state_dict(saved["optimiser"])
        factor = learning_rate_factor(local, stage.optimiser)
        optimiser.set_factor(factor)
        torch.manual_seed(recipe.seed * 1_000_003 + step)  # dropout; local to this process
        losses = _step(
            parallel, batch, optimiser, clip=stage.optimiser.clip, precision=recipe.precision
        )
        if not math.isfinite(losses["total"]):
            raise RecipeError(
                f"step {step + 1}: the loss is {losses['total']}; "
                "lower optimiser.lr or raise optimiser.warmup"
            )
        average.add(task)
        journal.step({"step": step + 1, "lr": factor * stage.optimiser.lr, **losses})
        if progress:
            progress(step + 1, recipe.steps, losses)
        validates = local + 1 == stage.optimiser.steps or _falls_on(step, recipe.validate_every)
        if validates:
            with average.in_place(task):
                measured = _validated(task, validate)
            seconds = round(time.monotonic() - began, 1)
            journal.validation({"step": step + 1, "seconds": seconds, **losses, **measured})
        if validates or _falls_on(step, recipe.checkpoint_every):
            learned = (task, optimiser, average)
            _save(folder / "last.pt", learned, step + 1, recipe, measured, origin)
    journal.close()
    return measured


def _falls_on(step: int, every: int) -> bool:
    return every > 0 and (step + 1) % every == 0


def _place(recipe: Recipe, step: int) -> tuple[Stage, int]:
    """Return the stage of a step and its number in it, from 0."""
    for stage in recipe.stages:
        if step < stage.optimiser.steps:
            return stage, step
        step -= stage.optimiser.steps
    raise ValueError("the step is behind the last stage")


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
    *,
    clip: float,
    precision: str,
) -> dict[str, float]:
    """Take one step, unless the loss is no number, and return the losses."""
    task.train()
    optimiser.zero_grad()
    device = next(task.parameters()).device.type
    with torch.autocast(device, dtype=torch.bfloat16, enabled=precision == "bf16"):
        losses: dict[str, Tensor] = task(batch)
    if losses["total"].isfinite():
        losses["total"].backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(task.parameters(), clip)
        optimiser.step()
    return {name: float(value.detach()) for name, value in losses.items()}


def _validated(task: nn.Module, validate: Callable[[], dict[str, float]]) -> dict[str, float]:
    task.eval()
    with torch.no_grad():
        return validate()


def _read(path: Path, task: nn.Module, recipe: Recipe) -> dict[str, Any] | None:
    """Load the checkpoint into the task if there is one made with the same recipe; return it."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    if state["recipe"] != asdict(recipe):
        raise RecipeError(f"{path}: made with another recipe; remove it or choose another folder")
    task.load_state_dict(state["task"])
    return state


def _save(
    path: Path,
    learned: tuple[nn.Module, Optimisers, Average],
    step: int,
    recipe: Recipe,
    measured: dict[str, float],
    origin: dict[str, object],
) -> None:
    """Write the checkpoint beside and rename it, so that a kill never leaves half of one.

    Of several processes, the first does.
    """
    if not is_first():
        return
    beside = path.with_suffix(".part")
    state = {
        "task": learned[0].state_dict(),
        "optimiser": learned[1].state_dict(),
        "average": learned[2].state_dict(),
        "step": step,
        "recipe": asdict(recipe),
        "measured": measured,
        "provenance": origin,
        "torch": str(torch.__version__),
    }
    torch.save(state, beside)
    beside.replace(path)
