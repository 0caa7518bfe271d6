"""`fgaesq taste`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fgaesq.cli.desk_options import catalogue_option
from fgaesq.cli.options import loaded, model_options
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.catalogue.tastes import delete_taste, read_taste, switch_taste
from fgaesq.desk.taste import fit_taste
from fgaesq.desk.taste.words import taste_data, taste_words
from fgaesq.errors import InputError
from fgaesq.report import formats

__all__ = ["command"]

_AGAIN = "Cull a shoot again to rank it so; no photo is read for that."

_form_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Of the result.",
)


@click.group(
    "taste",
    help="""Learn what you prefer from your picks, and rank with it.

Keepers, rejects and stars that you gave, in the review or in sidecars, become pairs of a better and
a worse photo. The taste is used only where held-out picks say that it helps, and `fgaesq cull` says
so. A shoot that was culled before changes when it is culled again.""",
)
def command() -> None:
    """Group the commands on the taste."""


@command.command("show")
@_form_option
@catalogue_option
def show(form: str, catalogue_file: Path | None) -> None:
    """Say what was learned, from how much, and whether it helps."""
    with Catalogue(catalogue_file) as catalogue:
        taste = read_taste(catalogue)
    click.echo(
        formats.to_json(taste_data(taste)) if form == "json" else taste_words(taste), nl=False
    )


@command.command("fit")
@_form_option
@catalogue_option
@model_options  # fmt: skip
def fit(form: str, catalogue_file: Path | None, **model: Any) -> None:  # noqa: ANN401
    """Learn from all picks in the catalogue; switched on if it helps, else off."""
    ranker = loaded(**model)
    with Catalogue(catalogue_file) as catalogue:
        taste = fit_taste(catalogue, ranker.identity)
    click.echo(
        formats.to_json(taste_data(taste)) if form == "json" else taste_words(taste), nl=False
    )
    if taste.helps:
        click.echo(_AGAIN, err=True)


@command.command("on")
@catalogue_option
def on(catalogue_file: Path | None) -> None:
    """Use the taste again."""
    with Catalogue(catalogue_file) as catalogue:
        taste = read_taste(catalogue)
        if taste is None:
            raise InputError("no taste has been learned; run: fgaesq taste fit")
        if not taste.helps:
            raise InputError(
                "the taste does not help on held-out picks, so it stays off; "
                "mark more photos and run: fgaesq taste fit"
            )
        switch_taste(catalogue, on=True)
    click.echo(f"Your taste is on. {_AGAIN}", err=True)


@command.command("off")
@catalogue_option
def off(catalogue_file: Path | None) -> None:
    """Rank with the model alone; the taste is kept."""
    with Catalogue(catalogue_file) as catalogue:
        if read_taste(catalogue) is None:
            raise InputError("no taste has been learned, so there is none to switch off")
        switch_taste(catalogue, on=False)
    click.echo(f"Your taste is off. {_AGAIN}", err=True)


@command.command("delete")
@catalogue_option
def delete(catalogue_file: Path | None) -> None:
    """Forget the taste; your picks stay."""
    with Catalogue(catalogue_file) as catalogue:
        if read_taste(catalogue) is None:
            raise InputError("no taste has been learned, so there is none to delete")
        delete_taste(catalogue)
    click.echo(f"Your taste is deleted. {_AGAIN}", err=True)
