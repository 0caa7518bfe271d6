"""The translation of released checkpoints, on a tiny one of the same keys."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from fgaesq.errors import WeightsError
from fgaesq.models.released import (
    ReleasedSizes,
    alias_disagreements,
    import_released,
    released_shapes,
    released_to_model,
)

TINY = ReleasedSizes(
    width=8,
    layers=2,
    mlp_width=32,
    patch_px=16,
    table_size=3,
    feature_width=6,
    head_widths=(5, 4),
    bins=10,
    text_width=6,
    text_layers=1,
    text_length=7,
    vocabulary=11,
)
OF_TEXT = 6 + 12
"""Keys of the tiny text tower."""


def tiny_state() -> dict[str, Tensor]:
    """A complete tiny checkpoint, the two copies of a parameter equal."""
    generator = torch.Generator().manual_seed(3)
    shapes = released_shapes(TINY)
    state = {key: torch.randn(shape, generator=generator) for key, shape in shapes.items()}
    for key in state:
        copy = f"clip_model.visual.{key}"
        if copy in state:
            state[copy] = state[key].clone()
    return state


def refusal(state: dict[str, Tensor]) -> str:
    with pytest.raises(WeightsError) as caught:
        released_to_model(state, name="FGAesQ.pt", sizes=TINY)
    return str(caught.value)


def test_keys_and_shapes_are_those_of_the_released_file(shared: Path) -> None:
    lines = (shared / "oracle" / "released_keys.txt").read_text().splitlines()
    released = {}
    for line in lines:
        key, shape, _ = line.split("\t")
        released[key] = tuple(int(n) for n in re.findall(r"\d+", shape))
    assert len(released) == 459
    assert released_shapes() == released


def test_every_parameter_gets_its_name_and_values() -> None:
    state = tiny_state()
    ours = released_to_model(state, sizes=TINY)
    visual = "clip_model.visual."
    block = "transformer.resblocks.1."
    expected = {
        "stem.projection.weight": state[visual + "conv1.weight"].flatten(1),
        "class_token": state[visual + "class_embedding"],
        "position_table": state[visual + "positional_embedding"],
        "mask_token": state["mask_token"][0, 0],
        "scale_embedding": state["scale_embedding"][0],
        "norm_in.weight": state["ln_pre.weight"],
        "norm_in.bias": state["ln_pre.bias"],
        "blocks.1.norm_1.weight": state[block + "ln_1.weight"],
        "blocks.1.norm_1.bias": state[block + "ln_1.bias"],
        "blocks.1.attention.qkv.weight": state[block + "attn.in_proj_weight"],
        "blocks.1.attention.qkv.bias": state[block + "attn.in_proj_bias"],
        "blocks.1.attention.out.weight": state[block + "attn.out_proj.weight"],
        "blocks.1.attention.out.bias": state[block + "attn.out_proj.bias"],
        "blocks.1.norm_2.weight": state[block + "ln_2.weight"],
        "blocks.1.norm_2.bias": state[block + "ln_2.bias"],
        "blocks.1.mlp.expand.weight": state[block + "mlp.c_fc.weight"],
        "blocks.1.mlp.expand.bias": state[block + "mlp.c_fc.bias"],
        "blocks.1.mlp.contract.weight": state[block + "mlp.c_proj.weight"],
        "blocks.1.mlp.contract.bias": state[block + "mlp.c_proj.bias"],
        "norm_out.weight": state["ln_post.weight"],
        "norm_out.bias": state["ln_post.bias"],
        "projection": state[visual + "proj"],
        "head.0.weight": state["iqa_head.0.weight"],
        "head.0.bias": state["iqa_head.0.bias"],
        "head.3.weight": state["iqa_head.3.weight"],
        "head.3.bias": state["iqa_head.3.bias"],
        "head.6.weight": state["iqa_head.6.weight"],
        "head.6.bias": state["iqa_head.6.bias"],
    }
    for name, value in expected.items():
        assert torch.equal(ours[name], value), name
    others = {name for name in ours if name not in expected}
    assert others == {name.replace("blocks.1", "blocks.0") for name in expected if "ks.1" in name}


def test_import_reports_what_it_read(tmp_path: Path) -> None:
    path = tmp_path / "FGAesQ.pt"
    state = tiny_state()
    torch.save(state, path)
    tensors, report = import_released(path, sizes=TINY)
    assert tensors.keys() == released_to_model(state, sizes=TINY).keys()
    assert report.name == str(path)
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert report.n_keys == len(state)
    assert len(report.ignored) == OF_TEXT
    assert report.notes == ()


def test_safetensors_with_one_copy_of_each_parameter_is_enough(tmp_path: Path) -> None:
    state = tiny_state()
    single = {k: v for k, v in state.items() if f"clip_model.visual.{k}" not in state}
    path = tmp_path / "FGAesQ.safetensors"
    save_file(single, path)
    tensors, report = import_released(path, sizes=TINY)
    whole = released_to_model(state, sizes=TINY)
    assert all(torch.equal(tensors[name], whole[name]) for name in whole)
    assert report.n_keys < len(state)


def test_text_tower_may_be_absent() -> None:
    state = tiny_state()
    visual = {k: v for k, v in state.items() if k.startswith("clip_model.visual.")}
    others = {k: v for k, v in state.items() if not k.startswith("clip_model.")}
    assert len(state) - len(visual | others) == OF_TEXT
    assert released_to_model(visual | others, sizes=TINY)


@pytest.mark.parametrize(
    ("winner", "loser", "name"),
    [
        ("ln_pre.weight", "clip_model.visual.ln_pre.weight", "norm_in.weight"),
        ("ln_post.bias", "clip_model.visual.ln_post.bias", "norm_out.bias"),
        (
            "transformer.resblocks.0.ln_1.bias",
            "clip_model.visual.transformer.resblocks.0.ln_1.bias",
            "blocks.0.norm_1.bias",
        ),
        ("clip_model.visual.proj", "proj", "projection"),
    ],
)
def test_the_released_winner_is_used_where_two_copies_disagree(
    winner: str, loser: str, name: str
) -> None:
    state = tiny_state()
    state[loser] = state[loser] + 1
    assert torch.equal(released_to_model(state, sizes=TINY)[name], state[winner])
    assert alias_disagreements(state, sizes=TINY) == (
        f"{loser} differs from {winner}; the latter is used, as in the released code",
    )


def test_all_problems_are_listed_at_once() -> None:
    state = tiny_state()
    del state["mask_token"]
    for copy in ("ln_pre.bias", "clip_model.visual.ln_pre.bias"):
        del state[copy]
    state |= {f"optimizer.{i}": torch.zeros(1) for i in range(7)}
    state["clip_model.logit_scale"] = torch.zeros(2)
    state["iqa_head.6.weight"] = torch.zeros(1, 4)
    assert refusal(state) == (
        "FGAesQ.pt: does not hold the released FGAesQ weights; keys "
        "2 missing: mask_token, ln_pre.bias; "
        "7 unexpected: optimizer.0, optimizer.1, optimizer.2, optimizer.3, optimizer.4 and 2 more; "
        "2 of wrong shape: iqa_head.6.weight (1, 4) instead of (10, 4), "
        "clip_model.logit_scale (2,) instead of (); need FGAesQ.pt as published"
    )


def test_shapes_of_the_losing_copy_are_checked_too() -> None:
    state = tiny_state()
    state["proj"] = state["proj"].T
    assert "1 of wrong shape: proj (6, 8) instead of (8, 6)" in refusal(state)


def test_another_checkpoint_is_refused() -> None:
    message = refusal({"backbone.weight": torch.zeros(3)})
    assert message.startswith("FGAesQ.pt: does not hold the released FGAesQ weights; keys ")
    assert "1 unexpected: backbone.weight;" in message


def test_values_that_are_not_finite_are_refused() -> None:
    state = tiny_state()
    state["iqa_head.0.bias"][2] = float("nan")
    assert refusal(state) == (
        "FGAesQ.pt: iqa_head.0.bias holds NaN or infinite values; the file is damaged"
    )


def test_integers_are_refused() -> None:
    state = tiny_state()
    state["iqa_head.0.bias"] = torch.zeros(5, dtype=torch.int64)
    assert refusal(state) == (
        "FGAesQ.pt: iqa_head.0.bias holds torch.int64; need floating-point numbers"
    )


def test_half_precision_becomes_float32() -> None:
    state = {key: value.half() for key, value in tiny_state().items()}
    assert {v.dtype for v in released_to_model(state, sizes=TINY).values()} == {torch.float32}
