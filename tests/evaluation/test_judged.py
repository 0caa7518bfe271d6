"""Judging series: columns of scores, pairs, probabilities, failures and mistakes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.scenes import scene

from fgaesq.datasets.records import Crop, Item
from fgaesq.evaluation.judged import JudgedSeries, judge
from fgaesq.ranking.ranker import Ranker, load


@pytest.fixture(scope="module")
def ranker(tiny_model: Path) -> Ranker:
    return load(tiny_model)


def a_series(number: int, group: str = "a") -> JudgedSeries:
    images = [scene(64, 80, seed=10 * number + i) for i in range(3)]
    values = [-0.3, -0.1, -0.2]
    return JudgedSeries(
        id=f"s{number}",
        group=group,
        names=["x", "y", "z"],
        images=images,
        values=values,
        peers={"contrary": [-value for value in values]},
        oracles={"truth": values},
    )


def test_judge_fills_a_column_for_every_scorer(ranker: Ranker) -> None:
    seen: list[int] = []
    series = [a_series(0, "a"), a_series(1, "b")]
    judgements = judge({"tiny": ranker}, series, on_image=lambda: seen.append(1))
    assert judgements.kinds == {
        "tiny": "model",
        "sharpness": "simple",
        "file size": "simple",
        "contrast": "simple",
        "brightness": "simple",
        "contrary": "assessor",
        "truth": "knows the truth",
    }
    assert list(judgements.scores) == list(judgements.kinds)
    assert len(seen) == 6
    assert judgements.series.tolist() == [0, 0, 0, 1, 1, 1]
    assert judgements.groups == ["a", "b"]
    alone = ranker.rank([np.asarray(image) for image in series[1].images]).series[0]
    by_rank = {image.path: image.score for image in alone.images}
    expected = [by_rank[f"image-{n}"] for n in (1, 2, 3)]
    assert judgements.scores["tiny"][3:].tolist() == expected


def test_pairs_follow_from_values(ranker: Ranker) -> None:
    one = replace(a_series(0), values=[2.0, 1.0, 2.0])
    judgements = judge({"tiny": ranker}, [one])
    assert (judgements.first.tolist(), judgements.second.tolist()) == ([0, 1], [1, 2])
    assert (judgements.p.tolist(), judgements.gap.tolist()) == ([1, 0], [1, 1])
    assert judgements.ties == 1
    assert not judgements.judged


def test_judged_pairs_are_taken_as_they_are(ranker: Ranker) -> None:
    one = replace(a_series(0), values=None, pairs=[(2, 0, 0.8), (0, 1, 0.5), (1, 2, 0.25)])
    judgements = judge({"tiny": ranker}, [one])
    assert judgements.first.tolist() == [2, 1]
    assert judgements.gap == pytest.approx([0.3, 0.25])
    assert (judgements.ties, judgements.judged, judgements.listed) == (1, True, True)
    assert np.isnan(judgements.values).all()


def test_probabilities_are_those_of_the_product(ranker: Ranker) -> None:
    one = replace(a_series(0), values=None, pairs=[(2, 0, 0.8), (0, 1, 0.9)])
    judgements = judge({"tiny": ranker}, [one])
    scores = judgements.scores["tiny"]
    expected = [ranker.p_first(scores[i], scores[j]) for i, j in ((2, 0), (0, 1))]
    assert judgements.chances["tiny"] == pytest.approx(expected)


def test_several_models_stand_side_by_side(ranker: Ranker) -> None:
    judgements = judge({"one": ranker, "two": ranker}, [a_series(0)])
    assert judgements.scores["one"].tolist() == judgements.scores["two"].tolist()
    assert list(judgements.chances) == ["one", "two"]


def test_an_image_that_cannot_be_used_is_left_out_for_all(ranker: Ranker) -> None:
    images = [*a_series(0).images[:2], np.zeros((4, 4, 3), np.uint8)]
    judgements = judge({"tiny": ranker}, [replace(a_series(0), images=images), a_series(1)])
    assert [failure.path for failure in judgements.failures] == ["z"]
    assert judgements.failures[0].error.startswith("z: ")
    assert {len(column) for column in judgements.scores.values()} == {5}
    assert len(judgements.p) == 1 + 3


def test_a_series_with_one_usable_image_is_left_out(ranker: Ranker) -> None:
    images = [a_series(0).images[0], *[np.zeros((4, 4, 3), np.uint8)] * 2]
    judgements = judge({"tiny": ranker}, [replace(a_series(0), images=images)])
    assert (len(judgements.groups), len(judgements.p), len(judgements.failures)) == (0, 0, 2)


def test_items_are_read_from_their_files_and_crops_are_cut(ranker: Ranker, tmp_path: Path) -> None:
    whole, photo = tmp_path / "whole.png", tmp_path / "photo.png"
    PILImage.fromarray(scene(64, 80, seed=1)).save(whole)
    PILImage.fromarray(scene(128, 160, seed=2)).save(photo)
    items = [
        Item("whole", whole),
        Item("cut", photo, Crop(0, 0, 80, 64)),
        Item("gone", tmp_path / "gone.png", Crop(0, 0, 8, 8)),
    ]
    one = replace(a_series(0), names=["whole", "cut", "gone"], images=items)
    judgements = judge({"tiny": ranker}, [one])
    expected = ranker.rank([whole, scene(128, 160, seed=2)[:64, :80]]).series[0]
    by_path = {image.path: image.score for image in expected.images}
    assert judgements.scores["tiny"].tolist() == [by_path[str(whole)], by_path["image-2"]]
    assert [failure.path for failure in judgements.failures] == ["gone"]


def test_the_surest_mistake_of_each_series_is_kept(ranker: Ranker) -> None:
    series = [a_series(number) for number in range(4)]
    first = judge({"tiny": ranker}, series)
    order = np.argsort(first.scores["tiny"].reshape(4, 3), axis=1)
    against = [
        replace(one, values=(-np.argsort(rank)).astype(float).tolist())
        for one, rank in zip(series, order, strict=True)
    ]
    mistakes = judge({"tiny": ranker}, against).mistakes["tiny"]
    assert sorted(mistake.series for mistake in mistakes) == ["s0", "s1", "s2", "s3"]
    assert [one.p for one in mistakes] == sorted((one.p for one in mistakes), reverse=True)
    names = "xyz"
    for one in mistakes:
        number = int(one.series[1:])
        assert (one.better, one.worse) == (names[order[number][0]], names[order[number][2]])
        np.testing.assert_array_equal(one.better_image, series[number].images[order[number][0]])
        assert one.truth == "value 0 against 2"


def test_no_more_than_a_dozen_mistakes_are_kept(ranker: Ranker) -> None:
    series = []
    for number in range(20):
        one = a_series(number)
        scores = judge({"tiny": ranker}, [one]).scores["tiny"]
        series.append(replace(one, values=(-scores).tolist()))
    mistakes = judge({"tiny": ranker}, series).mistakes["tiny"]
    assert len(mistakes) == 12
    everything = [
        one.p for alone in series for one in judge({"tiny": ranker}, [alone]).mistakes["tiny"]
    ]
    assert [one.p for one in mistakes] == sorted(everything, reverse=True)[:12]


def test_right_pairs_are_no_mistakes(ranker: Ranker) -> None:
    one = a_series(0)
    scores = judge({"tiny": ranker}, [one]).scores["tiny"]
    assert judge({"tiny": ranker}, [replace(one, values=scores.tolist())]).mistakes["tiny"] == ()
