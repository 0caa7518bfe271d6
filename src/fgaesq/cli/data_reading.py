"""`fgaesq data`: formats, inspect, convert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fgaesq.cli.progress import Progress
from fgaesq.datasets.records import SPLITS, Split

__all__ = ["convert", "formats", "inspect"]

_FORMAT = click.option(
    "--format", "form", metavar="NAME", help="Of the dataset; by default found out from its files."
)
_SPLIT = click.option("--split", type=click.Choice(SPLITS), help="Only this one. [default: all]")
_STRICT = click.option("--strict", is_flag=True, help="Stop at the first thing that is left out.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("formats")
@_JSON
def formats(*, as_json: bool) -> None:
    """List the formats of datasets that can be read, and the files they are known by."""
    from fgaesq.datasets.reading import FORMATS

    rows = [
        {"name": one.name, "summary": one.summary, "layout": one.layout} for one in FORMATS.values()
    ]
    if as_json:
        _print_json({"formats": rows})
        return
    for row in rows:
        click.echo(f"{row['name']:<14}{row['summary']}\n{'':14}known by: {row['layout']}")


@click.command("inspect")
@click.argument("path", type=click.Path(path_type=Path))
@_FORMAT
@_SPLIT
@_STRICT
@click.option(
    "--images",
    type=click.IntRange(0),
    default=50,
    show_default=True,
    metavar="N",
    help="How many images to open.",
)
@_JSON
def inspect(
    path: Path, *, form: str | None, split: Split | None, strict: bool, images: int, as_json: bool
) -> None:
    """Print what is in the dataset PATH, how sure its judges were, and what is wrong with it.

    What cannot be used (images that are not there, unreadable lines, ...) is counted and named; the
    rest is read. The layout of each format: docs/datasets.md.
    """
    from fgaesq.datasets.inspection import inspect_dataset
    from fgaesq.datasets.reading import read_dataset
    from fgaesq.report.dataset import dataset_text

    dataset = read_dataset(path, form, split, strict=strict)
    with Progress("opening images", min(images, len(dataset.items))) as progress:
        report = inspect_dataset(dataset, sampled=images, on_image=progress.advance)
    if as_json:
        _print_json(report)
    else:
        click.echo(dataset_text(report), nl=False)


@click.command("convert")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the copy; must not exist or be empty.",
)
@_FORMAT
@_SPLIT
@_STRICT
def convert(path: Path, *, out: Path, form: str | None, split: Split | None, strict: bool) -> None:
    """Copy the dataset PATH into our own format: images, and tables that can be edited."""
    from fgaesq.datasets.converting import convert_dataset
    from fgaesq.datasets.reading import read_dataset

    dataset = read_dataset(path, form, split, strict=strict)
    with Progress("copying images", len(dataset.items)) as progress:
        convert_dataset(dataset, out, on_image=progress.advance)
    for problem in dataset.problems:
        click.echo(f"{path}: {problem}", err=True)
    click.echo(f"{out}: {len(dataset.items)} images of '{dataset.name}'")


def _print_json(content: dict[str, Any]) -> None:
    from fgaesq.report.formats import to_json

    click.echo(to_json(content).encode("utf-8"), nl=False)
