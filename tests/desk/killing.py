"""Run a part of `fgaesq.desk` in a process of its own and kill it at a random moment.

One process imports the package once and forks for every run, so that a run takes milliseconds.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.desk.shoots import photos_of

from fgaesq.desk.decisions import apply_changes, look, plan, undo
from fgaesq.desk.journal import FileJournal, written_marks
from fgaesq.desk.moving import move_rejects, restore

SERVER = """
import json, os, signal, sys, time
from tests.desk.killing import work
for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if child == 0:
        work(job)
        os._exit(0)
    if job["kill_after_s"] is not None:
        time.sleep(job["kill_after_s"])
        os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def work(job: dict[str, Any]) -> None:
    """Do a job: what a child does until it is killed."""
    folder, journal = Path(job["folder"]), FileJournal(Path(job["journal"]))
    photos = photos_of(folder)
    if job["do"] == "apply":
        found = look(photos)
        previous = written_marks(journal.changes(), found.contents)
        done = apply_changes(plan(photos, found, previous=previous), journal)
    elif job["do"] == "undo":
        done = undo(journal)
    elif job["do"] == "move":
        done = move_rejects(photos, Path(job["rejects"]), Path(job["manifest"]), root=folder)
    else:
        done = restore(Path(job["manifest"]))
    assert not done.failures, done.failures


class Runner:
    """Runs jobs, to their end or killed."""

    def __init__(self, server: subprocess.Popen[str], seed: int) -> None:
        self._server = server
        self._random = Random(seed)  # noqa: S311 - moments of tests
        self._took_s: dict[str, float] = {}

    def run(self, **job: object) -> None:
        """Run a job to its end; that it succeeds is checked."""
        started = time.monotonic()
        assert self._status(job, None) == 0
        self._took_s[str(job["do"])] = time.monotonic() - started

    def kill(self, **job: object) -> bool:
        """Run a job and kill it at a random moment; return whether that was before its end.

        Such a job must have been run before, to know how long it takes.
        """
        after_s = self._random.uniform(0, self._took_s[str(job["do"])])
        return self._status(job, after_s) == signal.SIGKILL

    def _status(self, job: dict[str, object], kill_after_s: float | None) -> int:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        line = json.dumps({**job, "kill_after_s": kill_after_s}, default=str)
        self._server.stdin.write(line + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


@contextmanager
def runner(seed: int) -> Iterator[Runner]:
    """Give what runs jobs."""
    server = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Runner(server, seed)
    finally:
        server.communicate()
