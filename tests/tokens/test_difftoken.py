"""The `series` tokenizer: budget, coverage, places, and what it must not depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.renderings import grain, picture
from tests.scenes import coordinates_at, coordinates_image, fine_places, photos_of, scene

from fgaesq.images import photo_from_array
from fgaesq.tokens import difftoken
from fgaesq.tokens.difftoken import (
    TokenLayout,
    tokenize_series,
    tokenize_single,
)
from fgaesq.tokens.naturalness import naturalness_input
from fgaesq.tokens.statistics import STATISTICS
from fgaesq.types import Image, TokenSet

SMALL = TokenLayout(budget=64, coarse=24, detail_px=512)
LARGE = TokenLayout(budget=256, coarse=120, detail_px=2048)
INFORMED = replace(LARGE, statistics=True)
PAPER = TokenLayout(budget=512, coarse=330, detail_px=2048)
LAYOUTS = st.sampled_from([SMALL, LARGE, PAPER])
SIDES = st.integers(16, 1200)


def single(image: Image, layout: TokenLayout = LARGE) -> TokenSet:
    return tokenize_single(photo_from_array(image, name="one"), layout=layout)


def together(images: list[Image], layout: TokenLayout = LARGE) -> list[TokenSet]:
    return list(tokenize_series(photos_of(images), layout=layout).tokens)


def assert_same(first: TokenSet, second: TokenSet) -> None:
    for field in ("patches", "centres", "scales", "padded"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field))
    assert first.fine_cells == second.fine_cells
    assert first.cell_grid == second.cell_grid
    assert first.attend_padding == second.attend_padding


def assert_sound(tokens: TokenSet, image: Image, layout: TokenLayout) -> None:
    """Check all that holds for the tokens of any image."""
    T = layout.budget
    assert tokens.patches.shape == (T, 3, 16, 16)
    assert tokens.patches.dtype == np.uint8
    assert tokens.centres.shape == (T, 2)
    assert tokens.scales.shape == tokens.padded.shape == (T,)
    used = int((~tokens.padded).sum())
    fine = 4 * len(tokens.fine_cells)
    coarse = used - 1 - fine
    assert 1 <= coarse <= layout.coarse
    kinds = [0] * (1 + coarse) + [1] * fine + [0] * (T - used)
    np.testing.assert_array_equal(tokens.scales, kinds)
    np.testing.assert_array_equal(tokens.padded, np.arange(T) >= used)
    assert not tokens.patches[0].any()
    assert not tokens.patches[used:].any()
    assert tokens.centres[1:used].min() > 0
    assert tokens.centres[1:used].max() < 1
    assert tokens.cell_grid == (image.shape[0] // 32, image.shape[1] // 32)
    cells = tokens.cell_grid[0] * tokens.cell_grid[1]
    assert list(tokens.fine_cells) == sorted(set(tokens.fine_cells))
    assert all(0 <= cell < cells for cell in tokens.fine_cells)
    places = fine_places(tokens, image)
    assert len(np.unique(places, axis=0)) == len(tokens.fine_cells)
    # Only what is too little for one more cell is left over, unless there are no more cells.
    assert len(tokens.fine_cells) == min(cells, (T - 1 - coarse) // 4)


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES, LAYOUTS)
def test_the_budget_is_exact_at_any_size(height: int, width: int, layout: TokenLayout) -> None:
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    assert_sound(single(image, layout), image, layout)


@pytest.mark.parametrize(
    "size",
    [(16, 16), (16, 32), (31, 31), (33, 17), (32, 640), (100, 2000), (2000, 100), (16, 2048)],
)
def test_tiny_images_and_panoramas_have_sound_tokens(size: tuple[int, int]) -> None:
    image = scene(*size)
    for layout in (SMALL, LARGE, PAPER):
        assert_sound(single(image, layout), image, layout)
        for tokens in together([image, image // 2], layout):
            assert_sound(tokens, image, layout)


def test_an_image_of_one_patch_is_that_patch() -> None:
    image = scene(16, 16)
    tokens = single(image)
    np.testing.assert_array_equal(tokens.patches[1], image.transpose(2, 0, 1))
    np.testing.assert_array_equal(tokens.centres[1], (0.5, 0.5))
    assert (~tokens.padded).sum() == 2


@pytest.mark.parametrize(
    "size", [(16, 16), (17, 33), (47, 100), (161, 144), (120, 397), (33, 640), (683, 1024)]
)
@pytest.mark.parametrize("layout", [SMALL, LARGE])
def test_every_row_and_column_of_pixels_shows_in_a_coarse_token(
    size: tuple[int, int], layout: TokenLayout
) -> None:
    """The frame is covered without gaps: rows and columns are resized apart from each other."""
    dark = coarse_patches(np.zeros((*size, 3), np.uint8), layout)
    for axis in (0, 1):
        for line in range(0, size[axis], 1 if size[axis] < 200 else 7):
            image = np.zeros((*size, 3), np.uint8)
            image[(slice(None), line) if axis else line] = 255
            assert (coarse_patches(image, layout) != dark).any(), (axis, line)


def test_a_single_pixel_of_a_large_photo_shows_in_a_coarse_token() -> None:
    for place in ((0, 0), (1364, 2047), (700, 1), (333, 1777)):
        image = np.zeros((1365, 2048, 3), np.uint8)
        image[place] = 255
        assert coarse_patches(image, LARGE).any()


def coarse_patches(image: Image, layout: TokenLayout) -> NDArray[np.generic]:
    tokens = single(image, layout)
    return np.asarray(tokens.patches[1:][(tokens.scales == 0)[1:]])


@pytest.mark.parametrize("size", [(480, 640), (333, 517), (1365, 2048), (90, 1200)])
def test_coarse_centres_are_where_the_pixels_came_from(size: tuple[int, int]) -> None:
    """Ramps tell where a patch comes from: its mean is that of its middle."""
    y, x = np.mgrid[: size[0], : size[1]]
    ramps = np.stack([y / size[0], x / size[1], 0 * y], axis=-1)
    tokens = single(np.rint(ramps * 255).astype(np.uint8))
    coarse = ~tokens.padded & (tokens.scales == 0)
    coarse[0] = False
    means = tokens.patches[coarse][:, :2].mean(axis=(2, 3)) / 255
    np.testing.assert_allclose(means, tokens.centres[coarse], atol=0.006)


@pytest.mark.parametrize("size", [(480, 640), (333, 517), (1365, 2048), (90, 1200)])
def test_fine_tokens_are_native_pixels_at_their_centres_in_reading_order(
    size: tuple[int, int],
) -> None:
    tokens = single(coordinates_image(*size))
    fine = np.flatnonzero(tokens.scales)
    rows, columns = tokens.cell_grid
    border = ((size[0] - 32 * rows) // 2, (size[1] - 32 * columns) // 2)
    for number, slot in enumerate(fine):
        cell, corner = tokens.fine_cells[number // 4], number % 4
        top = border[0] + cell // columns * 32 + corner // 2 * 16  # TL TR BL BR
        left = border[1] + cell % columns * 32 + corner % 2 * 16
        assert coordinates_at(tokens.patches[slot, :, 0, 0].astype(np.uint8)) == (top, left)
        last = tokens.patches[slot, :, 15, 15].astype(np.uint8)
        assert coordinates_at(last) == (top + 15, left + 15)
        np.testing.assert_allclose(tokens.centres[slot] * size, (top + 8, left + 8))


def shifted_series() -> tuple[list[Image], list[tuple[int, int]]]:
    """Return hand-held frames of one scene, and where the first one's pixels lie in each."""
    wide = scene(700, 1000, seed=5)
    starts = [(50, 50), (57, 41), (38, 63), (50, 50)]
    images = [wide[y : y + 600, x : x + 900].copy() for y, x in starts]
    images[1][200:300, 300:400] //= 2
    images[2][400:440, 700:760] = 255 - images[2][400:440, 700:760]
    images[3] = images[3] // 4 * 4
    return images, [(starts[0][0] - y, starts[0][1] - x) for y, x in starts]


