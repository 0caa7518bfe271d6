"""TorchScript archives: their tensors, and nothing else of them."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from fgaesq.errors import WeightsError
from fgaesq.models.checkpoint_file import read_state_dict
from fgaesq.models.torchscript_file import is_torchscript


class Network(nn.Module):
    """Parameters of several kinds, buffers, and an attribute that belongs to no state dict."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2, bias=False))
        self.short = nn.Parameter(torch.randn(4, 2).half())
        self.turned = nn.Parameter(torch.randn(3, 5).T)
        self.register_buffer("steps", torch.arange(5))
        self.attribute = torch.ones(7)

    def forward(self, x: Tensor) -> Tensor:
        return self.inside(x) + self.attribute[0]  # type: ignore[no-any-return]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "network.pt"
    with warnings.catch_warnings(action="ignore"):  # TorchScript is deprecated
        torch.jit.save(torch.jit.script(Network()), path)
    return path


def rewritten(path: Path, ending: str, content: bytes) -> Path:
    """Copy an archive with other content of all members whose names end so."""
    copy = path.with_name("changed.pt")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name.endswith(ending) else old.read(name))
    return copy


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        read_state_dict(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_the_tensors_are_those_of_the_state_dict(archive: Path) -> None:
    with warnings.catch_warnings(action="ignore"):
        wanted = torch.jit.load(archive).state_dict()  # type: ignore[no-untyped-call]
    found = read_state_dict(archive)
    assert set(found) == set(wanted)
    assert "attribute" not in found
    for name, tensor in wanted.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def test_archives_are_told_from_state_dicts(archive: Path, tmp_path: Path) -> None:
    torch.save({"x": torch.ones(2)}, tmp_path / "state.pt")
    assert is_torchscript(archive)
    assert not is_torchscript(tmp_path / "state.pt")
    assert not is_torchscript(tmp_path / "none.pt")


class _Bomb:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (str(self.target),)


def test_an_archive_with_more_than_tensors_is_refused_and_not_run(
    archive: Path, tmp_path: Path
) -> None:
    bomb = rewritten(archive, "/data.pkl", pickle.dumps(_Bomb(tmp_path / "ran"), protocol=2))
    assert refusal(bomb).startswith("holds Python objects besides tensors")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        ("/data/0", b"\0"),
        ("/data.pkl", b"\x80\x02N."),
        ("/data.pkl", b""),
        (".py", b"class Other(Module):\n"),
    ],
)
def test_damaged_archives_are_refused(archive: Path, ending: str, content: bytes) -> None:
    damaged = rewritten(archive, ending, content)
    assert refusal(damaged) == "is damaged or cut short; download it again"
