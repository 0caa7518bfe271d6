"""How long collecting takes, and how much memory, beside the reading of the files themselves.

    python -m benchmarks.collecting --out benchmarks/results/collecting.json

Files are empty; what reading them would have told is drawn (`benchmarks.grouping`) and kept before,
as a first run keeps it. So a run finds the files, looks up what was read, groups, and enters; a
second one does the same and enters nothing. Each number of files is measured in a process of its
own. What reading a photo costs is that of the photo desk (`benchmarks/cull.py`), plus a digest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.grouping import drawn_sightings
from benchmarks.speed import peak_mb

from fgaesq.building.collect import CollectSettings, collect
from fgaesq.building.collect.readings import READINGS_FILE, Readings
from fgaesq.building.collect.records import Reading
from fgaesq.desk.grouping import Sighting
from fgaesq.desk.scan import FileState, state_of

_AT_ONCE = 5000


def main() -> None:
    """Measure, print, and with --out store the results with machine, date and commit."""
    arguments = _arguments()
    if arguments.one:
        print(json.dumps(measured(arguments.one)))
        return
    runs = [_in_its_own_process(number) for number in arguments.numbers]
    print(json.dumps(runs, indent=2))
    if arguments.out:
        from fgaesq.evaluation.provenance import provenance

        content = {**provenance(), "collecting": runs}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def measured(number: int) -> dict[str, Any]:
    """Collect so many drawn photos twice."""
    with tempfile.TemporaryDirectory() as folder:
        heap, dataset = Path(folder) / "heap", Path(folder) / "dataset"
        _write(heap, dataset, drawn_sightings(number))
        before_mb = peak_mb()
        began = time.perf_counter()
        done = collect([heap], dataset, CollectSettings("natural"))
        first_s = time.perf_counter() - began
        began = time.perf_counter()
        again = collect([heap], dataset, CollectSettings("natural"))
        second_s = time.perf_counter() - began
        if again.series or again.known != done.images:
            raise RuntimeError(f"the second run made {again.series} series")
        size = sum(path.stat().st_size for path in dataset.iterdir())
    return {
        "images": number,
        "series": done.series,
        "in_series": done.images,
        "first_run_s": round(first_s, 1),
        "second_run_s": round(second_s, 1),
        "peak_mb": peak_mb(),
        "peak_mb_before": before_mb,
        "dataset_mb": round(size / 1e6),
    }


def _write(heap: Path, dataset: Path, sightings: list[Sighting]) -> None:
    """Write empty files, 1,000 in a folder, and keep what they would have told."""
    dataset.mkdir()
    with Readings(dataset / READINGS_FILE) as readings:
        for start in range(0, len(sightings), _AT_ONCE):
            readings.keep([_written(heap, one) for one in sightings[start : start + _AT_ONCE]])


def _written(heap: Path, one: Sighting) -> tuple[Path, FileState, Reading]:
    path = heap / f"{one.id // 1000:03d}" / one.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    digest = hashlib.sha256(one.name.encode()).hexdigest()
    return path, state_of(path), Reading(digest, 4000, 6000, one.capture, one.fingerprint)


def _in_its_own_process(number: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.collecting", "--one", str(number)]
    result = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    run: dict[str, Any] = json.loads(result.stdout)
    return run


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--numbers", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", help="JSON file for the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