def test_fine_cells_are_cut_at_the_same_places_of_the_scene() -> None:
    images, shifts = shifted_series()
    sets = together(images)
    places = [fine_places(tokens, image) for tokens, image in zip(sets, images, strict=True)]
    assert all(tokens.fine_cells == sets[0].fine_cells for tokens in sets)
    assert len(sets[0].fine_cells) == 34
    for image, tokens, own, shift in zip(images, sets, places, shifts, strict=True):
        wanted = np.clip(places[0] + shift, 0, (600 - 32, 900 - 32))
        # The first image may itself have been moved inside; cells off the border tell all.
        inner = ((places[0] > 40) & (places[0] < (528, 828))).all(axis=1)
        assert inner.sum() > 15
        np.testing.assert_array_equal(own[inner], wanted[inner])
        patches = tokens.patches[tokens.scales == 1].reshape(-1, 4, 3, 16, 16)
        for place, cell in zip(own, patches, strict=True):
            top, left = place
            for corner, patch in enumerate(cell):
                y, x = top + corner // 2 * 16, left + corner % 2 * 16
                np.testing.assert_array_equal(
                    patch, image[y : y + 16, x : x + 16].transpose(2, 0, 1)
                )


def test_fine_cells_go_where_the_series_differs() -> None:
    first = scene(600, 900)
    second = first.copy()
    second[224:352, 450 - 64 : 450 + 64] = 255 - second[224:352, 450 - 64 : 450 + 64]
    sets = together([first, second], replace(LARGE, spread=0.0))
    edited = {row * 28 + column for row in range(7, 11) for column in range(12, 16)}
    assert edited <= set(sets[0].fine_cells)


