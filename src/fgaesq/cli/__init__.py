"""The command line: a command parses, calls one library function and prints."""

from fgaesq.cli.main import main

__all__ = ["main"]
