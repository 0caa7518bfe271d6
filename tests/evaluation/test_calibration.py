"""Temperature and calibration error against closed forms, SciPy and slow loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize

from fgaesq.evaluation.calibration import (
    calibration_error,
    confidence_of,
    fit_temperature,
    reliability,
)

_Floats = NDArray[np.float64]


def error_of(margins: _Floats, temperature: float, *, bins: int = 10) -> float:
    right = (np.sign(margins) + 1) / 2
    return calibration_error(confidence_of(margins, temperature), right, bins=bins)


def margins_of(temperature: float, number: int, *, seed: int = 0) -> _Floats:
    """Return margins (better less worse) for which sigmoid(margin / t) is the true chance."""
    rng = np.random.default_rng(seed)
    sizes = rng.exponential(2 * temperature, number)
    right = rng.random(number) < 1 / (1 + np.exp(-sizes / temperature))
    return np.where(right, sizes, -sizes)


@pytest.mark.parametrize("temperature", [0.05, 0.8, 7.0])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    found = fit_temperature(margins_of(temperature, 40_000))
    assert found == pytest.approx(temperature, rel=0.04)


@pytest.mark.parametrize("seed", range(3))
def test_the_temperature_is_the_likeliest(seed: int) -> None:
    margins = margins_of(0.6, 300, seed=seed)
    best = optimize.minimize_scalar(
        lambda log_t: np.logaddexp(0, -margins / np.exp(log_t)).mean(),
        bounds=(-3, 3),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert fit_temperature(margins) == pytest.approx(float(np.exp(best.x)), rel=1e-3)


def test_the_temperature_grows_with_the_scale_of_the_scores() -> None:
    margins = margins_of(0.5, 500)
    assert fit_temperature(3 * margins) == pytest.approx(3 * fit_temperature(margins), rel=2e-3)


def test_faultless_margins_have_the_lowest_temperature() -> None:
    assert fit_temperature(np.array([0.5, 1.0, 2.0])) == pytest.approx(0.01, rel=0.06)


def test_calibrated_margins_have_no_calibration_error() -> None:
    margins = margins_of(0.8, 100_000)
    assert error_of(margins, 0.8) < 0.006
    assert error_of(margins, 0.1) > 0.1
    assert error_of(margins, 8.0) > 0.1


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_calibration_error_agrees_with_a_slow_loop(bins: int) -> None:
    margins = np.append(margins_of(1.5, 200, seed=3), [0.0, 0.0, 1e9])
    edges = np.linspace(0.5, 1.0, bins + 1)
    confidence = [1 / (1 + math.exp(-abs(margin) / 0.9)) for margin in margins]
    wanted = 0.0
    for number in range(bins):
        last = number == bins - 1
        inside = [
            (c, 1.0 if margin > 0 else 0.5 if margin == 0 else 0.0)
            for c, margin in zip(confidence, margins, strict=True)
            if edges[number] <= c and (c < edges[number + 1] or last)
        ]
        if inside:
            gap = np.mean([c for c, _ in inside]) - np.mean([hit for _, hit in inside])
            wanted += len(inside) / len(margins) * abs(float(gap))
    assert error_of(margins, 0.9, bins=bins) == pytest.approx(wanted, abs=1e-9)


def test_known_calibration_error() -> None:
    margins = np.array([math.log(9)] * 3 + [-math.log(9)])  # sure at .9, right in 3 of 4
    assert error_of(margins, 1.0) == pytest.approx(0.15, abs=1e-9)


def test_reliability_of_known_bins() -> None:
    """Two series: called at .6 and at 1; right 1 of 2 and 2 of 2 times."""
    confidence = np.array([0.62, 0.64, 1.0, 1.0])
    right = np.array([1.0, 0.0, 1.0, 1.0])
    found = reliability(confidence, right, np.array([0, 1, 0, 1]))
    assert found is not None
    assert [one.pairs for one in found.bins] == [2, 2]
    assert [one.confidence for one in found.bins] == pytest.approx([0.63, 1.0])
    assert [one.right.value for one in found.bins] == [0.5, 1.0]
    assert found.error.value == pytest.approx(0.5 * 0.13)
    assert (found.bins[0].right.low, found.bins[0].right.high) == (0.0, 1.0)


def test_reliability_has_the_error_of_the_pairs() -> None:
    margins = margins_of(0.8, 3000, seed=5)
    confidence, right = confidence_of(margins, 1.2), (np.sign(margins) + 1) / 2
    found = reliability(confidence, right, np.arange(3000) // 3)
    assert found is not None
    assert found.error.value == pytest.approx(calibration_error(confidence, right))
    assert found.error.low < found.error.value < found.error.high


def test_reliability_of_nothing() -> None:
    assert reliability(np.zeros(0), np.zeros(0), np.zeros(0, np.int64)) is None
