"""Options of the commands that ask a model service, and what they have in common."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from fgaesq.texts.asking import Estimate

__all__ = ["api_key", "endpoint_options", "estimate_words", "request_fields"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_KEY_VARIABLE = "FGAESQ_API_KEY"

_OPTIONS = (
    click.option("--price-in", type=click.FloatRange(0), metavar="X",
                 help="Of a million tokens in."),
    click.option("--price-out", type=click.FloatRange(0), metavar="X",
                 help="Of a million tokens out."),
    click.option("--tokens-per-image", type=click.IntRange(1), metavar="N",
                 help="For the estimate. [default: as OpenAI bills GPT-4o]"),
    click.option("--key-variable", metavar="NAME",
                 help="Environment variable that holds the API key. "
                      f"[default: {_KEY_VARIABLE}, if set]"),
    click.option("--requests", "workers", type=click.IntRange(1, 64), default=4,
                 show_default=True, metavar="N", help="Sent at a time."),
    click.option("--timeout", "timeout_s", type=click.FloatRange(1), default=120,
                 show_default=True, metavar="S",
                 help="Seconds without an answer before a request is sent again."),
    click.option("--field", "fields", multiple=True, metavar="KEY=JSON",
                 help="Set a field of the request, such as max_tokens=300; null removes it."),
    click.option("--cache", type=click.Path(path_type=Path), metavar="DIR",
                 help="Folder for the answers. [default: texts in fgaesq's cache folder]"),
    click.option("--retry-failed", is_flag=True,
                 help="Ask again where kept answers could not be used."),
)  # fmt: skip


def endpoint_options(command: _Command) -> _Command:
    """Add the options on how a model service is asked, but for its address and model."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def api_key(variable: str | None) -> str | None:
    """Return the API key; only a variable that was named must be there."""
    value = os.environ.get(variable or _KEY_VARIABLE, "").strip()
    if variable and not value:
        raise click.UsageError(f"the environment variable {variable} is not set or empty")
    return value or None


def request_fields(given: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of `--field`."""
    return dict(_field(one) for one in given)


def estimate_words(expected: Estimate, what: str) -> str:
    """Return an estimate in words; `what` is what is asked about, such as `pairs`."""
    cost = (
        "give --price-in and --price-out for the cost"
        if expected.cost is None
        else f"cost {expected.cost:.2f}"
    )
    return (
        f"{expected.questions} {what}: about {expected.tokens_in:,} tokens in, "
        f"{expected.tokens_out:,} out, if each is asked about once; {cost}"
    )


def _field(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    try:
        if not name or not equals:
            raise ValueError
        return name, json.loads(value)
    except ValueError:
        raise click.UsageError(
            f"--field {text}: needs KEY=JSON, such as max_tokens=300 or reasoning_effort='\"low\"'"
        ) from None
