"""A miniature CLIP: files of a vocabulary and of weights, in the published layouts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import torch
from torch import Tensor, nn

from fgaesq.models.clip_text import ClipTextSizes

__all__ = [
    "MERGES",
    "SIZES",
    "OpenAiText",
    "hub_state",
    "openai_state",
    "write_hub_vocabulary",
    "write_openai_vocabulary",
]

MERGES = (
    ("s", "h"), ("e", "r</w>"), ("sh", "a"), ("sha", "r"), ("p", "er</w>"), ("shar", "per</w>"),
    ("l", "e"), ("s", "s</w>"), ("le", "ss</w>"), ("n", "o"), ("no", "i"), ("noi", "s"),
    ("noi", "se</w>"), ("s", "e</w>"), ("'", "s</w>"), ("ã", "ģ"),
)  # fmt: skip
SIZES = ClipTextSizes(
    width=16, layers=2, heads=2, length=16, vocabulary=512 + len(MERGES) + 2, feature=6
)


def write_openai_vocabulary(folder: Path) -> Path:
    """Write `bpe_simple_vocab_16e6.txt.gz`."""
    path = folder / "bpe_simple_vocab_16e6.txt.gz"
    text = "\n".join(["#heading", *(" ".join(pair) for pair in MERGES)]) + "\n"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def write_hub_vocabulary(folder: Path) -> Path:
    """Write `vocab.json` and `merges.txt`; the numbers are those of the published files' rule."""
    printable = [chr(c) for r in ((33, 127), (161, 173), (174, 256)) for c in range(*r)]
    symbols = printable + [chr(256 + n) for n in range(256 - len(printable))]
    tokens = symbols + [f"{one}</w>" for one in symbols] + ["".join(pair) for pair in MERGES]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    content = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in MERGES)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "vocab.json"


class _OpenAiBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)}
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        y = self.mlp["c_fc"](self.ln_2(x))
        return x + self.mlp["c_proj"](y * torch.sigmoid(1.702 * y))  # type: ignore[no-any-return]


class OpenAiText(nn.Module):
    """The text tower from PyTorch's own parts, with the published names of its parameters."""

    def __init__(self, sizes: ClipTextSizes = SIZES) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(sizes.vocabulary, sizes.width)
        self.positional_embedding = nn.Parameter(torch.randn(sizes.length, sizes.width))
        self.transformer = nn.ModuleDict(
            {
                "resblocks": nn.ModuleList(
                    _OpenAiBlock(sizes.width, sizes.heads) for _ in range(sizes.layers)
                )
            }
        )
        self.ln_final = nn.LayerNorm(sizes.width)
        self.text_projection = nn.Parameter(torch.randn(sizes.width, sizes.feature))

    def forward(self, ids: Tensor) -> Tensor:
        """Return the features of texts padded with 0; the end token has the highest number."""
        length = ids.shape[1]
        mask = torch.full((length, length), float("-inf")).triu(1)
        x = (self.token_embedding(ids) + self.positional_embedding[:length]).transpose(0, 1)
        for block in self.transformer["resblocks"]:  # type: ignore[attr-defined]
            x = block(x, mask)
        x = self.ln_final(x.transpose(0, 1))
        return x[torch.arange(len(ids)), ids.argmax(-1)] @ self.text_projection  # type: ignore[no-any-return]


def openai_state(model: OpenAiText, prefix: str = "") -> dict[str, Tensor]:
    """Return the state dict as OpenAI's file has it, with parts of the visual tower."""
    state = {prefix + key: value.detach().clone() for key, value in model.state_dict().items()}
    state[f"{prefix}visual.proj"] = torch.zeros(3, 2)
    state[f"{prefix}logit_scale"] = torch.tensor(4.6)
    return state


def hub_state(model: OpenAiText) -> dict[str, Tensor]:
    """Return the same weights under the names of the Hub's layout."""
    state: dict[str, Tensor] = {}
    names = {
        "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
        "positional_embedding": "text_model.embeddings.position_embedding.weight",
        "ln_final.weight": "text_model.final_layer_norm.weight",
        "ln_final.bias": "text_model.final_layer_norm.bias",
    }
    parts = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj",
             "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}  # fmt: skip
    for key, value in model.state_dict().items():
        if key in names:
            state[names[key]] = value.clone()
        elif key == "text_projection":
            state["text_projection.weight"] = value.T.clone().contiguous()
        else:
            layer, rest = key.removeprefix("transformer.resblocks.").split(".", 1)
            start = f"text_model.encoder.layers.{layer}"
            if "in_proj_" in rest:
                kind = rest.removeprefix("attn.in_proj_")
                for name, part in zip("qkv", value.chunk(3), strict=True):
                    state[f"{start}.self_attn.{name}_proj.{kind}"] = part.clone()
            else:
                part_name, kind = rest.rsplit(".", 1)
                state[f"{start}.{parts[part_name]}.{kind}"] = value.clone()
    state["text_model.embeddings.position_ids"] = torch.arange(SIZES.length)[None]
    state["vision_model.embeddings.class_embedding"] = torch.zeros(4)
    state["logit_scale"] = torch.tensor(4.6)
    return state
