"""Votes -> orders, with what is left out and why."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.building.calibrate.votes import by_all, votes

from fgaesq.building.calibrate.calibration import (
    Calibration,
    PairRule,
    Rules,
    SeriesRule,
    calibrate,
    calibrate_ballots,
)
from fgaesq.building.calibrate.checking import vote_reliability
from fgaesq.building.calibrate.simulation import simulate, ten_annotators, votes_of
from fgaesq.errors import InputError

PEOPLE = [f"p{n}" for n in range(12)]
CLEAR = by_all("1>2 2>3 1>3", PEOPLE)


@pytest.fixture(scope="module")
def study() -> Calibration:
    drawn = simulate([6] * 25, ten_annotators(), np.random.default_rng(7), scale=2.0)
    return calibrate(votes_of(drawn))


def test_p_is_the_sigmoid_of_the_values() -> None:
    (series,) = calibrate(CLEAR).series()
    value = {one.image: one.value for one in series.images}
    for pair in series.pairs:
        assert pair.p == pytest.approx(1 / (1 + math.exp(value[pair.second] - value[pair.first])))
        assert pair.low < pair.p < pair.high
        assert pair.votes == 12
    assert [one.image for one in series.images] == [1, 2, 3]
    assert [one.rank for one in series.images][0] == 1


def test_spammers_are_left_out_and_nobody_else(study: Calibration) -> None:
    assert study.left_out == ("annotator 09", "annotator 10")
    assert study.used.sum() == (study.ballots.annotator < 8).sum()


def test_pairs_are_removed_by_the_rule(study: Calibration) -> None:
    p, low, high = study.pairs.p, study.pairs.low, study.pairs.high
    kept = np.array([not words for words in study.removed])
    assert (kept == ((np.abs(p - 0.5) >= 0.05) & ~((low <= 0.5) & (high >= 0.5)))).all()


def test_the_rules_can_be_changed() -> None:
    drawn = simulate([4] * 6, ten_annotators(), np.random.default_rng(1))
    lenient = Rules(leave_out=False, pairs=PairRule(margin=0, certain=False))
    found = calibrate_ballots(drawn.ballots, rules=lenient)
    assert found.left_out == ()
    assert set(found.removed) == {""}


def test_a_series_without_agreement_is_dropped() -> None:
    even = [*by_all("4>5", PEOPLE[:6], series=2), *by_all("4<5", PEOPLE[6:], series=2)]
    found = calibrate([*CLEAR, *even])
    (drop,) = found.drops()
    assert (drop.series, drop.step, drop.reason) == (2, "calibration", "unreliable")
    assert drop.detail.startswith("agreement not above chance")
    assert [one.series for one in found.series()] == [1]


def test_a_series_called_bad_is_dropped() -> None:
    assert calibrate(CLEAR, bad={1: 2}).dropped == {0: "called bad by 2 annotators"}
    assert calibrate(CLEAR, bad={1: 1}).dropped == {}


def test_series_with_too_few_or_unconnected_votes_wait() -> None:
    members = {1: (1, 2, 3), 2: (4, 5), 3: (6, 7, 8, 9)}
    some = [*CLEAR, *votes("4>5", "p1", series=2), *by_all("6>7 8>9", PEOPLE, series=3)]
    found = calibrate(some, members)
    assert found.waiting == {
        1: "1 votes on 2 images; 4 per image are needed",
        2: "no votes between 2 groups of its images",
    }
    assert found.drops() == []
    assert [one.series for one in found.series()] == [1]


def test_golden_votes_do_not_rank() -> None:
    golden = [replace(one, role="golden") for one in by_all("1<2", PEOPLE)]
    found = calibrate([*CLEAR, *golden], golden={(1, 1, 2): "second"})
    assert found.golden == 12
    assert found.series() == calibrate(CLEAR).series()
    assert all(one.golden and one.golden.value == 1 for one in found.annotators)


def test_second_votes_on_a_pair_do_not_rank() -> None:
    again = [replace(one, role="repeated", at=99.0, choice="second") for one in CLEAR]
    assert calibrate([*CLEAR, *again]).series() == calibrate(CLEAR).series()


def test_votes_on_images_that_were_dropped_are_counted_and_left_out() -> None:
    found = calibrate(CLEAR, {1: (1, 2)})
    assert found.elsewhere == 24
    assert found.ballots.image_ids == (1, 2)


def test_nothing_to_calibrate_is_an_error() -> None:
    with pytest.raises(InputError, match="^there are no votes on images of the dataset"):
        calibrate([])


def test_images_that_agree_by_chance_alone_are_few(study: Calibration) -> None:
    assert not study.waiting
    assert len(study.dropped) <= 2
    assert study.alpha_used["nominal"] is not None
    assert study.alpha["nominal"] is not None
    assert study.alpha_used["nominal"].low > study.alpha["nominal"].value


def test_votes_fall_as_the_model_expects(study: Calibration) -> None:
    checked = vote_reliability(study)
    assert checked is not None
    assert checked.error.value < 0.04


def test_a_single_series_can_be_calibrated() -> None:
    found = calibrate(by_all("1>2", "abcdefgh"), rules=Rules(series=SeriesRule(votes_per_image=1)))
    assert [one.image for one in found.series()[0].images] == [1, 2]
