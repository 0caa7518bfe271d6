"""Judging series: columns of scores, accuracies, groups, and nothing left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.errors import InputError
from fgaesq.evaluation.judged import (
    JudgedSeries,
    Judgements,
    accuracy_with_interval,
    judge,
    summary_by_group,
)
from fgaesq.ranking.ranker import Ranker, load


@pytest.fixture(scope="module")
def ranker(tiny_model: Path) -> Ranker:
    return load(tiny_model)


def a_series(number: int, group: str) -> JudgedSeries:
    images = [scene(64, 80, seed=10 * number + i) for i in range(3)]
    level = [0.3, 0.1, 0.2]
    peers = {"oracle": [-value for value in level], "contrary": level}
    return JudgedSeries(number, group, images, level, peers)


def test_judge_fills_a_column_for_the_model_the_competitors_and_the_peers(ranker: Ranker) -> None:
    seen: list[int] = []
    series = [a_series(0, "a"), a_series(1, "b")]
    judgements = judge(ranker, series, on_image=lambda: seen.append(1))
    assert list(judgements.scores) == [
        "fgaesq-tiny", "sharpness", "file size", "contrast", "brightness", "oracle", "contrary",
    ]  # fmt: skip
    assert len(seen) == 6
    assert judgements.series.tolist() == [0, 0, 0, 1, 1, 1]
    by_rank = {i.path: i.score for i in ranker.rank(list(series[1].images)).series[0].images}
    expected = [by_rank[f"image-{n}"] for n in (1, 2, 3)]
    assert judgements.scores["fgaesq-tiny"][3:].tolist() == expected


def test_accuracy_is_1_for_the_truth_and_0_against_it(ranker: Ranker) -> None:
    judgements = judge(ranker, [a_series(0, "a"), a_series(1, "b")])
    truth = accuracy_with_interval(judgements, "oracle")
    assert (truth["pairs"], truth["pair_accuracy"], truth["top1"]) == (6, 1.0, 1.0)
    assert truth["pair_interval"] == (1.0, 1.0)
    assert accuracy_with_interval(judgements, "contrary")["pair_accuracy"] == 0.0


def test_close_keeps_pairs_that_the_other_scorer_holds_for_close() -> None:
    judgements = Judgements(
        level=np.array([0.0, 1.0, 2.0]),
        series=np.zeros(3, np.int64),
        groups={0: "a"},
        scores={"s": np.array([3.0, 2.0, 1.0]), "maker": np.array([1.0, 1.2, 5.0])},
    )
    assert accuracy_with_interval(judgements, "s", close=("maker", 0.5))["pairs"] == 1


def test_summary_lists_all_and_each_group(ranker: Ranker) -> None:
    judgements = judge(ranker, [a_series(0, "b"), a_series(1, "a"), a_series(2, "b")])
    summary = summary_by_group(judgements, "oracle")
    assert {name: row["series"] for name, row in summary.items()} == {"all": 3, "b": 2, "a": 1}


def test_an_image_that_cannot_be_used_stops_the_benchmark(ranker: Ranker) -> None:
    broken = JudgedSeries(7, "a", [np.zeros((4, 4, 3), np.uint8)], [0.0], {})
    with pytest.raises(InputError, match=r"^series 7: image-1: "):
        judge(ranker, [broken])
