"""Probabilities, slopes and information of votes."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.building.calibrate.davidson import (
    FIRST,
    SECOND,
    information,
    mixed,
    outcomes,
    sigmoid,
    slopes,
)

D = np.array([-3.0, -0.4, 0.0, 0.7, 5.0])
GUESS = np.array([0.5, 0.2, 0.3])


def test_outcomes_follow_davidson() -> None:
    first, second, ties = np.exp(D), np.ones_like(D), np.exp(-0.5)
    weights = np.stack([first, ties * np.sqrt(first * second), second], axis=-1)
    expected = weights / weights.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(outcomes(D, -0.5), expected, rtol=1e-12)


def test_without_ties_it_is_bradley_terry() -> None:
    chances = outcomes(D, 0.3)
    share = chances[:, FIRST] / (chances[:, FIRST] + chances[:, SECOND])
    np.testing.assert_allclose(share, sigmoid(D), rtol=1e-12)


def test_slopes_are_the_derivative_of_the_logarithm() -> None:
    step = 1e-5
    change = np.log(outcomes(D + step, -1.0)) - np.log(outcomes(D - step, -1.0))
    np.testing.assert_allclose(slopes(outcomes(D, -1.0)), change / (2 * step), atol=1e-8)


def test_information_is_the_expected_curvature_of_a_vote() -> None:
    def at(d: np.ndarray) -> np.ndarray:
        return np.log(mixed(outcomes(d, -1.0), 0.8, GUESS))

    step = 1e-4
    curvature = (at(D + step) - 2 * at(D) + at(D - step)) / step**2
    expected = -(np.exp(at(D)) * curvature).sum(axis=-1)
    np.testing.assert_allclose(information(outcomes(D, -1.0), 0.8, GUESS), expected, atol=1e-6)


def test_who_never_looks_tells_nothing() -> None:
    assert information(outcomes(D, -1.0), 0.0, GUESS) == pytest.approx(0)


def test_great_differences_do_not_overflow() -> None:
    assert outcomes(np.array(5000.0), 0.0) == pytest.approx([1, 0, 0])
    assert sigmoid(np.array([-5000.0, 5000.0])) == pytest.approx([0, 1])
