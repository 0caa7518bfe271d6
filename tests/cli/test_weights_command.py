"""`fgaesq weights`: pull, import, verify, info."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from tests.command_line import run

from fgaesq.models.hub import LICENCE_NOTE
from fgaesq.storage.digests import file_sha256

CONTENT = b"weights " * 300_000


class _Hub(BaseHTTPRequestHandler):
    """A stand-in of the Hub that has one file."""

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        is_known = self.path == "/own/er/resolve/main/w.pt"
        body = CONTENT if is_known else b""
        self.send_response(200 if is_known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pull_prints_licence_and_path(hub: str) -> None:
    done = run("weights", "pull", "own/er", "--file", "w.pt")
    assert done.stderr == f"Licence: {LICENCE_NOTE}\n"
    path = Path(done.stdout.removesuffix("\n"))
    assert path.read_bytes() == CONTENT
    assert path.name == "w.pt"
    again = run("weights", "pull", "own/er", "--file", "w.pt")
    assert again.stdout == done.stdout


def test_pull_of_what_is_not_there(hub: str) -> None:
    done = run("weights", "pull", "own/er", "--file", "x.pt", code=1)
    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == f"Licence: {LICENCE_NOTE}"
    assert done.stderr.splitlines()[1].startswith(
        "fgaesq: own/er/x.pt: there is no such file or revision ("
    )


def test_verify_names_each_sound_file(tiny_model: Path) -> None:
    lines = run("weights", "verify", tiny_model).stdout.splitlines()
    assert lines == [
        f"{name}: sound, sha256 {file_sha256(tiny_model / name)}"
        for name in ("model.onnx", "model.safetensors")
    ]


@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors"])
def test_verify_finds_a_flipped_bit(name: str, tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "model")
    content = bytearray((tmp_path / "model" / name).read_bytes())
    content[-1] ^= 0x10
    (tmp_path / "model" / name).write_bytes(content)
    done = run("weights", "verify", tmp_path / "model", code=1)
    assert done.stderr.startswith(f"fgaesq: {tmp_path / 'model' / name}: sha256 is ")
    assert done.stderr.endswith("was changed, import or install the model again\n")
    for command in (("rank", tmp_path), ("score", tmp_path)):
        if name == "model.onnx":
            done = run(*command, "--model", tmp_path / "model", code=1)
            assert "the file is damaged or was changed" in done.stderr


def test_info_is_what_the_manifest_says(tiny_model: Path) -> None:
    known = json.loads(run("weights", "info", tiny_model).stdout)
    assert list(known) == [
        *("model", "version", "path", "licence", "temperature", "tokenizers", "layout"),
        *("reasons", "files", "provenance"),
    ]
    assert (known["model"], known["path"]) == ("fgaesq-tiny", str(tiny_model))
    assert known["files"]["model.onnx"] == file_sha256(tiny_model / "model.onnx")
    assert known["provenance"] == {"seed": 7}
    assert known["reasons"] == []


def test_info_names_the_reasons_that_a_model_can_give(telling_model: Path) -> None:
    known = json.loads(run("weights", "info", telling_model).stdout)
    assert known["reasons"] == ["sharper", "less noise", "straighter horizon", "less haze"]


def test_verify_reads_the_file_of_reasons(telling_model: Path, tmp_path: Path) -> None:
    assert (
        run("weights", "verify", telling_model)
        .stdout.splitlines()[1]
        .startswith("reasons.json: sound, sha256 ")
    )
    folder = shutil.copytree(telling_model, tmp_path / "changed")
    (folder / "reasons.json").write_text("{}", encoding="utf-8")
    assert (
        "reasons.json: sha256 is 44136fa355b3…" in run("weights", "verify", folder, code=1).stderr
    )


def test_models_that_are_not_there(tmp_path: Path) -> None:
    for command in ("verify", "info"):
        done = run("weights", command, "fgaesq-ss", code=2)
        assert done.stderr.startswith("fgaesq: unknown model 'fgaesq-ss'; did you mean fgaesq-s")
        done = run("weights", command, tmp_path, code=1)
        assert done.stderr == (
            f"fgaesq: {tmp_path}: has no model.json; "
            "give a folder written by 'fgaesq weights import'\n"
        )


def test_import_of_other_files(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("weights", "import", tmp_path / "gone.pt", "--out", out, code=1)
    assert done.stderr == (
        f"Licence: {LICENCE_NOTE}\n"
        f"fgaesq: {tmp_path / 'gone.pt'}: no such file; give the path of a checkpoint\n"
    )
    other = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, other)
    done = run("weights", "import", other, "--out", out, code=1)
    assert f"fgaesq: {other}: does not hold the released FGAesQ weights; keys " in done.stderr
    assert not out.exists()


def test_import_into_a_folder_in_use(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run("weights", "import", tmp_path / "gone.pt", "--out", tmp_path, code=1)
    assert done.stderr.splitlines()[1] == (
        f"fgaesq: {tmp_path}: is not an empty folder; give a new one to --out"
    )