def test_crops_are_cut_at_the_same_places_as_the_whole() -> None:
    whole = scene(600, 900, seed=6)
    boxes = [(0, 0, 600, 900), (40, 60, 480, 700), (130, 200, 470, 700)]
    images = [whole[y : y + h, x : x + w] for y, x, h, w in boxes]
    sets = together(images)
    cells = [
        dict(zip(tokens.fine_cells, fine_places(tokens, image), strict=True))
        for tokens, image in zip(sets, images, strict=True)
    ]
    for (top, left, height, width), own in zip(boxes[1:], cells[1:], strict=True):
        inside = 0
        for cell, place in own.items():
            y, x = cells[0][cell] - (top, left)
            if 0 <= y <= height - 32 and 0 <= x <= width - 32:
                np.testing.assert_array_equal(place, (y, x))
                inside += 1
        assert inside > 5


def test_no_place_of_a_crop_is_cut_twice() -> None:
    whole = scene(800, 1200)
    images = [whole, whole[:600, :900], whole[200:, 300:], whole[100:500, 200:800]]
    for tokens, image in zip(together(images), images, strict=True):
        places = fine_places(tokens, image)
        assert len(np.unique(places, axis=0)) == len(tokens.fine_cells)
        used = int((~tokens.padded).sum())
        assert not tokens.padded[:used].any()


@pytest.mark.parametrize("height", [16, 20, 31])
def test_a_crop_smaller_than_a_cell_has_coarse_tokens_alone(height: int) -> None:
    whole = scene(200, 200)
    sets = together([whole, whole[80 : 80 + height]])
    assert len(sets[0].fine_cells) == 36
    assert sets[1].fine_cells == ()
    assert not sets[1].scales.any()
    assert (~sets[1].padded).sum() > 12


