"""`fgaesq data collect`: what it prints and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.command_line import run
from tests.desk.photo_shoots import make_shoot

from fgaesq.building.collection import open_collection


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    make_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


def test_what_was_collected_is_printed(shoot: Path, tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    shown = run("data", "collect", shoot, "--kind", "natural", "--out", out).stdout
    assert shown == (
        f"{out}: 6 images found, 2 natural series of 5 images made\n"
        "       2  series from shoot\n"
        f"       1  left out: no other photo looks like it ({shoot}/IMG_20.jpg)\n"
        "The dataset has 2 series of 5 images now.\n"
    )
    again = run("data", "collect", shoot, "--kind", "natural", "--out", out).stdout
    assert "5  already in a series of the dataset" in again
    with open_collection(out) as collection:
        assert collection.name == "dataset"


def test_a_dry_run_says_what_would_be_made(shoot: Path, tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    shown = run("data", "collect", shoot, "--kind", "cropping", "--out", out, "--dry-run").stdout
    assert shown.splitlines()[0].endswith("6 cropping series of 48 images would be made")
    assert not out.exists()


def test_json(shoot: Path, tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    shown = run("data", "collect", shoot, "--kind", "natural", "--out", out, "--json").stdout
    assert json.loads(shown) == {
        "dataset": str(out),
        "kind": "natural",
        "dry_run": False,
        "found": {"photos": 6, "clips": 0},
        "known": 0,
        "moved": 0,
        "made": {"series": 2, "images": 5, "by_source": {"shoot": 2}},
        "left_out": {
            "single": {
                "count": 1,
                "why": "no other photo looks like it",
                "examples": [str(shoot / "IMG_20.jpg")],
            }
        },
        "in_all": {"series": 2, "images": 5},
        "notes": [],
        "failures": [],
    }


def test_some_bad_files_make_the_exit_code_3(shoot: Path, tmp_path: Path) -> None:
    (shoot / "bad.jpg").write_bytes(b"\xff\xd8\xff" + bytes(40))
    result = run("data", "collect", shoot, "--kind", "natural", "--out", tmp_path / "d", code=3)
    assert result.stderr.startswith(f"{shoot}/bad.jpg: ")
    assert "       1  could not be read\n" in result.stdout


def test_bad_files_alone_make_the_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "heap").mkdir()
    (tmp_path / "heap" / "bad.jpg").touch()
    run("data", "collect", tmp_path / "heap", "--kind", "aigc", "--out", tmp_path / "d", code=1)


def test_options_that_exclude_each_other(shoot: Path, tmp_path: Path) -> None:
    result = run(
        "data", "collect", shoot, "--kind", "cropping", "--folders", "--out", tmp_path / "d", code=1
    )
    assert "crops of one photo are a series; leave out --folders" in result.stderr
