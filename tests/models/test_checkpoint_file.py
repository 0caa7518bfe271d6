"""Checkpoint files of every kind, sound and unsound, are read safely or refused."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from fgaesq.errors import WeightsError
from fgaesq.models.checkpoint_file import read_state_dict

STATE = {"weight": torch.arange(5000.0).reshape(50, 100), "scale": torch.tensor(2.0)}


class RunsCode:
    """Creates a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.target),)


def refused(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        read_state_dict(path)
    return str(caught.value)


def assert_is_state(read: dict[str, torch.Tensor]) -> None:
    assert list(read) == list(STATE)
    assert all(torch.equal(read[name], STATE[name]) for name in STATE)


@pytest.mark.parametrize("zipped", [True, False])
def test_pytorch_file_is_read(tmp_path: Path, zipped: bool) -> None:
    torch.save(STATE, tmp_path / "w.pt", _use_new_zipfile_serialization=zipped)
    assert_is_state(read_state_dict(tmp_path / "w.pt"))


def test_safetensors_file_is_told_by_its_content(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "w.pt")
    read = read_state_dict(tmp_path / "w.pt")
    assert all(torch.equal(read[name], STATE[name]) for name in STATE)


@pytest.mark.parametrize("key", ["state_dict", "model"])
def test_nested_state_dict_is_found_and_prefix_removed(tmp_path: Path, key: str) -> None:
    nested = {key: {f"module.{name}": value for name, value in STATE.items()}, "epoch": 7}
    torch.save(nested, tmp_path / "w.pt")
    assert_is_state(read_state_dict(tmp_path / "w.pt"))


def test_prefix_of_some_keys_only_is_no_prefix(tmp_path: Path) -> None:
    state = {"module.weight": torch.ones(1), "weight": torch.zeros(1)}
    torch.save(state, tmp_path / "w.pt")
    assert list(read_state_dict(tmp_path / "w.pt")) == ["module.weight", "weight"]


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path: Path, zipped: bool) -> None:
    path, target = tmp_path / "w.pt", tmp_path / "was-run"
    content = {"state_dict": STATE, "extra": RunsCode(target)}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert refused(path) == (
        f"{path}: holds Python objects besides tensors, and reading those can run code; "
        "save its state dict alone and use that"
    )
    assert not target.exists()


def test_code_in_a_plain_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    path, target = tmp_path / "w.pkl", tmp_path / "was-run"
    path.write_bytes(pickle.dumps(RunsCode(target)))
    assert "reading those can run code" in refused(path)
    assert not target.exists()


def test_saved_module_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "w.pt")
    assert "reading those can run code" in refused(tmp_path / "w.pt")


@pytest.mark.parametrize("kept", [0.002, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_truncated_file_is_refused(tmp_path: Path, kind: str, kept: float) -> None:
    path = tmp_path / "w.pt"
    if kind == "safetensors":
        save_file(STATE, path)
    else:
        torch.save(STATE, path, _use_new_zipfile_serialization=kind == "zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert refused(path) == f"{path}: is damaged or cut short; download it again"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><html>", "it is a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
            "it is a Git LFS pointer to the file, not the file",
        ),
        (b"hello, world", "it starts with b'hello, world', neither PyTorch nor safetensors"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(content)
    assert refused(path) == f"{path}: not a weights file: {what}; download it again"


def test_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    assert refused(path) == f"{path}: no such file; give the path of a checkpoint"


def test_folder_is_refused(tmp_path: Path) -> None:
    pattern = rf"{re.escape(str(tmp_path))}: cannot be read \(.+\); give the path of a checkpoint"
    assert re.fullmatch(pattern, refused(tmp_path))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ([1, 2], "holds a list; need a state dict"),
        ({}, "holds no state dict (it is empty); save the state dict alone"),
        ({"a": 1}, "holds no state dict ('a' is no tensor); save the state dict alone"),
    ],
)
def test_files_without_a_state_dict_are_refused(tmp_path: Path, content: object, what: str) -> None:
    path = tmp_path / "w.pt"
    torch.save(content, path)
    assert refused(path) == f"{path}: {what}"
