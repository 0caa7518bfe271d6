"""The tensors of a TorchScript archive, read without running what else is in it.

OpenAI publishes CLIP as such archives (`ViT-B-16.pt`). They hold code, and `torch.jit.load` runs
parts of it. Here only the pickled tree of attributes is read, by an unpickler that can build
nothing but tensors, containers and empty stand-ins for modules.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["is_torchscript", "read_torchscript"]

_DTYPES = {
    "BFloat16Storage": "bfloat16",
    "BoolStorage": "bool",
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "IntStorage": "int32",
    "LongStorage": "int64",
}
_LISTS = ("build_boollist", "build_doublelist", "build_intlist", "build_tensorlist")


class _Module:
    """Stands for a module: its parameters, buffers and submodules by name."""

    def __init__(self, *_: object) -> None:
        self.attributes: dict[str, Any] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.attributes = state


def is_torchscript(path: Path) -> bool:
    """Return whether a zip file is a TorchScript archive rather than a saved state dict."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def read_torchscript(path: Path) -> dict[str, Tensor]:
    """Return all tensors of an archive under the dotted names of their modules.

    Raises:
        pickle.UnpicklingError: it holds something that is no tensor, module or plain value.
        ValueError, LookupError, RuntimeError, zipfile.BadZipFile: it is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        name = next(one for one in archive.namelist() if one.endswith("/data.pkl"))
        with archive.open(name) as tree:
            root = _Unpickler(tree, archive, name.removesuffix("data.pkl")).load()
    if not isinstance(root, _Module):
        raise pickle.UnpicklingError("no module")
    return dict(_tensors(root, ""))


def _tensors(module: _Module, prefix: str) -> Iterator[tuple[str, Tensor]]:
    import torch

    for name, value in module.attributes.items():
        if isinstance(value, _Module):
            yield from _tensors(value, f"{prefix}{name}.")
        elif isinstance(value, torch.Tensor):
            yield prefix + name, value


class _Unpickler(pickle.Unpickler):
    def __init__(self, tree: Any, archive: zipfile.ZipFile, folder: str) -> None:  # noqa: ANN401
        super().__init__(tree)
        self._archive = archive
        self._folder = folder
        self._storages: dict[str, Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as pickle has it
        if module.split(".")[0] == "__torch__":
            return _Module
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return name
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if module == "torch.jit._pickle" and name in _LISTS:
            return _same
        raise pickle.UnpicklingError(f"{module}.{name} is no tensor")

    def persistent_load(self, pid: Any) -> Tensor:  # noqa: ANN401 - as pickle has it
        import torch

        _, kind, key, _, number = pid
        if key not in self._storages:
            content = bytearray(self._archive.read(f"{self._folder}data/{key}"))
            dtype = getattr(torch, _DTYPES[kind])
            self._storages[key] = torch.frombuffer(content, dtype=dtype, count=number)
        return self._storages[key]


def _same(values: Any) -> Any:  # noqa: ANN401 - a list of plain values
    return values


def _tensor(storage: Tensor, offset: int, size: Any, stride: Any, *_: object) -> Tensor:  # noqa: ANN401
    return storage.as_strided(size, stride, offset).clone()
