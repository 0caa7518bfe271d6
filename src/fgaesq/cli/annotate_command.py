"""`fgaesq annotate`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

import click

from fgaesq.cli.options import votes_option
from fgaesq.errors import InputError
from fgaesq.images.names import printable

if TYPE_CHECKING:
    from fgaesq.building.collection import Collection
    from fgaesq.building.votes.store import Votes

__all__ = ["command"]

_MOST_AT_ONCE: Final = 1000
"""People added by a number; a slip of the finger must not make links for millions."""

_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d+)?")


@click.command(
    "annotate",
    help="""Ask people which of two images is better, many of them at once, in the browser.

DATASET is the folder of a dataset in the making. Every annotator has a link of their own, which
gives access to their own work only; the address of the organiser's view is printed when the page
answers. Votes are kept at once and for good; stop the page with Ctrl-C and start it again whenever
you like. Options on the work are kept with the votes until they are given anew. Needs the extra
build.""",
)
@click.argument("dataset", type=click.Path(path_type=Path))
@votes_option
@click.option(
    "--annotators",
    metavar="NAMES|N",
    help="Add people: names with commas between them, or how many there are to be.",
)
@click.option(
    "--link", "renewed", multiple=True, metavar="NAME", help="Give a person a new link; repeatable."
)
@click.option("--per-pair", type=click.IntRange(1), metavar="N", help="Votes on each pair.")
@click.option(
    "--every-pair-up-to",
    type=click.IntRange(1),
    metavar="N",
    help="Series of so many images are judged pair by pair; larger ones by the pairs that tell "
    "most.",
)
@click.option(
    "--golden",
    "golden_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="CSV",
    help="Pairs with a known answer, in columns better and worse: ids or paths of images.",
)
@click.option(
    "--golden-edits",
    type=click.IntRange(0),
    metavar="N",
    help="Have N pairs of an image and a spoiled copy of it among those with a known answer.",
)
@click.option("--golden-rate", type=float, metavar="SHARE", help="Of pairs with a known answer.")
@click.option("--repeat-rate", type=float, metavar="SHARE", help="Of pairs that are asked again.")
@click.option(
    "--bad-after",
    type=click.IntRange(1),
    metavar="N",
    help="A series that so many people call bad is no longer asked.",
)
@click.option(
    "--rest-minutes", type=click.IntRange(0), metavar="N", help="Remind to rest after; 0: never."
)
@click.option(
    "--rest-votes", type=click.IntRange(0), metavar="N", help="Remind to rest after; 0: never."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="To listen on; 0.0.0.0 lets other computers and phones in.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8473,
    show_default=True,
    metavar="N",
    help="Of the address; links hold while it stays.",
)
@click.option(
    "--url",
    default="",
    metavar="URL",
    help="What links begin with, if another server passes requests on, or under the address of "
    "this computer in the network.",
)
@click.option("--open/--no-open", "opens", default=False, show_default=True,
              help="Open the organiser's view in the browser.")  # fmt: skip
def command(
    dataset: Path,
    votes_url: str | None,
    annotators: str | None,
    renewed: tuple[str, ...],
    golden_file: Path | None,
    golden_edits: int | None,
    host: str,
    port: int,
    url: str,
    opens: bool,
    **plan: Any,  # noqa: ANN401 - the attributes of `Plan`, checked there
) -> None:
    """Prepare the votes and serve the page."""
    from fgaesq.building.annotate import serve
    from fgaesq.building.annotate.plan import kept_plan
    from fgaesq.building.collection import open_collection
    from fgaesq.building.votes import open_votes

    names = [] if annotators is None else _names(annotators)
    _check_url(url)
    with open_collection(dataset) as collection, open_votes(dataset, votes_url) as votes:
        votes.belong_to(collection.name)
        made = kept_plan(votes, plan)
        _golden(collection, votes, golden_file, golden_edits)
        tokens = _tokens(votes, names, renewed)

        def tell(address: str) -> None:
            base = url.rstrip("/") or _base(address)
            for name, token in tokens:
                click.echo(f"{printable(name)}\t{base}/?token={token}")
            click.echo(f"organiser: {base}/?{urlsplit(address).query}", err=True)

        serve(
            collection, votes, made, host=host, port=port, url=url, open_browser=opens,
            on_ready=tell,
        )  # fmt: skip


def _golden(collection: Collection, votes: Votes, file: Path | None, edits: int | None) -> None:
    from fgaesq.building.annotate.golden import add_spoiled_pairs, read_golden
    from fgaesq.building.votes.asking import keep_golden

    if file is not None:
        keep_golden(votes, read_golden(file, collection))
    if edits is not None and (there := add_spoiled_pairs(collection, votes, edits)) < edits:
        click.echo(f"only {there} images can be spoiled; the dataset has no more", err=True)


def _tokens(votes: Votes, names: list[str], renewed: tuple[str, ...]) -> list[tuple[str, str]]:
    """Add people and renew links; return names with the tokens that are known only now."""
    from fgaesq.building.annotate.guests import new_annotators, renewed_token
    from fgaesq.building.votes.annotators import annotator_of

    again = [annotator_of(votes, name) for name in renewed]
    new = new_annotators(votes, names)
    found = [(one.name, token) for one, token in new]
    return found + [(one.name, renewed_token(votes, one)) for one in again]


def _names(given: str) -> list[str]:
    names = [name.strip() for name in given.split(",")]
    if not all(names):
        raise InputError(f"--annotators '{printable(given)}': a name is empty; leave it out")
    if not _NUMBER.fullmatch(given.strip()):
        return names
    number = int(given) if given.strip().isdecimal() else 0
    if not 1 <= number <= _MOST_AT_ONCE:
        raise InputError(
            f"--annotators {given.strip()}: give names, or how many people there are to be, "
            f"1 to {_MOST_AT_ONCE}"
        )
    return [f"annotator {place}" for place in range(1, number + 1)]


def _check_url(url: str) -> None:
    """Refuse what links cannot begin with; a page below a path would not find its own parts."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if url and not (sound and parts.path in ("", "/") and not parts.query and not parts.fragment):
        raise InputError(
            f"--url '{printable(url)}': links cannot begin with it; give http:// or https:// and a "
            "host, as in https://votes.example.org"
        )


def _base(address: str) -> str:
    scheme, place, *_ = urlsplit(address)
    return urlunsplit((scheme, place, "", "", ""))
