"""What is reported: models on datasets, on held-out constructed series, on human judgements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fgaesq.datasets.records import Dataset
from fgaesq.errors import InputError
from fgaesq.evaluation.calibration import calibration_error, confidence_of, fit_temperature
from fgaesq.evaluation.judged import JudgedSeries, Judgements, judge
from fgaesq.evaluation.measures import differences_of, gap_classes, order_measures, scorers_of
from fgaesq.evaluation.naming import naming_of
from fgaesq.evaluation.published import published_tables
from fgaesq.evaluation.results import MeasuredSet, Scorer
from fgaesq.evaluation.scale import constructed_ladders, score_scale
from fgaesq.evaluation.sets import (
    MAKER,
    AssessorColumns,
    constructed_set,
    dataset_series,
    read_human_pairs,
)
from fgaesq.evaluation.singles import judge_singles
from fgaesq.ranking.ranker import Ranker

if TYPE_CHECKING:  # it needs the packages of the train extra
    from fgaesq.datasets.constructed import Making

__all__ = [
    "Construction",
    "calibrated_temperature",
    "measure_constructed",
    "measure_dataset",
    "measure_human",
    "named",
]

_CLOSE_MAKERS = 0.5  # mean appeal of two generators differs by less: "close" pairs
_P_GAP = "|p - .5|, how far people agreed on it"

Rankers = Mapping[str, Ranker]
OnImage = Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class Construction:
    """Which constructed series to measure on.

    Attributes:
        series: how many.
        seed: of the construction.
        making: how they are made, see `datasets.constructed.series_stream`.
        split: `test` photos and their edits are never trained or tuned on.
        ladders: photos per kind of edit for spread and monotony; 0 measures neither.
    """

    series: int = 1500
    seed: int = 3
    making: Making = "edited"
    split: str = "test"
    ladders: int = 10


def named(rankers: Sequence[Ranker]) -> dict[str, Ranker]:
    """Return models by a name that tells them apart: name, with version or number if needed."""
    names = [one.identity.name for one in rankers]
    if len(set(names)) < len(names):
        names = [f"{one.identity.name} {one.identity.version}" for one in rankers]
    repeated = {name for name, number in Counter(names).items() if number > 1}
    names = [f"{name} #{n}" if name in repeated else name for n, name in enumerate(names, 1)]
    return dict(zip(names, rankers, strict=True))


def measure_dataset(
    rankers: Rankers,
    dataset: Dataset,
    *,
    assessors: AssessorColumns | None = None,
    on_image: OnImage = None,
) -> MeasuredSet:
    """Measure on a dataset of human judgements: its series, its single images, or both.

    Args:
        rankers: by name (see `named`).
        dataset: reduced to the wanted split.
        assessors: scores of others (see `read_assessors`).
        on_image: called for each image.

    Raises:
        InputError: nothing is left to be measured.
    """
    assessors = assessors or {}
    judgements = judge(rankers, dataset_series(dataset, assessors), on_image=on_image)
    result = MeasuredSet(
        name=dataset.name,
        about=_about(dataset),
        images=len(judgements.series),
        gap=_P_GAP if judgements.judged else "the difference of its values",
        ties=judgements.ties,
        scorers=(),
        published=published_tables(dataset.name),
        failures=judgements.failures,
    )
    if len(judgements.p):
        classes = gap_classes(judgements.gap, gaps_are_p=judgements.judged)
        result = replace(
            result,
            scorers=scorers_of(judgements, classes),
            differences=differences_of(judgements, next(iter(rankers))),
        )
    if dataset.scores:
        result = _with_singles(result, rankers, dataset, assessors, on_image)
    if not result.scorers:
        raise InputError(f"{dataset.root}: no image of it could be measured; see its failures")
    return result


def _about(dataset: Dataset) -> str:
    """Return the splits, what its reader decided, and what it had to leave out."""
    splits = [f"Split {' and '.join(dataset.splits)}"] if dataset.splits else []
    lost = [f"left out: {one}" for one in dataset.problems if not one.harmless]
    return "; ".join([*splits, *dataset.notes, *lost])


def _with_singles(
    result: MeasuredSet,
    rankers: Rankers,
    dataset: Dataset,
    assessors: AssessorColumns,
    on_image: OnImage,
) -> MeasuredSet:
    """Return the result with the correlations of single images added."""
    singles = judge_singles(rankers, dataset, assessors, on_image=on_image)
    if not len(singles.values):
        return replace(result, failures=(*result.failures, *singles.failures))
    measured = singles.measures()
    known = {scorer.name: scorer for scorer in result.scorers}
    scorers = tuple(
        replace(known.get(name, Scorer(name, singles.kinds[name])), absolute=absolute)
        for name, absolute in measured.items()
    )
    return replace(
        result,
        images=max(result.images, len(singles.values)),
        scorers=scorers,
        failures=tuple(dict.fromkeys((*result.failures, *singles.failures))),
    )


def measure_constructed(
    rankers: Rankers, photos: Path, construction: Construction, *, on_image: OnImage = None
) -> MeasuredSet:
    """Measure on constructed series: order, and by kind of edit; reasons and use of the scale.

    Reasons and scale are of single edits, and are measured where these order the series.

    Args:
        rankers: by name (see `named`).
        photos: pool with a manifest.
        construction: which series.
        on_image: called for each image.
    """
    what = construction
    series = constructed_set(
        photos, split=what.split, series=what.series, seed=what.seed, making=what.making
    )
    edited = what.making == "edited"
    judgements = judge(rankers, series, on_image=on_image)
    scales = [
        score_scale(
            name,
            ranker,
            constructed_ladders(photos, split=what.split, per_kind=what.ladders, seed=what.seed),
            on_image=on_image,
        )
        for name, ranker in rankers.items()
        if what.ladders and edited
    ]
    scorers = scorers_of(judgements, gap_classes(judgements.gap, gaps_are_p=False))
    made = "" if edited else f" ({what.making})"
    return MeasuredSet(
        name=f"constructed{made}",
        about=f"{what.series} series constructed from photos of the split '{what.split}', seed "
        f"{what.seed}; their order is certain.",
        images=len(judgements.series),
        gap="the difference of severity",
        ties=judgements.ties,
        scorers=_with_naming(scorers, judgements, rankers) if edited else scorers,
        differences=differences_of(judgements, next(iter(rankers))),
        scales=tuple(scales),
        failures=judgements.failures,
    )


def _with_naming(
    scorers: Sequence[Scorer], judgements: Judgements, rankers: Rankers
) -> tuple[Scorer, ...]:
    """Return the scorers, those that give reasons with how often these name the edit."""
    return tuple(
        replace(one, reasons=naming_of(judgements, one.name, rankers[one.name].reason_texts))
        if one.name in judgements.reasons
        else one
        for one in scorers
    )


def measure_human(
    rankers: Rankers, folder: Path, *, on_image: OnImage = None
) -> tuple[MeasuredSet, ...]:
    """Measure on the human judgements of AI images and of super-resolution."""
    return tuple(
        _measured_pairs(rankers, folder, name, about, on_image)
        for name, about in (
            ("aigc", "AI images of one prompt each; truth is the mean appeal of two crowd tests."),
            ("superres", "Super-resolution of one scene each; truth is the votes for the best."),
        )
    )


def _measured_pairs(
    rankers: Rankers, folder: Path, name: str, about: str, on_image: OnImage
) -> MeasuredSet:
    judgements = judge(rankers, read_human_pairs(folder, name), on_image=on_image)
    classes = gap_classes(judgements.gap, gaps_are_p=False)
    if name == "aigc" and MAKER in judgements.scores:
        maker = judgements.scores[MAKER]
        close = np.abs(maker[judgements.first] - maker[judgements.second]) < _CLOSE_MAKERS
        classes |= {"close generators": close}
    return MeasuredSet(
        name=name,
        about=about,
        images=len(judgements.series),
        gap=f"the difference of {'appeal' if name == 'aigc' else 'votes'}",
        ties=judgements.ties,
        scorers=scorers_of(judgements, classes),
        differences=differences_of(judgements, next(iter(rankers))),
        failures=judgements.failures,
    )


def calibrated_temperature(
    ranker: Ranker, series: Iterable[JudgedSeries], *, on_image: OnImage = None
) -> dict[str, float]:
    """Fit the temperature on series not trained on; return it with what was measured on the way."""
    name = ranker.identity.name
    judgements = judge({name: ranker}, series, on_image=on_image)
    margins = judgements.margins(name)
    temperature = fit_temperature(margins)
    row = order_measures(judgements, name)
    right = (np.sign(margins) + 1) / 2
    return {
        "temperature": temperature,
        "pair_accuracy": row.accuracy.value if row.accuracy else float("nan"),
        "top1": row.top1.value if row.top1 else float("nan"),
        "calibration_error": calibration_error(confidence_of(margins, temperature), right),
        "series": len(judgements.groups),
    }
