"""`fgaesq cull`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fgaesq.cli.desk_options import (
    catalogue_option,
    exit_with,
    folders_argument,
    print_applied,
    sidecar_options,
)
from fgaesq.cli.options import finish, loaded, model_options
from fgaesq.cli.progress import Progress
from fgaesq.cli.targets import check_target, write_file
from fgaesq.desk.applying import Applying
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import Culled, cull
from fgaesq.desk.decisions import Overwrite
from fgaesq.desk.grouping import GroupingSettings
from fgaesq.desk.memory import share_arenas
from fgaesq.desk.proposals import CullSettings
from fgaesq.desk.reports import (
    culled_csv,
    culled_data,
    culled_table,
    scores_parquet,
    shoot_ranking,
)
from fgaesq.desk.shoot import ShootDesk
from fgaesq.engines import usable_cores
from fgaesq.errors import FgaError
from fgaesq.report import formats
from fgaesq.report.html import ranking_page
from fgaesq.sidecars.files import Style
from fgaesq.types import Image

__all__ = ["command"]

_PAGE_IMAGE_PX = 480
"""Of a shoot's page: 1,000 photos make one of about 40 MB."""


@click.command(
    "cull",
    help="""Group and rank the photos of a shoot, and propose what to keep.

All photos in FOLDER, at any depth, are one shoot. What is found is kept in the catalogue: a second
run reads new and changed files only, and an interrupted one is continued. Photos are only read;
`fgaesq review` shows the proposals, `fgaesq apply` writes them into sidecars.""",
)
@folders_argument
@click.option(
    "--keep",
    type=click.IntRange(1),
    metavar="N",
    help="Photos to keep of each series. [default: 1]",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="PCT",
    help="Instead: percent of the whole shoot to keep.",
)
@click.option(
    "--size",
    type=click.FloatRange(0, 1),
    help="Size of groups, from tight to wide. [default: as chosen before, else 0.5]",
)
@click.option(
    "--fast",
    is_flag=True,
    help="Read JPEG files at 1024 to 2047 px, which decoding gives for free. Scores differ a "
    "little from those of the normal reading, and are kept apart from them.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="Of the result.",
)
@click.option(
    "--scores",
    "scores_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write all scores, as .csv or .parquet (extra data).",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write a self-contained page of the shoot.",
)
@click.option(
    "--apply",
    "applies",
    is_flag=True,
    help="Also write stars and rejects into sidecars, as `fgaesq apply` does.",
)
@click.option("--dry-run", is_flag=True, help="With --apply: only say what would be written.")
@sidecar_options
@catalogue_option
@model_options  # fmt: skip
def command(
    folders: tuple[Path, ...],
    keep: int | None,
    share: float | None,
    size: float | None,
    fast: bool,
    form: str,
    scores_file: Path | None,
    page: Path | None,
    applies: bool,
    dry_run: bool,
    style: Style | None,
    overwrite: Overwrite,
    catalogue_file: Path | None,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Cull, print, and write what was asked for."""
    _check(keep, share, applies=applies, dry_run=dry_run)
    for target in filter(None, (scores_file, page)):
        check_target(target, ())
    if scores_file and scores_file.suffix.lower() not in (".csv", ".parquet"):
        raise click.UsageError(f"{scores_file}: give a name that ends in .csv or .parquet")
    settings = CullSettings(keep or 1, None if share is None else share / 100)
    share_arenas()
    ranker = loaded(**model)
    with Catalogue(catalogue_file) as catalogue:
        with Progress("looking") as progress:
            culled = cull(
                folders,
                catalogue,
                ranker,
                settings,
                grouping=None if size is None else GroupingSettings(size),
                reading="fast" if fast else "normal",
                threads=model["threads"] or usable_cores(),
                watcher=progress,
            )
        if culled.remembered_size is not None:
            said = f"group size {culled.remembered_size:.2f}, as chosen before (--size changes it)"
            click.echo(said, err=True)
        if scores_file:
            write_file(scores_file, _scores(culled, scores_file))
        desk = ShootDesk(folders, catalogue, applying=Applying(style, overwrite))
        if page:
            write_file(page, _page(culled, desk).encode("utf-8"))
        applied = desk.apply(dry_run=dry_run) if applies else None
    if applied is not None:
        print_applied(applied, dry_run=dry_run, err=True)
    finish(_text(culled, form), culled.failures, culled.groups)
    if applied is not None:
        exit_with(applied)


def _check(keep: int | None, share: float | None, *, applies: bool, dry_run: bool) -> None:
    if keep is not None and share is not None:
        raise click.UsageError("--keep and --share exclude each other; give one of them")
    if dry_run and not applies:
        raise click.UsageError("--dry-run is for --apply; without it nothing is written anyway")


def _scores(culled: Culled, target: Path) -> bytes:
    if target.suffix.lower() == ".parquet":
        return scores_parquet(culled)
    return culled_csv(culled).encode("utf-8")


def _text(culled: Culled, form: str) -> str:
    if form == "json":
        return formats.to_json(culled_data(culled))
    return culled_csv(culled) if form == "csv" else culled_table(culled)


def _page(culled: Culled, desk: ShootDesk) -> str:
    ids = {photo.path: photo.id for group in culled.groups for photo in group.photos}

    def small(path: str) -> Image | None:
        try:
            return desk.pixels(ids[path], long_side_px=_PAGE_IMAGE_PX)
        except FgaError:  # it was readable a moment ago, so this leaves a gap
            return None

    ranking = shoot_ranking(culled, desk)
    hidden = len(culled.groups) - len(ranking.series)
    title = "Culled shoot" + (f" ({hidden} groups without ranking not shown)" if hidden else "")
    if culled.reading == "fast":
        title += ", read fast"
    if culled.taste and culled.taste.used:
        title += f", {culled.taste.words}"
    return ranking_page(ranking, small, title=title, long_side_px=_PAGE_IMAGE_PX)
