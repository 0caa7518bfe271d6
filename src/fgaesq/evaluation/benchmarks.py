"""What is reported: models on held-out constructed series and on human judgements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fgaesq.evaluation.judged import (
    JudgedSeries,
    Judgements,
    accuracy_with_interval,
    judge,
    summary_by_group,
)
from fgaesq.evaluation.metrics import calibration_error, fit_temperature, pair_table
from fgaesq.evaluation.sets import MAKER, constructed_set, read_human_pairs
from fgaesq.ranking.ranker import Ranker

__all__ = ["calibrated_temperature", "constructed_report", "human_report"]

_CLOSE_MAKERS = 0.5  # mean appeal of two generators differs by less: "close" pairs


def constructed_report(
    ranker: Ranker,
    photos: Path,
    *,
    series: int,
    seed: int,
    temperature: float,
    split: str = "test",
    on_image: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Return accuracies by kind of edit for the ranker and its simple competitors, and its ECE.

    Args:
        ranker: the model.
        photos: pool with a manifest; only photos of `split` are used.
        series: how many to construct.
        seed: of the construction.
        temperature: of the model, for the calibration error.
        split: `test` photos and their edits are never trained or tuned on.
        on_image: called for each image.
    """
    judgements = judge(
        ranker, constructed_set(photos, split=split, series=series, seed=seed), on_image=on_image
    )
    margins = _margins(judgements, ranker)
    return {
        "series": series,
        "seed": seed,
        "split": split,
        "calibration_error": calibration_error(margins, temperature),
        "temperature": temperature,
        "scorers": {name: summary_by_group(judgements, name) for name in judgements.scores},
    }


def human_report(
    ranker: Ranker, folder: Path, *, on_image: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Return accuracies on human judgements, beside published scores on the same images."""
    report: dict[str, Any] = {}
    for name in ("aigc", "superres"):
        series: list[JudgedSeries] = read_human_pairs(folder, name)
        judgements = judge(ranker, series, on_image=on_image)
        scorers = {
            scorer: {"all": accuracy_with_interval(judgements, scorer)}
            for scorer in judgements.scores
        }
        for scorer, rows in scorers.items():
            close = accuracy_with_interval(judgements, scorer, close=(MAKER, _CLOSE_MAKERS))
            if name == "aigc" and close["pairs"]:
                rows["close generators"] = close
        report[name] = {"series": len(series), "scorers": scorers}
    return report


def calibrated_temperature(
    ranker: Ranker,
    photos: Path,
    *,
    series: int,
    seed: int,
    on_image: Callable[[], None] | None = None,
) -> dict[str, float]:
    """Fit the temperature on validation series; return it with what was measured on the way."""
    judgements = judge(
        ranker, constructed_set(photos, split="val", series=series, seed=seed), on_image=on_image
    )
    margins = _margins(judgements, ranker)
    temperature = fit_temperature(margins)
    row = accuracy_with_interval(judgements, ranker.identity.name)
    return {
        "temperature": temperature,
        "pair_accuracy": row["pair_accuracy"],
        "top1": row["top1"],
        "calibration_error": calibration_error(margins, temperature),
        "series": series,
    }


def _margins(judgements: Judgements, ranker: Ranker) -> np.ndarray[Any, np.dtype[np.float64]]:
    scores = judgements.scores[ranker.identity.name]
    return pair_table(scores, judgements.level, judgements.series)[0]
