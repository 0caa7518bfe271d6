"""The benchmark of the calibration, small."""

from __future__ import annotations

import numpy as np
from benchmarks.calibration import _active, _exhaustive, next_pair_ms, quality


def test_simulated_studies_come_out_as_they_should() -> None:
    found = quality([10] * 10, 1, 2.0)
    assert found["srcc"] > 0.95
    assert found["plcc"] > 0.95
    assert 0.92 <= found["coverage"] <= 0.98
    assert (found["spammers_missed"], found["honest_flagged"]) == (0, 0)
    assert found["kept_pairs_right"] > 0.97


def test_clear_series_need_half_of_the_comparisons() -> None:
    truths = [np.random.default_rng(seed).normal(0, 3.0, 10) for seed in range(12)]
    all_pairs = np.mean([_exhaustive(truth, 4, seed) for seed, truth in enumerate(truths)])
    chosen = np.mean([_active(truth, (90,), seed)[0] for seed, truth in enumerate(truths)])
    assert chosen > all_pairs - 0.01


def test_choosing_a_pair_is_timed() -> None:
    assert next_pair_ms(6) > 0
