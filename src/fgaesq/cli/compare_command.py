"""`fgaesq compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from fgaesq.cli.options import finish, format_option, loaded, model_options
from fgaesq.cli.targets import check_picture_target, picture_bytes, write_file
from fgaesq.images import read_photo
from fgaesq.report import formats
from fgaesq.report.picture import comparison_picture
from fgaesq.report.table import comparison_table, terminal_style
from fgaesq.types import Comparison

__all__ = ["command"]

_PICTURE_IMAGE_PX = 1200


@click.command(
    "compare",
    help="""Tell which of two images is better and how surely.

p is the probability that FIRST is preferred to SECOND.""",
)
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@format_option
@click.option(
    "--map",
    "picture",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a picture (PNG, JPEG, WebP) of where the two differ and what moves the score.",
)
@click.option(
    "--pair-id",
    metavar="ID",
    help="Of the reference tokenizer's draws, such as 12_1_3: series 12, images 1 and 3.",
)
@model_options
def command(
    first: Path,
    second: Path,
    form: str,
    picture: Path | None,
    pair_id: str | None,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Compare, draw the map, print."""
    if (pair_id is not None) != (model["tokenizer"] == "reference"):
        raise click.UsageError("--pair-id and --tokenizer reference go together")
    if picture:
        check_picture_target(picture, (first, second))
    comparison = loaded(**model).compare(first, second, pair_id=pair_id)
    if picture:
        _write_map(picture, comparison, first, second)
    finish(_text(comparison, form), (), ())


def _write_map(target: Path, comparison: Comparison, first: Path, second: Path) -> None:
    pixels = [
        read_photo(path, max_long_side_px=_PICTURE_IMAGE_PX).pixels for path in (first, second)
    ]
    drawn = comparison_picture(comparison, pixels[0], pixels[1])
    write_file(target, picture_bytes(drawn, target))


def _text(comparison: Comparison, form: str) -> str:
    if form == "json":
        return formats.to_json(formats.comparison_data(comparison))
    if form == "ndjson":
        return formats.comparison_ndjson(comparison)
    if form == "csv":
        return formats.comparison_csv(comparison)
    return comparison_table(comparison, terminal_style(sys.stdout))
