"""The parts of the vision transformer: pre-norm blocks with QuickGELU, as in CLIP (Radford 2021).

Attention takes a mask of the slots that may be seen, so that padding has no say.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Attention", "Block", "FeedForward", "quick_gelu"]


def quick_gelu(x: Tensor) -> Tensor:
    """Return x * sigmoid(1.702 x), CLIP's approximation of GELU (SiLU of a scaled argument)."""
    return functional.silu(1.702 * x) * (1 / 1.702)


class Attention(nn.Module):
    """Multi-head self-attention.

    `attended` says which slots may be seen: (B, T) bool, by all, or (B or 1, T, T), by each slot
    (row) on its own, as the causal mask of a text needs it.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, attended: Tensor) -> Tensor:
        B, T, D = x.shape
        qkv = self.qkv(x).reshape(B, T, 3, self.heads, D // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, T, D / heads)
        seen = attended[:, None, None] if attended.dim() == 2 else attended[:, None]
        mixed = _attention(q, k, v, seen)
        return self.out(mixed.transpose(1, 2).reshape(B, T, D))  # type: ignore[no-any-return]


def _attention(q: Tensor, k: Tensor, v: Tensor, seen: Tensor) -> Tensor:
    """Return softmax(q k^T / sqrt(d)) v over the seen slots.

    Training on a CPU spells it out: there, a step of the embedded model takes a third longer with
    torch's fused form, most of it in the backward pass (`benchmarks/training.py`).
    """
    if not (torch.is_grad_enabled() and q.device.type == "cpu"):
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)
    weights = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    bias = torch.zeros(seen.shape, dtype=weights.dtype).masked_fill(~seen, -torch.inf)
    return torch.softmax(weights + bias, dim=-1) @ v


class FeedForward(nn.Module):
    """Two layers, four times as wide in between."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.contract(quick_gelu(self.expand(x)))  # type: ignore[no-any-return]


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm_2 = nn.LayerNorm(width)
        self.mlp = FeedForward(width)

    def forward(self, x: Tensor, attended: Tensor) -> Tensor:
        x = x + self.attention(self.norm_1(x), attended)
        return x + self.mlp(self.norm_2(x))  # type: ignore[no-any-return]
