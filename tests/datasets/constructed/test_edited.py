"""Constructed series: certain order, nothing else that tells, reproducible one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.scenes import coordinates_at, coordinates_image, scene

from fgaesq.datasets.constructed import (
    ConstructedSeries,
    PoolPhoto,
    construct_series,
    series_stream,
)
from fgaesq.datasets.constructed.edited import edited_series
from fgaesq.datasets.constructed.frames import handheld, reframed, turned, with_sensor_noise
from fgaesq.datasets.edits import EDITS
from fgaesq.series import align_series
from fgaesq.types import Image

PHOTO = scene(120, 160)
POOL = [PoolPhoto(Path(f"{i}.jpg"), "free" if i == 0 else "research") for i in range(4)]
PIXELS = {photo.path.name: scene(80, 110, seed=i) for i, photo in enumerate(POOL)}


def made(number: int = 150, *, seed: int = 1) -> list[ConstructedSeries]:
    return list(series_stream(POOL, PIXELS, seed=seed, indices=range(number)))


def construct(seed: int, kind: str = "defocus", photo: Image = PHOTO) -> ConstructedSeries:
    return construct_series(photo, kind=kind, rng=np.random.default_rng(seed))


def assert_same(first: ConstructedSeries, second: ConstructedSeries) -> None:
    assert (first.source, first.tier, first.kind) == (second.source, second.tier, second.kind)
    assert first.severities == second.severities
    assert (first.burden, first.area) == (second.burden, second.area)
    for one, other in zip(first.images, second.images, strict=True):
        np.testing.assert_array_equal(one, other)


def test_severities_are_a_visible_step_apart() -> None:
    sizes: Counter[int] = Counter()
    for series in made():
        ordered = np.sort(series.severities)
        assert np.diff(ordered).min() >= 0.07 - 1e-12
        assert ordered[0] >= 0
        assert ordered[-1] <= 1
        assert len(series.images) == len(series.severities)
        sizes[len(series.images)] += 1
    assert set(sizes) == {2, 3, 4, 5}


def test_images_of_a_series_are_alike_in_all_but_the_edit() -> None:
    for series in made():
        assert {image.shape for image in series.images} == {series.images[0].shape}
        assert all(image.dtype == np.uint8 for image in series.images)
        assert all(image.flags.c_contiguous for image in series.images)


def test_the_best_image_may_stand_anywhere() -> None:
    places = Counter(int(np.argmin(s.severities)) for s in made() if len(s.images) == 3)
    assert set(places) == {0, 1, 2}


def test_most_series_start_from_an_untouched_image() -> None:
    share = np.mean([min(series.severities) == 0 for series in made(400)])
    assert 0.65 < share < 0.85


def test_some_series_share_a_flaw() -> None:
    burdens = np.array([series.burden for series in made(400)])
    assert 0.12 < (burdens > 0).mean() < 0.28
    assert burdens[burdens > 0].min() >= 0.05
    assert burdens.max() <= 0.4


def test_kinds_take_turns() -> None:
    kinds = [series.kind for series in made(2 * len(EDITS))]
    assert kinds == list(EDITS) * 2


def test_only_the_kinds_asked_for_are_made() -> None:
    stream = series_stream(POOL, PIXELS, seed=1, indices=range(4), kinds=("haze", "tilt"))
    assert [series.kind for series in stream] == ["haze", "tilt", "haze", "tilt"]


def test_a_series_depends_on_seed_and_index_alone() -> None:
    every = made(12)
    for index in (11, 4, 0):
        [alone] = series_stream(POOL, PIXELS, seed=1, indices=[index])
        assert_same(alone, every[index])
    [other] = series_stream(POOL, PIXELS, seed=2, indices=[4])
    assert other.severities != every[4].severities


def test_source_and_tier_are_those_of_the_photo() -> None:
    tiers = {photo.path.name: photo.tier for photo in POOL}
    series = made(60)
    assert {one.source for one in series} == set(tiers)
    assert all(one.tier == tiers[one.source] for one in series)
    free = np.mean([one.tier == "free" for one in made(400)])
    assert 0.4 < free < 0.56  # 30 % by choice and a quarter of the rest


def test_constructing_leaves_the_photo_alone() -> None:
    photo = PHOTO.copy()
    for index, kind in enumerate(EDITS):
        construct(index, kind, photo)
    np.testing.assert_array_equal(photo, PHOTO)


@pytest.mark.parametrize("size", [(64, 64), (64, 900), (700, 64)])
def test_the_smallest_photos_can_be_used(size: tuple[int, int]) -> None:
    for kind in EDITS:
        for image in construct(3, kind, scene(*size)).images:
            assert min(image.shape[:2]) >= 32


def test_the_long_side_can_be_chosen() -> None:
    series = construct_series(
        scene(300, 400), kind="haze", rng=np.random.default_rng(0), long_side_px=200
    )
    assert max(series.images[0].shape) == 200 - 2 * 2  # less the room for the unsteady hand


def test_an_unsteady_hand_moves_by_whole_pixels() -> None:
    base = coordinates_image(300, 400)
    starts = set()
    for seed in range(40):
        frame = handheld(base, np.random.default_rng(seed))
        assert frame.shape == (292, 392, 3)
        top, left = coordinates_at(frame[0, 0])
        np.testing.assert_array_equal(frame, base[top : top + 292, left : left + 392])
        starts.add((top, left))
    assert {top for top, _ in starts} == {left for _, left in starts} == set(range(9))


def test_a_photo_can_be_kept_whole() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        kept = reframed(PHOTO, rng, kind="cut_off", long_side_px=160)
        assert any((kept == whole).all() for whole in (PHOTO, PHOTO[:, ::-1]))


def test_a_photo_with_a_clear_subject_is_taken_to_cut() -> None:
    subject = np.full((80, 110, 3), 120, np.uint8)
    subject[40:70, 50:80] = (250, 40, 40)
    pixels = {**PIXELS, "2.jpg": subject}
    stream = series_stream(POOL, pixels, seed=1, indices=range(6), kinds=("cut_off",))
    assert {series.source for series in stream} == {"2.jpg"}


def test_a_photo_that_has_colours_is_taken_to_mute() -> None:
    grey = {name: np.repeat(pixels[..., :1], 3, axis=-1) for name, pixels in PIXELS.items()}
    stream = series_stream(
        POOL, {**grey, "1.jpg": PHOTO}, seed=1, indices=range(6), kinds=("desaturation",)
    )
    assert {series.source for series in stream} == {"1.jpg"}


def test_an_ordinary_series_has_one_kind_of_flaw() -> None:
    series = construct_series(PHOTO, kind="noise", rng=np.random.default_rng(1))
    assert set(series.edits) == {"noise"}


def shaken(index: int, kinds: tuple[str, ...] = ("defocus",)) -> ConstructedSeries:
    [series] = series_stream(
        POOL,
        dict.fromkeys(PIXELS, scene(300, 400)),
        seed=5,
        indices=[index],
        kinds=kinds,
        making="shaken",
    )
    return series


def test_frames_of_a_shaking_hand_align_and_no_two_lie_alike() -> None:
    series = shaken(0)
    assert series.kind == "defocus"
    frame = align_series(series.images)
    assert None not in frame.placements
    shifts = {(round(one.top, 1), round(one.left, 1)) for one in frame.placements if one}
    assert len(shifts) == len(series.images)


def test_noise_of_a_burst_is_equally_strong_and_each_frame_has_its_own() -> None:
    flat = np.full((64, 64, 3), 128, np.uint8)
    first, second = (
        with_sensor_noise(flat, 4.0, True, np.random.default_rng(seed)).astype(float) - 128
        for seed in (1, 2)
    )
    assert 2 < first.std() < 8
    assert first.std() == pytest.approx(second.std(), rel=0.05)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.05


def test_a_frame_that_must_stay_level_is_not_turned() -> None:
    stripes = np.repeat(np.arange(200, dtype=np.uint8)[:, None, None], 300, axis=1).repeat(
        3, axis=2
    )
    moved = turned(stripes, np.random.default_rng(3), level=True)
    assert np.ptp(moved[20:-20, 20:-20].astype(int), axis=1).max() == 0
    tilted = turned(stripes, np.random.default_rng(3), level=False)
    assert np.ptp(tilted[20:-20, 20:-20].astype(int), axis=1).max() > 0


@pytest.mark.parametrize("size", [(64, 64), (64, 300)])
def test_the_smallest_photos_can_be_shaken(size: tuple[int, int]) -> None:
    frame = scene(*size)
    series = edited_series(frame, "noise", np.random.default_rng(1), shaken=True)
    assert len({image.shape for image in series.images}) == 1
