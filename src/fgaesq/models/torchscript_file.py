"""Reading the tensors of a TorchScript archive without running anything that is in it.

OpenAI publishes CLIP as such archives. They hold a pickle of the module tree (`data.pkl`), the raw
storages (`data/0`, ...) and the modules' code as text, which `torch.jit.load` would compile. Here
the pickle may only name tensors and modules, the modules become plain records, and of the code just
the lists of parameters and buffers are read.
"""

from __future__ import annotations

import collections
import pickle
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor

__all__ = ["is_torchscript", "read_torchscript"]

_LISTS = re.compile(r"  __parameters__ = \[(.*?)\]\n  __buffers__ = \[(.*?)\]\n", re.DOTALL)
_STORAGES = {
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "DoubleStorage": "float64",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}


def is_torchscript(path: Path) -> bool:
    """Return whether a file is a TorchScript archive, by the names of its members."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def read_torchscript(path: Path) -> dict[str, Tensor]:
    """Return parameters and buffers by name, as `torch.jit.load(path).state_dict()` would.

    Raises:
        pickle.UnpicklingError: the archive holds more than modules and tensors.
        zipfile.BadZipFile, LookupError, TypeError, ValueError, RuntimeError: it is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        (start,) = (
            name.removesuffix("constants.pkl")
            for name in archive.namelist()
            if name.endswith("/constants.pkl")
        )
        with archive.open(f"{start}data.pkl") as file:
            root = _Reader(file, archive, start).load()
        if not isinstance(root, _Module):
            raise ValueError("the archive holds no module")
        return dict(_tensors(root, archive, start, ""))


class _Module:
    """A module of the tree: the name of its class, and its attributes as they were pickled."""

    type_name: str
    attributes: dict[str, Any]

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.attributes = state


class _Reader(pickle.Unpickler):
    """Builds records of modules and tensors, and refuses all other names."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, start: str) -> None:  # noqa: ANN401
        super().__init__(file)
        self._archive = archive
        self._start = start
        self._storages: dict[str, Tensor] = {}

    def find_class(self, module_name: str, global_name: str, /) -> Any:  # noqa: ANN401
        """Return what stands for a name; whatever is not listed here is refused."""
        import torch

        if module_name.split(".")[0] == "__torch__":
            return type(global_name, (_Module,), {"type_name": f"{module_name}.{global_name}"})
        if (module_name, global_name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _strided
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module_name == "torch" and global_name in _STORAGES:
            return getattr(torch, _STORAGES[global_name])
        if module_name == "torch.jit._pickle":  # typed lists, such as of int
            return _as_it_is
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is no tensor")

    def persistent_load(self, pid: tuple[str, torch.dtype, str, str, int], /) -> Tensor:
        """Return a storage as a flat tensor."""
        import torch

        _, dtype, key, _, _ = pid
        if key not in self._storages:
            content = bytearray(self._archive.read(f"{self._start}data/{key}"))
            self._storages[key] = torch.frombuffer(content, dtype=dtype)
        return self._storages[key]


def _strided(
    storage: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> Tensor:
    return storage.as_strided(size, stride, offset)


def _as_it_is(value: object, *_: object) -> object:
    return value


def _tensors(
    module: _Module, archive: zipfile.ZipFile, start: str, prefix: str
) -> Iterator[tuple[str, Tensor]]:
    """Yield the parameters and buffers of a module and of those inside it."""
    for name in _declared(module.type_name, archive, start):
        if (tensor := module.attributes[name]) is not None:
            yield prefix + name, tensor
    for name, value in module.attributes.items():
        if isinstance(value, _Module):
            yield from _tensors(value, archive, start, f"{prefix}{name}.")


def _declared(type_name: str, archive: zipfile.ZipFile, start: str) -> list[str]:
    """Return the names of parameters and buffers that the code of a class declares."""
    file, _, name = type_name.rpartition(".")
    code = archive.read(f"{start}code/{file.replace('.', '/')}.py").decode("utf-8")
    found = re.compile(rf"^class {re.escape(name)}\(Module\):\n", re.MULTILINE).search(code)
    lists = _LISTS.match(code, found.end()) if found else None
    if lists is None:
        raise ValueError(f"{type_name} declares no parameters")
    return re.findall(r'"([^"]+)"', lists[1] + lists[2])
