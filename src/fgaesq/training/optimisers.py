"""The optimisers: AdamW, or Muon for the matrices of the transformer with AdamW for the rest.

Muon (Jordan 2024; `torch.optim.Muon`) makes every update of a matrix orthogonal. A small network
from random weights then learns from each image about twice what it does with AdamW
(docs/decisions/0005).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from fgaesq.training.recipe import Optimiser

__all__ = ["Optimisers", "learning_rate_factor"]


class Optimisers:
    """One or two optimisers that step together; each keeps its own highest learning rate."""

    def __init__(self, task: nn.Module, settings: Optimiser) -> None:
        named = [(name, p) for name, p in task.named_parameters() if p.requires_grad]
        matrices = [p for name, p in named if settings.name == "muon" and _is_hidden(name, p)]
        taken = {id(p) for p in matrices}
        rest = [p for _, p in named if id(p) not in taken]
        groups = [
            {"params": [p for p in rest if p.ndim > 1], "weight_decay": settings.weight_decay},
            {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self._all: list[tuple[torch.optim.Optimizer, float]] = [
            (torch.optim.AdamW(groups, lr=settings.lr, betas=(0.9, 0.98)), settings.lr)
        ]
        if matrices:
            muon = torch.optim.Muon(
                matrices,
                lr=settings.matrix_lr,
                weight_decay=settings.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
            self._all.append((muon, settings.matrix_lr))

    def set_factor(self, factor: float) -> None:
        """Set every learning rate to `factor` times its highest."""
        for optimiser, highest in self._all:
            for group in optimiser.param_groups:
                group["lr"] = highest * factor

    def zero_grad(self) -> None:
        """Drop all gradients."""
        for optimiser, _ in self._all:
            optimiser.zero_grad(set_to_none=True)

    def step(self) -> None:
        """Change all parameters by their gradients."""
        for optimiser, _ in self._all:
            optimiser.step()

    def state_dict(self) -> list[dict[str, Any]]:
        """Return the state of each optimiser."""
        return [optimiser.state_dict() for optimiser, _ in self._all]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Take over what `state_dict` returned."""
        for (optimiser, _), state in zip(self._all, states, strict=True):
            optimiser.load_state_dict(state)

    def __iter__(self) -> Iterator[torch.optim.Optimizer]:
        return (optimiser for optimiser, _ in self._all)


def learning_rate_factor(step: int, settings: Optimiser) -> float:
    """Return the share of the highest learning rate: a linear warm-up, then a cosine to zero."""
    if step < settings.warmup:
        return (step + 1) / settings.warmup
    done = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return 0.5 * (1 + math.cos(math.pi * done))


def _is_hidden(name: str, parameter: nn.Parameter) -> bool:
    return ".blocks." in f".{name}" and parameter.ndim == 2
