"""`fgaesq data publish`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fgaesq.cli.options import votes_option
from fgaesq.cli.progress import Progress

__all__ = ["publish"]


@click.command("publish")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the export; must not exist or be empty.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["fgaesthetics", "own", "parquet", "label-studio"]),
    default="own",
    show_default=True,
    help="Of the export; see docs/datasets.md.",
)
@click.option(
    "--licences",
    metavar="A,B",
    help="Only images of these licences; 'unknown' stands for none known. [default: all]",
)
@click.option(
    "--copy/--link",
    default=True,
    help="Copy photos, or link the original files (needs --keep-metadata). [default: copy]",
)
@click.option(
    "--keep-metadata",
    is_flag=True,
    help="Leave EXIF, places and times in the files; by default they are taken out.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the splits.")
@click.option("--resplit", is_flag=True, help="Choose all splits anew; else series keep theirs.")
@click.option(
    "--shard-mb",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    metavar="MB",
    help="Size of a Parquet file.",
)
@click.option("--author", default="", help="Who is to be cited, for the card.")
@click.option("--url", default="", help="Where the dataset will be found, for the card.")
@click.option("--about", default="", metavar="TEXT", help="What it is of, for the card.")
@votes_option
@click.option("--threads", type=click.IntRange(1, 1024), metavar="N", help="[default: all cores]")
def publish(
    *,
    dataset: Path,
    out: Path,
    form: str,
    licences: str | None,
    copy: bool,
    keep_metadata: bool,
    seed: int,
    resplit: bool,
    shard_mb: int,
    author: str,
    url: str,
    about: str,
    votes_url: str | None,
    threads: int | None,
) -> None:
    """Split the calibrated series of DATASET 8:1:1 and write them for others to use.

    Series of one scene are never split apart, which is checked by likeness. The export has a card
    (README.md) and is there as a whole or not at all.
    """
    from fgaesq.building.collection import open_collection
    from fgaesq.building.collection.ranks import calibrated_series
    from fgaesq.building.publish.card import About
    from fgaesq.building.publish.files import ImageFiles
    from fgaesq.building.publish.publishing import FORMS, Publishing
    from fgaesq.building.publish.publishing import publish as write
    from fgaesq.cli.data_votes import opened_votes
    from fgaesq.engines import usable_cores

    settings = Publishing(
        form=next(one for one in FORMS if one == form),
        files=ImageFiles(keep_metadata=keep_metadata, link=not copy),
        licences={one.strip() for one in licences.split(",")} if licences else None,
        seed=seed,
        resplit=resplit,
        shard_bytes=shard_mb * 1_000_000,
        about=About(author, url, about),
        threads=threads or usable_cores(),
    )
    with open_collection(dataset) as collection, opened_votes(dataset, votes_url) as votes:
        images = sum(len(one.images) for one in calibrated_series(collection))
        with Progress("comparing and writing images", 2 * images) as progress:
            done = write(collection, out, settings, votes=votes, on_image=progress.advance)
    published = done.finished.dataset
    for what, number in done.finished.left_out.items():
        click.echo(f"left out: {what}: {number}", err=True)
    for path in done.finished.missing:
        click.echo(f"{path}: is not there; its images are left out", err=True)
    counted = ", ".join(
        f"{split} {len(published.of_split(split).items)}" for split in published.splits
    )
    click.echo(
        f"{out}: {len(published.series)} series, {len(published.items)} images ({counted}), "
        f"{len(published.pairs)} pairs"
    )
    split = done.split
    click.echo(
        f"{split.joined} series share a scene and stay together; the highest likeness across the "
        f"sides is {split.highest:.2f}"
    )
    if done.finished.missing:
        sys.exit(3)
