"""How well votes are calibrated: simulated annotators of known faults, two spammers among ten.

    python -m benchmarks.calibration --out benchmarks/results/calibration.json

Ten annotators (`simulation.ten_annotators`) judge all pairs: eight honest ones who look at .80 to
.98 of the pairs, with biases for a side and different readiness for ties, one who always presses
left and one who presses at random. Abilities are drawn from N(0, scale^2); at a scale of 1.5 the
better of two images wins .79 of the decided looks on average, at 2 .83, at 3 .88.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.speed import peak_mb

from fgaesq.building.calibrate.calibration import Calibration, calibrate, calibrate_ballots
from fgaesq.building.calibrate.davidson import mixed, outcomes
from fgaesq.building.calibrate.sampling import SamplingRule, next_pair, series_state
from fgaesq.building.calibrate.simulation import (
    Judge,
    Study,
    simulate,
    ten_annotators,
    votes_of,
)
from fgaesq.building.records import CHOICES, Choice
from fgaesq.evaluation.metrics import pearson, spearman

SCALES = (1.5, 2.0, 3.0)
STUDIES: tuple[tuple[str, list[int], float, int | None], ...] = (
    *(("10", 30 * [10], scale, None) for scale in SCALES),
    *(("5", 100 * [5], scale, None) for scale in SCALES),
    ("2-8", 30 * [2, 3, 4, 5, 6, 7, 8], 2.0, None),
    ("5", 100 * [5], 1.5, 5),
    ("5", 100 * [5], 1.5, 3),
)
"""Images of each series in words and numbers, scale of abilities, votes per pair (None: all)."""
LOOKS = Judge(attention=0.9)


def main() -> None:
    """Measure, print, and with --out store the results with machine, date and commit."""
    arguments = _arguments()
    out = Path(arguments.out) if arguments.out else None
    results = json.loads(out.read_text(encoding="utf-8")) if out and out.is_file() else {}
    if "quality" in arguments.parts:
        results["quality"] = []
        for words, sizes, scale, votes in STUDIES:
            found = quality(sizes, arguments.studies, scale, votes_per_pair=votes)
            results["quality"].append({"images": words, **found})
            print(json.dumps(results["quality"][-1]), flush=True)
        results["other_noise"] = quality(30 * [10], arguments.studies, 2.0, judges=other_noise())
        print(json.dumps(results["other_noise"]), flush=True)
    if "sampling" in arguments.parts:
        results["sampling"] = []
        for scale in SCALES:
            results["sampling"].append(sampling(scale, arguments.series))
            print(json.dumps(results["sampling"][-1]), flush=True)
        results["next_pair_ms"] = {str(n): next_pair_ms(n) for n in (6, 10, 20)}
    if "size" in arguments.parts:
        results["size"] = large(arguments.large)
        print(json.dumps(results["size"]), flush=True)
    if out:
        from fgaesq.evaluation.provenance import provenance

        content = {**results, **provenance()}
        out.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def other_noise() -> tuple[Judge, ...]:
    """Return ten annotators whose faults are not those of the model: differences look smaller."""
    acuities = (1.3, 1.2, 1.1, 1.0, 1.0, 0.9, 0.8, 0.6)
    honest = (replace(Judge(attention=1.0), acuity=acuity) for acuity in acuities)
    return (*honest, *ten_annotators()[8:])


def quality(
    sizes: Sequence[int],
    studies: int,
    scale: float,
    *,
    votes_per_pair: int | None = None,
    judges: Sequence[Judge] = ten_annotators(),
) -> dict[str, Any]:
    """Calibrate simulated studies and compare with the truth."""
    srcc, plcc, within, covered, spread = [], [], [], [], []
    missed, wronged, kept, right = 0, 0, [], []
    for seed in range(studies):
        study = simulate(
            sizes, judges, np.random.default_rng(seed), scale=scale, votes_per_pair=votes_per_pair
        )
        found = calibrate_ballots(study.ballots)
        srcc.append(spearman(found.fit.abilities, study.abilities))
        plcc.append(pearson(found.fit.abilities, study.abilities))
        within.append(_within(found, study))
        inside, certain = _intervals(found, study)
        covered.append(inside)
        right.append(certain)
        spread.append(found.fit.scale)
        kept.append(float(np.mean([not words for words in found.removed])))
        spammers = set(study.ballots.annotators[8:])
        missed += len(spammers - set(found.left_out))
        wronged += len(set(found.left_out) - spammers)
    return {
        "series": len(sizes),
        "scale": scale,
        "votes_per_pair": votes_per_pair or len(judges),
        "studies": studies,
        "srcc": _round(srcc),
        "plcc": _round(plcc),
        "srcc_within_series": _round(within),
        "coverage": _round(covered),
        "coverage_by_study": [round(float(one), 3) for one in (min(covered), max(covered))],
        "found_scale": _round(spread),
        "pairs_kept": _round(kept),
        "kept_pairs_right": _round(right),
        "spammers_missed": missed,
        "honest_flagged": wronged,
    }


def sampling(scale: float, series: int) -> dict[str, Any]:
    """Compare what active and exhaustive judging of ten images need for the same correlation."""
    n = 10
    rng = np.random.default_rng(0)
    truths = [rng.normal(0, scale, n) for _ in range(series)]
    pairs = n * (n - 1) // 2
    exhaustive = {
        pairs * rounds: float(np.mean([_exhaustive(t, rounds, k) for k, t in enumerate(truths)]))
        for rounds in (2, 3, 4, 6, 8, 10)
    }
    budgets = (30, 45, 60, 75, 90, 112, 135, 157, 180, 202, 225, 270, 315)
    curves = np.array([_active(truth, budgets, k) for k, truth in enumerate(truths)])
    active = dict(zip(budgets, curves.mean(axis=0).tolist(), strict=True))
    needed = {
        number: float(np.interp(srcc, list(active.values()), budgets))
        for number, srcc in exhaustive.items()
        if srcc <= max(active.values())
    }
    stopped = np.array([_stopped(truth, k) for k, truth in enumerate(truths)])
    return {
        "images": n,
        "scale": scale,
        "series": series,
        "exhaustive": {str(k): round(v, 4) for k, v in exhaustive.items()},
        "active": {str(k): round(v, 4) for k, v in active.items()},
        "share_needed": {str(k): round(v / k, 3) for k, v in needed.items()},
        "with_stop_rule": {
            "mean_votes": round(float(stopped[:, 0].mean()), 1),
            "median_votes": float(np.median(stopped[:, 0])),
            "srcc": round(float(stopped[:, 1].mean()), 4),
        },
    }


def next_pair_ms(n: int) -> float:
    """Return the median time of choosing the next pair of n images after 10 n votes."""
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 1.5, n)
    pairs = np.sort(rng.random((10 * n, n)).argsort(axis=1)[:, :2], axis=1).tolist()
    votes = [_answer(truth, i, j, rng) for i, j in pairs]
    times = []
    for _ in range(20):
        began = time.perf_counter()
        next_pair(n, votes, [(0, 1), (2, 3)], rng=rng)
        times.append(1000 * (time.perf_counter() - began))
    return round(float(np.median(times)), 2)


def large(images: int) -> dict[str, Any]:
    """Time the calibration of three votes per image, in series of four."""
    series = images // 4
    study = simulate(
        [4] * series, ten_annotators(), np.random.default_rng(0), scale=2.0, votes_per_pair=2
    )
    votes = votes_of(study)
    before = peak_mb()
    began = time.perf_counter()
    found = calibrate(votes)
    return {
        "images": images,
        "votes": len(votes),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": peak_mb(),
        "peak_mb_before": before,
        "srcc": _round([spearman(found.fit.abilities, study.abilities)]),
    }


def _intervals(found: Calibration, study: Study) -> tuple[float, float]:
    """Return the share of 95 % intervals of P that hold the truth, and of kept pairs in order."""
    pairs = found.pairs
    true = study.abilities[pairs.first] - study.abilities[pairs.second]
    p = 1 / (1 + np.exp(-true))
    kept = np.array([not words for words in found.removed])
    inside = (pairs.low <= p) & (p <= pairs.high)
    right = np.sign(pairs.difference) == np.sign(true)
    return float(inside.mean()), float(right[kept].mean())


def _within(found: Calibration, study: Study) -> float:
    """Return the mean of Spearman's correlation within series of three and more images."""
    offsets = study.ballots.offsets
    values = [
        spearman(found.fit.abilities[a:b], study.abilities[a:b])
        for a, b in zip(offsets, offsets[1:], strict=False)
        if b - a > 2
    ]
    return float(np.mean([value for value in values if value is not None]))


