"""`fgaesq undo`."""

from __future__ import annotations

from pathlib import Path

import click

from fgaesq.cli.desk_options import catalogue_option, dry_run_option, exit_with, print_applied
from fgaesq.desk.applying import undo_last
from fgaesq.desk.catalogue import Catalogue

__all__ = ["command"]


@click.command(
    "undo",
    help="""Take back what was applied last.

Moved files go back to their places, and sidecars get the very content that they had. Those that
another program changed since are left as they are and named. Run it again to take back the run
before. (Marks are undone in the review.)""",
)
@dry_run_option
@catalogue_option
def command(dry_run: bool, catalogue_file: Path | None) -> None:
    """Undo, print."""
    with Catalogue(catalogue_file) as catalogue:
        applied = undo_last(catalogue, dry_run=dry_run)
    print_applied(applied, dry_run=dry_run)
    exit_with(applied)
