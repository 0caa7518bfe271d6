"""The `reference` tokenizer: its tokens, and the released faults it has to keep."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fgaesq.errors import InputError, ShapeError
from fgaesq.tokens.positions import position_weights
from fgaesq.tokens.reference import (
    CLIP_MEAN,
    CLIP_STD,
    aggregate_series,
    pair_id,
    pair_seed,
    plan_pair,
    plan_single,
    tokenize_pair,
    tokenize_single,
)
from fgaesq.types import Image, TokenSet

HEIGHT_PAIR, WIDTH_PAIR = "1_1_2", "3_1_2"
"""Pair names whose first draw makes the heights (widths) equal."""


def noise(height: int, width: int, seed: int = 0) -> Image:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def normalised(pixels: Image) -> NDArray[np.float32]:
    unit = pixels.astype(np.float32) / np.float32(255)
    mean, std = np.array(CLIP_MEAN, dtype=np.float32), np.array(CLIP_STD, dtype=np.float32)
    values: NDArray[np.float32] = (unit - mean) / std
    return np.moveaxis(values, -1, -3)


def counts(tokens: TokenSet) -> tuple[int, int, int]:
    """Coarse tokens (the class slot included), fine tokens, padding."""
    real = ~tokens.padded
    fine = int(tokens.scales.sum())
    return int(real.sum()) - fine, fine, int(tokens.padded.sum())


def same(first: TokenSet, second: TokenSet) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("patches", "centres", "scales", "padded")
    )


@pytest.mark.parametrize(
    ("series", "expected"), [("0007", "7_2_10"), ("7", "7_2_10"), ("beach", "beach_2_10")]
)
def test_pair_id_normalises_numbers(series: str, expected: str) -> None:
    assert pair_id(series, 2, 10) == expected


def test_pair_seed_is_md5_modulo_ten_thousand() -> None:
    assert [pair_seed(name) for name in ("1_1_2", "3_1_2", "4_3_4")] == [3009, 9154, 7752]


def test_token_counts_of_a_768_by_512_image() -> None:
    plan = plan_single(noise(512, 768), seed=1)
    assert len(plan.fine_cells) == 14
    assert plan.n_tokens == 427
    assert counts(tokenize_single(noise(512, 768), seed=1)) == (371, 56, 85)


def test_a_megapixel_image_fills_the_budget() -> None:
    tokens = tokenize_single(noise(1024, 1024), seed=1)
    assert tokens.patches.shape == (512, 3, 16, 16)
    assert not tokens.padded.any()
    assert tokens.cell_grid == (32, 32)


def test_small_image_keeps_every_patch_in_raster_order() -> None:
    image = noise(48, 64)
    tokens = tokenize_single(image, seed=1)
    assert counts(tokens) == (13, 0, 499)
    assert tokens.fine_cells == ()
    assert tokens.cell_grid == (2, 2)
    np.testing.assert_allclose(tokens.patches[1 + 5], normalised(image[16:32, 16:32]), atol=1e-6)
    np.testing.assert_allclose(tokens.centres[1 + 5], [1.5 / 3.1, 1.5 / 4.1])


def test_small_image_is_padded_with_zeros_after_normalisation() -> None:
    image = noise(20, 17)
    tokens = tokenize_single(image, seed=1)
    assert counts(tokens) == (5, 0, 507)
    corner = tokens.patches[4]
    np.testing.assert_allclose(corner[:, :4, :1], normalised(image[16:, 16:]), atol=1e-6)
    assert not corner[:, 4:].any()
    assert not corner[:, :, 1:].any()


def test_small_image_of_exactly_512_patches_loses_one_to_the_class_token() -> None:
    image = noise(256, 512)
    plan = plan_single(image, seed=5)
    assert plan.is_small
    assert plan.n_tokens == 513
    assert list(plan.drop_draw) == random.Random(5).sample(range(1, 513), 1)  # noqa: S311 - the released draws
    assert counts(tokenize_single(image, seed=5)) == (512, 0, 0)


def test_one_pixel_gives_one_token() -> None:
    assert counts(tokenize_single(noise(1, 1), seed=1)) == (2, 0, 510)


def test_class_slot_and_padding_hold_zeros() -> None:
    tokens = tokenize_single(noise(512, 512), seed=1)
    assert not tokens.padded[0]
    assert not tokens.patches[0].any()
    assert not tokens.patches[tokens.padded].any()
    assert not tokens.scales[tokens.padded].any()


def test_coarse_tokens_are_cells_halved_bicubically_by_themselves() -> None:
    image = noise(512, 512)
    tokens = tokenize_single(image, seed=3)
    cells = sorted(set(range(256)) - set(tokens.fine_cells))
    blocks = np.stack([image[c // 16 * 32 :, c % 16 * 32 :][:32, :32] for c in cells])
    halved = torch.nn.functional.interpolate(
        torch.from_numpy(normalised(blocks)), size=(16, 16), mode="bicubic", align_corners=False
    )
    np.testing.assert_allclose(tokens.patches[1:243], halved.numpy(), atol=2e-6)
    centres = [((c // 16 + 0.5) / 16.1, (c % 16 + 0.5) / 16.1) for c in cells]
    np.testing.assert_allclose(tokens.centres[1:243], centres, atol=1e-15)


def test_fine_tokens_are_native_tiles_cell_by_cell() -> None:
    image = noise(512, 512)
    tokens = tokenize_single(image, seed=3)
    tiles = [
        image[c // 16 * 32 + dy :, c % 16 * 32 + dx :][:16, :16]
        for c in tokens.fine_cells
        for dy in (0, 16)
        for dx in (0, 16)
    ]
    np.testing.assert_allclose(tokens.patches[243:299], normalised(np.stack(tiles)), atol=1e-6)
    assert tokens.scales[243:299].all()


def test_padded_cells_end_in_zeros_and_cropped_images_do_not() -> None:
    padded = tokenize_single(noise(505, 512), seed=3)
    assert padded.cell_grid == (16, 16)
    assert not padded.patches[242][:, 13:].any()
    cropped = tokenize_single(noise(519, 512), seed=3)
    assert cropped.cell_grid == (16, 16)
    assert same(cropped, tokenize_single(noise(519, 512)[:512], seed=3))


def test_only_the_more_important_half_becomes_fine() -> None:
    first = noise(768, 768)
    second = first.copy()
    second[:384] = 255 - second[:384]
    plan = plan_pair(first, second, pair_id=HEIGHT_PAIR)
    assert (plan.first.importance[:288] > 0.5).all()
    assert not plan.first.importance[288:].any()
    assert max(plan.first.fine_cells + plan.second.fine_cells) < 288


def test_identical_images_have_no_importance() -> None:
    image = noise(600, 800)
    plan = plan_pair(image, image.copy(), pair_id=WIDTH_PAIR)
    assert plan.first.importance.shape == (19 * 25,)
    assert not plan.first.importance.any()


def test_same_pair_id_gives_identical_tokens_whatever_the_global_generators_hold() -> None:
    first, second = noise(700, 900, seed=1), noise(700, 900, seed=2)
    one = tokenize_pair(first, second, pair_id="9_1_2")
    random.random()  # noqa: S311 - shows that the global generator plays no part
    other = tokenize_pair(first, second, pair_id="9_1_2")
    assert same(one[0], other[0])
    assert same(one[1], other[1])


def test_global_generator_is_left_alone() -> None:
    state = random.getstate()
    tokenize_pair(noise(700, 900), noise(700, 900), pair_id="9_1_2")
    tokenize_single(noise(1024, 768), seed=1)
    assert random.getstate() == state


def test_inputs_are_left_alone() -> None:
    first, second = noise(700, 900), noise(500, 640)
    copies = first.copy(), second.copy()
    tokenize_pair(first, second, pair_id="9_1_2")
    np.testing.assert_array_equal(first, copies[0])
    np.testing.assert_array_equal(second, copies[1])


def test_small_pairs_are_enlarged_so_that_they_get_fine_tokens() -> None:
    both = tokenize_pair(noise(100, 80), noise(90, 80), pair_id=WIDTH_PAIR)
    assert [len(tokens.fine_cells) for tokens in both] == [14, 14]


@settings(max_examples=12, deadline=None)
@given(
    st.tuples(st.integers(150, 600), st.integers(150, 600)),
    st.tuples(st.integers(150, 600), st.integers(150, 600)),
    st.integers(1, 500),
)
def test_every_pair_fills_its_slots(
    first: tuple[int, int], second: tuple[int, int], number: int
) -> None:
    images = noise(*first), noise(*second, seed=1)
    name = pair_id("5", number, number + 1)
    plan = plan_pair(*images, pair_id=name)
    both = tokenize_pair(*images, pair_id=name)
    for image, tokens in zip((plan.first, plan.second), both, strict=True):
        rows, columns = tokens.cell_grid
        assert image.n_tokens == rows * columns + 43
        assert int((~tokens.padded).sum()) == min(image.n_tokens, 512)
        assert len(set(image.fine_cells)) == 14
        assert max(image.fine_cells) < rows * columns
        assert len(image.kept_tokens) == len(set(image.kept_tokens.tolist()))
        assert position_weights(tokens, table_size=14).shape == (512, 197)


def test_arrays_that_are_no_images_are_refused() -> None:
    grey = np.zeros((40, 40), dtype=np.uint8)
    message = "the image is uint8 of shape (40, 40); need RGB uint8 of shape (H, W, 3)"
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        tokenize_pair(noise(40, 40), grey, pair_id="1_1_2")
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        tokenize_single(grey, seed=1)


# Released faults that this tokenizer keeps.


def test_reference_draws_different_fine_cells_for_the_two_images() -> None:
    image = noise(768, 1024)
    plan = plan_pair(image, image.copy(), pair_id="1_1_2")
    assert len(set(plan.first.fine_cells) & set(plan.second.fine_cells)) <= 3


def test_reference_drops_tokens_at_random_above_half_a_megapixel() -> None:
    plan = plan_single(noise(1536, 2048), seed=1)
    assert plan.n_tokens == 3115
    assert len(plan.kept_tokens) == 512
    assert plan.kept_tokens[0] == 0
    other = plan_single(noise(1536, 2048), seed=2)
    assert not np.array_equal(plan.kept_tokens, other.kept_tokens)


def test_reference_protects_the_wrong_tokens() -> None:
    image = noise(1365, 2048)
    plan = plan_pair(image, image.copy(), pair_id="1_1_2").first
    n_coarse = plan.n_tokens - 1 - 56
    surviving_fine = int((plan.kept_tokens > n_coarse).sum())
    assert surviving_fine < 20
    assert {cell + 1 for cell in plan.fine_cells} <= set(plan.kept_tokens.tolist())


def test_reference_gives_fine_tokens_the_positions_of_others() -> None:
    tokens = tokenize_single(noise(512, 512), seed=3)
    true = [
        ((c // 16 * 2 + dy + 0.5) / 32.1, (c % 16 * 2 + dx + 0.5) / 32.1)
        for c in tokens.fine_cells
        for dy in (0, 1)
        for dx in (0, 1)
    ]
    given_places = tokens.centres[243:299]
    np.testing.assert_allclose(given_places, sorted(true), atol=1e-15)
    wrong = np.abs(given_places - np.array(true)).max(axis=1) > 0.01
    assert wrong.sum() >= 14


def test_reference_compares_wrong_places_when_widths_differ() -> None:
    wide = noise(768, 1024)
    narrow = wide[:, :960]
    plan = plan_pair(wide, narrow, pair_id=HEIGHT_PAIR)
    assert plan.axis == "height"
    shared = plan.first.importance
    assert not shared[:30].any()  # the first row of cells still falls on itself
    assert shared[30:].min() > 0.9  # all others are compared with their neighbours


def test_reference_cells_below_the_overlap_get_random_importance() -> None:
    tall = noise(896, 768)
    plan = plan_pair(tall, tall[:768], pair_id=WIDTH_PAIR)
    assert plan.axis == "width"
    assert (plan.first.cells_below, plan.second.cells_below) == (96, 0)
    assert len(plan.first.importance) == 576
    assert any(cell >= 576 for cell in plan.first.fine_cells)


def test_reference_tokens_depend_on_the_name_of_the_pair() -> None:
    first, second = noise(700, 900, seed=1), noise(700, 900, seed=2)
    one = tokenize_pair(first, second, pair_id="9_1_2")
    other = tokenize_pair(first, second, pair_id="10_1_2")
    assert not same(one[0], other[0])


def test_reference_tokens_depend_on_the_order_of_the_pair() -> None:
    first, second = noise(700, 900, seed=1), noise(700, 900, seed=2)
    one = tokenize_pair(first, second, pair_id="9_1_2")
    other = tokenize_pair(second, first, pair_id="9_1_2")
    assert not same(one[0], other[1])


def test_reference_single_tokens_of_large_images_depend_on_the_seed() -> None:
    small, large = noise(300, 400), noise(512, 512)
    assert same(tokenize_single(small, seed=1), tokenize_single(small, seed=2))
    assert not same(tokenize_single(large, seed=1), tokenize_single(large, seed=2))


def test_reference_lets_attention_see_the_padding() -> None:
    assert tokenize_single(noise(300, 300), seed=1).attend_padding


def test_reference_refuses_images_that_crash_the_released_code() -> None:
    message = (
        "an image of height 15 and width 9000 px is cropped to nothing by the released tokenizer; "
        "use the `series` tokenizer"
    )
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        tokenize_single(noise(15, 9000), seed=1)


# Aggregation over a series.


def test_aggregate_of_three_images_is_the_mean_over_their_pairs() -> None:
    scores = {(1, 2): (6.0, 5.0), (1, 3): (7.0, 4.0), (2, 3): (5.5, 4.5)}
    assert aggregate_series(scores, 3) == {1: 6.5, 2: 5.25, 3: 4.25}


def test_aggregate_from_four_images_on_shrinks_to_the_series_mean() -> None:
    levels = {1: 8.0, 2: 6.0, 5: 5.0, 7: 3.0}
    scores = {(i, j): (levels[i], levels[j]) for i in levels for j in levels if i < j}
    adjusted = aggregate_series(scores, 4)
    assert list(adjusted) == [1, 2, 5, 7]
    assert adjusted == pytest.approx({1: 7.75, 2: 5.95, 5: 5.05, 7: 3.25}, abs=1e-12)


@pytest.mark.parametrize(
    ("scores", "n", "message"),
    [
        ({(1, 2): (6.0, 5.0), (1, 3): (7.0, 4.0)}, 3, "got 2 pairs of 3 images"),
        ({(2, 1): (6.0, 5.0)}, 2, "got 1 pairs of 2 images"),
        ({(1, 2): (6.0, 5.0)}, 3, "got 1 pairs of 2 images"),
    ],
)
def test_aggregate_refuses_missing_pairs(
    scores: dict[tuple[int, int], tuple[float, float]], n: int, message: str
) -> None:
    expected = f"a series of {n} images has {n * (n - 1) // 2} pairs (i, j) with i < j; {message}"
    with pytest.raises(InputError, match=f"^{re.escape(expected)}$"):
        aggregate_series(scores, n)