def test_photos_of_other_scenes_are_tokenized_on_their_own() -> None:
    first, other = scene(400, 600), scene(300, 500, seed=9)
    sets = together([first, first // 2, other])
    assert_same(sets[2], single(other))
    assert sets[0].fine_cells == sets[1].fine_cells


def test_images_of_several_scenes_bring_their_naturalness() -> None:
    images = [scene(400, 600), scene(300, 500, seed=9), scene(400, 600, seed=3)]
    photos = photos_of(images)
    for one, image in zip(tokenize_series(photos, layout=INFORMED).tokens, images, strict=True):
        assert one.naturalness is not None
        np.testing.assert_array_equal(one.naturalness, naturalness_input(image, "scenes"))
    assert all(one.naturalness is None for one in together(images))  # of a model without


def test_renderings_of_one_picture_bring_their_naturalness() -> None:
    images = [picture(grain(seed)) for seed in (0, 1)]
    photos = photos_of(images)
    for one, image in zip(tokenize_series(photos, layout=INFORMED).tokens, images, strict=True):
        assert one.naturalness is not None
        np.testing.assert_array_equal(one.naturalness, naturalness_input(image, "renderings"))
    shot = [images[0], images[0] // 2]  # of one moment
    moved = [images[0][8:], images[1][:-8]]  # as frames of a hand-held burst are
    for others in (shot, moved):
        tokens = tokenize_series(photos_of(others), layout=INFORMED).tokens
        assert all(one.naturalness is None for one in tokens)


@pytest.mark.parametrize("others", [1, 2])
def test_images_of_one_scene_bring_none(others: int) -> None:
    first = scene(400, 600)
    turned = np.rot90(first, 2).copy()  # nor does one frame in three that is of another
    images = [first, *[first // (2 + k) for k in range(others)], *([turned] if others > 1 else [])]
    for one in tokenize_series(photos_of(images), layout=INFORMED).tokens:
        assert one.naturalness is None


def test_a_series_of_one_photo_is_sound() -> None:
    image = scene(300, 500)
    [tokens] = together([image])
    assert_sound(tokens, image, LARGE)


def test_mixed_sizes_and_shapes_are_sound() -> None:
    whole = scene(500, 700)
    images = [whole, whole[:, :350], scene(16, 16), scene(700, 300, seed=2), whole[100:148, 90:600]]
    sets = together(images)
    for tokens, image in zip(sets, images, strict=True):
        T = LARGE.budget
        used = int((~tokens.padded).sum())
        np.testing.assert_array_equal(tokens.padded, np.arange(T) >= used)
        assert 4 * len(tokens.fine_cells) == int(tokens.scales.sum())
        assert len(fine_places(tokens, image)) == len(tokens.fine_cells)


def test_the_map_tells_where_each_image_lies() -> None:
    images, shifts = shifted_series()
    made = tokenize_series(photos_of([*images, scene(300, 300, seed=9)]), layout=LARGE)
    assert made.difference.values.shape == (18, 28)
    assert made.difference.values.dtype == np.float32
    assert made.difference.fine_cells == made.tokens[0].fine_cells
    assert set(made.difference.boxes) == set("abcde")
    assert made.difference.boxes["e"] is None
    first = made.difference.boxes["a"]
    assert first is not None
    for name, shift in zip("abcd", shifts, strict=True):
        box = made.difference.boxes[name]
        assert box is not None
        moved = np.array(box) - np.array(first)
        np.testing.assert_allclose(moved, np.tile(np.array(shift) / (600, 900), 2), atol=1e-3)
        height, width = (box[2] - box[0]) * 600, (box[3] - box[1]) * 900
        assert (height, width) == pytest.approx((18 * 32, 28 * 32))


def test_work_on_single_images_may_run_in_parallel() -> None:
    images, _ = shifted_series()
    made = tokenize_series(photos_of(images), layout=LARGE, parallel=lambda *work: list(map(*work)))
    for one, other in zip(made.tokens, together(images), strict=True):
        assert_same(one, other)


# Faults of the released tokenizer that this one must not have.


@pytest.mark.parametrize("size", [(1536, 2048), (1365, 2048), (2048, 2048), (600, 900)])
def test_fault_large_photos_lose_tokens_at_random(size: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    tokens = single(image, PAPER)
    assert_sound(tokens, image, PAPER)
    assert_same(tokens, single(image, PAPER))
    assert (~tokens.padded).sum() > PAPER.budget - 4
    coarse = tokens.centres[1:][(tokens.scales == 0)[1:] & ~tokens.padded[1:]]
    rows, columns = len(np.unique(coarse[:, 0])), len(np.unique(coarse[:, 1]))
    assert len(coarse) == rows * columns > 280


def test_fault_of_the_selected_cells_few_survive() -> None:
    image = scene(1365, 2048)
    tokens = single(image, PAPER)
    assert int(tokens.scales.sum()) == 4 * len(tokens.fine_cells)
    places = fine_places(tokens, image)
    patches = tokens.patches[tokens.scales == 1].reshape(-1, 4, 3, 16, 16)
    for (top, left), cell in zip(places, patches, strict=True):
        np.testing.assert_array_equal(
            cell[3], image[top + 16 : top + 32, left + 16 : left + 32].transpose(2, 0, 1)
        )


def test_fault_the_images_of_a_pair_get_different_fine_cells() -> None:
    first = scene(700, 1000)
    sets = together([first, first // 2])
    assert sets[0].fine_cells == sets[1].fine_cells
    np.testing.assert_array_equal(sets[0].centres, sets[1].centres)


def test_fault_identical_images_get_different_tokens() -> None:
    image = scene(700, 1000)
    other = image // 2
    sets = together([image, other, image.copy(), other.copy()])
    assert_same(sets[0], sets[2])
    assert_same(sets[1], sets[3])


def test_fault_an_image_has_other_tokens_for_each_partner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each image is tokenized once for its series, not once for each pair."""
    made: list[tuple[int, ...]] = []
    token_set = difftoken._token_set

    def counted(
        image: Image,
        cells: tuple[int, ...],
        grid: tuple[int, ...],
        places: NDArray[np.int64],
        layout: TokenLayout,
    ) -> TokenSet:
        made.append(cells)
        return token_set(image, cells, grid, places, layout)

    monkeypatch.setattr(difftoken, "_token_set", counted)
    image = scene(300, 400)
    assert len(together([image // (i + 1) for i in range(7)])) == 7
    assert len(made) == 7


def test_fault_fine_positions_belong_to_other_cells() -> None:
    image = coordinates_image(600, 900)
    for tokens in together([image, image.copy()]):
        for slot in np.flatnonzero(tokens.scales):
            y, x = coordinates_at(tokens.patches[slot, :, 8, 8].astype(np.uint8))
            np.testing.assert_allclose(tokens.centres[slot] * (600, 900), (y, x))


def test_fault_images_of_unequal_width_compare_wrong_places() -> None:
    """What is equal in both lies at equal places, though their rows hold other numbers of cells."""
    whole = scene(608, 928, seed=3)
    narrow = whole[:, 32:736].copy()
    narrow[192:256, 192:256] = 255 - narrow[192:256, 192:256]
    made = tokenize_series(photos_of([whole, narrow]), layout=LARGE)
    differing = np.argwhere(made.difference.values > 0.05)
    np.testing.assert_array_equal(differing, [[6, 7], [6, 8], [7, 7], [7, 8]])


def test_fault_tokens_depend_on_names() -> None:
    images, _ = shifted_series()
    named = [photo_from_array(image, name=f"b/{9 - i}.jpg") for i, image in enumerate(images)]
    renamed = tokenize_series(named, layout=LARGE)
    for one, other in zip(renamed.tokens, together(images), strict=True):
        assert_same(one, other)


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)])
def test_fault_tokens_depend_on_the_order(order: tuple[int, ...]) -> None:
    images, _ = shifted_series()
    straight = tokenize_series(photos_of(images), layout=LARGE)
    permuted = tokenize_series(photos_of([images[i] for i in order]), layout=LARGE)
    for position, original in enumerate(order):
        assert_same(permuted.tokens[position], straight.tokens[original])
    np.testing.assert_array_equal(permuted.difference.values, straight.difference.values)


def test_fault_single_mode_draws_new_tokens_at_each_call() -> None:
    image = scene(900, 1200)
    assert_same(single(image), single(image.copy()))


def test_fault_attention_sees_the_padding_of_small_images() -> None:
    for size in ((16, 16), (200, 300)):
        tokens = single(scene(*size), PAPER)
        assert tokens.padded.any()
        assert tokens.attend_padding is False


def test_fault_long_narrow_images_crash() -> None:
    image = scene(16, 9000)
    assert_sound(single(image), image, LARGE)


def test_tokenizing_leaves_the_photos_alone() -> None:
    images, _ = shifted_series()
    photos = photos_of(images)
    before = [photo.pixels.copy() for photo in photos]
    tokenize_series(photos, layout=LARGE)
    for photo, pixels in zip(photos, before, strict=True):
        np.testing.assert_array_equal(photo.pixels, pixels)


def statistics_of(tokens: TokenSet) -> NDArray[np.float32]:
    assert tokens.statistics is not None
    return tokens.statistics


def test_frames_that_are_shifted_alone_differ_in_nothing_that_all_show() -> None:
    whole = scene(330, 430)
    shots = [whole[t : t + 320, v : v + 420].copy() for t, v in ((0, 4), (6, 0), (3, 9))]
    told = [statistics_of(one) for one in together(shots, INFORMED)]
    of_part = np.stack([one[1:, 2 * STATISTICS :] for one in told])
    blockiness = STATISTICS - 28
    assert np.abs(np.delete(of_part, blockiness, axis=2)).max() < 1e-3
    for one, shot in zip(told, shots, strict=True):
        alone = statistics_of(single(shot, INFORMED))
        np.testing.assert_array_equal(one[:, :STATISTICS], alone[:, :STATISTICS])


def test_what_differs_is_told_where_it_is_whatever_the_framing() -> None:
    whole = scene(330, 430)
    blurred = whole.copy()
    blurred[100:200, 150:300] = whole[100:200, 150:300].mean(axis=(0, 1)).astype(np.uint8)
    shots = [whole[:320, 4:424].copy(), blurred[6:326, :420].copy()]
    first, second = (statistics_of(one)[1:, 2 * STATISTICS] for one in together(shots, INFORMED))
    difference = first - second
    changed = np.abs(difference) > 1e-6
    assert 0.02 < changed.mean() < 0.35  # a tenth of the frame, and the cells it touches
    assert (difference[changed] > 0).all()


def test_a_noisy_frame_shares_less_in_series_of_any_length() -> None:
    frame = scene(200, 300)
    rng = np.random.default_rng(0)
    noise = np.clip(frame + rng.normal(0, 20, frame.shape), 0, 255).astype(np.uint8)
    for copies in (1, 14):
        shots = [
            np.clip(frame.astype(int) + step, 0, 255).astype(np.uint8) for step in range(copies)
        ]
        told = [statistics_of(one) for one in together([noise, *shots], INFORMED)]
        lost = [one[1:, 3 * STATISTICS].mean() for one in told]
        assert lost[0] > max(lost[1:]) if copies > 1 else lost[0] == pytest.approx(lost[1])
        assert lost[0] > 0.1
