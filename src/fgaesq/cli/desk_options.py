"""What the commands of the photo desk share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from fgaesq.desk.desk import Applied
from fgaesq.images.names import printable
from fgaesq.report.words import counted

__all__ = [
    "catalogue_option",
    "dry_run_option",
    "exit_with",
    "folders_argument",
    "print_applied",
    "sidecar_options",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])

folders_argument = click.argument(
    "folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path)
)

catalogue_option = click.option(
    "--catalogue",
    "catalogue_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The catalogue. [default: FGAESQ_CATALOGUE, or one in the user's data folder]",
)

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Only say what would be written or moved."
)


def sidecar_options(command: _Command) -> _Command:
    """Add the options that say how decisions are written into sidecars."""
    command = click.option(
        "--overwrite",
        type=click.Choice(["never", "marked", "always"]),
        default="never",
        show_default=True,
        help="Ratings and labels of yours that give way: none, those of photos that you marked "
        "in the review, or all.",
    )(command)
    return click.option(
        "--sidecar",
        "style",
        type=click.Choice(["stem", "full"]),
        help="Name of new sidecars: IMG.xmp or IMG.CR2.xmp. [default: as other programs expect it]",
    )(command)


def print_applied(applied: Applied, *, dry_run: bool, err: bool = False) -> None:
    """Print what was written and moved; with `err` all of it to stderr."""
    for line in applied.lines:
        click.echo(printable(line), err=err)
    for line in applied.failures:
        click.echo(printable(line), err=True)
    verb = "would be " if dry_run else ""
    click.echo(
        f"{counted(applied.written, 'sidecar')} {verb}written, "
        f"{counted(applied.moved, 'file')} {verb}moved",
        err=True,
    )


def exit_with(applied: Applied) -> None:
    """Leave with exit code 3 if some files could not be written or moved, 1 if none could."""
    if applied.failures:
        sys.exit(3 if applied.written or applied.moved else 1)
