"""Decisions survive being killed at any moment: nothing is lost and no wrong star is written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.killing import Runner, runner
from tests.desk.shoots import new_shoot, tree

from fgaesq.desk.decisions import look, plan

PHOTOS = 8
ROUNDS = 50

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: flushing a disk for each change takes minutes."""
    memory = Path("/dev/shm")  # noqa: S108 - the disk in memory of Linux
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture
def jobs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.chdir(request.config.rootpath)  # where `tests` can be imported from
    with runner(seed=1) as one:
        yield one


def without_unfinished(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return files without what a killed write left; a later run or undo removes that."""
    return {name: data for name, data in files.items() if "fgaesq-unfinished" not in name}


def test_apply_and_undo_survive_being_killed(folder: Path, jobs: Runner) -> None:
    shoot, journal = folder / "shoot", folder / "journal.jsonl"
    photos = new_shoot(shoot, PHOTOS)
    before = tree(shoot)
    changes = plan(photos, look(photos)).changes
    after = before | {c.path.relative_to(shoot).as_posix(): c.after for c in changes}
    jobs.run(do="apply", folder=shoot, journal=journal)
    assert tree(shoot) == after
    jobs.run(do="undo", folder=shoot, journal=journal)
    assert tree(shoot) == before
    kills = 0
    for number in range(ROUNDS):
        journal = folder / f"{number}.jsonl"
        kills += jobs.kill(do="apply", folder=shoot, journal=journal)
        for name, data in without_unfinished(tree(shoot)).items():
            assert data in (before.get(name), after[name]), name
        if number % 2:  # the run is finished by another one
            jobs.run(do="apply", folder=shoot, journal=journal)
            assert without_unfinished(tree(shoot)) == after
        if journal.exists():
            kills += jobs.kill(do="undo", folder=shoot, journal=journal)
            for name, data in without_unfinished(tree(shoot)).items():
                assert data in (before.get(name), after[name]), name
            jobs.run(do="undo", folder=shoot, journal=journal)
        assert without_unfinished(tree(shoot)) == before
        assert tree(shoot) == before
    assert kills > ROUNDS // 2


def test_moving_and_restoring_survive_being_killed(folder: Path, jobs: Runner) -> None:
    check_moving(folder, folder / "rejects", jobs)


def test_moving_to_another_disk_survives_being_killed(
    folder: Path, tmp_path: Path, jobs: Runner
) -> None:
    if folder.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second disk at /dev/shm")
    check_moving(folder, tmp_path / "rejects", jobs)


def check_moving(folder: Path, rejects: Path, jobs: Runner) -> None:
    """Check that no content is ever lost or changed, and that all can be put back."""
    shoot = folder / "shoot"
    new_shoot(shoot, PHOTOS)
    before = tree(shoot)
    first = {
        "folder": shoot,
        "journal": folder / "journal.jsonl",
        "rejects": rejects,
        "manifest": folder / "first.jsonl",
    }
    jobs.run(do="move", **first)
    moved = tree(rejects)
    assert moved
    assert tree(shoot) | moved == before
    assert not tree(shoot).keys() & moved.keys()
    jobs.run(do="restore", **first)
    assert (tree(shoot), tree(rejects)) == (before, {})
    kills = 0
    for number in range(ROUNDS):
        one = first | {"manifest": folder / f"{number}.jsonl"}
        kills += jobs.kill(do="move", **one)
        assert_nothing_lost(shoot, rejects, before)
        if number % 2:
            jobs.run(do="move", **one)
            assert without_unfinished(tree(rejects)) == moved
            assert not without_unfinished(tree(shoot)).keys() & moved.keys()
        if (folder / f"{number}.jsonl").exists():
            kills += jobs.kill(do="restore", **one)
            assert_nothing_lost(shoot, rejects, before)
            jobs.run(do="restore", **one)
        assert (tree(shoot), tree(rejects)) == (before, {})
    assert kills > ROUNDS // 2


def assert_nothing_lost(shoot: Path, rejects: Path, before: dict[str, bytes]) -> None:
    """Check that each file is whole in one of its two places, or in both."""
    here, there = without_unfinished(tree(shoot)), without_unfinished(tree(rejects))
    assert here.items() <= before.items()
    assert there.items() <= before.items()
    assert here.keys() | there.keys() == before.keys()
