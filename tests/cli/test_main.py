"""The group of commands: help, exit codes, pipes and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command_line import Call, json_of, run, spawn
from tests.photos import burst

import fgaesq
from fgaesq.cli.main import COMMANDS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    burst(tmp_path / "beach")
    return tmp_path / "beach"


def test_help_lists_every_command() -> None:
    output = run("--help").stdout
    for name, summary in COMMANDS.items():
        assert f"  {name:<9} {summary[:40]}" in output
    assert run("-h").stdout == output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    output = run(name, "--help").stdout
    assert output.startswith(f"Usage: main {name} ")
    assert "-h, --help" in output


def test_version() -> None:
    assert run("--version").stdout == f"fgaesq, version {fgaesq.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnak"], "No such command 'rnak'"),
        (["rank"], "Missing argument 'PATHS...'"),
        (["rank", "x", "--fast"], "No such option"),
        (["rank", "x", "--format", "xml"], "'xml' is not one of 'table', 'json', 'csv', 'ndjson'"),
        (["rank", "x", "--threads", "0"], "0 is not in the range 1<=x<=1024"),
        (["rank", "x", "--threads", "two"], "'two' is not a valid integer"),
        (["rank", "x", "--batch", "0"], "0 is not in the range 1<=x<=4096"),
        (["rank", "x", "--engine", "tf"], "'tf' is not one of 'onnx', 'torch'"),
        (["rank", "x", "--tokenizer", "t"], "'t' is not one of 'series', 'reference'"),
        (["rank", "x", "--device", "cuda"], "--device and --precision are for --engine torch"),
        (["score", "x", "--precision", "bf16"], "--device and --precision are for --engine torch"),
        (["score", "x", "--model", "fgaesq-z"], "unknown model 'fgaesq-z'; did you mean fgaesq-s"),
        (["score", "x", "--pairs"], "No such option"),
        (["compare", "x"], "Missing argument 'SECOND'"),
        (["compare", "x", "y", "z"], "Got unexpected extra argument (z)"),
        (["models", "x"], "Got unexpected extra argument (x)"),
        (["weights"], "Usage: "),
        (["weights", "import", "x.pt"], "Missing option '--out'"),
        (["weights", "verify"], "Missing argument 'NAME|FOLDER'"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], message: str) -> None:
    done = run(*arguments, code=2)
    assert message in done.stderr
    assert done.stdout == ""


def test_exit_codes_of_results(folder: Path, tiny_model: Path) -> None:
    gone = folder / "gone.jpg"
    for command in ("rank", "score"):
        run(command, folder, "--model", tiny_model, code=0)
        run(command, folder, gone, "--model", tiny_model, code=3)
        run(command, gone, "--model", tiny_model, code=1)
        run(command, folder, "--model", folder, code=1)


def test_failures_are_on_stderr_and_in_json(folder: Path, tiny_model: Path) -> None:
    gone = folder / "gone.jpg"
    sentence = f"{gone}: the file does not exist; check the path"
    for command in ("rank", "score"):
        call = (command, folder, gone, "--model", tiny_model)
        assert run(*call, code=3).stderr == f"{sentence}\n"
        assert json_of(*call, code=3)["failures"] == [
            {"path": str(gone), "stage": "find", "error": sentence}
        ]


def test_a_folder_without_photos_is_a_failure(tmp_path: Path, tiny_model: Path) -> None:
    done = run("rank", tmp_path, "--model", tiny_model, code=1)
    assert done.stderr == (
        f"{tmp_path}: no images were found in the folder; give a folder that holds photos\n"
    )


def test_a_closed_pipe_leaves_no_traceback(folder: Path, tiny_model: Path) -> None:
    call: Call = ("-m", "fgaesq", "score", folder, "--model", tiny_model, "--format", "json")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, *call],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 1


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_results_in_a_pipe_are_utf_8(
    folder: Path, tiny_model: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.jpg").rename(folder / "été.jpg")
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    done = spawn("rank", folder, "--model", tiny_model, "--format", "csv")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "été.jpg" in done.stdout.decode("utf-8")


def test_ctrl_c_is_one_line_and_130(folder: Path, tiny_model: Path) -> None:
    script = (
        "import fgaesq.ranking.ranker as r, os, signal, sys\n"
        "def interrupt(*args, **options): os.kill(os.getpid(), signal.SIGINT)\n"
        "r.tokenize_series = interrupt\n"
        "from fgaesq.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script, "rank", folder, "--model", tiny_model],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "fgaesq: interrupted\n")