def _answer(
    truth: NDArray[np.float64], i: int, j: int, rng: np.random.Generator
) -> tuple[int, int, Choice]:
    looks = outcomes(np.asarray(truth[i] - truth[j]), LOOKS.log_tie)
    chances = mixed(looks, LOOKS.attention, np.array(LOOKS.guess))
    order: tuple[Choice, ...] = ("first", "tie", "second")
    assert set(order) == set(CHOICES)  # noqa: S101 - a benchmark
    return int(i), int(j), order[int(rng.choice(3, p=chances))]


def _srcc(truth: NDArray[np.float64], votes: Sequence[tuple[int, int, Choice]]) -> float:
    return spearman(series_state(len(truth), votes).mean, truth) or 0.0


def _exhaustive(truth: NDArray[np.float64], rounds: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    pairs = list(combinations(range(len(truth)), 2)) * rounds
    return _srcc(truth, [_answer(truth, i, j, rng) for i, j in pairs])


def _active(truth: NDArray[np.float64], budgets: Sequence[int], seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    endless = SamplingRule(most_per_pair=1e9, certain=2.0, loss=-1.0)
    votes: list[tuple[int, int, Choice]] = []
    reached = []
    while len(votes) < max(budgets):
        pair = next_pair(len(truth), votes, rng=rng, rule=endless)
        assert pair is not None  # noqa: S101 - the rule knows no end
        votes.append(_answer(truth, *pair, rng))
        if len(votes) in budgets:
            reached.append(_srcc(truth, votes))
    return reached


def _stopped(truth: NDArray[np.float64], seed: int) -> tuple[int, float]:
    rng = np.random.default_rng(seed)
    votes: list[tuple[int, int, Choice]] = []
    while (pair := next_pair(len(truth), votes, rng=rng)) is not None:
        votes.append(_answer(truth, *pair, rng))
    return len(votes), _srcc(truth, votes)


def _round(values: Sequence[float | None]) -> float:
    return round(float(np.mean([value for value in values if value is not None])), 4)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = ["quality", "sampling", "size"]
    parser.add_argument("--parts", nargs="*", default=parts, choices=parts, help="to measure")
    parser.add_argument("--studies", type=int, default=10, help="of each kind")
    parser.add_argument("--series", type=int, default=100, help="of ten images, for sampling")
    parser.add_argument("--large", type=int, default=100_000, help="images")
    parser.add_argument("--out", help="JSON file for the results; of other parts, they are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
