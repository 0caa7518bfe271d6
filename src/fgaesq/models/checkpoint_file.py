"""Reading a checkpoint file of unknown origin without running anything that is in it.

PyTorch files are pickles, and unpickling can run code. Here only tensors are ever read
(`weights_only=True`); whatever holds more is refused.
"""

from __future__ import annotations

import pickle
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fgaesq.errors import MissingExtraError, WeightsError
from fgaesq.models.torchscript_file import is_torchscript, read_torchscript

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["read_state_dict"]

_ZIP = b"PK\x03\x04"
_PICKLE = b"\x80"
_NESTED_UNDER = ("state_dict", "model")
_PREFIX = "module."
_DAMAGE = (
    *(RuntimeError, EOFError, OSError, ValueError, LookupError),
    *(TypeError, AttributeError, AssertionError, struct.error),
)
"""What torch raises, depending on where a file is damaged."""


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a PyTorch, TorchScript or safetensors file, told apart by their content.

    The state dict may be nested under "state_dict" or "model" (what stands beside it is left), and
    its keys may all have the prefix "module.", which is removed: common habits of training scripts.
    Tensors may map the file's memory: keep the file in place while they are used.

    Raises:
        WeightsError: the file is missing, damaged, of another kind, holds Python objects other than
            tensors, or no state dict. Nothing of a refused file is used.
        MissingExtraError: torch is not installed.
    """
    head = _first_bytes(path)
    if _is_safetensors(head):
        return _unprefixed(_read_safetensors(path))
    if head.startswith(_ZIP) and is_torchscript(path):
        return _unprefixed(_read_archive(path))
    if head.startswith((_ZIP, _PICKLE)):
        return _unprefixed(_state_dict_of(path, _read_torch(path, mmap=head.startswith(_ZIP))))
    raise WeightsError(f"{path}: not a weights file: {_kind_of(head)}; download it again")


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such file; give the path of a checkpoint") from None
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read ({error.strerror}); give the path of a checkpoint"
        ) from error


def _is_safetensors(head: bytes) -> bool:
    """Return whether the file starts with a header length and a JSON object."""
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 27


def _kind_of(head: bytes) -> str:
    """Say what the first bytes look like."""
    start = head.lstrip().lower()
    if not head:
        return "it is empty"
    if start.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer to the file, not the file"
    if start.startswith((b"<!doctype", b"<html")):
        return "it is a web page"
    return f"it starts with {head[:12]!r}, neither PyTorch nor safetensors"


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ModuleNotFoundError:
        raise MissingExtraError("reading a checkpoint", "train") from None
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except SafetensorError as error:
        raise _damaged(path) from error
    return tensors


def _read_torch(path: Path, *, mmap: bool) -> object:
    try:
        import torch
    except ModuleNotFoundError:
        raise MissingExtraError("reading a checkpoint", "train") from None
    try:
        with warnings.catch_warnings(action="ignore"):  # this function itself judges the file
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path}: holds Python objects besides tensors, and reading those can run code; "
            "save its state dict alone and use that"
        ) from error
    except _DAMAGE as error:
        if "TorchScript" in str(error):
            raise WeightsError(
                f"{path}: is a TorchScript archive, and reading one can run code; if you trust it, "
                "save its state dict alone (torch.save(torch.jit.load(FILE, map_location='cpu')"
                ".state_dict(), NEW)) and use that"
            ) from error
        raise _damaged(path) from error


def _read_archive(path: Path) -> dict[str, Tensor]:
    try:
        import torch  # noqa: F401 - what the archive's tensors become
    except ModuleNotFoundError:
        raise MissingExtraError("reading a checkpoint", "train") from None
    try:
        return read_torchscript(path)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path}: a TorchScript archive that holds more than modules and tensors ({error}); "
            "save its state dict alone and use that"
        ) from error
    except (*_DAMAGE, zipfile.BadZipFile) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> WeightsError:
    return WeightsError(f"{path}: is damaged or cut short; download it again")


def _state_dict_of(path: Path, content: object) -> dict[str, Tensor]:
    """Return the mapping of names to tensors, wherever in the file it is."""
    import torch

    for name in _NESTED_UNDER:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
            break
    if not isinstance(content, Mapping):
        raise WeightsError(f"{path}: holds a {type(content).__name__}; need a state dict")
    wrong = [name for name, value in content.items() if not isinstance(value, torch.Tensor)]
    if wrong or not content:
        found = f"'{wrong[0]}' is no tensor" if wrong else "it is empty"
        raise WeightsError(f"{path}: holds no state dict ({found}); save the state dict alone")
    return {str(name): value for name, value in content.items()}


def _unprefixed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    if all(name.startswith(_PREFIX) for name in state):
        return {name.removeprefix(_PREFIX): value for name, value in state.items()}
    return state
