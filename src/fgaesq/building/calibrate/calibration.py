"""Votes -> one calibrated order per series, with everything that was left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.agreement import alpha_of_votes
from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.building.calibrate.cycles import Cycles, find_cycles
from fgaesq.building.calibrate.fitting import Fit, fit
from fgaesq.building.calibrate.intervals import Intervals, intervals
from fgaesq.building.calibrate.posterior import PairTable, pair_table
from fgaesq.building.calibrate.ranks import Ranks, rank_images
from fgaesq.building.calibrate.reliability import AnnotatorReliability, FlagRule
from fgaesq.building.calibrate.sifting import reliance, sift
from fgaesq.building.records import (
    CalibratedImage,
    CalibratedPair,
    CalibratedSeries,
    Choice,
    Drop,
    Vote,
)
from fgaesq.errors import InputError
from fgaesq.evaluation.results import Estimate

__all__ = ["Calibration", "PairRule", "Rules", "SeriesRule", "calibrate"]

_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PairRule:
    """Which pairs are too close to .5 to be learned from.

    Attributes:
        margin: removed if |P - .5| is below this.
        certain: removed if the 95 % interval of P contains .5.
    """

    margin: float = 0.05
    certain: bool = True


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """Which series are dropped.

    Attributes:
        votes_per_image: with fewer, a series waits for more (each vote is on two images).
        chance: dropped if equal images would explain the votes as well, by the likelihood ratio at
            this level (chi-squared, n - 1 degrees of freedom).
        bad: dropped if so many annotators called the series bad.
    """

    votes_per_image: float = 4.0
    chance: float = 0.05
    bad: int = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a calibration.

    Attributes:
        flags: who is flagged.
        leave_out: whether the votes of the flagged are left out; if not, the model weighs them.
        pairs: which pairs are removed.
        series: which series are dropped.
    """

    flags: FlagRule = field(default_factory=FlagRule)
    leave_out: bool = True
    pairs: PairRule = field(default_factory=PairRule)
    series: SeriesRule = field(default_factory=SeriesRule)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What votes come to.

    Attributes:
        rules: by which it was made.
        ballots: all votes on kept images, golden pairs set aside.
        golden: votes on golden pairs.
        elsewhere: votes left out, as they are on images that are not kept.
        annotators: how far each can be relied on, with flags.
        left_out: names whose votes were left out.
        used: (V,), which votes of `ballots` the abilities are from: not of the left out, and not an
            annotator's second on a pair.
        fit: abilities and annotators, of the used votes.
        intervals: from the posterior of the used votes.
        ranks: of the images.
        pairs: all pairs of all series.
        votes: (M,), how many used votes are on each.
        removed: (M,), why a pair is removed, "" if it is kept.
        waiting: what a series lacks to be judged at all, in words, by its place in
            `ballots.series_ids`; it has no order yet, and is not dropped.
        dropped: why a series is dropped, in words, by its place.
        cycles: circles of the majorities of used votes.
        alpha: agreement of all votes by level: `nominal`, `ordinal`.
        alpha_used: of the used votes.
    """

    rules: Rules
    ballots: Ballots
    golden: int
    elsewhere: int
    annotators: tuple[AnnotatorReliability, ...]
    left_out: tuple[str, ...]
    used: _Bools
    fit: Fit
    intervals: Intervals
    ranks: Ranks
    pairs: PairTable
    votes: NDArray[np.int64]
    removed: tuple[str, ...]
    waiting: Mapping[int, str]
    dropped: Mapping[int, str]
    cycles: Cycles
    alpha: Mapping[str, Estimate | None]
    alpha_used: Mapping[str, Estimate | None]

    def series(self) -> list[CalibratedSeries]:
        """Return the series that neither wait nor are dropped, with their judged pairs."""
        offsets, ids = self.ballots.offsets, self.ballots.image_ids
        bounds = np.searchsorted(self.pairs.series, np.arange(len(self.ballots.sizes) + 1))
        low, high, p = self.pairs.low, self.pairs.high, self.pairs.p
        found = []
        for place, series in enumerate(self.ballots.series_ids):
            if place in self.dropped or place in self.waiting:
                continue
            images = sorted(
                (self._image(image) for image in range(offsets[place], offsets[place + 1])),
                key=lambda one: (-one.value, one.image),
            )
            pairs = tuple(
                CalibratedPair(
                    first=ids[self.pairs.first[k]],
                    second=ids[self.pairs.second[k]],
                    p=float(p[k]),
                    low=float(low[k]),
                    high=float(high[k]),
                    votes=int(self.votes[k]),
                    removed=self.removed[k],
                )
                for k in range(bounds[place], bounds[place + 1])
                if self.votes[k]
            )
            found.append(CalibratedSeries(series, tuple(images), pairs))
        return found

    def drops(self) -> list[Drop]:
        """Return the dropped series as the collection keeps them."""
        ids = self.ballots.series_ids
        return [
            Drop(ids[place], None, "calibration", "unreliable", why)
            for place, why in self.dropped.items()
        ]

    def _image(self, image: int) -> CalibratedImage:
        low, high = self.intervals.ability[image].tolist()
        return CalibratedImage(
            image=self.ballots.image_ids[image],
            value=float(self.fit.abilities[image]),
            low=low,
            high=high,
            rank=int(self.ranks.rank[image]),
        )


def calibrate(
    votes: Iterable[Vote],
    members: Mapping[int, Sequence[int]] | None = None,
    *,
    golden: Mapping[tuple[int, int, int], Choice] | None = None,
    bad: Mapping[int, int] | None = None,
    rules: Rules | None = None,
) -> Calibration:
    """Return what votes come to.

    Args:
        votes: of all annotators; those of the role `golden` only say how far annotators can be
            relied on.
        members: kept images by series, two or more each; votes on others are left out and counted.
            None for the images that were voted on.
        golden: right answers by (series, first, second).
        bad: by series, how many annotators called it bad.
        rules: what is flagged, removed and dropped.

    Raises:
        InputError: there are no votes on these images.
        MissingExtraError: SciPy is not installed.
    """
    sifted = sift(votes, members, golden)
    if not len(sifted.ballots):
        raise InputError("there are no votes on images of the dataset; have it annotated first")
    return calibrate_ballots(
        sifted.ballots, golden=sifted.golden, elsewhere=sifted.elsewhere, bad=bad, rules=rules
    )


def calibrate_ballots(
    ballots: Ballots,
    *,
    golden: Mapping[str, tuple[int, int]] | None = None,
    elsewhere: int = 0,
    bad: Mapping[int, int] | None = None,
    rules: Rules | None = None,
) -> Calibration:
    """Return what ballots come to; `golden` are right answers, and of how many, by annotator."""
    rules, golden = rules or Rules(), golden or {}
    all_of_them = reliance(ballots, golden, rules.flags)
    found, used, annotators = all_of_them.fit, all_of_them.once, all_of_them.annotators
    left_out = tuple(one.name for one in annotators if one.flags) if rules.leave_out else ()
    if left_out:
        out = np.array([name in left_out for name in ballots.annotators])
        used = used & ~out[ballots.annotator]
        found = fit(ballots.only(used), found)
    chosen = ballots.only(used)
    reach = intervals(chosen, found)
    pairs = pair_table(found.abilities, found.blocks, ballots.offsets, reach.difference)
    number = np.bincount(np.searchsorted(_keys(pairs, ballots), chosen.pair), None, len(pairs.p))
    removed = _removed(pairs, rules.pairs)
    kept = (np.array(removed, dtype=object) == "") & (number > 0)
    decided = np.bincount(pairs.series[kept], minlength=len(ballots.sizes))
    cycles = find_cycles(chosen)
    waiting = _waiting(chosen, rules.series)
    return Calibration(
        rules=rules,
        ballots=ballots,
        golden=sum(of for _, of in golden.values()),
        elsewhere=elsewhere,
        annotators=annotators,
        left_out=left_out,
        used=used,
        fit=found,
        intervals=reach,
        ranks=rank_images(found.abilities, pairs, ballots.offsets),
        pairs=pairs,
        votes=number,
        removed=removed,
        waiting=waiting,
        dropped=_dropped(
            chosen.series_ids, waiting, _p_equal(chosen, found), decided, bad or {}, rules.series
        ),
        cycles=cycles,
        alpha=_alphas(ballots),
        alpha_used=_alphas(chosen),
    )


def _keys(pairs: PairTable, ballots: Ballots) -> NDArray[np.int64]:
    """Return the number of each pair as `Ballots.pair` has it; they ascend."""
    return pairs.first * ballots.images + pairs.second


def _alphas(ballots: Ballots) -> dict[str, Estimate | None]:
    return {
        "nominal": alpha_of_votes(ballots, "nominal"),
        "ordinal": alpha_of_votes(ballots, "ordinal"),
    }


def _removed(pairs: PairTable, rule: PairRule) -> tuple[str, ...]:
    close = np.abs(pairs.p - 0.5) < rule.margin
    open_ = (pairs.low <= 0.5) & (pairs.high >= 0.5) & rule.certain
    words = np.where(close, "close to .5", np.where(open_, "not certain", ""))
    return tuple(words.tolist())


def _waiting(ballots: Ballots, rule: SeriesRule) -> dict[int, str]:
    """Return which series have too few votes for an order, and what they lack."""
    given = np.bincount(ballots.series, minlength=len(ballots.sizes))
    waiting = {}
    for place, (votes, images, parts) in enumerate(
        zip(given.tolist(), ballots.sizes.tolist(), _parts(ballots).tolist(), strict=True)
    ):
        if 2 * votes < rule.votes_per_image * images:
            waiting[place] = (
                f"{votes} votes on {images} images; {rule.votes_per_image:g} per image are needed"
            )
        elif parts > 1:
            waiting[place] = f"no votes between {parts} groups of its images"
    return waiting


def _p_equal(ballots: Ballots, found: Fit) -> NDArray[np.float64]:
    """Return of each series the p-value of equal images, by the likelihood ratio."""
    from scipy.stats import chi2

    p: NDArray[np.float64] = chi2.sf(
        2 * np.maximum(found.gain, 0), np.maximum(ballots.sizes - 1, 1)
    )
    return p


def _dropped(
    ids: Sequence[int],
    waiting: Mapping[int, str],
    p_equal: NDArray[np.float64],
    decided: NDArray[np.int64],
    bad: Mapping[int, int],
    rule: SeriesRule,
) -> dict[int, str]:
    """Return why series are dropped; the first reason counts."""
    dropped = {}
    for place, series in enumerate(ids):
        if bad.get(series, 0) >= rule.bad:
            dropped[place] = f"called bad by {bad[series]} annotators"
        elif place in waiting:
            continue
        elif p_equal[place] > rule.chance:
            dropped[place] = (
                "agreement not above chance: equal images explain the votes "
                f"(p {p_equal[place]:.2f})"
            )
        elif not decided[place]:
            dropped[place] = "no pair is decided"
    return dropped


def _parts(ballots: Ballots) -> NDArray[np.int64]:
    """Return into how many unconnected groups the votes leave each series, (S,)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    graph = csr_array(
        (np.ones(len(ballots), np.int64), (ballots.first, ballots.second)), (ballots.images,) * 2
    )
    _, component = connected_components(graph, directed=False)
    first = np.unique(component, return_index=True)[1]
    return np.bincount(ballots.series_of_image[first], minlength=len(ballots.sizes))
