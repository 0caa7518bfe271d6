"""The released FGAesQ checkpoint, translated to the names of our model.

Paper: "FGAesQ" (arXiv 2603.03907). Its checkpoint `FGAesQ.pt` holds the visual tower of CLIP
ViT-B/16, the parts the release adds, and CLIP's text tower, which scoring does not use. Some parts
are in it twice, under two names of one parameter. The import is strict: every key and every shape
is checked, and whatever is missing or unknown stops it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fgaesq.models.checkpoint_file import read_state_dict
from fgaesq.models.state_dicts import Shape, as_float32, check_keys
from fgaesq.storage.digests import file_sha256

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "RELEASED_SIZES",
    "ImportReport",
    "ReleasedSizes",
    "alias_disagreements",
    "import_released",
    "read_released_checkpoint",
    "released_shapes",
    "released_to_model",
]

_VISUAL = "clip_model.visual."


@dataclass(frozen=True, slots=True)
class ReleasedSizes:
    """The dimensions from which all shapes of a checkpoint follow; defaults: the released one."""

    width: int = 768
    layers: int = 12
    mlp_width: int = 3072
    patch_px: int = 16
    table_size: int = 14
    feature_width: int = 512
    head_widths: tuple[int, int] = (256, 64)
    bins: int = 10
    text_width: int = 512
    text_layers: int = 12
    text_length: int = 77
    vocabulary: int = 49408


RELEASED_SIZES: Final = ReleasedSizes()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was read and what was decided on the way.

    Attributes:
        name: the file.
        sha256: of the file, in hex.
        n_keys: keys in the file.
        ignored: keys of the text tower, which scoring does not use.
        notes: one sentence for each parameter whose two copies in the file disagree.
    """

    name: str
    sha256: str
    n_keys: int
    ignored: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One parameter: our name and shape, its released shape and keys, the winning key first."""

    ours: str
    shape: Shape
    released_shape: Shape
    keys: tuple[str, ...]


def import_released(
    path: Path, *, sizes: ReleasedSizes = RELEASED_SIZES
) -> tuple[dict[str, Tensor], ImportReport]:
    """Read a released checkpoint and translate it to our names.

    Args:
        path: `FGAesQ.pt`, or a safetensors file of the same keys.
        sizes: the dimensions the checkpoint must have.

    Returns:
        The state dict of our model, float32, and a report.

    Raises:
        WeightsError: the file cannot be read safely or does not fit.
        MissingExtraError: torch is not installed.
    """
    state = read_released_checkpoint(path)
    tensors = released_to_model(state, name=str(path), sizes=sizes)
    sha256 = file_sha256(path)
    text = {key for key, _ in _text_tower(sizes)}
    ignored = tuple(key for key in state if key in text)
    notes = alias_disagreements(state, sizes=sizes)
    report = ImportReport(str(path), sha256, len(state), ignored, notes)
    return tensors, report


def read_released_checkpoint(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint under their released keys, running nothing of the file.

    Raises:
        WeightsError: the file is missing, damaged, of another kind, or holds Python objects.
        MissingExtraError: torch is not installed.
    """
    return read_state_dict(path)


def released_to_model(
    state: Mapping[str, Tensor],
    *,
    name: str = "checkpoint",
    sizes: ReleasedSizes = RELEASED_SIZES,
) -> dict[str, Tensor]:
    """Translate released keys to the names and shapes of our model.

    Where a parameter stands under two keys that disagree, the one the released code ends up with
    wins: `clip_model.visual.proj` over `proj`, and the top-level key for all else. One of the two
    is enough, as safetensors files keep only one copy.

    Args:
        state: the released state dict; the text tower may be absent.
        name: what messages call it.
        sizes: the dimensions it must have.

    Returns:
        Our names to float32 tensors, in the order of the model's layers.

    Raises:
        WeightsError: keys are missing, unknown or of another shape, or values are not finite
            floating-point numbers; the message lists them.
    """
    entries = tuple(_entries(sizes))
    _check_keys(state, entries, name, sizes)
    tensors = {}
    for entry in entries:
        key = next(key for key in entry.keys if key in state)
        tensors[entry.ours] = as_float32(state[key], key, name).reshape(entry.shape)
    return tensors


def alias_disagreements(
    state: Mapping[str, Tensor], *, sizes: ReleasedSizes = RELEASED_SIZES
) -> tuple[str, ...]:
    """Return one sentence for each parameter that stands under two keys with different values."""
    return tuple(
        f"{entry.keys[1]} differs from {entry.keys[0]}; the latter is used, as in the released code"
        for entry in _entries(sizes)
        if all(key in state for key in entry.keys)
        and len(entry.keys) > 1
        and not state[entry.keys[0]].equal(state[entry.keys[1]])
    )


