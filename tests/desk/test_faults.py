"""Killed runs and two processes at once: nothing is lost, the result is that of one whole run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.desk.photo_shoots import make_shoot, snapshot

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.catalogue.shoots import read_shoot

KILLS = 50
MOST_SECONDS = 240.0

# The model is made ready first, so that most kills come while the catalogue is written; the two
# lines tell where the interesting part begins and ends.
_CULL = """
import sys
from pathlib import Path
from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.culling import cull
from fgaesq.ranking.ranker import load

folder, model, *files = sys.argv[1:]
ranker = load(model)
for file in files:
    print("begins", flush=True)
    with Catalogue(Path(file)) as catalogue:
        cull([Path(folder)], catalogue, ranker, threads=2)
    print("ends", flush=True)
"""


def start(folder: Path, model: Path, *catalogues: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", _CULL, folder, model, *catalogues], stdout=subprocess.PIPE
    )


def culled(catalogue: Path, folder: Path) -> list[object]:
    with Catalogue(catalogue) as opened:
        return snapshot(read_shoot(opened, [folder.resolve()]))


def finish(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=120)
    assert process.returncode == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot", series=(4, 3, 1, 2, 5, 1))
    return tmp_path / "shoot"


def test_two_processes_at_once_give_what_one_gives(
    folder: Path, tmp_path: Path, tiny_model: Path
) -> None:
    both = [start(folder, tiny_model, tmp_path / "shared") for _ in range(2)]
    for process in both:
        finish(process)
    finish(start(folder, tiny_model, tmp_path / "alone"))
    assert culled(tmp_path / "shared", folder) == culled(tmp_path / "alone", folder)
    with Catalogue(tmp_path / "shared") as catalogue:
        assert catalogue.rows("PRAGMA integrity_check") == [("ok",)]
        assert catalogue.rows("SELECT count(*) FROM photos") == [(16,)]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
def test_a_run_killed_at_any_moment_loses_nothing(
    folder: Path, tmp_path: Path, tiny_model: Path
) -> None:
    rng = random.Random(3)  # noqa: S311 - no secret
    began = time.monotonic()
    finish(start(folder, tiny_model, tmp_path / "whole"))
    expected = culled(tmp_path / "whole", folder)
    taken_s = _seconds_of_a_run(folder, tiny_model, tmp_path / "timed")
    catalogue, kills, read_before = tmp_path / "killed-0", 0, 0
    while kills < KILLS and time.monotonic() - began < MOST_SECONDS:
        process = start(folder, tiny_model, catalogue)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0, taken_s))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        kills += 1
        with Catalogue(catalogue) as opened:
            assert opened.rows("PRAGMA integrity_check") == [("ok",)]
            assert opened.rows("PRAGMA foreign_key_check") == []
            read = opened.rows("SELECT count(*) FROM photos WHERE capture IS NOT NULL")[0][0]
        assert read >= read_before, "what was read stays known"
        read_before = read
        if kills % 3 == 0:  # after three kills the rest is done in one go, and compared
            finish(start(folder, tiny_model, catalogue))
            assert culled(catalogue, folder) == expected
            catalogue, read_before = tmp_path / f"killed-{kills}", 0
    assert kills >= KILLS // 5, "so few kills in the time prove little"
    finish(start(folder, tiny_model, catalogue))
    assert culled(catalogue, folder) == expected


def _seconds_of_a_run(folder: Path, model: Path, scratch: Path) -> float:
    """Return how long culling takes once everything is loaded."""
    process = start(folder, model, scratch)
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    process.stdout.readline()
    taken = time.monotonic() - began
    process.communicate()
    return taken


def test_a_card_that_vanishes_loses_nothing(folder: Path, tmp_path: Path, tiny_model: Path) -> None:
    finish(start(folder, tiny_model, tmp_path / "catalogue"))
    before = culled(tmp_path / "catalogue", folder)
    folder.rename(tmp_path / "away")
    process = start(folder, tiny_model, tmp_path / "catalogue")
    process.communicate(timeout=120)
    assert process.returncode != 0
    shutil.move(tmp_path / "away", folder)
    assert culled(tmp_path / "catalogue", folder) == before
