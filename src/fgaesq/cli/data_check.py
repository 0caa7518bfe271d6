"""`fgaesq data check`."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from fgaesq.cli.options import serving_options
from fgaesq.errors import InputError

__all__ = ["check"]


@click.command("check")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "who",
    metavar="NAME",
    help="Your name: decisions are kept under it, and undo takes back yours only. "
    "[default: the user's name on this computer]",
)
@serving_options
def check(dataset: Path, who: str | None, host: str, port: int, opens: bool) -> None:
    """Confirm or drop series and their images in the browser; split and merge series.

    DATASET is the folder of a dataset in the making, after the metrics and models of refinement.
    Several people may check it at the same time, each with an own name. The page is served on this
    computer only (but see --host), needs no network, and its address holds a secret. Stop it with
    Ctrl-C; everything is kept at once. Needs the extra web.
    """
    from fgaesq.building.collection import open_collection
    from fgaesq.building.people import WHAT, app
    from fgaesq.web import serve_page

    name = getpass.getuser() if who is None else who.strip()
    if not name:
        raise InputError("--as '': decisions are kept under a name; give yours")
    with open_collection(dataset) as collection:
        serve_page(
            lambda secret: app(collection, secret, who=name, host=host),
            WHAT,
            host=host,
            port=port,
            open_browser=opens,
            on_ready=lambda url: click.echo(url, err=True),
        )
