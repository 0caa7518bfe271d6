"""Difference maps against a slow computation, window by window and pair by pair."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scenes import scene
from tests.series.slow_ssim import slow_series_difference

from fgaesq.errors import ShapeError
from fgaesq.series import (
    Placement,
    SeriesFrame,
    cell_detail,
    cell_difference,
    difference,
    series_difference,
)
from fgaesq.types import Image

SAME_PLACE = Placement(1.0, 0.0, 0.0, 1.0)
SIZE = (104, 145)  # of 3 x 4 cells and an uneven border


def noisy(image: Image, spread: float, *, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, spread, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def variants(number: int) -> list[Image]:
    """Return images of one scene with more noise from one to the next, and some light."""
    base = scene(*SIZE)
    return [noisy(base // (1 + i % 2), 6 * i + 1, seed=i) for i in range(number)]


def frame_of(number: int) -> SeriesFrame:
    return SeriesFrame(0, (SAME_PLACE,) * number)


def crop_at(image: Image, top: int, left: int, height: int, width: int) -> tuple[Image, Placement]:
    crop = image[top : top + height, left : left + width]
    return crop, Placement(1.0, float(-top), float(-left), 1.0)


def map_of(placed: list[tuple[Image, Placement]]) -> NDArray[np.float32]:
    images, placements = zip(*placed, strict=True)
    return series_difference(images, SeriesFrame(0, placements))


def slow_map_of(placed: list[tuple[Image, Placement]]) -> NDArray[np.float64]:
    at = [(image, (-round(place.top), -round(place.left))) for image, place in placed]
    return slow_series_difference(at, placed[0][0].shape[:2])


@pytest.mark.parametrize("spread", [2, 10, 60])
def test_cell_difference_is_one_minus_ssim(spread: float) -> None:
    first = scene(*SIZE)
    second = noisy(first, spread, seed=1)
    slow = slow_series_difference([(first, (0, 0)), (second, (0, 0))], SIZE)
    assert slow.shape == (3, 4)
    np.testing.assert_allclose(cell_difference(first, second), slow, atol=1e-4)


def test_cell_difference_does_not_depend_on_the_order() -> None:
    first, second = variants(2)
    np.testing.assert_array_equal(cell_difference(first, second), cell_difference(second, first))


def test_difference_is_bounded_where_ssim_is_negative() -> None:
    first = scene(64, 64)
    found = cell_difference(first, 255 - first)
    assert (found > 0.9).all()
    assert (found <= 1).all()


def test_shapes_that_differ_are_an_error() -> None:
    text = (
        "the images differ in shape, (64, 64, 3) and (64, 96, 3); "
        "align them first with fgaesq.series.align_series"
    )
    with pytest.raises(ShapeError, match=f"^{re.escape(text)}$"):
        cell_difference(scene(64, 64), scene(64, 96))


@pytest.mark.parametrize("number", [2, 3, 5, 9])
def test_series_difference_is_the_average_over_the_pairs(number: int) -> None:
    images = variants(number)
    slow = slow_series_difference([(image, (0, 0)) for image in images], SIZE)
    found = series_difference(images, frame_of(number))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, slow, atol=1e-4)


def test_two_images_give_the_same_map_either_way() -> None:
    images = variants(2)
    np.testing.assert_array_equal(
        series_difference(images, frame_of(2)), cell_difference(images[0], images[1])
    )


def test_large_series_keep_their_precision() -> None:
    base = scene(32, 32)
    images = [noisy(base, 3, seed=i) for i in range(50)]
    slow = slow_series_difference([(image, (0, 0)) for image in images], (32, 32))
    np.testing.assert_allclose(series_difference(images, frame_of(50)), slow, atol=2e-4)


def test_series_difference_does_not_depend_on_the_order() -> None:
    images = variants(4)
    maps = [series_difference(order, frame_of(4)) for order in itertools.permutations(images)]
    for one in maps[1:]:
        np.testing.assert_allclose(one, maps[0], atol=2e-6)


@pytest.mark.parametrize("number", [2, 7])
def test_identical_images_do_not_differ(number: int) -> None:
    images = [scene(*SIZE)] * number
    np.testing.assert_allclose(series_difference(images, frame_of(number)), 0, atol=1e-5)


def test_an_edit_shows_in_its_cell_alone() -> None:
    first = scene(96, 128)
    second = first.copy()
    second[40:56, 72:88] = 255 - second[40:56, 72:88]
    found = cell_difference(first, second)
    assert found[1, 2] > 0.3
    found[1, 2] = 0
    np.testing.assert_allclose(found, 0, atol=1e-5)


def test_one_image_or_one_that_could_be_placed_differs_from_nothing() -> None:
    first, second = variants(2)
    assert not series_difference([first], frame_of(1)).any()
    frame = SeriesFrame(0, (SAME_PLACE, None))
    assert not series_difference([first, second], frame).any()


@pytest.mark.parametrize("top", [0, 3, 17, 40])
@pytest.mark.parametrize("left", [0, 5, 61])
def test_crops_count_where_they_are(top: int, left: int) -> None:
    first, second, third = variants(3)
    placed = [
        (first, SAME_PLACE),
        (second, SAME_PLACE),
        crop_at(third, top, left, 60, 80),
    ]
    np.testing.assert_allclose(map_of(placed), slow_map_of(placed), atol=1e-4)


def test_cells_outside_the_only_crop_are_unknown() -> None:
    first, second = variants(2)
    placed = [(first, SAME_PLACE), crop_at(second, 36, 40, 64, 64)]
    found = map_of(placed)
    np.testing.assert_allclose(found, slow_map_of(placed), atol=1e-4)
    assert not found[0].any()
    assert found[1:, 1:3].all()


def test_windows_on_the_seam_of_two_crops_do_not_count() -> None:
    """Left of the seam lies one crop, right of it the other: the count alone does not tell."""
    first, second, third, fourth = variants(4)
    placed = [
        (first, SAME_PLACE),
        (second, SAME_PLACE),
        crop_at(third, 0, 0, SIZE[0], 8 + 44),
        crop_at(fourth, 0, 8 + 44, SIZE[0], SIZE[1] - 8 - 44),
    ]
    np.testing.assert_allclose(map_of(placed), slow_map_of(placed), atol=1e-4)


def test_an_image_that_reaches_beyond_the_reference_counts_inside_it() -> None:
    wide = scene(140, 200)
    first = wide[20:124, 30:175]
    placed = [(first, SAME_PLACE), (noisy(wide, 9, seed=1), Placement(1.0, 20.0, 30.0, 1.0))]
    np.testing.assert_allclose(map_of(placed), slow_map_of(placed), atol=1e-4)
    np.testing.assert_allclose(
        map_of(placed), cell_difference(first, placed[1][0][20:124, 30:175]), atol=1e-4
    )


def test_a_crop_of_another_scale_is_brought_to_that_of_the_reference() -> None:
    first = np.repeat(np.repeat(scene(64, 96), 2, axis=0), 2, axis=1)
    half = first[::2, ::2]
    found = map_of([(first, SAME_PLACE), (half, Placement(0.5, 0.0, 0.0, 1.0))])
    assert found.max() < 0.2
    other = map_of([(first, SAME_PLACE), (scene(64, 96, seed=9), Placement(0.5, 0.0, 0.0, 1.0))])
    assert other.min() > 0.3


def test_an_image_wholly_outside_the_reference_takes_no_part() -> None:
    first, second = variants(2)
    placed = [(first, SAME_PLACE), (second, Placement(1.0, 500.0, 0.0, 1.0))]
    assert not map_of(placed).any()


@pytest.mark.parametrize("size", [(16, 16), (31, 200), (200, 31)])
def test_images_smaller_than_a_cell_have_an_empty_map(size: tuple[int, int]) -> None:
    first = scene(*size)
    found = cell_difference(first, first)
    assert found.shape == (size[0] // 32, size[1] // 32)
    assert cell_detail(first).shape == found.shape


def test_each_image_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost is linear in the number of images, though the number of pairs is not."""
    added: list[tuple[int, int]] = []
    add = difference._SeriesSums.add

    def counted(
        self: difference._SeriesSums, luma: NDArray[np.uint8], offset: tuple[int, int]
    ) -> None:
        added.append(offset)
        add(self, luma, offset)

    monkeypatch.setattr(difference._SeriesSums, "add", counted)
    series_difference(variants(8), frame_of(8))
    assert len(added) == 8


def test_detail_is_the_root_of_the_mean_block_variance() -> None:
    image = scene(70, 101)
    found = cell_detail(image)
    luma = slow_luma(image)[3:67, 2:98]
    for row, column in itertools.product(range(2), range(3)):
        cell = luma[32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
        variances = [
            cell[y : y + 4, x : x + 4].var() for y in range(0, 32, 4) for x in range(0, 32, 4)
        ]
        assert found[row, column] == pytest.approx(np.sqrt(np.mean(variances)), rel=1e-4)


def slow_luma(image: Image) -> NDArray[np.float64]:
    """Return ITU-R 601 luma, rounded to whole grey levels."""
    weights = np.array([0.299, 0.587, 0.114])
    return np.asarray(np.floor(image @ weights + 0.5), np.float64)


def test_detail_of_a_flat_image_is_zero_and_of_stripes_is_full() -> None:
    assert not cell_detail(np.full((64, 64, 3), 77, np.uint8)).any()
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    np.testing.assert_allclose(cell_detail(stripes), 127.5, rtol=1e-6)
