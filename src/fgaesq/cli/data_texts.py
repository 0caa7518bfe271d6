"""`fgaesq data`: describe, phrase."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fgaesq.cli.endpoint_options import (
    api_key,
    endpoint_options,
    estimate_words,
    request_fields,
)
from fgaesq.cli.progress import Progress
from fgaesq.cli.targets import check_target
from fgaesq.datasets.records import SPLITS, Split
from fgaesq.images import printable

if TYPE_CHECKING:
    from fgaesq.texts.endpoint import Descriptions

__all__ = ["describe", "phrase"]

_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="JSONL file for the texts.",
)


@click.command("phrase")
@click.argument("series", type=click.Path(path_type=Path))
@_OUT
def phrase(series: Path, out: Path) -> None:
    """Write comparative texts for constructed series from templates.

    SERIES is a folder that `fgaesq data construct` wrote: the edit that orders a series says in
    what its better images are better.
    """
    from fgaesq.datasets.describing import constructed_texts
    from fgaesq.texts.records import write_texts

    check_target(out, [])
    texts = constructed_texts(series)
    write_texts(out, texts)
    click.echo(f"{out}: {len(texts)} texts")


@click.command("describe")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--endpoint",
    required=True,
    metavar="URL",
    help="OpenAI-compatible, such as http://localhost:8000/v1.",
)
@click.option("--model", required=True, metavar="NAME", help="Of a multimodal model there.")
@_OUT
@click.option("--format", "form", metavar="NAME", help="Of the dataset. [default: found out]")
@click.option("--split", type=click.Choice(SPLITS), help="Only this one. [default: all]")
@click.option(
    "--margin",
    type=click.FloatRange(0, 0.5),
    default=0.1,
    show_default=True,
    help="Leave out pairs whose P lies closer to .5.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many pairs.")
@click.option("--dry-run", is_flag=True, help="Print what it would cost, and send nothing.")
@click.option(
    "--size",
    "size_px",
    type=click.IntRange(64, 2048),
    default=768,
    show_default=True,
    metavar="PX",
    help="Long side of the images that are sent.",
)
@endpoint_options
def describe(
    dataset: Path,
    *,
    endpoint: str,
    model: str,
    out: Path,
    form: str | None,
    split: Split | None,
    margin: float,
    limit: int | None,
    dry_run: bool,
    size_px: int,
    price_in: float | None,
    price_out: float | None,
    tokens_per_image: int | None,
    key_variable: str | None,
    workers: int,
    timeout_s: float,
    fields: tuple[str, ...],
    cache: Path | None,
    retry_failed: bool,
) -> None:
    """Ask a multimodal model in what the better image of each pair of DATASET is better.

    Sends reduced images to the endpoint, nothing else of the dataset; see docs/texts.md. Answers
    are kept, so that a stopped run goes on where it was and nothing is asked twice. The API key is
    read from an environment variable.
    """
    from fgaesq.datasets.describing import pairs_to_describe
    from fgaesq.datasets.reading import read_dataset
    from fgaesq.datasets.records import open_image
    from fgaesq.models.hub import cache_root
    from fgaesq.texts.chat_http import Chat
    from fgaesq.texts.endpoint import describe_pairs, estimate, image_tokens, sampled
    from fgaesq.texts.records import write_texts

    check_target(out, [])
    chat = Chat(endpoint, api_key(key_variable), timeout_s=timeout_s)
    changed = request_fields(fields)
    content = read_dataset(dataset, form, split)
    pairs = sampled(pairs_to_describe(content, margin=margin), limit)
    expected = estimate(
        len(pairs),
        tokens_per_image=tokens_per_image or image_tokens(size_px),
        price_in=price_in,
        price_out=price_out,
    )
    click.echo(estimate_words(expected, "pairs"), err=not dry_run)
    if dry_run:
        return
    with Progress("describing", len(pairs)) as progress:
        described = describe_pairs(
            pairs,
            lambda item: open_image(content.items[item], max_long_side_px=size_px),
            chat,
            model=model,
            cache=cache or cache_root() / "texts",
            fields=changed,
            workers=workers,
            retry_failed=retry_failed,
            progress=progress.advance,
        )
    if described.texts:
        write_texts(out, described.texts)
    _report(described, out)


def _report(described: Descriptions, out: Path) -> None:
    """Print what came of it, and leave with exit code 3 or 1 if pairs have no text."""
    for failure in described.failures:
        pair = failure.pair
        line = f"series {pair.series}, {pair.first} and {pair.second}: {failure.reason}"
        click.echo(printable(line), err=True)
    click.echo(
        f"{out}: {len(described.texts)} texts, {len(described.failures)} pairs without; asked "
        f"about {described.asked} pairs ({described.tokens_in:,} tokens in, "
        f"{described.tokens_out:,} out), {described.known} were known"
    )
    if described.failures:
        sys.exit(3 if described.texts else 1)
