"""The `reference` tokenizer against recorded runs of the released code, to the last draw."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.tokens.positions import position_weights
from fgaesq.tokens.reference import (
    pair_id,
    pair_seed,
    plan_pair,
    plan_single,
    tokenize_pair,
    tokenize_single,
)
from fgaesq.tokens.reference_plan import PairPlan, ReferencePlan
from fgaesq.types import Image, TokenSet

PAIRS = ["p01", "p03", "p05", "p06", "p08", "p11"]
SINGLES = ["s01", "s03", "s04", "s06"]
PADDING = 9
"""The released mask's code for padding."""


def read(path: Path) -> Image:
    with PILImage.open(path) as image:
        return np.asarray(image.convert("RGB"))


def named(cases: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [case for case in cases[kind] if case["name"] == name]
    assert len(found) == 1
    return found[0]


def pair_images(oracle: Path, case: dict[str, Any]) -> tuple[Image, Image]:
    return read(oracle / case["image1"]), read(oracle / case["image2"])


def released_mask(tokens: TokenSet) -> NDArray[np.int64]:
    return np.where(tokens.padded, PADDING, tokens.scales).astype(np.int64)


def mask_counts(tokens: TokenSet) -> dict[str, int]:
    return {str(code): n for code, n in Counter(released_mask(tokens).tolist()).items()}


def released_positions(tokens: TokenSet, oracle: Path) -> NDArray[np.float32]:
    table = np.load(oracle / "clip_positional_embedding.npy")
    weights = position_weights(tokens, table_size=14)
    return np.asarray(weights @ table)


def draws(plan: ReferencePlan) -> list[tuple[str, list[int]]]:
    """The samples one image takes from the generator, in the record's form."""
    samples = [plan.fine_draw, plan.drop_draw]
    return [("sample", list(drawn)) for drawn in samples if drawn]


def recorded_draws(case: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(call["call"], call["result"]) for call in case["random_calls"]]


def all_draws(plan: PairPlan) -> list[tuple[str, Any]]:
    return [("choice", plan.axis), *draws(plan.first), *draws(plan.second)]


@pytest.mark.parametrize("name", PAIRS)
def test_pair_plan_agrees_with_the_record(name: str, oracle: Path, cases: dict[str, Any]) -> None:
    case = named(cases, "pairs", name)
    plan = plan_pair(*pair_images(oracle, case), pair_id=case["pair_id"])

    assert pair_seed(case["pair_id"]) == case["seed"]
    assert all_draws(plan) == recorded_draws(case)
    before_drop = []
    for number, image in (("1", plan.first), ("2", plan.second)):
        height, width = image.pixels.shape[:2]
        assert [width, height] == case[f"aligned_size{number}"]
        assert len(image.importance) == case["n_importance"]
        assert image.cells_below == case[f"unique{number}"]
        assert list(image.fine_cells) == case[f"fine_blocks{number}"]
        if image.drop_draw:
            before_drop.append(image.n_tokens)
    assert before_drop == case["tokens_before_drop"]


@pytest.mark.parametrize("name", PAIRS)
def test_pair_masks_agree_with_the_record(name: str, oracle: Path, cases: dict[str, Any]) -> None:
    case = named(cases, "pairs", name)
    first, second = tokenize_pair(*pair_images(oracle, case), pair_id=case["pair_id"])
    assert mask_counts(first) == case["mask_counts1"]
    assert mask_counts(second) == case["mask_counts2"]


@pytest.mark.parametrize("name", SINGLES)
def test_single_image_agrees_with_the_record(
    name: str, oracle: Path, cases: dict[str, Any]
) -> None:
    case = named(cases, "singles", name)
    image = read(oracle / case["image1"])
    assert draws(plan_single(image, seed=case["seed"])) == recorded_draws(case)
    assert mask_counts(tokenize_single(image, seed=case["seed"])) == case["mask_counts"]


def test_every_recorded_case_is_compared(cases: dict[str, Any]) -> None:
    assert sorted(case["name"] for case in cases["pairs"]) == PAIRS
    assert sorted(case["name"] for case in cases["singles"]) == SINGLES


def test_series_seeds_agree_with_the_record(cases: dict[str, Any]) -> None:
    for series in cases["series"].values():
        folder = Path(series["folder"]).name
        for pair in series["pairs"]:
            name = pair_id(folder, pair["img1"], pair["img2"])
            assert (name, pair_seed(name)) == (pair["pair_id"], pair["seed"])


def test_pair_tensors_agree_with_the_record(oracle: Path, cases: dict[str, Any]) -> None:
    case = named(cases, "pairs", "p01")
    images = pair_images(oracle, case)
    with np.load(oracle / "tensors" / "p01.npz") as record:
        plan = plan_pair(*images, pair_id=case["pair_id"])
        np.testing.assert_array_equal(plan.first.importance, record["importance"])
        both = tokenize_pair(*images, pair_id=case["pair_id"])
        for number, tokens in zip("12", both, strict=True):
            assert_same_tensors(tokens, record, oracle, number)


def test_single_tensors_agree_with_the_record(oracle: Path, cases: dict[str, Any]) -> None:
    case = named(cases, "singles", "s01")
    tokens = tokenize_single(read(oracle / case["image1"]), seed=case["seed"])
    with np.load(oracle / "tensors" / "s01.npz") as record:
        assert_same_tensors(tokens, record, oracle, "")


def assert_same_tensors(tokens: TokenSet, record: Any, oracle: Path, number: str) -> None:  # noqa: ANN401 - NpzFile
    np.testing.assert_array_equal(released_mask(tokens), record[f"mask{number}"])
    np.testing.assert_allclose(tokens.patches, record[f"patches{number}"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        released_positions(tokens, oracle), record[f"pos_embed{number}"], rtol=0, atol=1e-6
    )
