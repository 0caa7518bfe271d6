"""Crops on a grid: inside, large enough, apart, few whatever the photo's size."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from fgaesq.building.collect.proposals import grid_crops, iou

SIZES = [(4000, 6000), (120, 160), (160, 120), (96, 96), (1000, 1900), (15000, 20000)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_crops_keep_the_rules_of_the_grid(height: int, width: int) -> None:
    crops = grid_crops(height, width, most=8)
    assert 4 <= len(crops) <= 8
    boxes = np.array([(c.left, c.top, c.right, c.bottom) for c in crops])
    assert (boxes == boxes.round()).all()
    across, down = (boxes[:, 2:] - boxes[:, :2]).T
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= (width, height)).all()
    assert (across * down >= 0.5 * height * width).all()
    assert ((across / down >= 0.5) & (across / down <= 2)).all()
    overlaps = [
        iou(boxes[one], boxes[[other]])[0] for one, other in combinations(range(len(boxes)), 2)
    ]
    assert max(overlaps) <= 0.85


def test_the_largest_comes_first_and_many_are_never_near_copies() -> None:
    crops = grid_crops(1200, 1200, most=60)
    areas = [(c.right - c.left) * (c.bottom - c.top) for c in crops]
    assert areas[0] == max(areas) == 1100**2
    assert len(crops) < 60
    assert grid_crops(1200, 1200, most=4) == crops[:4]


def test_crops_differ_in_aspect_ratio_size_and_place() -> None:
    crops = grid_crops(1200, 1600, most=8)
    shapes = {round((c.right - c.left) / (c.bottom - c.top), 1) for c in crops}
    places = {(c.left > 1600 - c.right, c.top > 1200 - c.bottom) for c in crops}
    assert len(shapes) >= 3
    assert len(places) >= 3


def test_small_and_narrow_photos_give_none() -> None:
    assert grid_crops(60, 60, most=8) == []
    assert grid_crops(200, 4000, most=8) == []


def test_overlap_in_closed_form() -> None:
    box = np.array([0.0, 0.0, 4.0, 2.0])
    others = np.array([[0, 0, 4, 2], [2, 0, 6, 2], [4, 0, 8, 2], [1, 0, 3, 2]], float)
    np.testing.assert_allclose(iou(box, others), [1, 4 / 12, 0, 0.5])
