"""Constructed series: certain order, nothing else that tells, reproducible one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.pool import names_of, write_pool
from tests.scenes import coordinates_at, coordinates_image, scene

from fgaesq.datasets.constructed import (
    MIXED,
    RESTORED,
    ConstructedSeries,
    PoolPhoto,
    _handheld,
    _reframed,
    construct_mixed_series,
    construct_restored_series,
    construct_series,
    read_pool,
    series_stream,
    split_of,
)
from fgaesq.datasets.edits import CROPPING, EDITS
from fgaesq.errors import InputError
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
        frame = _handheld(base, np.random.default_rng(seed))
        assert frame.shape == (292, 392, 3)
        top, left = coordinates_at(frame[0, 0])
        np.testing.assert_array_equal(frame, base[top : top + 292, left : left + 392])
        starts.add((top, left))
    assert {top for top, _ in starts} == {left for _, left in starts} == set(range(9))


def test_a_photo_can_be_kept_whole() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        kept = _reframed(PHOTO, rng, kind="cut_off", long_side_px=160)
        assert any((kept == whole).all() for whole in (PHOTO, PHOTO[:, ::-1]))


def test_a_photo_with_a_clear_subject_is_taken_to_cut() -> None:
    subject = np.full((80, 110, 3), 120, np.uint8)
    subject[40:70, 50:80] = (250, 40, 40)
    pixels = {**PIXELS, "2.jpg": subject}
    stream = series_stream(POOL, pixels, seed=1, indices=range(6), kinds=("cut_off",))
    assert {series.source for series in stream} == {"2.jpg"}


def test_splits_have_their_shares() -> None:
    shares = Counter(split_of(f"some-{i}.jpg") for i in range(20_000))
    assert shares["train"] / 20_000 == pytest.approx(0.80, abs=0.01)
    assert shares["val"] / 20_000 == pytest.approx(0.06, abs=0.01)
    assert shares["test"] / 20_000 == pytest.approx(0.14, abs=0.01)


def test_the_split_of_a_name_never_changes() -> None:
    names = ("free-000.jpg", "urban-000.jpg", "free-001.jpg", "é.png")
    assert [split_of(name) for name in names] == ["test", "val", "train", "train"]


def test_the_pool_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    names = write_pool(tmp_path)
    pool = read_pool(tmp_path)
    assert [photo.path.name for photo in pool] == list(names)
    assert [photo.tier for photo in pool[:4]] == ["free", "research", "research", "free"]


def test_a_split_of_the_pool_holds_its_photos_alone(tmp_path: Path) -> None:
    write_pool(tmp_path, train=6, val=3)
    parts = {
        split: {photo.path.name for photo in read_pool(tmp_path, split=split)}
        for split in ("train", "val")
    }
    assert parts == {"train": set(names_of("train", 6)), "val": set(names_of("val", 3))}


def refusal(folder: Path, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_pool(folder, **options)
    return str(caught.value).replace(str(folder), "POOL")


def test_a_folder_without_manifest_is_an_error(tmp_path: Path) -> None:
    text = "POOL/MANIFEST.csv: not found; give a folder of photos with a MANIFEST.csv"
    assert refusal(tmp_path) == text


def test_missing_photos_are_an_error(tmp_path: Path) -> None:
    names = write_pool(tmp_path)
    for name in names[2:4]:
        (tmp_path / name).unlink()
    assert refusal(tmp_path) == f"POOL/MANIFEST.csv: lists 2 missing files, first {names[2]}"


def test_a_manifest_without_a_column_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.csv").write_text("file,licence\na.jpg,CC0\n", encoding="utf-8")
    text = "POOL/MANIFEST.csv: has no column 'tier'; it needs file and tier"
    assert refusal(tmp_path) == text


def test_an_empty_manifest_or_split_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.csv").write_text("file,tier\n", encoding="utf-8")
    assert refusal(tmp_path) == (
        "POOL/MANIFEST.csv: lists no photo at all; add photos to the folder"
    )
    write_pool(tmp_path, val=0)
    text = "POOL/MANIFEST.csv: lists no photo of the split 'val'; add photos to the folder"
    assert refusal(tmp_path, split="val") == text


def test_a_mixed_series_has_flaws_of_different_kinds_far_apart() -> None:
    sizes = set()
    for number in range(12):
        series = construct_mixed_series(PHOTO, rng=np.random.default_rng(number))
        assert series.kind == MIXED
        assert len(set(series.edits)) == len(series.edits) == len(series.images)
        assert not set(series.edits) & CROPPING
        assert min(np.diff(sorted(series.severities))) >= 0.35 - 1e-9
        sizes.add(len(series.images))
    assert sizes == {2, 3}


def test_an_ordinary_series_has_one_kind_of_flaw() -> None:
    series = construct_series(PHOTO, kind="noise", rng=np.random.default_rng(1))
    assert set(series.edits) == {"noise"}


def test_the_stream_can_be_mixed() -> None:
    stream = list(series_stream(POOL, PIXELS, seed=2, indices=range(3), making="mixed"))
    assert {series.kind for series in stream} == {MIXED}
    [again] = series_stream(POOL, PIXELS, seed=2, indices=[1], making="mixed")
    assert_same(stream[1], again)


def test_a_restored_series_is_better_the_more_of_its_flaw_is_undone() -> None:
    kinds = set()
    for number in range(12):
        series = construct_restored_series(PHOTO, rng=np.random.default_rng(number))
        assert series.kind == RESTORED
        assert len(set(series.edits)) == 1
        kinds |= set(series.edits)
        order = np.argsort(series.severities)[::-1]
        contrast = [
            float(np.abs(np.diff(series.images[i].astype(float), axis=1)).mean()) for i in order
        ]
        assert contrast[-1] > contrast[0]
        assert len(set(series.severities)) == len(series.images)
    assert len(kinds) > 3
