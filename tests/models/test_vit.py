"""The parts of the transformer, against plain loops."""

from __future__ import annotations

import numpy as np
import torch

from fgaesq.models.vit import Attention, Block, quick_gelu


def test_quick_gelu_is_x_times_a_sigmoid() -> None:
    x = torch.linspace(-12, 12, 1001, dtype=torch.float64)
    np.testing.assert_allclose(quick_gelu(x), x * torch.sigmoid(1.702 * x), atol=1e-12)


def test_attention_agrees_with_a_slow_loop() -> None:
    torch.manual_seed(0)
    B, T, D, heads = 2, 5, 8, 2
    attention = Attention(D, heads).double()
    x = torch.randn(B, T, D, dtype=torch.float64)
    attended = torch.tensor([[True] * 5, [True, False, True, False, True]])
    wanted = torch.zeros_like(x)
    for b in range(B):
        q, k, v = attention.qkv(x[b]).split(D, dim=-1)
        for head in range(heads):
            of_head = slice(head * D // heads, (head + 1) * D // heads)
            for t in range(T):
                weights = [
                    torch.exp(q[t, of_head] @ k[s, of_head] / (D / heads) ** 0.5)
                    if attended[b, s]
                    else torch.zeros((), dtype=torch.float64)
                    for s in range(T)
                ]
                shares = torch.stack(weights) / sum(weights)
                wanted[b, t, of_head] = shares @ v[:, of_head]
    found = attention(x, attended)
    np.testing.assert_allclose(found.detach(), attention.out(wanted).detach(), atol=1e-10)


def test_attention_with_a_mask_per_slot_sees_what_each_may_see() -> None:
    torch.manual_seed(1)
    attention = Attention(8, 2)
    x = torch.randn(3, 4, 8)
    causal = torch.ones(1, 4, 4, dtype=torch.bool).tril()
    found = attention(x, causal)
    for t in range(4):
        seen = (torch.arange(4) <= t).expand(3, -1)
        torch.testing.assert_close(found[:, t], attention(x, seen)[:, t], rtol=0, atol=1e-6)


def test_a_block_adds_to_what_it_is_given() -> None:
    block = Block(8, 2)
    with torch.no_grad():
        for layer in (block.attention.out, block.mlp.contract):
            layer.weight.zero_()
            layer.bias.zero_()
    x = torch.randn(1, 4, 8)
    assert torch.equal(block(x, torch.ones(1, 4, dtype=torch.bool)), x)
