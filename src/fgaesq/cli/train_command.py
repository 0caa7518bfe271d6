"""`fgaesq train`."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from fgaesq.cli.progress import Progress
from fgaesq.errors import MissingExtraError, RecipeError

__all__ = ["command"]


@click.command(
    "train",
    help="""Train a model by RECIPE, a TOML file (see recipes/).

A stopped run goes on where it was when the same command is given again. A GPU is used if there is
one; several of them by `torchrun --nproc-per-node N -m fgaesq train RECIPE --out DIR`.""",
)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the checkpoint, the logs and the curves.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a key of the recipe, such as optimiser.steps=100.",
)
@click.option(
    "--threads", type=click.IntRange(1), metavar="N", help="Cores for the network. [default: all]"
)
@click.option("--tensorboard", is_flag=True, help="Write TensorBoard files into DIR as well.")
def command(
    recipe: Path, out: Path, overrides: tuple[str, ...], threads: int | None, tensorboard: bool
) -> None:
    """Read the recipe, train, print the last validation."""
    try:
        from fgaesq.training.distributed import is_first
        from fgaesq.training.runs import train
    except ImportError:
        raise MissingExtraError("training", "train") from None
    from fgaesq.training.recipe import read_recipe

    for one in overrides:
        if "=" not in one:
            raise RecipeError(f"--set {one}: needs KEY=VALUE, such as optimiser.steps=100")
    settings = read_recipe(recipe, dict(one.split("=", 1) for one in overrides))
    with Progress("making tokens") as making, Progress("training") as training:
        measured = train(
            settings,
            out,
            threads=threads,
            progress=partial(_trained, training) if is_first() else None,
            data_progress=partial(_made, making) if is_first() else None,
            tensorboard=tensorboard,
        )
    if is_first():
        click.echo(json.dumps(measured, indent=2))


def _made(line: Progress, done: int, parts: int) -> None:
    if done == 1 or line.done == 0:
        line.expect(parts, done=done - 1)
    line.advance(done - line.done)
    if done == parts:
        line.clear()


def _trained(line: Progress, step: int, steps: int, losses: dict[str, float]) -> None:
    if line.done == 0:
        line.expect(steps, done=step - 1)
    line.advance()
    if step % 50 == 0:
        with line.paused():
            shown = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
            click.echo(f"step {step}  {shown}", err=True)
