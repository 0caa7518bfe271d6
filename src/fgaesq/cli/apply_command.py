"""`fgaesq apply`."""

from __future__ import annotations

from pathlib import Path

import click

from fgaesq.cli.desk_options import (
    catalogue_option,
    dry_run_option,
    exit_with,
    folders_argument,
    print_applied,
    sidecar_options,
)
from fgaesq.desk.applying import Applying
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.decisions import Overwrite
from fgaesq.desk.shoot import ShootDesk
from fgaesq.sidecars.files import Style

__all__ = ["command"]


@click.command(
    "apply",
    help="""Write the decisions on a shoot into XMP sidecars.

What you decided in the review counts, else what `fgaesq cull` proposed. Photos themselves are never
changed, nothing is deleted, and `fgaesq undo` takes it back.""",
)
@folders_argument
@dry_run_option
@click.option(
    "--move-rejects",
    "rejects_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Also move the rejects, with all their files, into this folder.",
)
@sidecar_options
@catalogue_option
def command(
    folders: tuple[Path, ...],
    dry_run: bool,
    rejects_folder: Path | None,
    style: Style | None,
    overwrite: Overwrite,
    catalogue_file: Path | None,
) -> None:
    """Open the shoot, apply, print."""
    applying = Applying(style, overwrite, rejects_folder)
    with Catalogue(catalogue_file) as catalogue:
        desk = ShootDesk(folders, catalogue, applying=applying)
        applied = desk.apply(dry_run=dry_run)
    print_applied(applied, dry_run=dry_run)
    exit_with(applied)
