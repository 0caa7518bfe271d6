"""Write docs/cli.md, the reference of the command line, from the commands themselves.

Run `python tools/make_cli_docs.py` (or `make docs`) after a change of a command; a test compares.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from fgaesq.cli import main as fgaesq

TARGET = Path(__file__).resolve().parents[1] / "docs" / "cli.md"

_INTRODUCTION = """\
# The command line

This page is made by `tools/make_cli_docs.py` from the commands; `fgaesq COMMAND --help` shows the
same. What the results mean, and the JSON they are written as: [guide.md](guide.md).
"""


def cli_reference() -> str:
    """Return the text of docs/cli.md."""
    return "\n".join([_INTRODUCTION, *_sections(fgaesq, None)])


def _sections(command: click.Command, parent: click.Context | None) -> Iterator[str]:
    """Yield the section of a command and those of the commands in it."""
    name = "fgaesq" if parent is None else command.name
    context = click.Context(command, parent=parent, info_name=name, **command.context_settings)
    yield _section(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is None:
                raise LookupError(f"{context.command_path} lists '{name}' but does not have it")
            yield from _sections(member, context)


def _section(command: click.Command, context: click.Context) -> str:
    depth = 1 + context.command_path.count(" ")
    lines = [f"{'#' * (depth + 1)} {context.command_path}", ""]
    lines += ["```", _usage(command, context), "```", ""]
    lines += [_help_text(command), ""]
    if isinstance(command, click.Group):
        lines += ["| command | what it does |", "|---|---|"]
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            summary = member.get_short_help_str(limit=200) if member else ""
            lines.append(f"| `{name}` | {_cell(summary)} |")
        lines.append("")
    options = [p for p in command.params if isinstance(p, click.Option)]
    rows = [record for option in options if (record := option.get_help_record(context))]
    if rows:
        lines += ["| option | what it does |", "|---|---|"]
        lines += [f"| `{_cell(names)}` | {_cell(text)} |" for names, text in rows]
        lines.append("")
    return "\n".join(lines)


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _help_text(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _cell(text: str) -> str:
    """Return text that fits one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    TARGET.write_text(cli_reference(), encoding="utf-8")
