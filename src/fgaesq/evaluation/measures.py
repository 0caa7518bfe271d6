"""From judgements to measures: by group and by gap, differences, calibration, summaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fgaesq.evaluation.calibration import reliability
from fgaesq.evaluation.judged import Judgements
from fgaesq.evaluation.metrics import kendall, ranked, spearman, top1
from fgaesq.evaluation.resampling import difference_p, estimate, ratio
from fgaesq.evaluation.results import (
    AbsoluteMeasures,
    Calibration,
    Difference,
    Estimate,
    OrderMeasures,
    Scorer,
)

__all__ = [
    "absolute_measures",
    "calibration_of",
    "differences_of",
    "gap_classes",
    "order_measures",
    "paper_summary",
    "scorers_of",
]

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]

_P_EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
_GAP_CLASSES = 4


def scorers_of(judgements: Judgements, classes: Mapping[str, _Bools]) -> tuple[Scorer, ...]:
    """Return everything measured of every scorer.

    Args:
        judgements: of `judge`.
        classes: (M,) masks of pairs by label, such as those of `gap_classes`.
    """
    groups = _by_group(judgements.groups)
    return tuple(_scorer(judgements, name, groups, classes) for name in judgements.scores)


def _scorer(
    judgements: Judgements, name: str, groups: Mapping[str, _Bools], classes: Mapping[str, _Bools]
) -> Scorer:
    by_group = {
        group: order_measures(judgements, name, series=chosen) for group, chosen in groups.items()
    }
    parts = [row for group, row in by_group.items() if group != "all" or len(by_group) == 1]
    pair, series = paper_summary(parts)
    return Scorer(
        name=name,
        kind=judgements.kinds[name],
        groups=by_group,
        gaps={
            label: order_measures(judgements, name, pairs=chosen)
            for label, chosen in classes.items()
        },
        pair=pair,
        series=series,
        calibration=calibration_of(judgements, name) if name in judgements.chances else None,
        mistakes=judgements.mistakes.get(name, ()),
    )


def order_measures(
    judgements: Judgements,
    scorer: str,
    *,
    series: _Bools | None = None,
    pairs: _Bools | None = None,
) -> OrderMeasures:
    """Return the measures of a scorer on some of the series, or on some of the pairs.

    Args:
        judgements: of `judge`.
        scorer: name of a column.
        series: (S,), which series take part; default all.
        pairs: (M,), which pairs take part. The measures of whole series are None then.
    """
    chosen = np.ones(len(judgements.groups), bool) if series is None else series
    tallies = _pair_tallies(judgements, scorer, pairs)[chosen]
    tallies = tallies[tallies[:, 0] > 0]
    whole: list[Estimate | None] = [None, None, None]
    if pairs is None:
        whole = [_mean(column[chosen]) for column in _series_measures(judgements, scorer)]
    return OrderMeasures(
        pairs=int(tallies[:, 0].sum()),
        series=len(tallies),
        accuracy=estimate(tallies, ratio(1, 0)),
        f1=estimate(tallies, _f1),
        top1=whole[0],
        srcc=whole[1],
        kendall=whole[2],
    )


def paper_summary(rows: Sequence[OrderMeasures]) -> tuple[float | None, float | None]:
    """Return the paper's columns "Pair" and "Series" from the measures of each source.

    Pair is the mean over sources of (accuracy + F1) / 2, Series that of (s-Acc + s-SRCC) / 2; so
    the paper's table 3 follows from its table 2. None where a source lacks a measure.
    """
    pair = [_middle(row.accuracy, row.f1) for row in rows]
    series = [_middle(row.top1, row.srcc) for row in rows]
    return _mean_or_none(pair), _mean_or_none(series)


def calibration_of(judgements: Judgements, model: str) -> Calibration | None:
    """Return the reliability of a model's P(first beats second); None without pairs."""
    chances = judgements.chances[model]
    truth = judgements.p > 0.5
    right = np.where(chances == 0.5, 0.5, (chances > 0.5) == truth).astype(np.float64)
    return reliability(np.maximum(chances, 1 - chances), right, judgements.pair_series)


def differences_of(judgements: Judgements, model: str) -> tuple[Difference, ...]:
    """Return `model` against every other scorer, on the same pairs and series."""
    own_tallies = _pair_tallies(judgements, model)
    own_top1 = _series_measures(judgements, model)[0]
    found = []
    for other in judgements.scores:
        tallies = _pair_tallies(judgements, other)
        change = own_tallies[:, 1] - tallies[:, 1]
        accuracy = estimate(np.stack([tallies[:, 0], change], axis=1), ratio(1, 0))
        if other == model or accuracy is None:
            continue
        change_top1 = own_top1 - _series_measures(judgements, other)[0]
        top1_difference = _mean(change_top1)
        found.append(
            Difference(
                model=model,
                other=other,
                accuracy=accuracy,
                accuracy_p=difference_p(change),
                top1=top1_difference,
                top1_p=difference_p(change_top1[~np.isnan(change_top1)])
                if top1_difference
                else None,
            )
        )
    return tuple(found)


def absolute_measures(scores: _Floats, values: _Floats) -> AbsoluteMeasures:
    """Return SRCC and PLCC of single images, (N,) scores against (N,) true values.

    PLCC is of the scores as they are, without a fitted curve. The intervals draw images; those of
    SRCC leave the ranks as they are in the whole set.
    """
    return AbsoluteMeasures(
        images=len(scores),
        srcc=_correlation(ranked(scores), ranked(values)),
        plcc=_correlation(scores, values),
    )


