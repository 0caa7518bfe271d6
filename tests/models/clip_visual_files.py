"""A miniature of CLIP's visual tower, in the layouts in which CLIP is published."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

__all__ = ["ClipVisual", "hub_state", "openai_state", "write_archive"]


class _Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)}
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        y = self.mlp["c_fc"](self.ln_2(x))
        return x + self.mlp["c_proj"](y * torch.sigmoid(1.702 * y))  # type: ignore[no-any-return]


class ClipVisual(nn.Module):
    """The visual tower from PyTorch's own parts, with the published names of its parameters."""

    def __init__(self, width: int = 32, layers: int = 2, heads: int = 2, feature: int = 32) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(width))
        self.positional_embedding = nn.Parameter(torch.randn(197, width))
        self.proj = nn.Parameter(torch.randn(width, feature))
        self.conv1 = nn.Conv2d(3, width, 16, 16, bias=False)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = nn.ModuleDict(
            {"resblocks": nn.ModuleList(_Block(width, heads) for _ in range(layers))}
        )
        self.ln_post = nn.LayerNorm(width)

    def forward(self, image: Tensor) -> Tensor:
        """Return the feature (N, F) of images (N, 3, 224, 224)."""
        x = self.conv1(image).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(len(x), 1, -1)
        x = self.ln_pre(torch.cat([first, x], dim=1) + self.positional_embedding).transpose(0, 1)
        for block in self.transformer["resblocks"]:  # type: ignore[attr-defined]
            x = block(x)
        return self.ln_post(x[0]) @ self.proj  # type: ignore[no-any-return]


def openai_state(tower: ClipVisual) -> dict[str, Tensor]:
    """Return the state dict as in OpenAI's and open_clip's files, with bits of the text tower."""
    state = {f"visual.{name}": value.clone() for name, value in tower.state_dict().items()}
    others = {"logit_scale": torch.tensor(4.6), "ln_final.weight": torch.ones(3)}
    return state | others | {"transformer.resblocks.0.ln_1.weight": torch.ones(3)}


def hub_state(tower: ClipVisual) -> dict[str, Tensor]:
    """Return the state dict as in transformers' files, with bits of the text tower."""
    own = tower.state_dict()
    start = "vision_model.embeddings."
    state = {
        f"{start}class_embedding": own["class_embedding"],
        f"{start}patch_embedding.weight": own["conv1.weight"],
        f"{start}position_embedding.weight": own["positional_embedding"],
        f"{start}position_ids": torch.arange(197)[None],
        "visual_projection.weight": own["proj"].T.contiguous(),
        "text_model.final_layer_norm.weight": torch.ones(3),
        "text_projection.weight": torch.ones(3, 3),
        "logit_scale": torch.tensor(4.6),
    }
    for kind in ("weight", "bias"):
        state[f"vision_model.pre_layrnorm.{kind}"] = own[f"ln_pre.{kind}"]
        state[f"vision_model.post_layernorm.{kind}"] = own[f"ln_post.{kind}"]
        for layer in range(len(tower.transformer["resblocks"])):  # type: ignore[arg-type]
            old, new = f"transformer.resblocks.{layer}.", f"vision_model.encoder.layers.{layer}."
            for name, part in zip("qkv", own[f"{old}attn.in_proj_{kind}"].chunk(3), strict=True):
                state[f"{new}self_attn.{name}_proj.{kind}"] = part.clone()
            names = {"attn.out_proj": "self_attn.out_proj", "ln_1": "layer_norm1",
                     "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1",
                     "mlp.c_proj": "mlp.fc2"}  # fmt: skip
            for theirs, ours in names.items():
                state[f"{new}{ours}.{kind}"] = own[f"{old}{theirs}.{kind}"]
    return state


class _Clip(nn.Module):
    def __init__(self, visual: ClipVisual) -> None:
        super().__init__()
        self.visual = visual
        self.logit_scale = nn.Parameter(torch.tensor(4.6))

    def forward(self, image: Tensor) -> Tensor:
        return self.visual(image)  # type: ignore[no-any-return]


def write_archive(tower: ClipVisual, path: Path) -> Path:
    """Write a TorchScript archive, in half precision as OpenAI's."""
    model = _Clip(tower).half().eval()
    with warnings.catch_warnings(action="ignore"):  # TorchScript is no longer developed
        image = torch.zeros(1, 3, 224, 224, dtype=torch.float16)
        torch.jit.save(torch.jit.trace(model, image, check_trace=False), path)  # type: ignore[no-untyped-call]
    return path
