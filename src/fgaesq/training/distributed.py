"""Several processes that train one model (`torchrun`), each on its share of every batch.

Every process encodes its share of the images; the features are then gathered, and all losses are
computed on the whole batch by every process. So a loss between images, such as a contrastive one,
is the same as in one process, and so are the gradients, up to rounding.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

__all__ = [
    "gather_objects",
    "gather_rows",
    "is_first",
    "process_group",
    "processes",
    "share_of",
    "synchronised",
    "training_device",
    "wait_for_all",
]

_Value = TypeVar("_Value")


def training_device() -> torch.device:
    """Return the GPU of this process if there is one, else the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


@contextmanager
def process_group(device: torch.device) -> Iterator[None]:
    """Join the processes that `torchrun` started, if it did, until the end of the block."""
    if not _started_together():
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def processes() -> int:
    """Return how many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def is_first() -> bool:
    """Return whether this process is the one that writes and reports."""
    return _rank() == 0


def share_of(number: int) -> slice:
    """Return which of `number` images are this process's; shares differ by at most one."""
    bounds = _bounds(number)
    return slice(bounds[_rank()], bounds[_rank() + 1])


def wait_for_all() -> None:
    """Return when all processes have come here."""
    if processes() > 1:
        distributed.barrier()


def synchronised(task: nn.Module) -> nn.Module:
    """Return the task with its gradients averaged over the processes in the backward pass."""
    if processes() == 1:
        return task
    # Coarse batches leave parameters out, the same ones in every process.
    return DistributedDataParallel(task, find_unused_parameters=True, broadcast_buffers=False)


def gather_objects(value: _Value) -> list[_Value]:
    """Return the values of all processes, in their order."""
    if processes() == 1:
        return [value]
    values: list[Any] = [None] * processes()
    distributed.all_gather_object(values, value)
    return values


def gather_rows(share: Tensor, number: int) -> Tensor:
    """Return the rows of all processes, (number, F), with gradients to each one's own share.

    Args:
        share: the rows `share_of(number)` of this process, (n, F).
        number: of rows in all.
    """
    if processes() == 1:
        return share
    bounds = _bounds(number)
    longest = int(np.diff(bounds).max())
    padded = nn.functional.pad(share, (0, 0, 0, longest - share.shape[0]))
    gathered: Tensor = _Gather.apply(padded)  # type: ignore[no-untyped-call]
    rows = [
        torch.arange(end - start) + longest * rank
        for rank, (start, end) in enumerate(zip(bounds[:-1], bounds[1:], strict=True))
    ]
    return gathered[torch.cat(rows).to(gathered.device)]


class _Gather(torch.autograd.Function):
    """All processes' rows, of equal number, one below the other.

    Every process computes the same loss of the same rows, so the sum of the gradients is W times
    that of the loss; the average over the W processes that follows makes it right.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:  # noqa: ANN401 - as torch has it
        parts = [torch.empty_like(rows) for _ in range(processes())]
        distributed.all_gather(parts, rows.contiguous())
        ctx.number = rows.shape[0]
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401
        total = gradient.contiguous()
        distributed.all_reduce(total)
        start = ctx.number * _rank()
        return total[start : start + ctx.number]


def _rank() -> int:
    return int(os.environ.get("RANK", "0")) if _started_together() else 0


def _started_together() -> bool:
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def _bounds(number: int) -> list[int]:
    """Return where the shares of `number` rows begin and end."""
    return [number * rank // processes() for rank in range(processes() + 1)]
