"""Which optimiser takes which parameters, and the schedule they share."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from fgaesq.training.optimisers import Optimisers, learning_rate_factor
from fgaesq.training.recipe import Optimiser


class Network(nn.Module):
    """A hidden matrix, one outside of the blocks, and a vector."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(4, 4)])
        self.head = nn.Linear(4, 2, bias=False)


def names_of(optimiser: torch.optim.Optimizer, network: nn.Module) -> set[str]:
    taken = {id(p) for group in optimiser.param_groups for p in group["params"]}
    return {name for name, p in network.named_parameters() if id(p) in taken}


def test_muon_takes_the_matrices_of_the_blocks_alone() -> None:
    network = Network()
    adamw, muon = Optimisers(network, Optimiser(name="muon"))
    assert names_of(muon, network) == {"blocks.0.weight"}
    assert names_of(adamw, network) == {"blocks.0.bias", "head.weight"}


def test_adamw_decays_matrices_only() -> None:
    (adamw,) = Optimisers(Network(), Optimiser(name="adamw", weight_decay=0.3))
    decays = {
        p.ndim: group["weight_decay"] for group in adamw.param_groups for p in group["params"]
    }
    assert decays == {2: 0.3, 1: 0.0}


def test_a_step_of_muon_is_orthogonal_whatever_the_gradient() -> None:
    network = Network()
    matrix = network.get_parameter("blocks.0.weight")
    before = matrix.detach().clone()
    optimisers = Optimisers(network, Optimiser(matrix_lr=0.1, weight_decay=0.0))
    matrix.grad = torch.diag(torch.tensor([1.0, 0.1, 10.0, 3.0]))
    optimisers.step()
    change = (matrix.detach() - before) / -0.1
    assert change / (0.2 * 2) == pytest.approx(torch.eye(4).numpy(), abs=0.35)


def test_state_goes_on_where_it_was() -> None:
    first, second = Network(), Network()
    second.load_state_dict(first.state_dict())
    ones, twos = (Optimisers(network, Optimiser()) for network in (first, second))

    def steps(network: nn.Module, optimisers: Optimisers, number: int) -> None:
        for _ in range(number):
            optimisers.zero_grad()
            sum((p**2).sum() for p in network.parameters()).backward()  # type: ignore[union-attr]
            optimisers.step()

    steps(first, ones, 3)
    steps(second, twos, 2)
    again = Optimisers(second, Optimiser())
    again.load_state_dict(twos.state_dict())
    steps(second, again, 1)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_learning_rate_warms_up_and_follows_a_cosine() -> None:
    settings = Optimiser(steps=110, warmup=10)
    factors = [learning_rate_factor(step, settings) for step in range(110)]
    assert factors[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert factors[60] == pytest.approx(0.5)
    assert factors[-1] < 1e-3
    assert learning_rate_factor(0, Optimiser(steps=1, warmup=0)) == 1.0
