"""`fgaesq models`."""

from __future__ import annotations

import click

from fgaesq.models.specs import SPECS, ModelSpec
from fgaesq.models.weights import embedded_models, find_model
from fgaesq.report import formats

__all__ = ["command"]


@click.command("models", help="List the models and which are ready to use.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Of the list.",
)
def command(form: str) -> None:
    """Print the table of specs."""
    ready = embedded_models()
    rows = [
        {
            "name": spec.name,
            "ready": spec.name in ready,
            "version": find_model(spec.name).version if spec.name in ready else None,
            "summary": spec.summary,
            "tokenizers": list(spec.tokenizers),
            "tokens": spec.layout.budget,
            "licence": spec.licence,
            "source": spec.source,
        }
        for spec in SPECS.values()
    ]
    if form == "json":
        click.echo(formats.to_json({"models": rows}), nl=False)
        return
    for row in rows:
        state = f"ready, version {row['version']}" if row["ready"] else "needs weights"
        click.echo(f"{row['name']:<12} {state}")
        for line in _description(SPECS[str(row["name"])], ready=bool(row["ready"])):
            click.echo(f"{'':<12} {line}")


def _description(spec: ModelSpec, *, ready: bool) -> list[str]:
    tokenizers = " or ".join(spec.tokenizers)
    return [
        spec.summary,
        f"{spec.layout.budget} tokens, tokenizer {tokenizers}, licence: {spec.licence}",
        *([] if ready else [f"get it: {spec.source}"]),
    ]
