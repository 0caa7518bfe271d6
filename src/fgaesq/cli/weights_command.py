"""`fgaesq weights`: pull, import, verify, info."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from fgaesq.cli.progress import Progress
from fgaesq.models.hub import LICENCE_NOTE, pull
from fgaesq.models.reasons_file import read_reasons
from fgaesq.models.weights import find_model
from fgaesq.report import formats

__all__ = ["command"]


@click.group("weights", help="Pull, import, verify and describe weights.")
def command() -> None:
    """Group the commands on weights."""


@command.command("pull")
@click.argument("repo", default="yzc002/FGAesQ")
@click.option(
    "--file", "filename", default="FGAesQ.pt", show_default=True, help="In the repository."
)
@click.option("--revision", default="main", show_default=True, help="Branch, tag or commit.")
def pull_command(repo: str, filename: str, revision: str) -> None:
    """Download published weights from the Hub into the cache and print their path.

    Honours HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE; goes on with an interrupted download.
    """
    click.echo(f"Licence: {LICENCE_NOTE}", err=True)
    with Progress("downloading (MB)") as progress:
        done = 0

        def advance(so_far: int, total: int | None) -> None:
            nonlocal done
            del total
            steps = so_far // 1_000_000 - done
            done += steps
            progress.advance(steps)

        path = pull(repo, filename, revision=revision, progress=advance)
    click.echo(str(path))


@command.command("import")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the model; must not exist or be empty.",
)
def import_command(checkpoint: Path, out: Path) -> None:
    """Convert the released FGAesQ checkpoint into a model folder.

    Nothing in the file is run; every key and shape is checked. Needs the train extra.
    """
    from fgaesq.engines.importing import import_checkpoint

    click.echo(f"Licence: {LICENCE_NOTE}", err=True)
    report = import_checkpoint(checkpoint, out)
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(
        f"{out}: {report.n_keys} keys read, {len(report.ignored)} of the text tower left out"
    )


@command.command("verify")
@click.argument("model", metavar="NAME|FOLDER")
def verify_command(model: str) -> None:
    """Check the checksums of a model's files."""
    folder = find_model(model)
    for name in folder.files:
        folder.verified(name)
        click.echo(f"{name}: sound, sha256 {folder.files[name]}")
    read_reasons(folder)


@command.command("info")
@click.argument("model", metavar="NAME|FOLDER")
def info_command(model: str) -> None:
    """Print what is known of a model as JSON."""
    folder = find_model(model)
    reasons = read_reasons(folder)
    known = {
        "model": folder.spec.name,
        "version": folder.version,
        "path": str(folder.path),
        "licence": folder.licence,
        "temperature": folder.temperature,
        "tokenizers": list(folder.spec.tokenizers),
        "layout": asdict(folder.spec.layout),
        "reasons": [word.text for word in reasons.words] if reasons else [],
        "files": dict(folder.files),
        "provenance": dict(folder.provenance),
    }
    click.echo(formats.to_json(known), nl=False)
