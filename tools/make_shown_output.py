"""Write the output that documents show anew, by running the commands they show it for.

A document marks the place with `<!-- output: COMMAND -->`; the fenced block that follows holds what
the command prints. COMMAND is a call of `fgaesq` or of an example, from the root of the repository.
Run `python tools/make_shown_output.py` (or `make docs`) when a model or an output format changed; a
test compares text exactly and numbers closely.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "docs/guide.md")

_BLOCK = re.compile(r"(<!-- output: ([^\n]+) -->\n+```(\w*)\n)(.*?)(?=```\n)", re.DOTALL)


def shown_outputs(text: str) -> list[tuple[str, str]]:
    """Return each (command, output) that a document shows."""
    return [(match[2], match[4]) for match in _BLOCK.finditer(text)]


def renewed(text: str, run: Callable[[str], str]) -> str:
    """Return the document with each shown output replaced by what `run` returns for its command."""
    return _BLOCK.sub(lambda match: match[1] + run(match[2]), text)


def output_of(command: str) -> str:
    """Run a shown command and return what it prints on stdout.

    Raises:
        ValueError: it is neither a call of fgaesq nor of an example.
        RuntimeError: it fails; the message has its complaint.
    """
    words = shlex.split(command)
    if words[0] == "fgaesq":
        call = ["-c", "from fgaesq.cli import main; main(prog_name='fgaesq')", *words[1:]]
    elif words[0] == "python" and words[1].startswith("examples/"):
        call = words[1:]
    else:
        raise ValueError(f"'{command}': only fgaesq and python examples/... can be shown")
    done = subprocess.run(  # noqa: S603 - the commands stand in our own documents
        [sys.executable, *call], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(f"'{command}' failed: {done.stderr.strip()}")
    return done.stdout


def main() -> None:
    """Renew all documents."""
    for name in DOCUMENTS:
        path = ROOT / name
        path.write_text(renewed(path.read_text(encoding="utf-8"), output_of), encoding="utf-8")


if __name__ == "__main__":
    main()
