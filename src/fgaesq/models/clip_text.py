"""CLIP's text tower (Radford 2021): a causal transformer whose end token becomes the feature.

Weights are read from a file of the user: OpenAI's state dict, the layout of the Hub (transformers),
or the released FGAesQ checkpoint, which holds the text tower of CLIP ViT-B/16 unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from fgaesq.errors import WeightsError
from fgaesq.models.checkpoint_file import read_state_dict
from fgaesq.models.state_dicts import Shape, as_float32, check_keys
from fgaesq.models.vit import Block

__all__ = [
    "CLIP_TEXT",
    "HUB_BLOCK",
    "OPENAI_BLOCK",
    "ClipTextSizes",
    "ClipTextTower",
    "load_clip_text",
]


@dataclass(frozen=True, slots=True)
class ClipTextSizes:
    """The dimensions of a text tower; defaults: that of CLIP ViT-B/16 and ViT-B/32."""

    width: int = 512
    layers: int = 12
    heads: int = 8
    length: int = 77
    vocabulary: int = 49408
    feature: int = 512


CLIP_TEXT: Final = ClipTextSizes()


class ClipTextTower(nn.Module):
    """Token ids in, features out."""

    def __init__(self, sizes: ClipTextSizes = CLIP_TEXT) -> None:
        super().__init__()
        self.sizes = sizes
        self.token_embedding = nn.Embedding(sizes.vocabulary, sizes.width)
        self.positions = nn.Parameter(torch.randn(sizes.length, sizes.width) * 0.01)
        self.blocks = nn.ModuleList(Block(sizes.width, sizes.heads) for _ in range(sizes.layers))
        self.norm_out = nn.LayerNorm(sizes.width)
        self.projection = nn.Parameter(torch.randn(sizes.width, sizes.feature) * sizes.width**-0.5)

    def forward(self, ids: Tensor, ends: Tensor) -> Tensor:
        """Return the features (N, F).

        Args:
            ids: (N, T) int64, T at most `sizes.length`. What follows the end token is of no
                consequence, as no slot sees later ones.
            ends: (N,) int64, the slot of each text's end token.
        """
        length = ids.shape[1]
        seen = torch.ones(1, length, length, dtype=torch.bool, device=ids.device).tril()
        x = self.token_embedding(ids) + self.positions[:length]
        for block in self.blocks:
            x = block(x, seen)
        x = self.norm_out(x[torch.arange(len(ids), device=ids.device), ends])
        return x @ self.projection  # type: ignore[no-any-return]


def load_clip_text(path: Path, *, sizes: ClipTextSizes = CLIP_TEXT) -> ClipTextTower:
    """Return the text tower whose weights a file holds, frozen, in float32.

    Args:
        path: PyTorch or safetensors file. Weights of the visual tower may be there too.
        sizes: the dimensions it must have.

    Raises:
        WeightsError: the file cannot be read, or keys of the text tower are missing, unknown or of
            another shape.
    """
    state = read_state_dict(path)
    layout = _layout_of(state, path)
    entries = tuple(_entries(layout, sizes))
    shapes = {key: entry.shape for entry in entries for key in entry.keys}
    check_keys(
        {key: value for key, value in state.items() if not layout.ignores(key)},
        shapes,
        missing=[key for key in shapes if key not in state],
        name=str(path),
        lacks=f"the text tower of a CLIP of width {sizes.width} with {sizes.layers} layers",
        remedy="give the weights of CLIP ViT-B/16",
    )
    with torch.device("meta"):
        tower = ClipTextTower(sizes)
    tensors = {entry.ours: entry.read(state, str(path)) for entry in entries}
    tower.load_state_dict(tensors, strict=True, assign=True)
    return tower.eval().requires_grad_(requires_grad=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One parameter: our name, and the keys of the parts it is stacked from, all of one shape."""

    ours: str
    shape: Shape
    keys: tuple[str, ...]
    transposed: bool = False

    def read(self, state: Mapping[str, Tensor], name: str) -> Tensor:
        parts = [as_float32(state[key], key, name) for key in self.keys]
        whole = torch.cat(parts) if len(parts) > 1 else parts[0]
        return whole.T.contiguous() if self.transposed else whole


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a kind of file names things.

    Attributes:
        prefix: of all keys of CLIP.
        others: starts of the keys, after the prefix, that are no part of the text tower.
        names: of tokens, positions, last norm and projection.
        blocks: what the keys of a block start with, before its number.
        block: names in a block by ours; several names are stacked.
        transposed: whether the projection is stored as a linear layer's weight.
    """

    prefix: str
    others: tuple[str, ...]
    names: tuple[str, str, str, str]
    blocks: str
    block: Mapping[str, tuple[str, ...]]
    transposed: bool

    def ignores(self, key: str) -> bool:
        """Return whether a key is no part of the text tower."""
        bare = key.removeprefix(self.prefix)
        return not key.startswith(self.prefix) or bare.startswith(self.others)


_OPENAI_OTHERS = ("visual.", "logit_scale", "input_resolution", "context_length", "vocab_size")
_OPENAI_NAMES = (
    "token_embedding.weight", "positional_embedding", "ln_final", "text_projection",
)  # fmt: skip
OPENAI_BLOCK = {
    "norm_1.": ("ln_1.",),
    "attention.qkv.": ("attn.in_proj_",),
    "attention.out.": ("attn.out_proj.",),
    "norm_2.": ("ln_2.",),
    "mlp.expand.": ("mlp.c_fc.",),
    "mlp.contract.": ("mlp.c_proj.",),
}
HUB_BLOCK = {
    "norm_1.": ("layer_norm1.",),
    "attention.qkv.": ("self_attn.q_proj.", "self_attn.k_proj.", "self_attn.v_proj."),
    "attention.out.": ("self_attn.out_proj.",),
    "norm_2.": ("layer_norm2.",),
    "mlp.expand.": ("mlp.fc1.",),
    "mlp.contract.": ("mlp.fc2.",),
}
_LAYOUTS = (
    *(
        _Layout(
            prefix, _OPENAI_OTHERS, _OPENAI_NAMES, "transformer.resblocks.", OPENAI_BLOCK, False
        )
        for prefix in ("", "clip_model.")
    ),
    _Layout(
        "",
        ("vision_model.", "visual_projection.", "logit_scale",
         "text_model.embeddings.position_ids"),
        ("text_model.embeddings.token_embedding.weight",
         "text_model.embeddings.position_embedding.weight",
         "text_model.final_layer_norm", "text_projection.weight"),
        "text_model.encoder.layers.",
        HUB_BLOCK,
        True,
    ),
)  # fmt: skip


def _layout_of(state: Mapping[str, Tensor], path: Path) -> _Layout:
    for layout in _LAYOUTS:
        if layout.prefix + layout.names[0] in state:
            return layout
    raise WeightsError(
        f"{path}: holds no text tower of CLIP (no token embedding under its OpenAI or Hub name); "
        "give the weights of CLIP ViT-B/16"
    )


def _entries(layout: _Layout, sizes: ClipTextSizes) -> Iterator[_Entry]:
    """Yield every parameter of the tower."""
    width, feature = sizes.width, sizes.feature
    tokens, positions, norm, projection = (layout.prefix + name for name in layout.names)
    yield _Entry("token_embedding.weight", (sizes.vocabulary, width), (tokens,))
    yield _Entry("positions", (sizes.length, width), (positions,))
    fans = {"attention.qkv.": (3 * width, width), "attention.out.": (width, width),
            "mlp.expand.": (4 * width, width), "mlp.contract.": (width, 4 * width)}  # fmt: skip
    for layer in range(sizes.layers):
        for ours, names in layout.block.items():
            fan = fans.get(ours)
            for kind in ("weight", "bias"):
                rows = (fan[0] if fan else width) // len(names)
                shape = (rows, fan[1]) if fan and kind == "weight" else (rows,)
                start = f"{layout.prefix}{layout.blocks}{layer}."
                keys = tuple(f"{start}{name}{kind}" for name in names)
                yield _Entry(f"blocks.{layer}.{ours}{kind}", shape, keys)
    for kind in ("weight", "bias"):
        yield _Entry(f"norm_out.{kind}", (width,), (f"{norm}.{kind}",))
    stored = (feature, width) if layout.transposed else (width, feature)
    yield _Entry("projection", stored, (projection,), layout.transposed)
