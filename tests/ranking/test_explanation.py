"""Reasons and effect maps of real runs of a small model with made-up words."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.photos import burst, burst_image, write_jpeg

from fgaesq.engines import EngineOptions
from fgaesq.models.weights import open_folder
from fgaesq.ranking.explanation import Evidence
from fgaesq.ranking.ranker import Ranker, load
from fgaesq.types import RankedSeries


@pytest.fixture(scope="module")
def ranker(telling_model: Path) -> Ranker:
    return load(telling_model, options=EngineOptions(threads=2))


def effects(series: RankedSeries, path: str | Path) -> np.ndarray:
    assert series.effects is not None
    values = series.effects.values[str(path)]
    assert values is not None
    return values


def test_every_image_has_reasons_and_a_map(tmp_path: Path, ranker: Ranker) -> None:
    series = ranker.rank(burst(tmp_path)).series[0]
    assert ranker.identity.reasons
    assert series.difference is not None
    for image in series.images:
        assert image.reasons
        assert effects(series, image.path).shape == series.difference.values.shape
    assert all(pair.reasons for pair in series.pairs)


def test_what_a_model_does_not_read_changes_no_explanation(
    tmp_path: Path, ranker: Ranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = burst(tmp_path)
    series = ranker.rank(paths).series[0]
    monkeypatch.setattr(Evidence, "by_naturalness", True)
    again = ranker.rank(paths).series[0]
    assert [image.reasons for image in again.images] == [image.reasons for image in series.images]
    for path in paths:
        np.testing.assert_array_equal(effects(again, path), effects(series, path))


def test_effects_sum_to_about_the_gap_between_the_scores(tmp_path: Path, ranker: Ranker) -> None:
    # 320 x 480 px are whole cells, so that nothing lies beside the grid
    paths = [write_jpeg(tmp_path / f"{n}.jpg", burst_image(n, height=320)) for n in range(2)]
    series = ranker.rank(paths).series[0]
    best, other = series.images
    gap = best.score - other.score
    assert effects(series, best.path).sum() == pytest.approx(gap, rel=1e-4)
    np.testing.assert_allclose(effects(series, best.path), -effects(series, other.path), atol=1e-7)


def test_comparison_gives_the_reasons_and_maps_of_the_pair(tmp_path: Path, ranker: Ranker) -> None:
    paths = burst(tmp_path, ("a.jpg", "b.jpg"))
    series = ranker.rank(paths).series[0]
    comparison, swapped = ranker.compare(*paths), ranker.compare(*paths[::-1])
    assert comparison.reasons == swapped.reasons == series.pairs[0].reasons
    assert comparison.effects is not None
    assert swapped.effects is not None
    for path in map(str, paths):
        np.testing.assert_array_equal(comparison.effects.values[path], effects(series, path))
        np.testing.assert_array_equal(swapped.effects.values[path], effects(series, path))


def test_order_names_and_threads_change_nothing(
    tmp_path: Path, ranker: Ranker, telling_model: Path
) -> None:
    paths = burst(tmp_path)
    renamed = [
        Path(shutil.copy(path, tmp_path / name))
        for path, name in zip(paths, ("z.jpg", "y.jpg", "x.jpg"), strict=True)
    ]
    series = ranker.rank(paths).series[0]
    again = load(telling_model).rank([renamed[1], renamed[2], renamed[0]]).series[0]
    assert [image.reasons for image in series.images] == [image.reasons for image in again.images]
    assert [pair.reasons for pair in series.pairs] == [pair.reasons for pair in again.pairs]
    for path, other in zip(paths, renamed, strict=True):
        np.testing.assert_array_equal(effects(series, path), effects(again, other))


def test_identical_images_have_the_same_reasons_and_none_between_them(
    tmp_path: Path, ranker: Ranker
) -> None:
    a, b, _ = burst(tmp_path)
    copy = Path(shutil.copy(a, tmp_path / "copy.jpg"))
    series = ranker.rank([a, b, copy]).series[0]
    reasons = {image.path: image.reasons for image in series.images}
    assert reasons[str(a)] == reasons[str(copy)] != ()
    np.testing.assert_array_equal(effects(series, a), effects(series, copy))
    pair = next(p for p in series.pairs if {p.first, p.second} == {str(a), str(copy)})
    assert pair.reasons == ()
    assert ranker.compare(a, copy).reasons == ()


def test_an_image_that_does_not_align_has_reasons_and_no_map(
    tmp_path: Path, ranker: Ranker
) -> None:
    paths = burst(tmp_path)
    other = write_jpeg(tmp_path / "other.jpg", burst_image(0, height=300, seed=9))
    series = ranker.rank([*paths, other]).series[0]
    assert series.effects is not None
    missing = {path for path, values in series.effects.values.items() if values is None}
    assert missing == {str(other)}
    assert next(image for image in series.images if image.path == str(other)).reasons


def test_one_image_alone_has_neither(tmp_path: Path, ranker: Ranker) -> None:
    (path,) = burst(tmp_path, ("a.jpg",))
    series = ranker.rank([path]).series[0]
    assert series.images[0].reasons == ()
    assert series.effects is None


def test_a_model_without_words_and_effects_gives_neither(tmp_path: Path, tiny_model: Path) -> None:
    ranker = load(tiny_model)
    series = ranker.rank(burst(tmp_path)).series[0]
    assert not ranker.identity.reasons
    assert {image.reasons for image in series.images} == {()}
    assert {pair.reasons for pair in series.pairs} == {()}
    assert series.effects is None


def test_released_behaviour_gives_no_reasons(tmp_path: Path, telling_model: Path) -> None:
    assert "reasons.json" in open_folder(telling_model).files
    ranker = load(telling_model, tokenizer="reference")
    series = ranker.rank(burst(tmp_path / "000001", ("1-1.jpg", "1-2.jpg"))).series[0]
    assert not ranker.identity.reasons
    assert {image.reasons for image in series.images} == {()}
    assert series.effects is None
