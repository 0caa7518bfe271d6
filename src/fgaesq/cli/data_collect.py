"""`fgaesq data collect`."""

from __future__ import annotations

from pathlib import Path

import click

from fgaesq.building.records import CATEGORIES, Category
from fgaesq.cli.progress import Progress

__all__ = ["collect"]


@click.command("collect")
@click.argument(
    "sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path(path_type=Path)
)
@click.option(
    "--kind", type=click.Choice(CATEGORIES), required=True, help="What the series are series of."
)
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DATASET",
    help="Folder of the dataset; made, or added to.",
)
@click.option("--folders", is_flag=True, help="Take each folder as one series.")
@click.option("--source", default="", metavar="NAME", help="Where the images come from.")
@click.option("--licence", default="", metavar="TEXT", help="Of the images, such as CC-BY-4.0.")
@click.option(
    "--size",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="natural: size of groups, from tight to wide.",
)
@click.option("--no-clips", is_flag=True, help="natural: leave clips out.")
@click.option(
    "--frames",
    type=click.IntRange(2, 100),
    default=5,
    show_default=True,
    metavar="N",
    help="natural: most frames of a scene of a clip.",
)
@click.option(
    "--generators",
    type=click.Choice(["mixed", "apart"]),
    default="mixed",
    show_default=True,
    help="aigc: whether images of one prompt by different generators are one series.",
)
@click.option(
    "--crops",
    type=click.IntRange(2, 60),
    default=8,
    show_default=True,
    metavar="N",
    help="cropping: most crops proposed of a photo.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be collected.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Images read at once. [default: all cores]",
)
def collect(
    sources: tuple[Path, ...],
    *,
    kind: Category,
    folder: Path,
    folders: bool,
    source: str,
    licence: str,
    size: float,
    no_clips: bool,
    frames: int,
    generators: str,
    crops: int,
    dry_run: bool,
    as_json: bool,
    threads: int | None,
) -> None:
    """Find series in the folders and files SOURCE and begin, or add to, a dataset with them.

    natural: bursts by time and likeness, and frames of clips. aigc: images of one prompt, read
    from the files. cropping: boxes of GAIC, CPC or FCDB, or some on a grid. Images stay where they
    are. A second run adds what is new and changes nothing else. See docs/collecting.md.
    """
    from fgaesq.building.collect import CollectSettings
    from fgaesq.building.collect import collect as collected
    from fgaesq.building.collect.report import collected_data, collected_text
    from fgaesq.cli.options import finish
    from fgaesq.engines import usable_cores
    from fgaesq.report.formats import to_json

    settings = CollectSettings(
        kind,
        folders=folders,
        source=source,
        licence=licence,
        size=size,
        clips=not no_clips,
        frames=frames,
        generators_apart=generators == "apart",
        crops=crops,
    )
    with Progress("looking") as progress:
        done = collected(
            sources,
            folder,
            settings,
            dry_run=dry_run,
            threads=threads or usable_cores(),
            watcher=progress,
        )
    if as_json:
        text = to_json(collected_data(done, folder, dry_run=dry_run))
    else:
        text = collected_text(done, folder, dry_run=dry_run)
    n_failed = len(done.failures)
    finish(text, done.failures, range(done.photos + done.clips - n_failed))
