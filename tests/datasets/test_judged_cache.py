"""Tokens and truth of judged datasets: what is read, what is left out, what the labels say."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.miniatures import make_ava, make_fgaesthetics
from tests.training.caches import SPEC

from fgaesq.datasets.judged_cache import (
    JudgedCache,
    build_judged_cache,
    judged_truth,
    load_judged_cache,
)
from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Dataset, PairRecord
from fgaesq.errors import InputError
from fgaesq.texts.records import ComparativeText, PairTexts

LAYOUT = SPEC.layout


def cached(dataset: Dataset, folder: Path) -> JudgedCache:
    build_judged_cache(dataset, folder, layout=LAYOUT)
    return load_judged_cache(folder)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, JudgedCache]:
    folder = tmp_path_factory.mktemp("series")
    dataset = read_dataset(make_fgaesthetics(folder / "data"), "fgaesthetics", "train")
    return dataset, cached(dataset, folder / "cache")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, JudgedCache]:
    folder = tmp_path_factory.mktemp("scored")
    dataset = read_dataset(make_ava(folder / "data"), "ava", "train")
    return dataset, cached(dataset, folder / "cache")


def test_rows_are_the_images_of_the_series(series: tuple[Dataset, JudgedCache]) -> None:
    dataset, cache = series
    rows = [(n, item) for n, one in enumerate(dataset.series) for item in one.items]
    found = list(zip(cache.tokens.series.tolist(), cache.items, strict=True))
    assert found == rows
    assert set(cache.tokens.kind.tolist()) == {-1}


def test_images_of_a_series_share_the_places_of_their_fine_cells(
    series: tuple[Dataset, JudgedCache],
) -> None:
    _, cache = series
    first, second = cache.tokens.centres[:2]
    np.testing.assert_array_equal(first[cache.tokens.scales[0] == 1],
                                  second[cache.tokens.scales[1] == 1])  # fmt: skip


def test_pairs_and_levels_are_those_that_people_gave(series: tuple[Dataset, JudgedCache]) -> None:
    dataset, cache = series
    truth = judged_truth(dataset, cache)
    judged = {
        frozenset((pair.series, item) for item in (pair.first, pair.second)): max(
            pair.p, 1 - pair.p
        )
        for pair in dataset.pairs
    }
    names = [(dataset.series[n].id, item)
             for n, item in zip(cache.tokens.series, cache.items, strict=True)]  # fmt: skip
    found = {
        frozenset((names[a], names[b])): p
        for (a, b), p in zip(truth.pairs, truth.probability, strict=True)
    }
    assert found == pytest.approx(judged)
    first, second = truth.level[truth.pairs].T
    assert (first < second).all()
    assert not truth.scored.any()


def test_without_values_the_level_is_how_often_an_image_is_preferred(
    series: tuple[Dataset, JudgedCache],
) -> None:
    dataset, cache = series
    bare = replace(dataset, series=tuple(replace(one, values=None) for one in dataset.series))
    truth = judged_truth(bare, cache)
    first, second = truth.level[truth.pairs].T
    assert (first < second).all()
    assert truth.level.min() >= -1
    assert truth.level.max() <= 0


def test_distributions_and_scores_are_those_of_the_votes(
    scored: tuple[Dataset, JudgedCache],
) -> None:
    dataset, cache = scored
    truth = judged_truth(dataset, cache)
    assert truth.scored.all()
    assert len(truth.pairs) == 0
    for row, item in enumerate(cache.items):
        known = dataset.scores[item]
        assert truth.score[row] == pytest.approx(known.value)
        assert truth.distribution[row].tolist() == pytest.approx(known.distribution, rel=1e-6)


def test_scores_of_another_range_are_brought_to_one_to_ten(
    scored: tuple[Dataset, JudgedCache],
) -> None:
    dataset, cache = scored
    truth = judged_truth(replace(dataset, score_range=(0, 20)), cache)
    value = dataset.scores[cache.items[0]].value
    assert truth.score[0] == pytest.approx(1 + 9 * value / 20)


def test_texts_belong_to_pairs_and_contradictions_are_left_out(
    series: tuple[Dataset, JudgedCache],
) -> None:
    dataset, cache = series
    known, doubted = dataset.pairs[0], dataset.pairs[1]

    def text(pair: PairRecord, *, better: bool) -> ComparativeText:
        direction = "first" if (pair.p > 0.5) == better else "second"
        return ComparativeText(pair.series, pair.first, pair.second, direction, "It is sharper.")  # type: ignore[arg-type]

    texts = PairTexts([text(known, better=True), text(doubted, better=False)])
    truth = judged_truth(dataset, cache, texts)
    assert [place for place, said in enumerate(truth.texts) if said] == [0]
    assert truth.texts[0] == "It is sharper."


def test_unreadable_images_are_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dataset = read_dataset(make_fgaesthetics(tmp_path / "data"), "fgaesthetics", "val")
    first, second = dataset.series[:2]
    for item in (first.items[0], *second.items[1:]):
        dataset.items[item].path.write_bytes(b"no photo")
    with caplog.at_level(logging.WARNING):
        cache = cached(dataset, tmp_path / "cache")
    lost = (tmp_path / "cache" / "unreadable.txt").read_text().splitlines()
    assert len(lost) == 3
    assert all(line.startswith(item) for line, item in
               zip(lost, (first.items[0], *second.items[1:]), strict=True))  # fmt: skip
    assert "3 images cannot be read and are left out" in caplog.text
    assert cache.items[:2] == first.items[1:]
    assert set(cache.tokens.series.tolist()) == set(range(len(dataset.series))) - {1}
    truth = judged_truth(dataset, cache)
    assert len(truth.pairs) == 1 + 3 * (len(dataset.series) - 2)


def test_a_cache_of_other_images_is_refused(
    scored: tuple[Dataset, JudgedCache], tmp_path: Path
) -> None:
    dataset, _ = scored
    cached(dataset, tmp_path)
    note = json.loads((tmp_path / "cache.json").read_text())
    assert note["dataset"] == "ava"
    fewer = replace(dataset, scores=dict(list(dataset.scores.items())[1:]))
    with pytest.raises(InputError, match="holds a cache made otherwise; remove it or choose"):
        build_judged_cache(fewer, tmp_path, layout=LAYOUT)


def test_random_cells_are_others_and_the_same_every_time(
    series: tuple[Dataset, JudgedCache], tmp_path: Path
) -> None:
    dataset, _ = series
    few = replace(LAYOUT, budget=33)  # two fine cells of six
    made = []
    for name, fine in (("one", "random"), ("two", "random"), ("three", "difference")):
        build_judged_cache(dataset, tmp_path / name, layout=few, fine=fine)  # type: ignore[arg-type]
        made.append(load_judged_cache(tmp_path / name).tokens.centres)
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])