def released_shapes(sizes: ReleasedSizes = RELEASED_SIZES) -> dict[str, Shape]:
    """Return every key of a complete released checkpoint with its shape."""
    visual = {key: entry.released_shape for entry in _entries(sizes) for key in entry.keys}
    return visual | dict(_text_tower(sizes))


def _entries(sizes: ReleasedSizes) -> Iterator[_Entry]:
    """Yield every parameter of the model."""
    width, feature = sizes.width, sizes.feature_width
    conv = (width, 3, sizes.patch_px, sizes.patch_px)
    flat = (width, 3 * sizes.patch_px**2)
    yield _Entry("stem.projection.weight", flat, conv, (_VISUAL + "conv1.weight",))
    yield _same("class_token", (width,), _VISUAL + "class_embedding")
    table = (1 + sizes.table_size**2, width)
    yield _same("position_table", table, _VISUAL + "positional_embedding")
    yield _Entry("mask_token", (width,), (1, 1, width), ("mask_token",))
    yield _Entry("scale_embedding", (2, width), (1, 2, width), ("scale_embedding",))
    yield from _norm("norm_in", width, "ln_pre")
    for layer in range(sizes.layers):
        yield from _block(layer, width, sizes.mlp_width)
    yield from _norm("norm_out", width, "ln_post")
    yield _same("projection", (width, feature), _VISUAL + "proj", "proj")
    widths = (feature, *sizes.head_widths, sizes.bins)
    for layer, (fan_in, fan_out) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        head = f"head.{3 * layer}"
        yield _same(f"{head}.weight", (fan_out, fan_in), f"iqa_{head}.weight")
        yield _same(f"{head}.bias", (fan_out,), f"iqa_{head}.bias")


def _block(layer: int, width: int, mlp_width: int) -> Iterator[_Entry]:
    """Yield the parameters of one transformer block."""
    ours, released = f"blocks.{layer}", f"transformer.resblocks.{layer}"
    yield from _norm(f"{ours}.norm_1", width, f"{released}.ln_1")
    yield from _linear(f"{ours}.attention.qkv", f"{released}.attn.in_proj_", 3 * width, width)
    yield from _linear(f"{ours}.attention.out", f"{released}.attn.out_proj.", width, width)
    yield from _norm(f"{ours}.norm_2", width, f"{released}.ln_2")
    yield from _linear(f"{ours}.mlp.expand", f"{released}.mlp.c_fc.", mlp_width, width)
    yield from _linear(f"{ours}.mlp.contract", f"{released}.mlp.c_proj.", width, mlp_width)


def _linear(ours: str, released: str, fan_out: int, fan_in: int) -> Iterator[_Entry]:
    """Yield weight and bias of a linear layer that has a copy in the visual tower."""
    for kind, shape in (("weight", (fan_out, fan_in)), ("bias", (fan_out,))):
        key = released + kind
        yield _same(f"{ours}.{kind}", shape, key, _VISUAL + key)


def _norm(ours: str, width: int, released: str) -> Iterator[_Entry]:
    """Yield gain and bias of a layer norm that stands at the top level and in the visual tower."""
    for kind in ("weight", "bias"):
        key = f"{released}.{kind}"
        yield _same(f"{ours}.{kind}", (width,), key, _VISUAL + key)


def _same(ours: str, shape: Shape, *keys: str) -> _Entry:
    return _Entry(ours, shape, shape, keys)


def _text_tower(sizes: ReleasedSizes) -> Iterator[tuple[str, Shape]]:
    """Yield the keys and shapes of CLIP's text tower."""
    width = sizes.text_width
    yield "clip_model.positional_embedding", (sizes.text_length, width)
    yield "clip_model.text_projection", (width, sizes.feature_width)
    yield "clip_model.logit_scale", ()
    yield "clip_model.token_embedding.weight", (sizes.vocabulary, width)
    yield "clip_model.ln_final.weight", (width,)
    yield "clip_model.ln_final.bias", (width,)
    for layer in range(sizes.text_layers):
        for entry in _block(layer, width, 4 * width):
            yield f"clip_model.{entry.keys[0]}", entry.released_shape


def _check_keys(
    state: Mapping[str, Tensor], entries: Iterable[_Entry], name: str, sizes: ReleasedSizes
) -> None:
    """Raise one error that lists all keys that are missing, unexpected or of a wrong shape."""
    check_keys(
        state,
        released_shapes(sizes),
        missing=[entry.keys[0] for entry in entries if not any(key in state for key in entry.keys)],
        name=name,
        lacks="the released FGAesQ weights",
        remedy="need FGAesQ.pt as published",
    )
