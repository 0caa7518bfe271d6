"""Reasons against closed forms on features of few dimensions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgaesq.models.reasons_file import ReasonWord, ReasonWords
from fgaesq.ranking.probability import p_first
from fgaesq.ranking.reasons import (
    LEAST_STRENGTH,
    MOST_REASONS,
    of_naturalness,
    others_weights,
    pair_reasons,
    series_reasons,
    strengths,
)
from fgaesq.types import Reason

SHARP, NOISE, TILT = np.eye(3)
ZERO = np.zeros(3)


def axes(temperature: float = 0.5) -> ReasonWords:
    """Return three words whose directions are the axes."""
    words = (
        ReasonWord("defocus", "sharper", "blurrier"),
        ReasonWord("noise", "less noise", "more noise"),
        ReasonWord("tilt", "straighter", "more tilted"),
    )
    return ReasonWords(words, np.eye(3), temperature)


def softmax(*cosines: float, temperature: float = 0.5) -> list[float]:
    powers = [math.exp(cosine / temperature) for cosine in cosines]
    return [power / math.fsum(powers) for power in powers]


def test_strengths_are_the_softmax_of_the_cosines() -> None:
    found = strengths(axes(), np.array([3.0, 4.0, 0.0]))
    np.testing.assert_allclose(found, softmax(0.6, 0.8, 0.0), rtol=1e-14)


def test_strengths_do_not_depend_on_how_large_the_difference_is() -> None:
    difference = np.array([0.3, -0.1, 0.2])
    np.testing.assert_allclose(
        strengths(axes(), difference), strengths(axes(), 1000 * difference), rtol=1e-12
    )


def test_sharp_temperatures_do_not_overflow() -> None:
    np.testing.assert_array_equal(strengths(axes(1e-4), SHARP), [1, 0, 0])


def test_reasons_are_the_words_that_stand_out_strongest_first() -> None:
    shares = softmax(0.8, 0.6, 0.0)
    assert shares[2] < LEAST_STRENGTH < shares[1]
    reasons = pair_reasons(axes(), np.array([0.8, 0.6, 0]), ZERO, p=0.9)
    assert [reason.text for reason in reasons] == ["sharper", "less noise"]
    assert [reason.strength for reason in reasons] == pytest.approx(shares[:2])


def test_reasons_say_what_the_better_image_is_whichever_comes_first() -> None:
    forth = pair_reasons(axes(), SHARP, ZERO, p=0.9)
    assert forth == pair_reasons(axes(), ZERO, SHARP, p=0.1)
    assert forth[0].text == "sharper"


def test_at_most_three_reasons_are_given() -> None:
    words = ReasonWords(
        tuple(ReasonWord(kind, kind, kind) for kind in "dcba"), np.tile(SHARP, (4, 1)), 0.5
    )
    reasons = pair_reasons(words, SHARP, ZERO, p=0.9)
    assert reasons == tuple(Reason(kind, 0.25) for kind in "abc"), "ties go by the text"
    assert len(reasons) == MOST_REASONS


def test_kinds_that_are_called_the_same_count_together() -> None:
    words = ReasonWords(
        (ReasonWord("defocus", "sharper", "soft"), ReasonWord("motion", "sharper", "shaken")),
        np.eye(2),
        0.5,
    )
    assert pair_reasons(words, np.ones(2), np.zeros(2), p=0.9) == (Reason("sharper", 1.0),)


def test_too_close_pairs_have_a_reason_only_if_it_outweighs_all_others() -> None:
    assert softmax(1, 0, 0)[0] > 0.5 > softmax(0.7, 0.7, 0)[0]
    assert [r.text for r in pair_reasons(axes(), SHARP, ZERO, p=0.55)] == ["sharper"]
    assert pair_reasons(axes(), np.array([0.7, 0.7, 0]), ZERO, p=0.55) == ()


def test_of_naturalness_there_is_one_thing_to_say() -> None:
    words = of_naturalness(axes())
    first, second = np.array([0.3, 1.0, 0.0]), np.array([0.1, 0.0, 0.2])
    assert pair_reasons(words, first, second, p=0.8) == (Reason("more natural detail", 1.0),)
    worst = series_reasons(words, np.stack([first, second]), [6.0, 4.0], temperature=0.5)[1]
    assert worst == (Reason("less natural detail", 1.0),)


def test_equal_scores_and_equal_images_have_no_reason() -> None:
    assert pair_reasons(axes(), SHARP, ZERO, p=0.5) == ()
    assert pair_reasons(axes(), SHARP, SHARP, p=0.9) == ()


def test_others_are_weighted_by_their_chance_of_being_the_best_of_them() -> None:
    features = np.stack([SHARP, NOISE, TILT])
    first, second, _ = others_weights(features, [5.0, 4.0, 3.0], temperature=0.5)
    near = p_first(4.0, 3.0, temperature=0.5)
    np.testing.assert_allclose(first, [0, near, 1 - near])
    assert second[0] == p_first(5.0, 3.0, temperature=0.5)


def test_copies_of_an_image_are_not_among_the_others() -> None:
    features = np.stack([SHARP, SHARP, TILT])
    rows = others_weights(features, [5.0, 5.0, 3.0], temperature=0.5)
    np.testing.assert_array_equal(rows[:2], [[0, 0, 1]] * 2)
    np.testing.assert_allclose(rows[2], [0.5, 0.5, 0])
    assert not np.any(others_weights(features[:2], [5.0, 5.0], temperature=0.5))


def test_two_images_say_the_same_from_both_sides() -> None:
    features = np.stack([SHARP, ZERO])
    better, worse = series_reasons(axes(), features, [5.0, 4.0], temperature=0.5)
    assert better == pair_reasons(axes(), SHARP, ZERO, p=0.9)
    assert [(r.text, r.strength) for r in worse] == [("blurrier", better[0].strength)]


def test_a_worse_image_is_compared_with_those_that_beat_it_as_they_are_weighted() -> None:
    features, scores, t = np.stack([SHARP, TILT, NOISE, ZERO]), [6.0, 5.5, 5.0, 3.0], 1.0
    third = series_reasons(axes(), features, scores, temperature=t)[2]
    weights = others_weights(features, scores, temperature=t)[2][:2]
    each = strengths(axes(), np.stack([SHARP, TILT]) - NOISE)
    expected = weights @ each / weights.sum()
    assert [reason.text for reason in third] == ["blurrier", "more tilted"]
    assert [reason.strength for reason in third] == pytest.approx([expected[0], expected[2]])


def test_the_best_image_is_told_by_the_flaws_of_all_others_alike() -> None:
    # Of the mean of two flaws neither word would stand out as it does against each of them.
    features = np.stack([SHARP + TILT, TILT, SHARP])
    best = series_reasons(axes(), features, [6.0, 5.0, 2.0], temperature=0.5)[0]
    assert [reason.text for reason in best] == ["sharper", "straighter"]
    assert best[0].strength == pytest.approx(best[1].strength)


def test_an_image_alone_has_no_reason() -> None:
    assert series_reasons(axes(), SHARP[None], [5.0], temperature=0.5) == [()]


@given(st.permutations(range(4)))
def test_reasons_do_not_depend_on_the_order_of_the_others(order: list[int]) -> None:
    features = np.random.default_rng(3).normal(size=(4, 3))
    scores = [6.0, 5.5, 4.0, 3.0]
    expected = series_reasons(axes(), features, scores, temperature=0.5)
    found = series_reasons(axes(), features[order], [scores[i] for i in order], temperature=0.5)
    for position, index in enumerate(order):
        assert [r.text for r in found[position]] == [r.text for r in expected[index]]
        assert [r.strength for r in found[position]] == pytest.approx(
            [r.strength for r in expected[index]], abs=1e-12
        )
