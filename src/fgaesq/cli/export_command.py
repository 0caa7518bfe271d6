"""`fgaesq export`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fgaesq.cli.progress import Progress
from fgaesq.errors import MissingExtraError

__all__ = ["command"]


@click.command(
    "export",
    help="""Turn the checkpoint of a training run into a model folder.

The temperature of P(A beats B) is fitted on validation series, which training never saw: series
constructed from a pool of photos, or, where a run learned of judged series alone, theirs.""",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the model; must not exist or be empty.",
)
@click.option("--version", required=True, help="Of the model, such as 0.1.0.")
@click.option(
    "--photos",
    type=click.Path(path_type=Path),
    help="The pool of photos. [default: the recipe's, if any]",
)
@click.option(
    "--series",
    type=click.IntRange(1),
    default=900,
    show_default=True,
    help="Validation series for the temperature.",
)
@click.option(
    "--reason-series",
    type=click.IntRange(1),
    default=1500,
    show_default=True,
    help="Training series to fit the words of reasons on.",
)
@click.option(
    "--natural-series",
    type=click.IntRange(1),
    default=1500,
    show_default=True,
    help="Training series of several scenes and of renderings, of each way to make them, to fit on "
    "what naturalness says.",
)
def command(run: Path, out: Path, version: str, photos: Path | None, **series: int) -> None:
    """Export, calibrate, print what was measured."""
    try:
        from fgaesq.training.publish import publish
    except ImportError:
        raise MissingExtraError("exporting", "train") from None
    with Progress("calibrating") as progress:
        measured = publish(
            run,
            out,
            version=version,
            photos=photos,
            **series,
            on_image=progress.advance,
        )
    click.echo(json.dumps(measured, indent=2))
