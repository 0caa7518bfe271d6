"""`fgaesq rank`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from fgaesq.cli.options import finish, format_option, loaded, model_options
from fgaesq.cli.progress import Progress
from fgaesq.cli.targets import check_picture_target, check_target, picture_bytes, write_file
from fgaesq.errors import FgaError
from fgaesq.images import find_series, printable, read_photo
from fgaesq.report import formats
from fgaesq.report.html import ranking_page
from fgaesq.report.picture import series_picture
from fgaesq.report.table import ranking_table, terminal_style
from fgaesq.types import Image, Ranking

__all__ = ["command"]

_PAGE_IMAGE_PX = 900
_PICTURE_IMAGE_PX = 1200


@click.command(
    "rank",
    help="""Rank series of images, best first.

Each folder in PATH (at any depth) is a series; files given directly are one series together.
A photo that cannot be read is named and left out, the others are ranked.""",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@click.option(
    "--pairs",
    is_flag=True,
    help="Add every pair's probability and verdict (CSV: instead of the images).",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a self-contained page of the result.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write one picture (PNG, JPEG, WebP) of the first series in rank order.",
)
@model_options
def command(
    paths: tuple[Path, ...],
    form: str,
    pairs: bool,
    page: Path | None,
    picture: Path | None,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Find the series, rank them, print."""
    series, not_found = find_series(paths)
    locations = {printable(path): path for one in series for path in one.paths}
    if page:
        check_target(page, locations.values())
    if picture:
        check_picture_target(picture, locations.values())
    ranker = loaded(**model)
    with Progress("ranking", len(locations)) as progress:
        ranking = ranker.rank_series(series, on_image=progress.advance)
    ranking = replace(ranking, failures=(*not_found, *ranking.failures))
    if page:
        html = ranking_page(ranking, lambda name: _small(locations[name], _PAGE_IMAGE_PX))
        write_file(page, html.encode("utf-8"))
    if picture:
        _write_picture(picture, ranking, locations)
    finish(_text(ranking, form, pairs), ranking.failures, ranking.series)


def _small(path: Path, long_side_px: int) -> Image | None:
    """Return the photo for showing; it was readable a moment ago, so a failure leaves a gap."""
    try:
        return read_photo(path, max_long_side_px=long_side_px).pixels
    except FgaError:
        return None


def _write_picture(target: Path, ranking: Ranking, locations: Mapping[str, Path]) -> None:
    if not ranking.series:
        click.echo(f"{target}: not written, as there is no series to show", err=True)
        return
    drawn = series_picture(
        ranking.series[0], lambda name: _small(locations[name], _PICTURE_IMAGE_PX)
    )
    write_file(target, picture_bytes(drawn, target))


def _text(ranking: Ranking, form: str, pairs: bool) -> str:
    if form == "json":
        return formats.to_json(formats.ranking_data(ranking, with_pairs=pairs))
    if form == "ndjson":
        return formats.ranking_ndjson(ranking, with_pairs=pairs)
    if form == "csv":
        return formats.pairs_csv(ranking) if pairs else formats.ranking_csv(ranking)
    return ranking_table(ranking, terminal_style(sys.stdout), with_pairs=pairs)
