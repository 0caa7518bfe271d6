"""`fgaesq train`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fgaesq.cli.progress import Progress
from fgaesq.errors import MissingExtraError, RecipeError

__all__ = ["command"]


@click.command(
    "train",
    help="""Train a model by RECIPE, a TOML file (see recipes/).

A stopped run goes on where it was when the same command is given again.""",
)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the checkpoint and the log.",
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
def command(recipe: Path, out: Path, overrides: tuple[str, ...], threads: int | None) -> None:
    """Read the recipe, train, print the last validation."""
    try:
        from fgaesq.training.distillation import teacher_outputs
        from fgaesq.training.runs import construct_data, train
    except ImportError:
        raise MissingExtraError("training", "train") from None
    from fgaesq.training.recipe import read_recipe

    for one in overrides:
        if "=" not in one:
            raise RecipeError(f"--set {one}: needs KEY=VALUE, such as optimiser.steps=100")
    settings = read_recipe(recipe, dict(one.split("=", 1) for one in overrides))
    shards = Progress("constructing shards")
    with shards:
        construct_data(settings, progress=lambda done, _: shards.advance(done - shards.done))
    if settings.data.teacher:
        with Progress("asking the teacher", settings.data.train_series) as asked:
            teacher_outputs(settings, progress=lambda done, _: asked.advance(done - asked.done))
    with Progress("training", settings.optimiser.steps) as progress:

        def advance(step: int, steps: int, losses: dict[str, float]) -> None:
            del steps
            progress.advance(step - progress.done)
            if step % 50 == 0:
                with progress.paused():
                    shown = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
                    click.echo(f"step {step}  {shown}", err=True)

        measured = train(settings, out, threads=threads, progress=advance)
    click.echo(json.dumps(measured, indent=2))
