"""`fgaesq review`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from fgaesq.cli.desk_options import catalogue_option, folders_argument
from fgaesq.cli.options import loaded, model_options, serving_options
from fgaesq.desk.applying import Applying
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.shoot import ShootDesk

__all__ = ["command"]


@click.command(
    "review",
    help="""Look at a culled shoot in the browser: agree, overrule, split, merge, apply.

The page is served on this computer only (but see --host), needs no network, and its address holds a
secret. Stop it
with Ctrl-C; everything is kept in the catalogue at once. Needs the extra web.""",
)
@folders_argument
@serving_options
@catalogue_option
@model_options  # fmt: skip
def command(
    folders: tuple[Path, ...],
    host: str,
    port: int,
    opens: bool,
    catalogue_file: Path | None,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Open the shoot and serve it."""
    from fgaesq.desk.review import serve

    ranker = loaded(**model)
    with Catalogue(catalogue_file) as catalogue:
        # What is marked in the review was said by the person, later than what a sidecar holds.
        desk = ShootDesk(folders, catalogue, ranker=ranker, applying=Applying(overwrite="marked"))
        with closing(desk):
            _say_reading(desk)
            serve(
                desk,
                host=host,
                port=port,
                open_browser=opens,
                on_ready=lambda url: click.echo(url, err=True),
            )


def _say_reading(desk: ShootDesk) -> None:
    """Say if photos were read fast; there are two readings where parts were culled on their own."""
    readings = desk.readings()
    if len(readings) > 1:
        said = (
            "some of these photos were read fast (cull --fast) and some were not, so their scores "
            "do not compare; cull these folders in one run"
        )
        click.echo(said, err=True)
    elif "fast" in readings:
        click.echo("read fast, as these folders were culled with --fast", err=True)
