"""Model folders: their manifest, checksums and preprocessing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fgaesq.errors import UnknownNameError, WeightsError
from fgaesq.models import weights
from fgaesq.models.specs import SPECS
from fgaesq.models.weights import embedded_models, find_model, open_folder
from fgaesq.storage.digests import file_sha256


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may damage."""
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def edit(folder: Path, changes: dict[str, Any]) -> None:
    """Change keys of a folder's manifest; None removes one."""
    content = json.loads((folder / "model.json").read_text())
    content.update(changes)
    kept = {key: value for key, value in content.items() if value is not None}
    (folder / "model.json").write_text(json.dumps(kept))


def refusal(model: Path) -> str:
    """Return why a folder is refused, without the manifest's path."""
    with pytest.raises(WeightsError) as caught:
        open_folder(model)
    return str(caught.value).replace(str(model / "model.json"), "MANIFEST")


def test_manifest_is_read(model: Path) -> None:
    folder = open_folder(model)
    assert (folder.spec, folder.version) == (SPECS["fgaesq-tiny"], "0.0.1")
    assert (folder.temperature, folder.licence) == (0.05, "Apache-2.0")
    assert folder.provenance == {"seed": 7}


def test_a_flipped_bit_is_found(model: Path) -> None:
    path = model / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    folder = open_folder(model)
    with pytest.raises(WeightsError) as caught:
        folder.verified("model.onnx")
    said = folder.files["model.onnx"][:12]
    found = file_sha256(path)[:12]
    assert str(caught.value) == (
        f"{path}: sha256 is {found}…, model.json says {said}…; "
        "the file is damaged or was changed, import or install the model again"
    )


def test_damage_after_a_first_look_is_found(model: Path) -> None:
    folder = open_folder(model)
    path = folder.verified("model.onnx")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="the file is damaged or was changed"):
        folder.verified("model.onnx")


def test_missing_files(model: Path) -> None:
    (model / "model.onnx").unlink()
    with pytest.raises(WeightsError) as caught:
        open_folder(model).verified("model.onnx")
    assert str(caught.value) == (
        f"{model / 'model.onnx'}: missing; import or install the model again"
    )
    (model / "model.json").unlink()
    assert refusal(model) == (
        f"{model}: has no model.json; give a folder written by 'fgaesq weights import'"
    )


def test_other_preprocessing_names_both_values(model: Path) -> None:
    content = json.loads((model / "model.json").read_text())
    edit(model, {"preprocessing": {**content["preprocessing"], "mean": [0.5, 0.5, 0.5]}})
    ours = list(SPECS["fgaesq-tiny"].normalisation.mean)
    assert refusal(model) == (
        f"MANIFEST: preprocessing 'mean' is [0.5, 0.5, 0.5], this version of fgaesq-tiny has "
        f"{ours}; import the model again"
    )
    layout = {**content["preprocessing"]["layout"], "budget": 9}
    edit(model, {"preprocessing": {**content["preprocessing"], "layout": layout}})
    assert "preprocessing 'layout' is {'budget': 9, " in refusal(model)
    assert "has {'budget': 512, " in refusal(model)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format 2, this version reads 1; import the model again"),
        (
            {"licence": None},
            "not a sound model manifest (KeyError: 'licence'); import the model again",
        ),
        (
            {"temperature": "warm"},
            "not a sound model manifest (ValueError: could not convert string to float: 'warm'); "
            "import the model again",
        ),
        (
            {"temperature": 0},
            "names 2 files and temperature 0, needs at least one and a number above 0; "
            "import the model again",
        ),
        (
            {"temperature": float("nan")},
            "names 2 files and temperature nan, needs at least one and a number above 0; "
            "import the model again",
        ),
        (
            {"files": {}},
            "names 0 files and temperature 0.05, needs at least one and a number above 0; "
            "import the model again",
        ),
        (
            {"model": "fgaesq-xl"},
            "unknown model 'fgaesq-xl'; did you mean fgaesq-s or fgaesq-b16 or fgaesq-tiny?; "
            "it may need a newer fgaesq",
        ),
    ],
)
def test_manifests_that_are_not_sound(model: Path, changes: dict[str, Any], message: str) -> None:
    edit(model, changes)
    assert refusal(model) == f"MANIFEST: {message}"


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"format": 1, "model": []}'])
def test_files_that_are_no_manifest(model: Path, text: str) -> None:
    (model / "model.json").write_text(text)
    message = refusal(model)
    assert message.startswith("MANIFEST: not a sound model manifest (")
    assert message.endswith("); import the model again")


def test_a_name_is_that_of_the_embedded_model_whatever_lies_around(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "_EMBEDDED", tmp_path / "embedded")
    assert embedded_models() == ()
    shutil.copytree(model, tmp_path / "embedded" / "fgaesq-s")
    (tmp_path / "work" / "fgaesq-s").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    assert embedded_models() == ("fgaesq-s",)
    assert find_model("fgaesq-s").path == tmp_path / "embedded" / "fgaesq-s"
    for given in ("./fgaesq-s", Path("fgaesq-s")):
        with pytest.raises(WeightsError, match="^fgaesq-s: has no model.json"):
            find_model(Path(given))


def test_a_model_that_was_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "_EMBEDDED", tmp_path / "embedded")
    with pytest.raises(WeightsError) as caught:
        find_model("fgaesq-s")
    assert str(caught.value) == "fgaesq-s: its files are missing; install fgaesq again"
    with pytest.raises(WeightsError) as caught:
        find_model("fgaesq-b16")
    assert str(caught.value) == (
        "fgaesq-b16: its weights are not part of the package; get them by: fgaesq weights pull "
        "yzc002/FGAesQ, then fgaesq weights import, then give the folder as the model"
    )


def test_names_that_are_neither_model_nor_folder() -> None:
    with pytest.raises(UnknownNameError) as unknown:
        find_model("zzz")
    assert str(unknown.value) == "unknown model 'zzz'; known: fgaesq-b16, fgaesq-s, fgaesq-tiny"
    for given in ("no/where", Path("nowhere")):
        with pytest.raises(WeightsError) as caught:
            find_model(given)
        assert str(caught.value) == (
            f"{given}: no such folder; give the folder of an imported model"
        )


def test_released_tokens_fit_every_model_that_takes_them() -> None:
    from fgaesq.tokens.reference_geometry import BUDGET

    for spec in SPECS.values():
        assert "reference" not in spec.tokenizers or spec.layout.budget == BUDGET
