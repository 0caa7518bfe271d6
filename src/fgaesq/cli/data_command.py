"""`fgaesq data`: construct; the others are in the other `data_` files."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from fgaesq.cli.data_calibrate import calibrate
from fgaesq.cli.data_check import check
from fgaesq.cli.data_collect import collect
from fgaesq.cli.data_import import import_
from fgaesq.cli.data_publish import publish
from fgaesq.cli.data_reading import convert, formats, inspect
from fgaesq.cli.data_refine import refine
from fgaesq.cli.data_texts import describe, phrase
from fgaesq.cli.progress import Progress
from fgaesq.errors import InputError

__all__ = ["command"]


@click.group("data", help="Read, inspect and make series to learn from and to measure on.")
def command() -> None:
    """Group the commands on data."""


for _member in (
    *(collect, refine, check, calibrate, publish, import_),
    *(formats, inspect, convert, describe, phrase),
):
    command.add_command(_member)


@command.command("construct")
@click.argument("photos", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the series; must not exist or be empty.",
)
@click.option("--series", type=click.IntRange(1), default=60, show_default=True, help="How many.")
@click.option(
    "--split",
    type=click.Choice(["train", "val", "test"]),
    default="test",
    show_default=True,
    help="Whose photos are used.",
)
@click.option("--seed", type=int, default=3, show_default=True, help="Of everything random.")
def construct(photos: Path, out: Path, series: int, split: str, seed: int) -> None:
    """Write constructed series as folders of PNG files with their true order.

    PHOTOS is a folder of photos with a MANIFEST.csv (columns file and tier). The truth goes into
    OUT/truth.csv: series, image, kind of edit, severity (lower is better), source photo.
    """
    from PIL import Image

    from fgaesq.datasets.constructed import read_pool, series_stream
    from fgaesq.datasets.token_cache import DecodedPhotos

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: is not an empty folder; give a new one to --out")
    pool = read_pool(photos, split=split)
    out.mkdir(parents=True, exist_ok=True)
    with (
        (out / "truth.csv").open("w", newline="", encoding="utf-8") as file,
        Progress("constructing", series) as progress,
    ):
        truth = csv.writer(file, lineterminator="\n")
        truth.writerow(["series", "image", "kind", "severity", "source"])
        stream = series_stream(pool, DecodedPhotos(pool), seed=seed, indices=range(series))
        for number, one in enumerate(stream):
            folder = out / f"{number:06d}"
            folder.mkdir()
            for member, (image, severity) in enumerate(
                zip(one.images, one.severities, strict=True), start=1
            ):
                name = f"{number:06d}-{member:02d}.png"
                Image.fromarray(image).save(folder / name, compress_level=1)
                truth.writerow([folder.name, name, one.kind, f"{severity:.4f}", one.source])
            progress.advance()
    click.echo(f"{out}: {series} series, truth in {out / 'truth.csv'}")
