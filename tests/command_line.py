"""Running the command line, in this process or in its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, TypeAlias

from click.testing import CliRunner, Result

from fgaesq.cli import main

__all__ = ["Call", "json_of", "run", "served", "spawn"]

Call: TypeAlias = "tuple[str | Path, ...]"
"""The arguments of a command."""


def run(*arguments: str | Path, code: int = 0) -> Result:
    """Run `fgaesq` in this process and check its exit code."""
    result = CliRunner().invoke(main, [os.fspath(argument) for argument in arguments])
    unexpected = not isinstance(result.exception, (SystemExit, type(None)))
    if unexpected:
        raise AssertionError(f"fgaesq {arguments} broke") from result.exception
    assert result.exit_code == code, (result.exit_code, result.stdout, result.stderr)
    return result


def json_of(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """Run `fgaesq ... --format json` and return what it printed."""
    content: dict[str, Any] = json.loads(run(*arguments, "--format", "json", code=code).stdout)
    return content


def spawn(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run `fgaesq` in a process of its own, where every warning is an error."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-W", "error", "-m", "fgaesq", *arguments],
        capture_output=True,
        check=False,
    )


def served(*arguments: str | Path) -> bytes:
    """Run a command that serves a page in a process of its own; return the page, and stop it."""
    call = [sys.executable, "-m", "fgaesq", *arguments, "--no-open"]
    process = subprocess.Popen(call, stderr=subprocess.PIPE)  # noqa: S603 - our own program
    try:
        assert process.stderr is not None
        address = process.stderr.readline().decode().strip()
        # The page sends the visitor on to an address without the secret, with a cookie.
        visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with visitor.open(address, timeout=30) as answer:
            assert answer.status == 200
            content: bytes = answer.read()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait(timeout=30)
    assert process.returncode == 0
    return content
