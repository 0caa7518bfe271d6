"""Scores of a ranker and its competitors on series with known truth, and what they say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import InputError
from fgaesq.evaluation.competitors import COMPETITORS
from fgaesq.evaluation.metrics import bootstrap_interval, pair_accuracy, pair_table, series_top1
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import Image

__all__ = ["JudgedSeries", "Judgements", "accuracy_with_interval", "judge", "summary_by_group"]

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSeries:
    """A series with its truth.

    Attributes:
        id: unique.
        group: what results are listed by (the kind of edit, the source, ...).
        images: (H, W, 3) uint8 each.
        level: truth, lower is better, one per image.
        peers: published scores of others on these images by name, higher is better.
    """

    id: int
    group: str
    images: Sequence[Image]
    level: Sequence[float]
    peers: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """Of N images: truth, series, group of the series, and the scores by name of the scorer."""

    level: _Floats
    series: NDArray[np.int64]
    groups: Mapping[int, str]
    scores: Mapping[str, _Floats]


def judge(
    ranker: Ranker,
    series: Iterable[JudgedSeries],
    *,
    on_image: Callable[[], None] | None = None,
) -> Judgements:
    """Score every series by the ranker (as a series), the simple competitors and the peers.

    Raises:
        InputError: the ranker could not use one of the images; a benchmark leaves nothing out.
    """
    level: list[float] = []
    ids: list[int] = []
    groups: dict[int, str] = {}
    scores: dict[str, list[float]] = {}
    for one in series:
        ranking = ranker.rank(list(one.images))
        if ranking.failures:
            raise InputError(f"series {one.id}: {ranking.failures[0].error}")
        by_name = {image.path: image.score for image in ranking.series[0].images}
        columns = {
            ranker.identity.name: [by_name[f"image-{n + 1}"] for n in range(len(one.images))],
            **{name: [f(image) for image in one.images] for name, f in COMPETITORS.items()},
            **one.peers,
        }
        for name, values in columns.items():
            scores.setdefault(name, []).extend(float(v) for v in values)
        level.extend(one.level)
        ids.extend([one.id] * len(one.images))
        groups[one.id] = one.group
        for _ in one.images:
            if on_image:
                on_image()
    return Judgements(
        np.asarray(level, np.float64),
        np.asarray(ids, np.int64),
        groups,
        {name: np.asarray(values, np.float64) for name, values in scores.items()},
    )


def accuracy_with_interval(
    judgements: Judgements,
    scorer: str,
    *,
    keep: Callable[[int], bool] = lambda series: True,
    close: tuple[str, float] | None = None,
) -> dict[str, Any]:
    """Return pair accuracy and top-1 of a scorer with 95 % intervals over series.

    Args:
        judgements: of `judge`.
        scorer: name of a column.
        keep: which series take part, by id.
        close: (name, most): only pairs whose scores by that scorer differ by less than `most`.

    Returns:
        `pairs`, `pair_accuracy`, `pair_interval`, `series`, `top1`, `top1_interval`; the accuracy
        and its interval are missing where there are no pairs.
    """
    chosen = np.array([keep(int(one)) for one in judgements.series], bool)
    level, series = judgements.level[chosen], judgements.series[chosen]
    scores = judgements.scores[scorer][chosen]
    margins, _, ids = pair_table(scores, level, series)
    if close is not None:
        between = pair_table(judgements.scores[close[0]][chosen], level, series)[0]
        near = np.abs(between) < close[1]
        margins, ids = margins[near], ids[near]
    top1 = series_top1(scores, level, series)
    rng = np.random.default_rng(0)
    of_pairs = {
        "pair_accuracy": pair_accuracy(margins),
        "pair_interval": bootstrap_interval(margins, ids, pair_accuracy, rng=rng),
    } if len(margins) else {}  # fmt: skip
    return {
        "pairs": len(margins),
        **of_pairs,
        "series": len(top1),
        "top1": float(top1.mean()),
        "top1_interval": bootstrap_interval(
            top1, np.arange(len(top1)), lambda v: float(v.mean()), rng=rng
        ),
    }


def summary_by_group(judgements: Judgements, scorer: str) -> dict[str, dict[str, Any]]:
    """Return `accuracy_with_interval` for all series and for each group."""
    table = {"all": accuracy_with_interval(judgements, scorer)}
    members: dict[str, set[int]] = {}
    for one in sorted(judgements.groups):
        members.setdefault(judgements.groups[one], set()).add(one)
    for group, ids in members.items():
        table[group] = accuracy_with_interval(judgements, scorer, keep=ids.__contains__)
    return table
