"""`fgaesq annotate` prepares people and control questions, tells links, and serves."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.building.annotate.conftest import NO_TLS, make_dataset
from tests.command_line import run

from fgaesq.building.annotate.plan import kept_plan
from fgaesq.building.votes import open_votes
from fgaesq.building.votes.asking import golden_pairs


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    with make_dataset(tmp_path, 3, 2, height=16, width=16) as collection:
        return collection.folder


def served(dataset: Path, *options: str) -> tuple[list[str], str, int]:
    """Serve until the organiser's address is told; return links, that address, and its status."""
    command = [sys.executable, "-m", "fgaesq", "annotate", str(dataset), "--port", "0", *options]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stderr is not None
        told = server.stderr.readline().decode().strip()
        address = told.removeprefix("organiser: ")
        status = httpx.get(address, verify=NO_TLS).status_code if "127.0.0.1" in address else 0
        # One that has answered a request handles the interrupt; before, it is one of Python.
        server.send_signal(signal.SIGINT if status else signal.SIGKILL)
        links, complaint = server.communicate(timeout=60)
    assert complaint == b""
    assert server.returncode == (0 if status else -signal.SIGKILL)
    return links.decode().splitlines(), address, status


def test_people_are_added_once_and_links_renewed(dataset: Path) -> None:
    options = ("--golden-edits", "2", "--per-pair", "4")
    links, address, status = served(dataset, "--annotators", "Ada, Mia Öz", *options)
    assert [line.split("\t")[0] for line in links] == ["Ada", "Mia Öz"]
    assert links[0].split("\t")[1].startswith(address.split("?")[0] + "?token=")
    assert status == 303
    again = ("--annotators", "Ada,Mia Öz", "--link", "Ada", "--url", "https://votes.example/")
    renewed, address, _ = served(dataset, *again)
    ((name, link),) = (line.split("\t") for line in renewed)
    assert name == "Ada"
    assert link.startswith("https://votes.example/?token=")
    assert address.startswith("https://votes.example/?token=")
    with open_votes(dataset) as votes:
        assert kept_plan(votes, {}).per_pair == 4
        assert len(golden_pairs(votes)) == 2


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--annotators", "a,,b"), 1, "a name is empty; leave it out"),
        (("--annotators", ""), 1, "a name is empty; leave it out"),
        (("--annotators", "0"), 1, "--annotators 0: give names, or how many people there are"),
        (("--annotators", "-1"), 1, "--annotators -1: give names, or how many people there are"),
        (("--annotators", "2.5"), 1, "--annotators 2.5: give names, or how many"),
        (("--annotators", "1000000"), 1, "there are to be, 1 to 1000"),
        (("--url", "votes.example"), 1, "give http:// or https:// and a host"),
        (("--url", "https://example.org/votes"), 1, "give http:// or https:// and a host"),
        (("--repeat-rate", "nan"), 1, "at most half together"),
        (("--link", "nobody"), 1, "there is no annotator 'nobody'; add one with --annotators"),
        (("--golden-rate", "0.9"), 1, "at most half together"),
        (("--golden", "missing.csv"), 1, "missing.csv: cannot be read"),
        (("--votes", "mysql://host/votes"), 1, "not in 'mysql'"),
        (("--per-pair", "0"), 2, "--per-pair"),
    ],
)
def test_what_makes_no_sense_is_named(
    dataset: Path, options: tuple[str, ...], code: int, words: str
) -> None:
    assert words in run("annotate", dataset, *options, code=code).stderr


def test_a_folder_without_a_dataset_is_named_with_the_remedy(tmp_path: Path) -> None:
    said = run("annotate", tmp_path, code=1).stderr
    assert "begin one with 'fgaesq data collect'" in said
