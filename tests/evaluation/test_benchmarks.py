"""Whole sets measured by the tiny model: everything is there, and the failures are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.datasets.miniatures import make_ava, make_fgaesthetics, make_own
from tests.datasets.pool import write_pool

from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import ItemScore
from fgaesq.errors import InputError
from fgaesq.evaluation.benchmarks import (
    Construction,
    calibrated_temperature,
    measure_constructed,
    measure_dataset,
    named,
)
from fgaesq.evaluation.sets import constructed_set, of_split
from fgaesq.ranking.ranker import Ranker, load


@pytest.fixture(scope="module")
def ranker(tiny_model: Path) -> Ranker:
    return load(tiny_model)


def test_models_of_equal_name_are_told_apart(ranker: Ranker) -> None:
    assert list(named([ranker])) == ["fgaesq-tiny"]
    assert list(named([ranker, ranker])) == ["fgaesq-tiny 0.0.1 #1", "fgaesq-tiny 0.0.1 #2"]


def test_a_dataset_of_series_is_measured_by_source(ranker: Ranker, tmp_path: Path) -> None:
    dataset = of_split(read_dataset(make_fgaesthetics(tmp_path)), None)
    measured = measure_dataset({"tiny": ranker}, dataset)
    model = measured.scorers[0]
    assert (measured.name, measured.images) == ("fgaesthetics", 18)
    assert list(model.groups) == ["all", "aigc", "cropping", "natural"]
    assert model.calibration is not None
    assert model.pair is not None
    assert [one.other for one in measured.differences] == [one.name for one in measured.scorers[1:]]
    assert [one.name for one in measured.published] == ["table 2", "table 3", "table 5"]
    assert measured.about.startswith("Split test; ")
    sharpness = measured.scorers[1].groups["all"].accuracy
    assert sharpness is not None
    assert sharpness.value == 1  # the miniature's worse images are blurred


def test_single_images_are_measured_by_correlation(ranker: Ranker, tmp_path: Path) -> None:
    dataset = of_split(read_dataset(make_ava(tmp_path)), "all")
    broken = next(iter(dataset.items.values()))
    broken.path.write_bytes(b"nothing")
    assessors = {"truth": {item: one.value for item, one in dataset.scores.items()}}
    seen: list[int] = []
    measured = measure_dataset(
        {"tiny": ranker}, dataset, assessors=assessors, on_image=lambda: seen.append(1)
    )
    truth = {one.name: one for one in measured.scorers}["truth"]
    assert truth.absolute is not None
    assert truth.absolute.srcc is not None
    assert truth.absolute.srcc.value == pytest.approx(1)
    assert (truth.absolute.images, truth.kind) == (len(dataset.scores) - 1, "assessor")
    assert len(seen) == len(dataset.scores)
    assert [failure.path for failure in measured.failures] == [str(broken.path)]
    assert measured.scorers[0].groups == {}


def test_a_dataset_may_hold_series_and_single_images(ranker: Ranker, tmp_path: Path) -> None:
    dataset = of_split(read_dataset(make_own(tmp_path)), None)
    scores = {item: ItemScore(float(n)) for n, item in enumerate(dataset.items)}
    dataset = replace(dataset, scores=scores, score_range=(0, 10))
    model = measure_dataset({"tiny": ranker}, dataset).scorers[0]
    assert model.groups
    assert model.absolute is not None


def test_a_dataset_without_a_usable_image(ranker: Ranker, tmp_path: Path) -> None:
    dataset = of_split(read_dataset(make_fgaesthetics(tmp_path)), None)
    for item in dataset.items.values():
        item.path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="no image of it could be measured"):
        measure_dataset({"tiny": ranker}, dataset)


def test_constructed_series_are_measured_by_kind(ranker: Ranker, tmp_path: Path) -> None:
    write_pool(tmp_path, train=2, val=3)
    what = Construction(series=4, seed=1, split="val", ladders=1)
    measured = measure_constructed({"tiny": ranker}, tmp_path, what)
    assert len(measured.scorers[0].groups) == 1 + 4
    assert measured.scales[0].model == "tiny"
    assert "split 'val', seed 1" in measured.about
    without = measure_constructed({"tiny": ranker}, tmp_path, replace(what, ladders=0))
    assert without.scales == ()


def test_only_models_with_words_are_measured_on_their_reasons(
    ranker: Ranker, telling_model: Path, tmp_path: Path
) -> None:
    write_pool(tmp_path, train=2, val=3)
    what = Construction(series=2, seed=1, split="val", ladders=0)
    rankers = {"silent": ranker, "telling": load(telling_model)}
    reasons = {
        one.name: one.reasons for one in measure_constructed(rankers, tmp_path, what).scorers
    }
    telling = reasons.pop("telling")
    assert not any(reasons.values())
    assert list(telling) == ["all", "defocus", "motion"]
    assert telling["defocus"].word == rankers["telling"].reason_texts["defocus"]
    assert telling["motion"].word is None  # this model has no word for it
    assert telling["all"].series == 2


def test_the_temperature_is_fitted_on_validation_series(ranker: Ranker, tmp_path: Path) -> None:
    write_pool(tmp_path, train=2, val=3)
    found = calibrated_temperature(ranker, constructed_set(tmp_path, split="val", series=4, seed=1))
    assert found["series"] == 4
    assert list(found) == ["temperature", "pair_accuracy", "top1", "calibration_error", "series"]
    assert 0.01 <= found["temperature"] <= 100
    assert 0 <= found["pair_accuracy"] <= 1
