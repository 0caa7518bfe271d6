"""Series in which flaws of several kinds meet: what is better stays certain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.datasets.constructed import (
    ConstructedSeries,
    Making,
    PoolPhoto,
    construct_series,
    kind_at,
    series_stream,
)
from fgaesq.datasets.constructed.rendering import rendered_series, variants_series
from fgaesq.datasets.constructed.varied import mixed_series, restored_series, scenes_series
from fgaesq.datasets.edits import CROPPING, EDITS
from fgaesq.errors import InputError
from fgaesq.types import Image

PHOTO = scene(120, 160)
POOL = [PoolPhoto(Path(f"{i}.jpg"), "free" if i == 0 else "research") for i in range(5)]
PIXELS = {photo.path.name: scene(80, 110, seed=i) for i, photo in enumerate(POOL)}


def detail(image: Image) -> float:
    return float(np.abs(np.diff(image.astype(float), axis=1)).mean())


def from_worst(series: ConstructedSeries) -> list[Image]:
    return [series.images[i] for i in np.argsort(series.severities)[::-1]]


def test_a_mixed_series_has_flaws_of_different_kinds_far_apart() -> None:
    sizes = set()
    for number in range(12):
        series = mixed_series(PHOTO, np.random.default_rng(number))
        assert len(set(series.edits)) == len(series.edits) == len(series.images)
        assert not set(series.edits) & CROPPING
        assert min(np.diff(sorted(series.severities))) >= 0.35 - 1e-9
        sizes.add(len(series.images))
    assert sizes == {2, 3}


def test_a_restored_series_is_better_the_more_of_its_flaw_is_undone() -> None:
    kinds = set()
    for number in range(12):
        series = restored_series(PHOTO, np.random.default_rng(number))
        assert len(set(series.edits)) == 1
        kinds |= set(series.edits)
        images = from_worst(series)
        assert detail(images[-1]) > detail(images[0])
        assert len(set(series.severities)) == len(series.images)
    assert len(kinds) > 3


def test_what_is_plainly_enlarged_is_the_worst_of_a_rendered_series() -> None:
    flaws = set()
    for number in range(16):
        series = rendered_series(PHOTO, np.random.default_rng(number))
        images = from_worst(series)
        if series.edits[int(np.argmax(series.severities))] == "resampling":
            assert min(detail(image) for image in images[1:]) > detail(images[0])
        assert min(np.diff(sorted(series.severities))) >= 0.04
        flaws |= set(series.edits)
    assert {"upscaled", "resampling", "oversharpening", "noise"} < flaws


def test_texture_that_is_made_up_comes_before_none() -> None:
    found = 0
    for number in range(24):
        series = rendered_series(PHOTO, np.random.default_rng(number))
        if set(series.edits) == {"plastic"}:
            details = [detail(image) for image in from_worst(series)]
            assert details == sorted(details)
            found += 1
    assert found >= 4


def test_scenes_differ_in_content_and_far_in_severity() -> None:
    frames = [scene(80, 110, seed=seed) for seed in range(3)]
    for number in range(12):
        series = scenes_series(frames, np.random.default_rng(number))
        assert min(np.diff(sorted(series.severities))) >= 0.35 - 1e-9
        assert not set(series.edits) & CROPPING
        untouched = [i for i, severity in enumerate(series.severities) if severity == 0]
        for index in untouched:
            apart = [np.abs(series.images[index] - frame.astype(float)).mean() for frame in frames]
            assert min(apart) < 0.3 * max(apart)  # it is one of the frames, as JPEG at the most


def test_variants_differ_in_style_and_are_ordered_by_how_they_are_rendered() -> None:
    frames = [PHOTO] * 3  # of one photo, so that they can be compared
    styles = set()
    for number in range(12):
        series = variants_series(frames[: 2 + number % 2], np.random.default_rng(number))
        assert len(set(series.severities)) == len(series.images) == 2 + number % 2
        styles |= {tuple((image.mean(axis=(0, 1)) / 4).round()) for image in series.images}
        images = from_worst(series)
        if series.edits[int(np.argmax(series.severities))] == "resampling":
            levelled = [detail(image) / image.astype(float).std() for image in images]
            assert min(levelled[1:]) > levelled[0]
    assert len(styles) > 20  # no two alike


@pytest.mark.parametrize("making", ["mixed", "restored", "rendered", "scenes", "variants"])
def test_the_stream_makes_each_series_by_seed_and_index_alone(making: Making) -> None:
    stream = list(series_stream(POOL, PIXELS, seed=2, indices=range(4), making=making))
    assert {series.kind for series in stream} == {making}
    [again] = series_stream(POOL, PIXELS, seed=2, indices=[1], making=making)
    assert again.severities == stream[1].severities
    assert again.source == stream[1].source
    for first, second in zip(again.images, stream[1].images, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("making", ["scenes", "variants"])
def test_scenes_are_those_of_several_photos(making: Making) -> None:
    sizes = set()
    for series in series_stream(POOL, PIXELS, seed=3, indices=range(12), making=making):
        means = {tuple(image.mean(axis=(0, 1)).round()) for image in series.images}
        assert len(means) == len(series.images)
        sizes.add(len(series.images))
    assert sizes == {2, 3}


def test_only_edits_take_turns() -> None:
    assert [kind_at(i, "edited", ("a", "b")) for i in range(3)] == ["a", "b", "a"]
    assert kind_at(7, "scenes") == "scenes"
    assert kind_at(1, "edited") == list(EDITS)[1]
    assert construct_series(PHOTO, kind="haze", rng=np.random.default_rng(1)).kind == "haze"


def test_several_scenes_need_several_photos() -> None:
    with pytest.raises(InputError, match="series of several scenes need at least two"):
        list(series_stream(POOL[:1], PIXELS, seed=3, indices=[0], making="variants"))
