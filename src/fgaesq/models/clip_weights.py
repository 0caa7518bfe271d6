"""CLIP's visual tower (Radford 2021) as the beginning of a model that is to be trained.

Files of the user are read in the layouts in which CLIP is published: OpenAI's archive
(`ViT-B-16.pt`) or its state dict, which is also that of open_clip, and that of the Hub
(transformers, `model.safetensors` or `pytorch_model.bin`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from fgaesq.errors import WeightsError
from fgaesq.models.checkpoint_file import read_state_dict
from fgaesq.models.clip_text import HUB_BLOCK, OPENAI_BLOCK
from fgaesq.models.fgaesq import FGAesQ
from fgaesq.models.state_dicts import Shape, as_float32, check_keys

__all__ = ["clip_visual_state", "initialise_from_clip"]

_OURS_ALONE = ("mask_token", "scale_embedding", "head.", "statistics.", "stem.spectral_projection.")
"""Starts of the names of parameters that CLIP does not have; they keep their initial values."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a kind of file names things; `blocks` is followed by the block's number.

    `others` are starts of keys that are no part of the visual tower, `class_token` and the like
    the keys of single parameters, `block` names in a block by ours (several are stacked).
    """

    others: tuple[str, ...]
    patches: str
    class_token: str
    positions: str
    norm_in: str
    norm_out: str
    projection: str
    blocks: str
    block: Mapping[str, tuple[str, ...]]
    transposed: bool


_OPENAI = _Layout(
    others=("transformer.", "token_embedding.", "positional_embedding", "ln_final.",
            "text_projection", "logit_scale", "logit_bias", "attn_mask", "input_resolution",
            "context_length", "vocab_size"),
    patches="visual.conv1.weight",
    class_token="visual.class_embedding",  # noqa: S106 - no secret
    positions="visual.positional_embedding",
    norm_in="visual.ln_pre",
    norm_out="visual.ln_post",
    projection="visual.proj",
    blocks="visual.transformer.resblocks.",
    block=OPENAI_BLOCK,
    transposed=False,
)  # fmt: skip
_HUB = _Layout(
    others=("text_model.", "text_projection.", "logit_scale",
            "vision_model.embeddings.position_ids"),
    patches="vision_model.embeddings.patch_embedding.weight",
    class_token="vision_model.embeddings.class_embedding",  # noqa: S106 - no secret
    positions="vision_model.embeddings.position_embedding.weight",
    norm_in="vision_model.pre_layrnorm",  # as it is published
    norm_out="vision_model.post_layernorm",
    projection="visual_projection.weight",
    blocks="vision_model.encoder.layers.",
    block=HUB_BLOCK,
    transposed=True,
)  # fmt: skip


def initialise_from_clip(model: FGAesQ, path: Path) -> None:
    """Give a model the weights of CLIP's visual tower; what CLIP has not stays as it is.

    Raises:
        WeightsError: the file cannot be read, or is not the visual tower of a CLIP of this size.
    """
    own = model.state_dict()
    wanted = {name: value for name, value in own.items() if not name.startswith(_OURS_ALONE)}
    shapes = {name: tuple(value.shape) for name, value in wanted.items()}
    model.load_state_dict({**own, **clip_visual_state(path, shapes)}, strict=True)


def clip_visual_state(path: Path, shapes: Mapping[str, Shape]) -> dict[str, Tensor]:
    """Return the tensors of CLIP's visual tower under our names, float32.

    Args:
        path: the file.
        shapes: of the parameters to read, by our names.

    Raises:
        WeightsError: keys are missing, unknown or of another shape, or values are not finite.
    """
    state = read_state_dict(path)
    layout = next((one for one in (_OPENAI, _HUB) if one.patches in state), None)
    if layout is None:
        raise WeightsError(
            f"{path}: holds no visual tower of CLIP (no patch embedding under its OpenAI or Hub "
            "name); give the weights of CLIP ViT-B/16"
        )
    keys = {ours: _keys(ours, layout) for ours in shapes}
    stored = {
        key: shape for ours, shape in shapes.items() for key, shape in _stored(ours, shape, layout)
    }
    check_keys(
        {key: value for key, value in state.items() if not key.startswith(layout.others)},
        stored,
        missing=[key for key in stored if key not in state],
        name=str(path),
        lacks="the visual tower of a CLIP of this model's size",
        remedy="give the weights of CLIP ViT-B/16 for fgaesq-b16",
    )
    tensors = {}
    for ours, shape in shapes.items():
        parts = [as_float32(state[key], key, str(path)) for key in keys[ours]]
        whole = torch.cat(parts) if len(parts) > 1 else parts[0]
        turned = ours == "projection" and layout.transposed
        tensors[ours] = whole.T.contiguous() if turned else whole.reshape(shape)
    return tensors


def _keys(ours: str, layout: _Layout) -> tuple[str, ...]:
    """Return the keys of a file that a parameter of ours is stacked from."""
    single = {
        "stem.projection.weight": layout.patches,
        "class_token": layout.class_token,
        "position_table": layout.positions,
        "projection": layout.projection,
    }
    if ours in single:
        return (single[ours],)
    for norm, key in (("norm_in.", layout.norm_in), ("norm_out.", layout.norm_out)):
        if ours.startswith(norm):
            return (f"{key}.{ours.removeprefix(norm)}",)
    _, number, rest = ours.split(".", 2)
    part, _, kind = rest.rpartition(".")
    return tuple(f"{layout.blocks}{number}.{name}{kind}" for name in layout.block[f"{part}."])


def _stored(ours: str, shape: Shape, layout: _Layout) -> Iterator[tuple[str, Shape]]:
    """Yield the keys of a parameter with the shapes they must have in the file."""
    keys = _keys(ours, layout)
    for key in keys:
        if ours == "stem.projection.weight":
            side = int((shape[1] // 3) ** 0.5)
            yield key, (shape[0], 3, side, side)
        elif ours == "projection" and layout.transposed:
            yield key, shape[::-1]
        else:
            yield key, (shape[0] // len(keys), *shape[1:])
