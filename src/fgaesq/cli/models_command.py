"""`fgaesq models`."""

from __future__ import annotations

import json

import click

from fgaesq.models.specs import SPECS
from fgaesq.models.weights import embedded_models, find_model

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
        click.echo(json.dumps({"models": rows}, indent=2))
        return
    for row in rows:
        state = f"ready, version {row['version']}" if row["ready"] else "needs weights"
        click.echo(f"{row['name']:<12} {state}")
        click.echo(f"             {row['summary']}")
        click.echo(
            f"             {row['tokens']} tokens, tokenizer {' or '.join(row['tokenizers'])}, "
            f"licence: {row['licence']}"
        )
        if not row["ready"]:
            click.echo(f"             get it: {row['source']}")
