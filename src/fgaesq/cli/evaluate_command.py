"""`fgaesq evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from fgaesq.cli.options import loaded, model_options, write_file
from fgaesq.cli.progress import Progress
from fgaesq.errors import MissingExtraError
from fgaesq.models.weights import find_model

__all__ = ["command"]


@click.group("evaluate", help="Measure models on series of known order.")
def command() -> None:
    """Group the benchmarks."""


_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the result with machine, date and commit as JSON.",
)


@command.command("constructed")
@click.argument("photos", type=click.Path(path_type=Path))
@click.option("--series", type=click.IntRange(1), default=1500, show_default=True, help="How many.")
@click.option("--seed", type=int, default=3, show_default=True, help="Of the construction.")
@_OUT
@model_options
def constructed(
    photos: Path,
    series: int,
    seed: int,
    out: Path | None,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Measure on series constructed from the test photos of the pool PHOTOS (with a MANIFEST.csv).

    Needs the train extra, for the edits.
    """
    try:
        from fgaesq.evaluation.benchmarks import constructed_report
    except ImportError:
        raise MissingExtraError("constructing series", "train") from None
    ranker = loaded(**model)
    temperature = find_model(model["model"]).temperature
    with Progress("judging images") as progress:
        report = constructed_report(
            ranker,
            photos,
            series=series,
            seed=seed,
            temperature=temperature,
            on_image=progress.advance,
        )
    _show(report["scorers"])
    click.echo(f"calibration error of {ranker.identity.name}: {report['calibration_error']:.3f}")
    _store(out, report, ranker.identity)


@command.command("human")
@click.argument("folder", type=click.Path(path_type=Path))
@_OUT
@model_options
def human(
    folder: Path,
    out: Path | None,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Measure on human judgements: FOLDER holds aigc.csv, superres.csv and their images."""
    try:
        from fgaesq.evaluation.benchmarks import human_report
    except ImportError:
        raise MissingExtraError("evaluating", "train") from None
    ranker = loaded(**model)
    with Progress("judging images") as progress:
        report = human_report(ranker, folder, on_image=progress.advance)
    for name, part in report.items():
        click.echo(f"{name}: {part['series']} series")
        _show(part["scorers"])
    _store(out, report, ranker.identity)


def _show(scorers: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Print accuracy and interval by scorer and group."""
    click.echo(f"{'':16}  {'group':18} {'pairs':>6}  {'pair accuracy':^19}  {'best of series':^19}")
    for scorer, groups in scorers.items():
        for group, row in groups.items():
            pair, top = row["pair_interval"], row["top1_interval"]
            click.echo(
                f"{scorer:16}  {group:18} {row['pairs']:6}  "
                f"{row['pair_accuracy']:.3f} ({pair[0]:.3f}-{pair[1]:.3f})  "
                f"{row['top1']:.3f} ({top[0]:.3f}-{top[1]:.3f})"
            )


def _store(out: Path | None, report: dict[str, Any], model: Any) -> None:  # noqa: ANN401 - identity
    if out:
        from dataclasses import asdict

        from fgaesq.evaluation.provenance import provenance

        content = {"model": asdict(model), **provenance(), "result": report}
        write_file(out, (json.dumps(content, indent=2) + "\n").encode())
