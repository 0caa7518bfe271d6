"""`fgaesq score`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from fgaesq.cli.options import finish, format_option, loaded, model_options
from fgaesq.cli.progress import Progress
from fgaesq.images import find_series
from fgaesq.report import formats
from fgaesq.report.table import scores_table, terminal_style
from fgaesq.types import Scores

__all__ = ["command"]


@click.command(
    "score",
    help="""Score images each on its own, from 1 to 10, higher is better.

PATH is a file or a folder (searched at any depth). Inside a series, 'rank' looks closer.""",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@click.option(
    "--distribution",
    is_flag=True,
    help="Add the probabilities of the scores 1 to 10.",
)
@click.option(
    "--seed",
    type=int,
    help="Of the reference tokenizer's draws; the series tokenizer draws nothing.  [default: 0]",
)
@model_options
def command(
    paths: tuple[Path, ...],
    form: str,
    distribution: bool,
    seed: int | None,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Find the images, score them, print."""
    if seed is not None and model["tokenizer"] != "reference":
        raise click.UsageError("--seed is for --tokenizer reference")
    series, not_found = find_series(paths)
    images = [path for one in series for path in one.paths]
    ranker = loaded(**model)
    with Progress("scoring", len(images)) as progress:
        scores = ranker.score(images, seed=seed or 0, on_image=progress.advance)
    scores = replace(scores, failures=(*not_found, *scores.failures))
    finish(_text(scores, form, distribution), scores.failures, scores.images)


def _text(scores: Scores, form: str, distribution: bool) -> str:
    if form == "json":
        return formats.to_json(formats.scores_data(scores, with_distribution=distribution))
    if form == "ndjson":
        return formats.scores_ndjson(scores, with_distribution=distribution)
    if form == "csv":
        return formats.scores_csv(scores, with_distribution=distribution)
    return scores_table(scores, terminal_style(sys.stdout), with_distribution=distribution)
