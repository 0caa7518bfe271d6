"""Sizes of the `reference` tokenizer."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgaesq.errors import ShapeError
from fgaesq.tokens.reference_geometry import (
    Axis,
    align_pair,
    check_image,
    fits_whole,
    size_in_cells,
    size_in_patches,
)
from fgaesq.types import Image


def blank(height: int, width: int) -> Image:
    return np.zeros((height, width, 3), dtype=np.uint8)


def aligned_sizes(first: Image, second: Image, axis: Axis) -> list[tuple[int, ...]]:
    return [image.shape[:2] for image in align_pair(first, second, axis)]


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((512, 768), (512, 768)),
        ((500, 750), (512, 768)),
        ((513, 769), (512, 768)),
        ((530, 790), (544, 800)),
        ((720, 1024), (736, 1024)),  # 16 left over, 16 missing: a tie pads
        ((528, 784), (544, 800)),  # a tie in both axes
        ((750, 1000), (736, 992)),
        ((451, 300), (448, 288)),
        ((1092, 768), (1088, 768)),  # the side without remainder counts as 1 px
        ((1110, 768), (1120, 768)),
        ((31, 9000), (32, 9024)),  # 31 * 8 lost against 1 * 24 added
        ((20, 6000), (32, 6016)),
    ],
)
def test_size_in_cells(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert size_in_cells(*size) == fitted


@given(st.integers(32, 5000), st.integers(32, 5000))
def test_size_in_cells_changes_each_side_by_less_than_a_cell(height: int, width: int) -> None:
    fitted = size_in_cells(height, width)
    assert fitted[0] % 32 == fitted[1] % 32 == 0
    assert abs(fitted[0] - height) < 32
    assert abs(fitted[1] - width) < 32
    assert (fitted[0] >= height and fitted[1] >= width) or (
        fitted[0] <= height and fitted[1] <= width
    )


def test_extreme_aspect_ratio_is_refused_where_the_released_code_fails() -> None:
    message = (
        "an image of height 15 and width 9000 px is cropped to nothing by the released tokenizer; "
        "use the `series` tokenizer"
    )
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        size_in_cells(15, 9000)


@pytest.mark.parametrize(
    ("size", "whole"),
    [((256, 512), True), ((257, 512), False), ((362, 362), False), ((1, 1), True)],
)
def test_fits_whole_counts_started_patches(size: tuple[int, int], whole: bool) -> None:
    assert fits_whole(*size) is whole


def test_size_in_patches_pads_only() -> None:
    assert size_in_patches(300, 400) == (304, 400)
    assert size_in_patches(1, 17) == (16, 32)


def test_width_alignment_scales_to_the_larger_width_and_truncates() -> None:
    sizes = aligned_sizes(blank(1023, 719), blank(900, 768), "width")
    assert sizes == [(1092, 768), (900, 768)]  # 1023 * 768 / 719 = 1092.7


def test_height_alignment_scales_to_the_larger_height() -> None:
    assert aligned_sizes(blank(800, 700), blank(1000, 640), "height") == [(1000, 875), (1000, 640)]


def test_equal_large_images_stay_as_they_are() -> None:
    first, second = blank(512, 768), blank(512, 768)
    assert align_pair(first, second, "width")[0] is first
    assert align_pair(first, second, "height")[1] is second


def test_small_images_are_enlarged_to_the_minimum_side() -> None:
    assert aligned_sizes(blank(240, 320), blank(240, 320), "width") == [(384, 512)] * 2


def test_small_images_are_enlarged_beyond_the_budget() -> None:
    # 21 * 21 patches: sqrt(614.4 / 441) = 1.1803 exceeds 384 / 336 = 1.1429
    assert aligned_sizes(blank(336, 336), blank(336, 336), "height") == [(396, 396)] * 2


def test_a_large_image_is_enlarged_with_its_small_partner() -> None:
    # 600 px wide: 38 * 13 = 494 patches are enlarged, 38 * 14 = 532 alone would not be
    sizes = aligned_sizes(blank(200, 600), blank(220, 600), "width")
    assert sizes == [(384, 1152), (422, 1152)]


def test_nearly_equal_factors_stay_different() -> None:
    # 384 / 200 = 1.92 and 384 / 201 = 1.9104 are less than 0.01 apart
    assert aligned_sizes(blank(200, 300), blank(201, 300), "width") == [(384, 576), (384, 573)]


def test_unequal_factors_become_the_larger_one() -> None:
    # 384 / 200 = 1.92 for both, though 384 / 204 = 1.8824 would do for the second
    assert aligned_sizes(blank(200, 300), blank(204, 300), "width") == [(384, 576), (391, 576)]


def test_alignment_beyond_the_pixel_limit_is_refused() -> None:
    message = (
        "the released tokenizer would scale an image of height 8192 and width 1 px to "
        "67108864 x 8192 px, beyond 134217728 pixels; use the `series` tokenizer"
    )
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        align_pair(blank(8192, 1), blank(1, 8192), "width")


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4)), "the image is float64 of shape (4, 4); "),
        (np.zeros((4, 4, 4), dtype=np.uint8), "the image is uint8 of shape (4, 4, 4); "),
        (np.zeros((0, 4, 3), dtype=np.uint8), "the image is uint8 of shape (0, 4, 3); "),
        (np.zeros((4, 4, 3), dtype=np.float32), "the image is float32 of shape (4, 4, 3); "),
    ],
)
def test_arrays_that_are_no_images_are_refused(image: Image, message: str) -> None:
    expected = re.escape(message + "need RGB uint8 of shape (H, W, 3)")
    with pytest.raises(ShapeError, match=f"^{expected}$"):
        check_image(image)
