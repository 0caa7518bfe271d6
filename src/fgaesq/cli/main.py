"""`fgaesq`: the group of all commands. A command's module is loaded when it is called."""

from __future__ import annotations

import importlib
import sys

import click

from fgaesq import __version__
from fgaesq.errors import FgaError

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "rank": "Rank series of images, best first.",
    "score": "Score images each on its own.",
    "compare": "Tell which of two images is better, how surely, and where they differ.",
    "cull": "Group and rank the photos of a shoot, and propose what to keep.",
    "review": "Look at a culled shoot in the browser, agree or overrule.",
    "apply": "Write the decisions on a shoot into XMP sidecars.",
    "undo": "Take back what was applied last.",
    "taste": "Learn what you prefer from your picks, and rank with it.",
    "cover": "Pick the best frame of a clip.",
    "models": "List the models and which are ready to use.",
    "weights": "Pull, import, verify and describe weights.",
    "data": "Read, inspect and make series to learn from and to measure on.",
    "annotate": "Ask many people at once which of two images is better.",
    "train": "Train a model by a recipe.",
    "export": "Turn a trained checkpoint into a model folder.",
    "evaluate": "Measure models on series of known order.",
}

_INTERRUPTED = 130  # what shells give for a command that was stopped by Ctrl-C


class _LazyGroup(click.Group):
    """Commands by name; their modules are loaded on use, so that `--help` costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a first encounter."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, loading its module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"fgaesq.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; our own errors become one line on stderr and their exit code."""
        try:
            return super().invoke(ctx)
        except FgaError as error:
            click.echo(f"fgaesq: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("fgaesq: interrupted", err=True)
            sys.exit(_INTERRUPTED)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fgaesq")
def main() -> None:
    """Pick the best image of a series of near-identical ones, and say how sure the pick is.

    Results go to stdout, progress and problems to stderr. Exit codes: 0 all went well, 1 nothing
    could be done, 2 wrong usage, 3 some images failed (the others are in the result).
    """
