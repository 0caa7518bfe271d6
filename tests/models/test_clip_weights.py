"""CLIP's visual tower from its published layouts: same features, strict keys, nothing run."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from tests.models.clip_visual_files import ClipVisual, hub_state, openai_state, write_archive
from torch import Tensor

from fgaesq.errors import WeightsError
from fgaesq.models.checkpoint_file import read_state_dict
from fgaesq.models.clip_weights import initialise_from_clip
from fgaesq.models.fgaesq import FGAesQ
from fgaesq.models.specs import SPECS, build
from fgaesq.models.weights import save_state


@pytest.fixture
def tower() -> ClipVisual:
    torch.manual_seed(0)
    return ClipVisual().eval()


def fresh() -> FGAesQ:
    torch.manual_seed(1)
    return build(SPECS["fgaesq-tiny"]).eval()


def written(state: dict[str, Tensor], path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_state(state, path)
    else:
        torch.save(state, path)
    return path


def feature_of(model: FGAesQ, image: Tensor) -> Tensor:
    """Return the model's feature of a frame of 14 x 14 coarse tokens at CLIP's own positions."""
    patches = image.unfold(2, 16, 16).unfold(3, 16, 16).permute(0, 2, 3, 1, 4, 5).flatten(1, 2)
    patches = torch.cat([torch.zeros_like(patches[:, :1]), patches], dim=1)
    model.scale_embedding.data.zero_()  # CLIP has none
    none = torch.zeros(1, 197, dtype=torch.bool)
    return model.encode(patches, torch.eye(197)[None], none.long(), none, ~none)


@pytest.mark.parametrize(
    ("layout", "name"),
    [
        (openai_state, "open_clip.bin"),
        (openai_state, "openai.safetensors"),
        (hub_state, "model.safetensors"),
        (hub_state, "pytorch_model.bin"),
    ],
)
def test_the_features_are_those_of_clip(
    tower: ClipVisual, tmp_path: Path, layout: object, name: str
) -> None:
    path = written(layout(tower), tmp_path / name)  # type: ignore[operator]
    model = fresh()
    initialise_from_clip(model, path)
    image = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(feature_of(model, image), tower(image), atol=1e-4, rtol=1e-4)


def test_an_archive_of_openai_is_read(tower: ClipVisual, tmp_path: Path) -> None:
    wanted = {f"visual.{k}": v.half() for k, v in tower.state_dict().items()}
    path = write_archive(tower, tmp_path / "ViT-B-16.pt")
    found = read_state_dict(path)
    assert set(found) == {*wanted, "logit_scale"}
    for name, value in wanted.items():
        assert torch.equal(found[name], value), name
    model = fresh()
    initialise_from_clip(model, path)
    assert torch.equal(model.projection, wanted["visual.proj"].float())


def test_what_clip_has_not_keeps_its_initial_values(tower: ClipVisual, tmp_path: Path) -> None:
    before, model = fresh().state_dict(), fresh()
    initialise_from_clip(model, written(openai_state(tower), tmp_path / "clip.pt"))
    heads = {name for name in before if name.startswith("head.")}
    for name in {"mask_token", "scale_embedding", *heads}:
        assert torch.equal(model.state_dict()[name], before[name]), name


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


def test_an_archive_that_holds_more_is_refused_and_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ViT-B-16.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("clip/constants.pkl", b"")
        archive.writestr("clip/data.pkl", pickle.dumps(Evil()))
    with pytest.raises(WeightsError) as caught:
        read_state_dict(path)
    assert str(caught.value) == (
        f"{path}: a TorchScript archive that holds more than modules and tensors "
        "(builtins.print is no tensor); save its state dict alone and use that"
    )
    assert capsys.readouterr().out == ""


def test_a_damaged_archive_is_refused(tower: ClipVisual, tmp_path: Path) -> None:
    path = write_archive(tower, tmp_path / "clip.pt")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "less.pt", "w") as less:
        for name in whole.namelist():
            if not name.endswith("/data/3"):
                less.writestr(name, whole.read(name))
    with pytest.raises(WeightsError, match=r"less\.pt: is damaged or cut short"):
        read_state_dict(tmp_path / "less.pt")


def test_other_sizes_and_other_files_are_refused(tower: ClipVisual, tmp_path: Path) -> None:
    deeper = written(openai_state(ClipVisual(layers=3)), tmp_path / "deeper.pt")
    with pytest.raises(WeightsError) as caught:
        initialise_from_clip(fresh(), deeper)
    text = f"{deeper}: does not hold the visual tower of a CLIP of this model's size; keys 12 "
    assert str(caught.value).startswith(text + "unexpected: visual.transformer.resblocks.2.")
    assert str(caught.value).endswith("; give the weights of CLIP ViT-B/16 for fgaesq-b16")
    state = openai_state(tower)
    del state["visual.proj"]
    with pytest.raises(WeightsError, match=r"keys 1 missing: visual\.proj; give"):
        initialise_from_clip(fresh(), written(state, tmp_path / "less.pt"))
    text_only = written({"ln_final.weight": torch.ones(3)}, tmp_path / "text.pt")
    with pytest.raises(WeightsError, match="holds no visual tower of CLIP"):
        initialise_from_clip(fresh(), text_only)


def test_values_that_are_no_numbers_are_refused(tower: ClipVisual, tmp_path: Path) -> None:
    state = openai_state(tower)
    state["visual.proj"][0, 0] = float("nan")
    with pytest.raises(WeightsError, match=r"visual\.proj holds NaN"):
        initialise_from_clip(fresh(), written(state, tmp_path / "clip.pt"))
