"""CLIP's text tower from files of each layout, and strictness about them."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.texts.clip_files import SIZES, OpenAiText, hub_state, openai_state
from torch import Tensor, nn

from fgaesq.errors import WeightsError
from fgaesq.models.clip_text import CLIP_TEXT, ClipTextTower, load_clip_text

IDS = torch.tensor([[1, 5, 9, SIZES.vocabulary - 1], [1, SIZES.vocabulary - 1, 0, 0]])
ENDS = torch.tensor([3, 1])


@pytest.fixture
def reference() -> OpenAiText:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return OpenAiText()


def saved(state: dict[str, Tensor], folder: Path) -> Path:
    save_file(state, folder / "clip.safetensors")
    return folder / "clip.safetensors"


def refusal(state: dict[str, Tensor], folder: Path) -> str:
    path = saved(state, folder)
    with pytest.raises(WeightsError) as caught:
        load_clip_text(path, sizes=SIZES)
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("layout", ["openai", "hub", "released"])
def test_each_layout_gives_the_published_network(
    layout: str, reference: OpenAiText, tmp_path: Path
) -> None:
    states = {
        "openai": openai_state(reference),
        "hub": hub_state(reference),
        "released": openai_state(reference, "clip_model.") | {"ln_pre.weight": torch.ones(3)},
    }
    tower = load_clip_text(saved(states[layout], tmp_path), sizes=SIZES)
    with torch.no_grad():
        torch.testing.assert_close(tower(IDS, ENDS), reference(IDS), rtol=0, atol=1e-5)
    assert not any(parameter.requires_grad for parameter in tower.parameters())
    assert not tower.training


def test_half_precision_weights_become_float32(reference: OpenAiText, tmp_path: Path) -> None:
    state = {key: value.half() for key, value in openai_state(reference).items()}
    tower = load_clip_text(saved(state, tmp_path), sizes=SIZES)
    assert {parameter.dtype for parameter in tower.parameters()} == {torch.float32}


def test_what_follows_the_end_does_not_matter(reference: OpenAiText, tmp_path: Path) -> None:
    tower = load_clip_text(saved(openai_state(reference), tmp_path), sizes=SIZES)
    other = IDS.clone()
    other[1, 2:] = 7
    torch.testing.assert_close(tower(other, ENDS), tower(IDS, ENDS), rtol=0, atol=1e-6)


def test_sizes_are_those_of_clip_vit_b() -> None:
    with torch.device("meta"):
        tower = ClipTextTower(CLIP_TEXT)
    assert sum(parameter.numel() for parameter in tower.parameters()) == 63_428_096


def test_missing_unknown_and_misshapen_keys_are_listed(
    reference: OpenAiText, tmp_path: Path
) -> None:
    state = openai_state(reference)
    del state["ln_final.bias"]
    state["transformer.resblocks.2.ln_1.bias"] = torch.zeros(16)
    state["positional_embedding"] = torch.zeros(9, 16)
    assert refusal(state, tmp_path) == (
        "does not hold the text tower of a CLIP of width 16 with 2 layers; keys 1 missing: "
        "ln_final.bias; 1 unexpected: transformer.resblocks.2.ln_1.bias; 1 of wrong shape: "
        "positional_embedding (9, 16) instead of (16, 16); give the weights of CLIP ViT-B/16"
    )


def test_a_part_of_a_stacked_weight_must_be_there(reference: OpenAiText, tmp_path: Path) -> None:
    state = hub_state(reference)
    del state["text_model.encoder.layers.1.self_attn.k_proj.weight"]
    assert "1 missing: text_model.encoder.layers.1.self_attn.k_proj.weight;" in refusal(
        state, tmp_path
    )


def test_files_without_a_text_tower_and_unusable_values_are_refused(
    reference: OpenAiText, tmp_path: Path
) -> None:
    assert refusal({"visual.proj": torch.zeros(2)}, tmp_path) == (
        "holds no text tower of CLIP (no token embedding under its OpenAI or Hub name); give the "
        "weights of CLIP ViT-B/16"
    )
    state = openai_state(reference)
    state["ln_final.bias"][3] = torch.nan
    assert refusal(state, tmp_path) == (
        "ln_final.bias holds NaN or infinite values; the file is damaged"
    )


def test_a_torchscript_archive_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "ViT-B-16.pt"
    with warnings.catch_warnings(action="ignore"):  # TorchScript is deprecated
        torch.jit.save(torch.jit.script(nn.Linear(2, 2)), path)
    with pytest.raises(WeightsError) as caught:
        load_clip_text(path)
    assert str(caught.value) == (
        f"{path}: is a TorchScript archive, and reading one can run code; if you trust it, save "
        "its state dict alone (torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), "
        "NEW)) and use that"
    )
