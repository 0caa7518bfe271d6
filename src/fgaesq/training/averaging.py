"""The running mean of the weights, which is what a run validates and publishes.

The weights of single steps scatter around what they have in common, the more the higher the
learning rate; their mean does not (Polyak and Juditsky, 1992; exponentially weighted as in
Tarvainen and Valpola, NeurIPS 2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

__all__ = ["Average"]


class Average:
    """The mean of a task's weights, of which each step keeps a share.

    Args (of the constructor):
        task: whose weights; they are where the mean begins.
        share: that is kept, in [0, 1); 0 for no mean at all: the weights are those of the task.
    """

    def __init__(self, task: nn.Module, share: float) -> None:
        mean_of = get_ema_multi_avg_fn(share)  # type: ignore[no-untyped-call]
        self._mean = AveragedModel(task, multi_avg_fn=mean_of) if share else None

    def add(self, task: nn.Module) -> None:
        """Take the weights after one more step into the mean."""
        if self._mean is not None:
            self._mean.update_parameters(task)

    @contextmanager
    def in_place(self, task: nn.Module) -> Iterator[None]:
        """Give the task the mean of its weights meanwhile, and then its own back, bit for bit."""
        if self._mean is None:
            yield
            return
        own = {name: value.clone() for name, value in task.state_dict().items()}
        task.load_state_dict(self._mean.module.state_dict())
        try:
            yield
        finally:
            task.load_state_dict(own)

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` takes; empty without a mean."""
        return {} if self._mean is None else self._mean.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        if self._mean is not None:
            self._mean.load_state_dict(state)

    @staticmethod
    def weights(state: dict[str, Any]) -> dict[str, Tensor]:
        """Return the weights to publish from a checkpoint: their mean where there is one."""
        mean = {
            name.removeprefix("module."): value
            for name, value in state.get("average", {}).items()
            if name.startswith("module.")
        }
        return mean or state["task"]
