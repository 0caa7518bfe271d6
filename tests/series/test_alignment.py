"""Placing images of a series on one frame: known shifts, crops and scales of made scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.series import Placement, align_series, alignment
from fgaesq.types import Image

IDENTITY = Placement(1.0, 0.0, 0.0, 1.0)


def placement(
    reference: Image, image: Image, native_scales: Sequence[float] | None = None
) -> Placement:
    """Return where `image` lies on the larger `reference`; fail if it could not be placed."""
    frame = align_series([reference, image], native_scales=native_scales)
    assert frame.reference == 0
    found = frame.placements[1]
    assert found is not None
    return found


def resized(image: Image, factor: float) -> Image:
    size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("shift", [(0, 1), (3, -5), (20, 33), (-60, 90)])
def test_whole_pixel_shifts_are_found_exactly(shift: tuple[int, int]) -> None:
    wide = scene(800, 1100, seed=2)
    dy, dx = shift
    found = placement(wide[100:700, 100:1000], wide[100 + dy : 700 + dy, 100 + dx : 1000 + dx])
    assert found.scale == 1.0
    assert (found.top, found.left) == pytest.approx((-dy, -dx), abs=0.05)
    assert found.correlation > 0.8


@pytest.mark.parametrize("shift", [(0.5, 0.25), (-2.3, 7.6)])
def test_shifts_of_parts_of_a_pixel_are_found(shift: tuple[float, float]) -> None:
    wide = scene(600, 800, seed=3)
    matrix = np.array([[1, 0, -shift[1]], [0, 1, -shift[0]]], np.float32)
    moved = cv2.warpAffine(wide, matrix, (800, 600), flags=cv2.INTER_CUBIC)
    found = placement(wide[50:550, 50:750], np.asarray(moved[50:550, 50:750], np.uint8))
    assert (found.top, found.left) == pytest.approx((-shift[0], -shift[1]), abs=0.1)


@pytest.mark.parametrize("edit", ["dark", "noisy", "blurred"])
def test_a_shift_is_found_under_an_edit(edit: str) -> None:
    wide = scene(600, 800, seed=4)
    moved = wide[57:557, 46:746]
    noise = np.random.default_rng(0).normal(0, 25, moved.shape)
    edited = {
        "dark": moved // 3,
        "noisy": np.clip(moved + noise, 0, 255).astype(np.uint8),
        "blurred": np.asarray(cv2.GaussianBlur(moved, (0, 0), 3), np.uint8),
    }[edit]
    found = placement(wide[50:550, 50:750], edited)
    assert (found.top, found.left) == pytest.approx((-7, 4), abs=0.3)


@pytest.mark.parametrize(
    ("top", "left", "height", "width"),
    [
        (0, 0, 500, 700),
        (300, 500, 500, 700),
        (100, 300, 500, 500),
        (400, 700, 400, 500),  # further from the corner than half of the frame
        (490, 740, 310, 460),
        (0, 740, 310, 460),
    ],
)
def test_crops_at_native_scale_are_found(top: int, left: int, height: int, width: int) -> None:
    whole = scene(800, 1200)
    found = placement(whole, whole[top : top + height, left : left + width])
    assert found.scale == 1.0
    assert (found.top, found.left) == pytest.approx((-top, -left), abs=0.3)


@pytest.mark.parametrize("factor", [1 / 3, 0.5, 0.8, 0.98, 0.99])
def test_reduced_copies_are_found(factor: float) -> None:
    whole = scene(800, 1200)
    found = placement(whole, resized(whole, factor))
    assert found.scale == pytest.approx(factor, rel=2e-3)
    assert (found.top, found.left) == pytest.approx((0, 0), abs=0.5)


@pytest.mark.parametrize(
    ("box", "factor"),
    [
        ((50, 100, 600, 900), 0.5),
        ((200, 300, 500, 700), 0.6),
        ((300, 600, 400, 500), 0.8),
        ((100, 200, 600, 800), 0.37),
    ],
)
def test_reduced_crops_are_found_to_a_fraction_of_a_cell(
    box: tuple[int, int, int, int], factor: float
) -> None:
    top, left, height, width = box
    whole = scene(800, 1200)
    found = placement(whole, resized(whole[top : top + height, left : left + width], factor))
    for y in (top, top + height):
        assert (found.scale * y + found.top) / factor == pytest.approx(y - top, abs=8)
    for x in (left, left + width):
        assert (found.scale * x + found.left) / factor == pytest.approx(x - left, abs=8)


def test_a_crop_of_a_reduced_photo_is_found_by_its_native_scale() -> None:
    """The whole photo was reduced to half when it was read, the crop was not."""
    large = scene(1200, 1600)
    crop = large[300:780, 400:1040]
    found = placement(resized(large, 0.5), crop, native_scales=[0.5, 1.0])
    assert found.scale == 2.0
    assert (found.top, found.left) == pytest.approx((-300, -400), abs=8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [(600, 900), (400, 500)])
def test_other_scenes_have_no_place(seed: int, size: tuple[int, int]) -> None:
    frame = align_series([scene(600, 900, seed=seed), scene(*size, seed=seed + 100)])
    assert frame.placements == (IDENTITY, None)


def test_a_flat_image_has_no_place() -> None:
    frame = align_series([scene(300, 400), np.full((300, 400, 3), 90, np.uint8)])
    assert frame.placements == (IDENTITY, None)


def test_the_largest_image_is_the_reference() -> None:
    whole = scene(400, 600)
    frame = align_series([whole[:300, :400], whole, whole[50:390, 90:500]])
    assert frame.reference == 1
    assert frame.placements[1] == IDENTITY


def test_identical_images_lie_exactly_on_each_other() -> None:
    image = scene(300, 400)
    assert align_series([image, image.copy(), image.copy()]).placements == (IDENTITY,) * 3


def test_one_image_is_its_own_frame() -> None:
    frame = align_series([scene(40, 60)])
    assert frame.reference == 0
    assert frame.placements == (IDENTITY,)


@pytest.mark.parametrize("size", [(16, 16), (16, 320), (40, 800)])
def test_tiny_and_narrow_images_are_placed(size: tuple[int, int]) -> None:
    image = scene(*size)
    edited = image // 2
    first, second = align_series([image, edited]).placements
    assert first == IDENTITY
    assert second is not None
    assert (second.top, second.left) == pytest.approx((0, 0), abs=0.1)


def test_the_same_images_give_the_same_frame_to_the_last_bit() -> None:
    wide = scene(500, 700)
    images = [wide, wide[30:400, 50:600], resized(wide, 0.7), scene(300, 400, seed=8)]
    assert align_series(images) == align_series([image.copy() for image in images])


def test_images_are_placed_independently_of_their_companions() -> None:
    wide = scene(500, 700)
    images = [wide, wide[30:400, 50:600], resized(wide, 0.7), scene(300, 400, seed=8)]
    together = align_series(images)
    for index in (1, 2, 3):
        alone = align_series([wide, images[index]])
        assert alone.placements[1] == together.placements[index]


def test_each_image_is_compared_with_the_reference_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    shift = alignment._phase_shift

    def counted(target: alignment._Grey, moved: alignment._Grey) -> tuple[float, float]:
        nonlocal calls
        calls += 1
        return shift(target, moved)

    monkeypatch.setattr(alignment, "_phase_shift", counted)
    wide = scene(300, 400)
    align_series([wide[i : 250 + i, 40 - i : 340 - i] for i in range(9)])
    assert calls == 8 * 2  # once in the small, once refined


def test_work_is_handed_out_one_image_at_a_time() -> None:
    handed: list[int] = []

    def parallel(place: Callable[[int], Any], items: Sequence[int]) -> Iterable[Any]:
        handed.extend(items)
        return map(place, items)

    wide = scene(300, 400)
    align_series([wide, wide // 2, wide // 3], parallel=parallel)
    assert handed == [0, 1, 2]
