"""Recorded scores of the released code through the whole product: import, engines, command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.command_line import json_of, run

TOLERANCE = 2e-5

pytestmark = pytest.mark.slow


@pytest.fixture(params=["onnx", "torch"])
def reference(request: pytest.FixtureRequest, released_model: Path) -> list[str]:
    """The options under which published weights give published scores."""
    model = ["--model", str(released_model), "--tokenizer", "reference"]
    return [*model, "--engine", request.param, "--threads", "1"]


def test_import_is_a_sound_model_with_a_card(released_model: Path) -> None:
    names = {path.name for path in released_model.iterdir()}
    assert names == {"model.onnx", "model.safetensors", "model.json", "CARD.md"}
    assert "no licence" in (released_model / "CARD.md").read_text(encoding="utf-8")
    assert run("weights", "verify", released_model).stdout.count(": sound, sha256 ") == 2


def test_series_scores_and_order_agree(
    oracle: Path, cases: dict[str, Any], reference: list[str]
) -> None:
    for series in cases["series"].values():
        files = {int(number): name for number, name in series["image_mapping"].items()}
        result = json_of("rank", oracle / series["folder"], *reference, "--pairs")
        (ranked,) = result["series"]
        scores = {Path(image["path"]).name: image["score"] for image in ranked["images"]}
        expected = {files[int(number)]: score for number, score in series["adjusted"].items()}
        assert scores == pytest.approx(expected, abs=TOLERANCE, rel=0)
        assert list(scores) == series["order"]
        assert result["failures"] == []


def test_pair_scores_agree(oracle: Path, cases: dict[str, Any], reference: list[str]) -> None:
    for case in cases["pairs"]:
        images = (oracle / case["image1"], oracle / case["image2"])
        result = json_of("compare", *images, *reference, "--pair-id", case["pair_id"])
        scores = [result[key]["score"] for key in ("first", "second")]
        recorded = [case["score1"], case["score2"]]
        assert scores == pytest.approx(recorded, abs=TOLERANCE, rel=0), case["name"]


def test_single_scores_agree(oracle: Path, cases: dict[str, Any], reference: list[str]) -> None:
    for case in cases["singles"]:
        call = ("score", oracle / case["image1"], *reference, "--seed", str(case["seed"]))
        (image,) = json_of(*call)["images"]
        assert image["score"] == pytest.approx(case["score"], abs=TOLERANCE, rel=0), case["name"]


def test_the_model_works_with_our_tokenizer_too(oracle: Path, released_model: Path) -> None:
    call = ("rank", oracle / "series" / "000004", "--model", released_model)
    expected = json_of(*call)
    found = json_of(*call, "--engine", "torch", "--batch", "4")
    assert expected["model"]["tokenizer"] == "series"
    names = [[image["path"] for image in r["series"][0]["images"]] for r in (expected, found)]
    assert names[0] == names[1]
