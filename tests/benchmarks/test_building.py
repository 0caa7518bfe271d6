"""The benchmark of large datasets runs, at a small size."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.building import CASES, measured

from fgaesq.datasets.reading import read_dataset


def test_every_step_runs_and_is_measured(tmp_path: Path) -> None:
    size = argparse.Namespace(images=60, votes=2400)
    for case in CASES:
        found = measured(case, tmp_path, size)
        assert set(found) == {"seconds", "processor_seconds", "memory_mb"}
        assert found["memory_mb"] > 0
    own = read_dataset(tmp_path / "own", strict=True)
    assert set(own.splits) == {"train", "val", "test"}
    again = read_dataset(tmp_path / "parquet", strict=True)
    assert set(again.items) == set(own.items)
