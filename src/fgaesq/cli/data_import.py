"""`fgaesq data import`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fgaesq.cli.options import votes_option
from fgaesq.cli.progress import Progress
from fgaesq.errors import InputError

if TYPE_CHECKING:
    from fgaesq.building.collection import Collection
    from fgaesq.building.publish.foreign_votes import ForeignVotes
    from fgaesq.building.records import Category
    from fgaesq.datasets.records import Dataset

__all__ = ["import_"]


@click.command("import")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--sidecars", is_flag=True, help="Take stars and rejects beside the photos as votes.")
@click.option(
    "--columns",
    metavar="ROLE=NAME,...",
    help="Which columns of a table hold what, as in winner=A,loser=B.",
)
@click.option("--annotator", default="", metavar="NAME", help="Whose judgements they are.")
@click.option(
    "--kind",
    type=click.Choice(["natural", "aigc", "cropping"]),
    help="Of series whose source does not say it.",
)
@click.option("--format", "form", metavar="NAME", help="Of the datasets; by default found out.")
@votes_option
def import_(
    *,
    dataset: Path,
    files: tuple[Path, ...],
    sidecars: bool,
    columns: str | None,
    annotator: str,
    kind: Category | None,
    form: str | None,
    votes_url: str | None,
) -> None:
    """Bring finished datasets, or votes given elsewhere, into DATASET.

    A folder is a dataset in a format of 'fgaesq data formats': its series, values, pairs and splits
    are added, and DATASET is made if it is not there. A .csv or .jsonl file is a table of
    judgements on images of DATASET: winners and losers, or ratings, which become pairs within each
    series (higher is better, equal is a tie). What is not understood is counted and named.
    """
    from fgaesq.building.collection import create_collection, open_collection
    from fgaesq.building.publish.foreign_votes import read_sidecars, read_table, table_of

    if not files and not sidecars:
        raise InputError("nothing to import; name files, or give --sidecars")
    for path in files:
        if not path.exists():
            raise InputError(f"{path}: not found; give a folder or a table")
    named = _named(columns)
    # All is read before anything is made: a wrong folder leaves no empty dataset behind.
    tables = {path: table_of(path, named) for path in files if path.is_file() and form is None}
    sources = {path: _read(path, form, kind) for path in files if path not in tables}
    problems: list[str] = []
    for path, source in sources.items():
        with create_collection(dataset) as collection:
            problems += _import_dataset(collection, path, source, kind)
    with open_collection(dataset) as collection:
        for path, table in tables.items():
            used = ", ".join(f"{role} = {column}" for role, column in table.columns.items())
            click.echo(f"{path}: read as {table.kind}: {used}")
            found = read_table(collection, path, table, annotator=annotator)
            problems += _keep(dataset, votes_url, found, str(path))
        if sidecars:
            found = read_sidecars(collection, annotator=annotator or "sidecars")
            problems += _keep(dataset, votes_url, found, "sidecars")
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(3)


def _read(path: Path, form: str | None, kind: Category | None) -> Dataset:
    from fgaesq.building.publish.importing import categories_of
    from fgaesq.datasets.reading import read_dataset

    found = read_dataset(path, form)
    categories_of(found, kind)
    return found


def _import_dataset(
    collection: Collection, path: Path, found: Dataset, kind: Category | None
) -> Iterable[str]:
    from fgaesq.building.publish.importing import import_dataset

    with Progress("reading images", len(found.items)) as progress:
        done = import_dataset(collection, found, category=kind, on_image=progress.advance)
    known = f"; {done.known} series were there before" if done.known else ""
    click.echo(f"{path}: {done.series} series, {done.images} images, {done.pairs} pairs{known}")
    lost = [f"{path}: {problem}" for problem in found.problems if not problem.harmless]
    return [*lost, *done.failures]


def _keep(dataset: Path, votes_url: str | None, found: ForeignVotes, source: str) -> Iterable[str]:
    from fgaesq.building.votes import open_votes

    with open_votes(dataset, votes_url) as votes:
        new = votes.add_votes(found.votes)
    click.echo(f"{source}: {len(found.votes)} votes, {new} of them new")
    return [f"{source}: {problem}" for problem in found.problems]


def _named(columns: str | None) -> dict[str, str]:
    named = {}
    for part in (columns or "").split(","):
        role, equals, column = part.partition("=")
        if part and not (equals and column):
            raise click.UsageError(f"--columns {part}: needs ROLE=NAME, such as winner=A")
        if part:
            named[role.strip()] = column.strip()
    return named
