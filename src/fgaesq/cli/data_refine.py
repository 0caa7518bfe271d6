"""`fgaesq data refine`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fgaesq.cli.endpoint_options import (
    api_key,
    endpoint_options,
    estimate_words,
    request_fields,
)
from fgaesq.cli.progress import Progress
from fgaesq.errors import MissingExtraError
from fgaesq.images import printable

if TYPE_CHECKING:
    from fgaesq.building.collection import Collection
    from fgaesq.building.refine import MetricsStep
    from fgaesq.building.refine.context import ContextStep

__all__ = ["refine"]


@click.command("refine")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML with thresholds under [refine]. [default: all chosen from the data]",
)
@click.option(
    "--clip",
    type=click.Path(path_type=Path),
    metavar="WEIGHTS",
    help="CLIP ViT-B/16 with its vocabulary beside it, to compare generated images with prompts.",
)
@click.option(
    "--processes", type=click.IntRange(1, 64), default=2, show_default=True, metavar="N",
    help="That measure at once.",
)  # fmt: skip
@click.option(
    "--endpoint",
    metavar="URL",
    help="OpenAI-compatible, such as http://localhost:8000/v1: asks a model about the context too.",
)
@click.option("--model", metavar="NAME", help="Of a multimodal model there.")
@click.option(
    "--size",
    "size_px",
    type=click.IntRange(64, 2048),
    default=512,
    show_default=True,
    metavar="PX",
    help="Long side of the images that are sent.",
)
@click.option("--estimate", is_flag=True, help="Print what asking would cost, and send nothing.")
@endpoint_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--report", is_flag=True, help="Write DATASET/refinement/report.html.")
def refine(
    dataset: Path,
    *,
    recipe: Path | None,
    clip: Path | None,
    processes: int,
    endpoint: str | None,
    model: str | None,
    size_px: int,
    estimate: bool,
    as_json: bool,
    report: bool,
    **asking: Any,  # noqa: ANN401 - those of endpoint_options
) -> None:
    """Drop from the series of DATASET what does not belong, and count what and why.

    Images are measured once; another run with other thresholds measures nothing again. What this
    command dropped before is replaced, what people decided stays. With --endpoint a multimodal
    model then looks at what is left. Nothing is deleted; see docs/refining.md.
    """
    from fgaesq.building.collection import open_collection

    try:
        from fgaesq.building.refine import RefineRecipe, read_refine_recipe, refine_by_metrics
    except ImportError:
        raise MissingExtraError("refining", "build") from None
    if (endpoint is None) != (model is None):
        raise click.UsageError("--endpoint and --model go together")
    chosen = read_refine_recipe(recipe) if recipe else RefineRecipe()
    with open_collection(dataset) as collection:
        with Progress("measuring") as progress:
            step = refine_by_metrics(
                collection,
                chosen,
                processes=processes,
                clip=clip,
                progress=lambda done, total: progress.advance(),
            )
        asked = None
        if estimate or endpoint:
            asked = _ask(collection, endpoint, model, size_px, asking, estimate=estimate)
        if report:
            _write_report(collection, step)
        _print(collection, step, asked, as_json=as_json)
    if step.measured.unreadable or (asked and asked.answers.failures):
        sys.exit(3)


def _ask(
    collection: Collection,
    endpoint: str | None,
    model: str | None,
    size_px: int,
    asking: dict[str, Any],
    *,
    estimate: bool,
) -> ContextStep | None:
    """Ask the model and drop what it says, or print only what that would cost."""
    from fgaesq.building.refine.context import context_estimate, context_questions, refine_by_model
    from fgaesq.models.hub import cache_root
    from fgaesq.texts.chat_http import Chat

    questions = context_questions(collection)
    expected = context_estimate(
        questions,
        size_px=size_px,
        tokens_per_image=asking["tokens_per_image"],
        price_in=asking["price_in"],
        price_out=asking["price_out"],
    )
    click.echo(estimate_words(expected, "questions"), err=True)
    if estimate or endpoint is None or model is None:
        return None
    chat = Chat(endpoint, api_key(asking["key_variable"]), timeout_s=asking["timeout_s"])
    with Progress("asking", len(questions)) as progress:
        return refine_by_model(
            collection,
            questions,
            chat,
            model=model,
            cache=asking["cache"] or cache_root() / "texts",
            size_px=size_px,
            fields=request_fields(asking["fields"]),
            workers=asking["workers"],
            retry_failed=asking["retry_failed"],
            progress=progress.advance,
        )


def _write_report(collection: Collection, step: MetricsStep) -> None:
    from fgaesq.building.refine.page import write_report

    click.echo(f"{write_report(collection, step)}: written", err=True)


def _print(
    collection: Collection, step: MetricsStep, asked: ContextStep | None, *, as_json: bool
) -> None:
    """Print the counts to stdout, and what could not be used to stderr."""
    from fgaesq.building.collection.series import all_series, steps_run
    from fgaesq.building.refine.counting import funnel_json
    from fgaesq.building.refine.table import funnel_table

    for reason in step.measured.unreadable.values():
        click.echo(printable(reason), err=True)
    for question, reason in asked.answers.failures if asked else ():
        click.echo(printable(f"series {question.series}: {reason}"), err=True)
    series, steps = all_series(collection), steps_run(collection)
    if as_json:
        content = funnel_json(series, steps) | step.summary()
        click.echo(json.dumps(content, indent=2))
        return
    click.echo(funnel_table(series, steps), nl=False)
    for line in step.proposal_words():
        click.echo(line)
    if asked:
        found = asked.answers
        click.echo(
            f"asked {found.asked} questions ({found.tokens_in:,} tokens in, "
            f"{found.tokens_out:,} out), {found.known} were known, {len(found.failures)} without "
            "a verdict"
        )
