"""Thresholds: where the line is drawn without anyone saying so."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.building.refine.thresholds import RULES, Rule, Threshold, by_chance, emptiest

RULE = Rule(0.0, 1.0, 0.4, "below", "x")


def test_the_line_goes_through_the_middle_between_bad_and_good() -> None:
    rng = np.random.default_rng(1)
    bad, good = rng.normal(0.1, 0.02, 30), rng.normal(0.9, 0.02, 300)
    line = emptiest([*bad, *good], RULE)
    assert line.how == "data"
    assert line.value == pytest.approx(0.5, abs=0.06)


def test_without_bad_cases_the_line_stays_clear_of_the_good_ones() -> None:
    good = np.random.default_rng(2).normal(1.1, 0.1, 500)
    line = emptiest(good, RULE).value
    assert (good < line).mean() < 0.005
    assert RULE.low < line < RULE.high


def test_the_line_never_leaves_its_bounds() -> None:
    values = np.random.default_rng(3).uniform(-5, 5, 500)
    assert RULE.low <= emptiest(values, RULE).value <= RULE.high


def test_few_values_leave_the_default() -> None:
    assert emptiest([0.1, 0.9], RULE) == Threshold(0.4, "default")


def test_likeness_must_be_beyond_what_strangers_reach() -> None:
    strangers = np.linspace(0, 0.42, 1001).tolist()
    line = by_chance(strangers, RULES["likeness"], "natural")
    assert line.value == pytest.approx(0.42 * (1 - 0.01 / 3), abs=1e-3)


def test_likeness_of_look_alike_series_is_held_within_bounds() -> None:
    rule = RULES["likeness"]
    assert by_chance([0.95] * 100, rule, "natural").value == rule.high
    assert by_chance([0.01] * 100, rule, "natural").value == rule.low
    assert by_chance([0.3] * 5, rule, "natural") == Threshold(rule.default, "default")


def test_all_defaults_lie_within_their_bounds() -> None:
    assert all(rule.low <= rule.default <= rule.high for rule in RULES.values())