def gap_classes(gap: _Floats, *, gaps_are_p: bool) -> dict[str, _Bools]:
    """Split pairs by the size of their gap.

    Args:
        gap: (M,), at least 0.
        gaps_are_p: gaps are |p - .5| and fall into five classes of .1 each (the upper end belongs
            to the class). Otherwise into up to four about equally large classes.

    Returns:
        (M,) masks by label, from small to large gaps, empty classes left out.
    """
    if len(gap) == 0:
        return {}
    edges = np.array(_P_EDGES)
    if not gaps_are_p:
        edges = np.unique(np.quantile(gap, np.linspace(0, 1, _GAP_CLASSES + 1)))
    gap = np.round(gap, 9)  # so that .6 - .5 is .1
    edges = np.round(edges, 9)
    if len(edges) == 1:
        return {f"{edges[0]:.3g}": np.ones(len(gap), bool)}
    place = np.clip(np.searchsorted(edges, gap, side="left"), 1, len(edges) - 1)
    classes = {
        f"{low:.3g} to {high:.3g}": place == n
        for n, (low, high) in enumerate(zip(edges, edges[1:], strict=False), start=1)
    }
    return {label: chosen for label, chosen in classes.items() if chosen.any()}


def _by_group(groups: Sequence[str]) -> dict[str, _Bools]:
    """Return (S,) masks of all series and, where there are several groups, of each."""
    names = np.array(groups)
    masks = {"all": np.ones(len(groups), bool)}
    several = sorted(set(groups)) if len(set(groups)) > 1 else []
    return masks | {group: names == group for group in several}


def _pair_tallies(judgements: Judgements, scorer: str, pairs: _Bools | None = None) -> _Floats:
    """Return sums over the pairs of each series, (S, 8).

    Columns: pairs, right ones; then for the order "first is better" and again for "second is
    better": true, rightly predicted, predicted.
    """
    margins = judgements.margins(scorer)
    right, wrong = margins > 0, margins < 0
    # Where pairs are not listed in an order of their own, each counts half in either direction.
    first = (
        (judgements.p > 0.5).astype(np.float64) if judgements.listed else np.full(len(right), 0.5)
    )
    second = 1 - first
    columns = np.stack(
        [
            np.ones(len(right)), right,
            first, right * first, right * first + wrong * second,
            second, right * second, right * second + wrong * first,
        ],
        axis=1,
    )  # fmt: skip
    if pairs is not None:
        columns[~pairs] = 0
    sums = np.zeros((len(judgements.groups), columns.shape[1]))
    np.add.at(sums, judgements.pair_series, columns)
    return sums


def _f1(sums: _Floats) -> _Floats:
    """Return the mean over the orders that occur of F1 = 2 TP / (true + predicted), from (..., 8).

    A tie predicts neither order: it lowers recall alone, and F1 lies above accuracy, as it does in
    the paper's table 2 for assessors that give ties.
    """
    with np.errstate(invalid="ignore"):
        orders = [
            np.where(sums[..., k] > 0, 2 * sums[..., k + 1] / (sums[..., k] + sums[..., k + 2]), 0)
            for k in (2, 5)
        ]
        occurring = (sums[..., 2] > 0).astype(int) + (sums[..., 5] > 0)
        f1: _Floats = (orders[0] + orders[1]) / occurring
    return f1


def _series_measures(judgements: Judgements, scorer: str) -> tuple[_Floats, _Floats, _Floats]:
    """Return top-1, Spearman and Kendall of each series, (S,); NaN without values to order."""
    found = np.full((3, len(judgements.groups)), np.nan)
    ends = np.searchsorted(judgements.series, np.arange(len(judgements.groups) + 1))
    for one, (start, end) in enumerate(zip(ends, ends[1:], strict=False)):
        scores, values = judgements.scores[scorer][start:end], judgements.values[start:end]
        if not np.isnan(values).any() and np.ptp(values) > 0:
            found[:, one] = (
                top1(scores, values), spearman(scores, values), kendall(scores, values),
            )  # fmt: skip
    return found[0], found[1], found[2]


def _mean(values: _Floats) -> Estimate | None:
    """Return the mean over series with its interval, NaN left out."""
    known = values[~np.isnan(values)]
    return estimate(np.stack([np.ones(len(known)), known], axis=1), ratio(1, 0))


def _correlation(scores: _Floats, values: _Floats) -> Estimate | None:
    """Return Pearson's correlation from its moments, which resampling can sum."""
    if len(scores) < 3 or np.ptp(scores) == 0 or np.ptp(values) == 0:
        return None
    x = (scores - scores.mean()) / scores.std()
    y = (values - values.mean()) / values.std()

    def statistic(sums: _Floats) -> _Floats:
        mean = sums / sums[..., :1]
        covariance = mean[..., 5] - mean[..., 1] * mean[..., 2]
        variances = (mean[..., 3] - mean[..., 1] ** 2) * (mean[..., 4] - mean[..., 2] ** 2)
        with np.errstate(invalid="ignore", divide="ignore"):
            r: _Floats = covariance / np.sqrt(variances)
        return r

    return estimate(np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1), statistic)


def _middle(one: Estimate | None, other: Estimate | None) -> float | None:
    return None if one is None or other is None else (one.value + other.value) / 2


def _mean_or_none(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None
