"""Strict checks of state dicts that come from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from fgaesq.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Shape", "as_float32", "check_keys"]

Shape: TypeAlias = tuple[int, ...]

_SHOWN = 5
"""How many keys of one kind an error message names."""


def check_keys(
    state: Mapping[str, Tensor],
    shapes: Mapping[str, Shape],
    *,
    missing: Iterable[str],
    name: str,
    lacks: str,
    remedy: str,
) -> None:
    """Raise one error that lists all keys that are missing, unexpected or of a wrong shape.

    Args:
        state: what was read.
        shapes: of all keys that may be there.
        missing: keys that must be there and are not.
        name: the file, for the message.
        lacks: what the file does not hold if anything is wrong.
        remedy: what to use instead.

    Raises:
        WeightsError: anything is wrong.
    """
    unexpected = [key for key in state if key not in shapes]
    misshapen = [
        f"{key} {tuple(value.shape)} instead of {shapes[key]}"
        for key, value in state.items()
        if key in shapes and tuple(value.shape) != shapes[key]
    ]
    groups = (("missing", [*missing]), ("unexpected", unexpected), ("of wrong shape", misshapen))
    problems = [f"{len(keys)} {kind}: {_first_of(keys)}" for kind, keys in groups if keys]
    if problems:
        raise WeightsError(f"{name}: does not hold {lacks}; keys {'; '.join(problems)}; {remedy}")


def as_float32(tensor: Tensor, key: str, name: str) -> Tensor:
    """Return the tensor as float32 of its own memory order; raise if its values are unusable."""
    if not tensor.is_floating_point():
        raise WeightsError(f"{name}: {key} holds {tensor.dtype}; need floating-point numbers")
    if not tensor.isfinite().all():
        raise WeightsError(f"{name}: {key} holds NaN or infinite values; the file is damaged")
    return tensor.detach().float().contiguous()


def _first_of(keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more
