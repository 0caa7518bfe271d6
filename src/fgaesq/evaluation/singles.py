"""Scores of single images against the values that people gave them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.records import Dataset
from fgaesq.evaluation.judged import kinds_of
from fgaesq.evaluation.measures import absolute_measures
from fgaesq.evaluation.results import AbsoluteMeasures, ScoredBy
from fgaesq.evaluation.scoring import simple_scores, single_scores
from fgaesq.evaluation.sets import AssessorColumns
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import Failure

__all__ = ["SingleJudgements", "judge_singles"]

_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class SingleJudgements:
    """Of N images: the true values, and by name the scores and kinds of all scorers."""

    values: NDArray[np.float64]
    scores: Mapping[str, NDArray[np.float64]]
    kinds: Mapping[str, ScoredBy]
    failures: tuple[Failure, ...]

    def measures(self) -> dict[str, AbsoluteMeasures]:
        """Return the correlations of every scorer by name."""
        return {
            name: absolute_measures(column, self.values) for name, column in self.scores.items()
        }


def judge_singles(
    rankers: Mapping[str, Ranker],
    dataset: Dataset,
    assessors: AssessorColumns,
    *,
    on_image: Callable[[], None] | None = None,
) -> SingleJudgements:
    """Score every image of `dataset.scores` on its own, by all scorers alike.

    Args:
        rankers: models by the name that results are listed under.
        dataset: reduced to the wanted split.
        assessors: complete columns.
        on_image: called for each image.
    """
    ids = list(dataset.scores)
    columns: dict[str, dict[int, float]] = {}
    failures: dict[str, Failure] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        images = [dataset.items[item] for item in part]
        found = [single_scores(name, one, images, part) for name, one in rankers.items()]
        for result in [*found, simple_scores(images, part)]:
            for name, scores in result.scores.items():
                placed = {start + position: score for position, score in scores.items()}
                columns.setdefault(name, {}).update(placed)
            for failure in result.failures:
                failures.setdefault(failure.path, failure)
        for _ in part:
            if on_image:
                on_image()
    usable = sorted(set(range(len(ids))).intersection(*columns.values()))
    for name, column in assessors.items():
        columns[name] = {position: column[item] for position, item in enumerate(ids)}
    return SingleJudgements(
        values=np.array([dataset.scores[ids[position]].value for position in usable]),
        scores={
            name: np.array([column[position] for position in usable])
            for name, column in columns.items()
        },
        kinds=kinds_of(columns, rankers, assessors),
        failures=tuple(failures.values()),
    )
