"""Options that several commands share, and what they have in common at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import click

from fgaesq.cli.targets import write_file
from fgaesq.engines import EngineOptions, usable_cores
from fgaesq.models.specs import TokenizerName
from fgaesq.ranking.ranker import Ranker, load
from fgaesq.report.words import failure_words
from fgaesq.types import Failure

__all__ = [
    "finish",
    "format_option",
    "loaded",
    "model_options",
    "models_options",
    "serving_options",
    "votes_option",
    "write_file",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_MODEL_OPTIONS = (
    click.option("--model", default="fgaesq-s", show_default=True, metavar="NAME|FOLDER",
                 help="An embedded model, or the folder of an imported one."),
    click.option("--tokenizer", type=click.Choice(["series", "reference"]),
                 help="How images become tokens; 'reference' reproduces published scores. "
                      "[default: series]"),
    click.option("--engine", type=click.Choice(["onnx", "torch"]), default="onnx",
                 show_default=True, help="What computes; torch needs the train extra."),
    click.option("--threads", type=click.IntRange(1, 1024), metavar="N",
                 help="Images worked on at once. [default: all cores]"),
    click.option("--batch", type=click.IntRange(1, 4096), default=8, show_default=True,
                 metavar="N", help="Images per pass of the torch engine."),
    click.option("--device", default="cpu", show_default=True, help="cpu or cuda; torch only."),
    click.option("--precision", type=click.Choice(["fp32", "bf16"]), default="fp32",
                 show_default=True, help="bf16 is faster and a little coarser; torch only."),
)  # fmt: skip

_SERVING_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
                 help="Of this computer; another than the default lets other devices in, such as "
                      "a phone."),
    click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N",
                 help="Of the address. [default: one that is free]"),
    click.option("--open/--no-open", "opens", default=True, show_default=True,
                 help="Open the page in the browser."),
)  # fmt: skip


def model_options(command: _Command) -> _Command:
    """Add the options that choose a model and how it runs."""
    for option in reversed(_MODEL_OPTIONS):
        command = option(command)
    return command


def models_options(command: _Command) -> _Command:
    """Add the options that choose one or several models, run alike: `models` is a tuple."""
    for option in reversed(_MODEL_OPTIONS[1:]):
        command = option(command)
    return click.option(
        "--model",
        "models",
        multiple=True,
        default=("fgaesq-s",),
        show_default=True,
        metavar="NAME|FOLDER",
        help="An embedded model, or the folder of an imported one; repeat it to compare several.",
    )(command)


def serving_options(command: _Command) -> _Command:
    """Add the options of commands that serve a page: `host`, `port` and `opens`."""
    for option in reversed(_SERVING_OPTIONS):
        command = option(command)
    return command


def votes_option(command: _Command) -> _Command:
    """Add `--votes`: `votes_url`, None for the file in the dataset."""
    return click.option(
        "--votes",
        "votes_url",
        metavar="URL",
        help="Where votes are kept: postgresql://USER@HOST/DATABASE. [default: a file in DATASET]",
    )(command)


def format_option(command: _Command) -> _Command:
    """Add `--format`."""
    choice = click.Choice(["table", "json", "csv", "ndjson"])
    return click.option(
        "--format", "form", type=choice, default="table", show_default=True, help="Of the result."
    )(command)


def loaded(
    *,
    model: str,
    tokenizer: TokenizerName | None,
    engine: Literal["onnx", "torch"],
    threads: int | None,
    batch: int,
    device: str,
    precision: Literal["fp32", "bf16"],
) -> Ranker:
    """Return the model that the options ask for."""
    if engine == "onnx" and (device != "cpu" or precision != "fp32"):
        raise click.UsageError("--device and --precision are for --engine torch")
    options = EngineOptions(
        engine=engine,
        threads=threads or usable_cores(),
        batch=batch,
        device=device,
        precision=precision,
    )
    return load(model, options=options, tokenizer=tokenizer)


def finish(text: str, failures: Sequence[Failure], results: Sequence[object]) -> None:
    """Print the result and the failures, and leave with the exit code they ask for.

    Args:
        text: the result, for stdout.
        failures: for stderr; any of them makes the exit code 3, or 1 if `results` is empty.
        results: what could be done.
    """
    # JSON and CSV are UTF-8 wherever they go; a terminal may have another encoding.
    click.echo(text if sys.stdout.isatty() else text.encode("utf-8"), nl=False)
    for line in failure_words(failures):
        click.echo(line, err=True)
    if failures:
        sys.exit(3 if results else 1)
