"""From scores to probabilities, ranks and verdicts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgaesq.ranking.probability import p_best, p_first, ranks, verdict

SCORES = st.floats(1, 10)
TEMPERATURES = st.floats(0.01, 10)


def test_probability_is_the_logistic_function_of_the_margin() -> None:
    assert p_first(6.0, 5.0, temperature=0.5) == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-15)
    assert p_first(5.0, 5.0, temperature=0.5) == 0.5


@given(SCORES, SCORES, TEMPERATURES)
def test_swapping_the_images_gives_exactly_the_rest(a: float, b: float, t: float) -> None:
    forth, back = p_first(a, b, temperature=t), p_first(b, a, temperature=t)
    assert forth == 1.0 - back
    assert back == 1.0 - forth


@given(SCORES, SCORES, TEMPERATURES)
def test_verdict_turns_round_with_the_images(a: float, b: float, t: float) -> None:
    opposite = {"first": "second", "second": "first", "too_close": "too_close"}
    forth, back = p_first(a, b, temperature=t), p_first(b, a, temperature=t)
    assert verdict(forth) == opposite[verdict(back)]


def test_verdict_is_open_below_three_in_five() -> None:
    assert [verdict(p) for p in (0.0, 0.4, 0.401, 0.5, 0.599, 0.6, 1.0)] == [
        *["second"] * 2,
        *["too_close"] * 3,
        *["first"] * 2,
    ]


@given(st.lists(SCORES, min_size=1, max_size=20), TEMPERATURES)
def test_chances_sum_to_one_and_follow_the_scores(scores: list[float], t: float) -> None:
    chances = p_best(scores, temperature=t)
    assert math.fsum(chances) == pytest.approx(1, abs=1e-12)
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    assert sorted(chances) == [chances[i] for i in order]


@given(SCORES, SCORES, TEMPERATURES)
def test_chance_of_two_images_is_their_probability(a: float, b: float, t: float) -> None:
    chances = p_best([a, b], temperature=t)
    assert chances[0] == pytest.approx(p_first(a, b, temperature=t), abs=1e-15)


@given(st.lists(SCORES, min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_chances_do_not_depend_on_the_order(scores: list[float], random: object) -> None:
    order = list(range(len(scores)))
    random.shuffle(order)  # type: ignore[attr-defined]
    chances = p_best(scores, temperature=0.7)
    assert p_best([scores[i] for i in order], temperature=0.7) == [chances[i] for i in order]


def test_a_hopeless_image_has_chance_zero_and_no_overflow() -> None:
    assert p_best([10.0, 1.0], temperature=0.001) == [1.0, 0.0]
    assert p_first(10.0, 1.0, temperature=0.001) == 1.0
    assert p_first(1.0, 10.0, temperature=0.001) == 0.0


def test_equal_scores_share_a_rank_and_the_next_is_skipped() -> None:
    assert ranks([5.0, 7.0, 5.0, 9.0, 1.0]) == [3, 2, 3, 1, 5]
    assert ranks([]) == []
