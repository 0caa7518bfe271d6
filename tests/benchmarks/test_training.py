"""The benchmark of training: what it counts and what it divides."""

from __future__ import annotations

import pytest
from benchmarks.training import Training, forward_gflop, measure_training

from fgaesq.models.specs import SPECS, build


def test_operations_of_an_image_are_those_of_its_matrix_products() -> None:
    spec = SPECS["fgaesq-tiny"]
    T, W, F, G = spec.layout.budget, spec.width, spec.feature, spec.table_size
    stem = T * 3 * 16 * 16 * W
    positions = T * (1 + G**2) * W
    block = T * (3 * W * W + W * W + 2 * 4 * W * W) + 2 * T * T * W
    head = W * F + F * spec.head[0] + spec.head[0] * spec.head[1] + spec.head[1] * 10
    products = stem + positions + spec.depth * block + head
    assert forward_gflop(build(spec), spec) * 1e9 == pytest.approx(2 * products, rel=1e-9)


def test_share_is_the_models_operations_per_second_in_those_of_the_peak() -> None:
    case = Training("fgaesq-tiny", "cpu", "fp32", images=4)
    row = measure_training(case, {"fp32 square": 100.0, "fp32 other": 50.0, "bf16 square": 1e9})
    assert row["gflop_per_s"] == pytest.approx(
        row["images_per_s"] * row["gflop_per_image"], rel=0.1
    )
    assert row["share_of_peak"] == pytest.approx(row["gflop_per_s"] / 100, abs=0.01)
