"""What an evaluation finds, as plain values: written as JSON and shown by `report`.

Every `Estimate` is of 95 %, by bootstrap over whole series. None stands for what cannot be
measured: the truth for it is not in the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from fgaesq.types import Failure, Image, ModelIdentity

__all__ = [
    "AbsoluteMeasures",
    "Calibration",
    "Difference",
    "Estimate",
    "Evaluation",
    "MeasuredSet",
    "Mistake",
    "Monotony",
    "OrderMeasures",
    "PublishedTable",
    "ReliabilityBin",
    "ScoreScale",
    "ScoredBy",
    "Scorer",
]

ScoredBy: TypeAlias = Literal["model", "simple", "assessor", "knows the truth"]
"""What a scorer is: a model of ours, a simple competitor, a column of scores, or an upper bound."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OrderMeasures:
    """How well a scorer orders the images of series.

    Attributes:
        pairs: judged pairs that are no ties.
        series: with at least one such pair.
        accuracy: share of the pairs in the right order; a tied score is wrong.
        f1: macro F1 over the two orders, a tied score predicting neither.
        top1: how often the best-scored image is the best ("s-Acc"); k ties at the top count 1/k.
        srcc: mean over series of Spearman's correlation ("s-SRCC").
        kendall: mean over series of Kendall's tau-b.
    """

    pairs: int
    series: int
    accuracy: Estimate | None
    f1: Estimate | None
    top1: Estimate | None
    srcc: Estimate | None
    kendall: Estimate | None


@dataclass(frozen=True, slots=True)
class AbsoluteMeasures:
    """How well the scores of single images follow people's; intervals over images."""

    images: int
    srcc: Estimate | None
    plcc: Estimate | None


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Pairs called with similar probability.

    Attributes:
        pairs: in the bin.
        confidence: mean probability given to the image that was preferred, .5 to 1.
        right: share of the pairs called rightly.
    """

    pairs: int
    confidence: float
    right: Estimate


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether pairs called with probability p are right in p of the cases.

    Attributes:
        error: expected calibration error, the mean of |confidence - right| over pairs in bins.
        bins: ten of equal width from .5 to 1, empty ones left out.
    """

    error: Estimate
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first-named model against another scorer on the same pairs, model minus other.

    Attributes:
        model, other: names of the scorers.
        accuracy, top1: differences, intervals by bootstrap of both over the same series.
        accuracy_p, top1_p: two-sided, by permutation within series (`resampling.difference_p`).
    """

    model: str
    other: str
    accuracy: Estimate
    accuracy_p: float
    top1: Estimate | None
    top1_p: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """A pair that a model was sure of, and wrong.

    Attributes:
        series, group: where it is from.
        better, worse: names of the images.
        p: probability that the model gave to the worse one.
        truth: in words, how people (or the construction) judged.
        better_image, worse_image: reduced for showing.
    """

    series: str
    group: str
    better: str
    worse: str
    p: float
    truth: str
    better_image: Image
    worse_image: Image


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Everything measured of one scorer on one set.

    Attributes:
        name: of the model, competitor or column.
        kind: what it is.
        groups: measures by group (source or kind of edit), `all` first; {} without series.
        gaps: measures by size of the gap between the two images of a pair.
        pair: the paper's summary column "Pair", mean over groups of (accuracy + F1) / 2.
        series: "Series", mean over groups of (top1 + srcc) / 2.
        absolute: on single images, where the data has such scores.
        calibration: of a model's probabilities.
        mistakes: of a model, surest first.
    """

    name: str
    kind: ScoredBy
    groups: Mapping[str, OrderMeasures] = field(default_factory=dict)
    gaps: Mapping[str, OrderMeasures] = field(default_factory=dict)
    pair: float | None = None
    series: float | None = None
    absolute: AbsoluteMeasures | None = None
    calibration: Calibration | None = None
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Monotony:
    """Whether scores fall as an edit gets worse.

    Attributes:
        ladders: photos that the edit was applied to at rising severity.
        steps_right: share of neighbouring severities whose scores fall.
        spearman: mean over ladders of the correlation of score and (negated) severity.
    """

    ladders: int
    steps_right: Estimate | None
    spearman: Estimate | None


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """How a model's scores of single images use the scale from 1 to 10.

    Attributes:
        model: its name.
        images: scored.
        low, median, high: 5th, 50th and 95th percentile.
        shares: of the scores rounded to 1, 2, ... 10.
        kinds: monotony by kind of edit, `all` first.
    """

    model: str
    images: int
    low: float
    median: float
    high: float
    shares: tuple[float, ...]
    kinds: Mapping[str, Monotony]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of a paper: not measured here, shown for orientation.

    Attributes:
        name: such as `table 2`.
        caption: what it holds.
        source: where it is printed.
        columns: their heads.
        rows: (method, values), None where the paper has no number.
    """

    name: str
    caption: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredSet:
    """All scorers on one set of judged images.

    Attributes:
        name: of the set.
        about: what it is and how it was taken (split, seed, notes of its reader), in sentences.
        images: used.
        gap: what `Scorer.gaps` are sizes of.
        ties: judged pairs left out because neither image is better.
        scorers: the models first, in the order given.
        differences: the first model against every other scorer.
        scales: of the models, for constructed sets.
        published: tables of the paper that belong to this set.
        failures: images that could not be used, and why.
    """

    name: str
    about: str
    images: int
    gap: str
    ties: int
    scorers: tuple[Scorer, ...]
    differences: tuple[Difference, ...] = ()
    scales: tuple[ScoreScale, ...] = ()
    published: tuple[PublishedTable, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The result of `fgaesq evaluate`: the models and what was measured on each set."""

    models: tuple[ModelIdentity, ...]
    sets: tuple[MeasuredSet, ...]
