"""Recorded scores of the released code against our tokens, key mapping and a plain forward.

The forward below is written for this test alone, from the description of the released model, and
shares nothing with `fgaesq.models.fgaesq`: so it pins the tokenizer and the translation of the
checkpoint, whatever the torch module does.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch
from PIL import Image as PILImage
from torch import Tensor

from fgaesq.models.released import ImportReport, import_released
from fgaesq.tokens.positions import position_weights
from fgaesq.tokens.reference import aggregate_series, pair_id, tokenize_pair, tokenize_single
from fgaesq.types import Image, TokenSet

Weights: TypeAlias = dict[str, Tensor]

HEADS = 12
LAYERS = 12
TOLERANCE = 2e-5

pytestmark = pytest.mark.slow


def norm(x: Tensor, w: Weights, name: str) -> Tensor:
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = (centred * centred).mean(dim=-1, keepdim=True)
    return centred / (variance + 1e-5).sqrt() * w[f"{name}.weight"] + w[f"{name}.bias"]


def linear(x: Tensor, w: Weights, name: str) -> Tensor:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def attention(x: Tensor, w: Weights, name: str) -> Tensor:
    """Every token sees every token, padding included."""
    tokens, width = x.shape
    qkv = linear(x, w, f"{name}.qkv").reshape(tokens, 3, HEADS, width // HEADS)
    q, k, v = qkv.permute(1, 2, 0, 3)  # (heads, tokens, width / heads) each
    seen = (q @ k.transpose(1, 2) / (width // HEADS) ** 0.5).softmax(dim=-1)
    return linear((seen @ v).transpose(0, 1).reshape(tokens, width), w, f"{name}.out")


def embed(tokens: TokenSet, w: Weights) -> Tensor:
    dtype = w["projection"].dtype
    patches = torch.from_numpy(tokens.patches).reshape(len(tokens.padded), -1).to(dtype)
    x = patches @ w["stem.projection.weight"].T
    x[torch.from_numpy(tokens.padded)] = w["mask_token"]
    x += w["scale_embedding"][torch.from_numpy(tokens.scales).long()]
    x[0] = w["class_token"]
    places = torch.from_numpy(position_weights(tokens, table_size=14)).to(dtype)
    return norm(x + places @ w["position_table"], w, "norm_in")


def forward(tokens: TokenSet, w: Weights) -> tuple[Tensor, Tensor]:
    """Return the feature (512,) and the logits (10,)."""
    x = embed(tokens, w)
    for i in range(LAYERS):
        x = x + attention(norm(x, w, f"blocks.{i}.norm_1"), w, f"blocks.{i}.attention")
        hidden = linear(norm(x, w, f"blocks.{i}.norm_2"), w, f"blocks.{i}.mlp.expand")
        quick_gelu = hidden * (1.702 * hidden).sigmoid()
        x = x + linear(quick_gelu, w, f"blocks.{i}.mlp.contract")
    feature = norm(x[0], w, "norm_out") @ w["projection"]
    hidden = linear(feature, w, "head.0").relu()
    hidden = linear(hidden, w, "head.3").relu()
    return feature, linear(hidden, w, "head.6")


def score(tokens: TokenSet, w: Weights) -> float:
    _, logits = forward(tokens, w)
    return float(logits.double().softmax(dim=-1) @ torch.arange(1, 11).double())


def read(path: Path) -> Image:
    with PILImage.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="module")
def imported(checkpoint: Path) -> tuple[Weights, ImportReport]:
    """The seeded checkpoint as our importer reads it from its file."""
    return import_released(checkpoint)


def test_seeded_checkpoint_is_imported_without_remarks(
    imported: tuple[Weights, ImportReport],
) -> None:
    tensors, report = imported
    assert sum(tensor.numel() for tensor in tensors.values()) == 86_343_370
    assert (report.n_keys, report.ignored, report.notes) == (309, (), ())


def test_pair_scores_agree(
    oracle: Path, cases: dict[str, Any], imported: tuple[Weights, ImportReport]
) -> None:
    for case in cases["pairs"]:
        images = read(oracle / case["image1"]), read(oracle / case["image2"])
        both = tokenize_pair(*images, pair_id=case["pair_id"])
        recorded = [case["score1"], case["score2"]]
        scores = [score(tokens, imported[0]) for tokens in both]
        assert scores == pytest.approx(recorded, abs=TOLERANCE, rel=0), case["name"]


def test_single_scores_agree(
    oracle: Path, cases: dict[str, Any], imported: tuple[Weights, ImportReport]
) -> None:
    for case in cases["singles"]:
        tokens = tokenize_single(read(oracle / case["image1"]), seed=case["seed"])
        expected = pytest.approx(case["score"], abs=TOLERANCE, rel=0)
        assert score(tokens, imported[0]) == expected, case["name"]


def test_single_score_over_seeds_agrees(
    oracle: Path, cases: dict[str, Any], imported: tuple[Weights, ImportReport]
) -> None:
    case = next(case for case in cases["singles"] if case["name"] == "s06")
    image = read(oracle / case["image1"])
    scores = [score(tokenize_single(image, seed=seed), imported[0]) for seed in (100, 101)]
    recorded = case["score_over_seeds_100_104"][:2]
    assert scores == pytest.approx(recorded, abs=TOLERANCE, rel=0)


def test_series_scores_and_order_agree(
    oracle: Path, cases: dict[str, Any], imported: tuple[Weights, ImportReport]
) -> None:
    for number, series in cases["series"].items():
        files = {int(k): name for k, name in series["image_mapping"].items()}
        folder = oracle / series["folder"]
        images = {k: read(folder / name) for k, name in files.items()}
        scores = {}
        for i, j in combinations(sorted(files), 2):
            both = tokenize_pair(images[i], images[j], pair_id=pair_id(number, i, j))
            scores[i, j] = (score(both[0], imported[0]), score(both[1], imported[0]))
        for pair in series["pairs"]:
            recorded = (pair["score1"], pair["score2"])
            assert scores[pair["img1"], pair["img2"]] == pytest.approx(recorded, abs=TOLERANCE)
        adjusted = aggregate_series(scores, len(files))
        expected = {int(k): value for k, value in series["adjusted"].items()}
        assert adjusted == pytest.approx(expected, abs=TOLERANCE, rel=0)
        best_first = sorted(adjusted, key=lambda k: adjusted[k], reverse=True)
        assert [files[k] for k in best_first] == series["order"]


def test_series_aggregation_of_recorded_pairs_agrees_exactly(cases: dict[str, Any]) -> None:
    for series in cases["series"].values():
        recorded = {(p["img1"], p["img2"]): (p["score1"], p["score2"]) for p in series["pairs"]}
        adjusted = aggregate_series(recorded, len(series["image_mapping"]))
        expected = {int(k): value for k, value in series["adjusted"].items()}
        assert adjusted == pytest.approx(expected, abs=1e-12, rel=0)


@pytest.mark.parametrize("name", ["p01", "s01"])
def test_features_and_logits_agree_in_double_precision(
    name: str,
    oracle: Path,
    cases: dict[str, Any],
    imported: tuple[Weights, ImportReport],
) -> None:
    case = next(case for case in [*cases["pairs"], *cases["singles"]] if case["name"] == name)
    image = read(oracle / case["image1"])
    if name == "p01":
        second = read(oracle / case["image2"])
        tokens, _ = tokenize_pair(image, second, pair_id=case["pair_id"])
        ending, double = "1", "logits64_1"
    else:
        tokens = tokenize_single(image, seed=case["seed"])
        ending, double = "", "logits64"
    feature, logits = forward(tokens, {k: tensor.double() for k, tensor in imported[0].items()})
    with np.load(oracle / "tensors" / f"{name}.npz") as record:
        np.testing.assert_allclose(feature, record[f"features{ending}"], rtol=0, atol=5e-5)
        np.testing.assert_allclose(logits, record[double], rtol=0, atol=5e-6)
