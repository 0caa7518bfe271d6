r"""How well and how fast photos are grouped: constructed shoots, and many drawn fingerprints.

    python benchmarks/grouping.py --photos ../shared/photos --shoots 14 \
        --out benchmarks/results/grouping.json

Quality is measured on shoots made from photos on which no threshold was chosen (`shoots.split_of`).
Speed is that of `group` alone, with fingerprints at hand, as the catalogue has them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.shoots import CAMERA, Outcome, make_shoot, measure, pool
from benchmarks.speed import peak_mb

from fgaesq.desk.grouping import GroupingSettings, Sighting, group
from fgaesq.desk.likeness import CELLS, SQUARES, Fingerprint, fingerprint

EVENTS = 40


def main() -> None:
    """Measure, print, and with --out store the results with machine, date and commit."""
    arguments = _arguments()
    results: dict[str, Any] = {}
    if arguments.photos:
        photos = pool(Path(arguments.photos), arguments.split)
        results["quality"] = quality(photos, arguments.shoots, arguments.sizes)
        print(json.dumps(results["quality"], indent=2), flush=True)
        results["fingerprint_ms"] = fingerprint_ms(photos)
    results["speed"] = [speed(number) for number in arguments.numbers]
    print(json.dumps(results["speed"], indent=2))
    if arguments.out:
        from fgaesq.evaluation.provenance import provenance

        content = {**provenance(), "split": arguments.split, **results}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def quality(photos: Sequence[Path], shoots: int, sizes: Sequence[float]) -> dict[str, Any]:
    """Group constructed shoots and compare with the truth, for each size of the slider."""
    outcomes: dict[float, list[Outcome]] = {size: [] for size in sizes}
    number = 0
    for seed in range(shoots):
        shoot = make_shoot(photos, np.random.default_rng(seed), events=EVENTS)
        number += len(shoot.sightings)
        for size in sizes:
            found = group(shoot.sightings, GroupingSettings(size=size))
            outcomes[size].append(measure(shoot.truth, found))
    return {
        "photos": len(photos),
        "shoots": shoots,
        "sightings": number,
        "by_size": {str(size): summary(some) for size, some in outcomes.items()},
    }


def summary(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Return precision, recall and F1 of pairs over all shoots, and how each event fared."""
    some = list(outcomes)
    both, found, true = (
        sum(getattr(one, key) for one in some) for key in ("both", "found", "true")
    )
    events: dict[str, dict[str, Any]] = {}
    for event in sorted({event for one in some for event in one.exact}):
        counts = [one.exact.get(event, (0, 0)) for one in some]
        kinds = sum((Counter(one.kinds.get(event, {})) for one in some), Counter())
        events[event] = {
            "groups": sum(of for _, of in counts),
            "exact": sum(hit for hit, _ in counts),
            "photos_by_kind": dict(sorted(kinds.items())),
        }
    return {
        "precision": round(both / found, 4) if found else 1.0,
        "recall": round(both / true, 4) if true else 1.0,
        "f1": round(2 * both / (found + true), 4) if found + true else 1.0,
        "protected": sum(one.protected for one in some),
        "protected_in_a_series": sum(one.unprotected for one in some),
        "events": events,
    }


def fingerprint_ms(photos: Sequence[Path]) -> float:
    """Return the median time of one fingerprint from 512 px."""
    from PIL import Image

    times = []
    for path in photos[:50]:
        with Image.open(path) as picture:
            upright = picture.convert("RGB")
            upright.thumbnail((512, 512))
        began = time.perf_counter()
        fingerprint(np.asarray(upright))
        times.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(times), 2)


def speed(number: int) -> dict[str, float]:
    """Time the grouping of so many drawn sightings: a scene is photographed 1 to 8 times."""
    sightings = drawn_sightings(number)
    before = peak_mb()
    began = time.perf_counter()
    found = group(sightings)
    return {
        "sightings": number,
        "seconds": round(time.perf_counter() - began, 2),
        "groups": len(found),
        "peak_mb": peak_mb(),
        "peak_mb_before": before,
    }


def drawn_sightings(number: int) -> list[Sighting]:
    """Return sightings of drawn scenes, each moved by up to 2 squares and with its own grain."""
    rng = np.random.default_rng(0)
    now = datetime(2025, 6, 14, 9, 0, 0, 1000)  # noqa: DTZ001 - a camera's clock
    sightings: list[Sighting] = []
    margin = 2
    side = SQUARES + 2 * margin
    while len(sightings) < number:
        spectrum = np.fft.rfft2(rng.standard_normal((2 * side, 2 * side)))
        frequency = np.hypot(np.fft.fftfreq(2 * side)[:, None], np.fft.rfftfreq(2 * side))
        field = np.fft.irfft2(spectrum / np.maximum(frequency, 1 / side))[:side, :side]
        light = 128 + 50 * (field - field.mean()) / field.std()
        for _ in range(min(int(rng.integers(1, 9)), number - len(sightings))):
            top, left = rng.integers(2 * margin + 1, size=2)
            frame = light[top : top + SQUARES, left : left + SQUARES]
            grain = rng.normal(0, 2, frame.shape)
            look = Fingerprint(
                np.clip(frame + grain, 0, 255).astype(np.uint8),
                rng.integers(-20, 20, (CELLS, CELLS, 2)).astype(np.int8),
                rng.integers(30, 40, (CELLS, CELLS)).astype(np.uint8),
                1.5,
            )
            identity = len(sightings)
            capture = replace(CAMERA, taken=now)
            sightings.append(Sighting(identity, "DCIM", f"IMG_{identity}.JPG", capture, look))
            now += timedelta(seconds=float(rng.choice([0.2, 1.0, 20.0], p=[0.7, 0.2, 0.1])))
        now += timedelta(seconds=float(rng.uniform(2, 120)))
    return sightings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", help="folder of photos; without it only speed is measured")
    parser.add_argument("--split", default="held_out", choices=["chosen", "held_out"])
    parser.add_argument("--shoots", type=int, default=20)
    parser.add_argument("--sizes", type=float, nargs="*", default=[0.0, 0.5, 1.0])
    parser.add_argument("--numbers", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--out", help="JSON file for the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
