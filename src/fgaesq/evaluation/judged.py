"""Series with known truth, and what models, competitors and other assessors say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.evaluation.mistakes import WorstMistakes
from fgaesq.evaluation.results import Mistake, ScoredBy
from fgaesq.evaluation.scoring import JudgedImage, model_scores, simple_scores
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import Failure

__all__ = ["JudgedSeries", "Judgements", "judge", "kinds_of"]

_Floats = NDArray[np.float64]
_Ids = NDArray[np.int64]
_Pair: TypeAlias = tuple[int, int, float, float]
"""Positions i and j, P(i is better than j), gap."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSeries:
    """A series with its truth.

    Attributes:
        id: unique in its set.
        group: what results are listed by (the kind of edit, the source, ...).
        names: of the images, each once.
        images: as many.
        values: truth, one per image, higher is better; None where only pairs were judged.
        pairs: (i, j, p), positions and the probability that i is better than j. None: all pairs by
            their values, the image with the higher one being better for certain.
        measure: what the absolute values are called, such as `severity`.
        peers: scores of other assessors on these images by name, higher is better.
        oracles: the same of scorers that know something of the truth.
    """

    id: str
    group: str
    names: Sequence[str]
    images: Sequence[JudgedImage]
    values: Sequence[float] | None
    pairs: Sequence[tuple[int, int, float]] | None = None
    measure: str = "value"
    peers: Mapping[str, Sequence[float]] = field(default_factory=dict)
    oracles: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def judged_pairs(self) -> list[_Pair]:
        """Return (i, j, p, gap) of all pairs, ties (p = .5) included.

        The gap is |p - .5| of judged pairs, and the difference of values otherwise.
        """
        if self.pairs is not None:
            return [(i, j, p, abs(p - 0.5)) for i, j, p in self.pairs]
        values = self.values or ()
        return [
            (i, j, 0.5 + 0.5 * float(np.sign(values[i] - values[j])), abs(values[i] - values[j]))
            for i, j in combinations(range(len(values)), 2)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """Of N images in S series with M judged pairs: truth, scores and probabilities.

    Attributes:
        groups: (S,) group of each series.
        series: (N,) position of each image's series.
        values: (N,) truth, higher is better; NaN where only pairs were judged.
        first, second: (M,) positions of the pair's images.
        p: (M,) true probability that the first is better, never .5.
        gap: (M,) see `JudgedSeries.judged_pairs`.
        judged: whether pairs were judged as such, and do not follow from values.
        scores: (N,) by name of the scorer, models first.
        kinds: what each scorer is.
        chances: (M,) by name of the model, its probability that the first is better.
        ties: judged pairs left out because p is .5.
        mistakes: by name of the model, surest first.
        failures: images that one of the scorers could not use, and that none was measured on.
    """

    groups: Sequence[str]
    series: _Ids
    values: _Floats
    first: _Ids
    second: _Ids
    p: _Floats
    gap: _Floats
    judged: bool
    scores: Mapping[str, _Floats]
    kinds: Mapping[str, ScoredBy]
    chances: Mapping[str, _Floats] = field(default_factory=dict)
    ties: int = 0
    mistakes: Mapping[str, tuple[Mistake, ...]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    @property
    def listed(self) -> bool:
        """Whether the order in which pairs are listed is independent of the truth.

        So it is where people were asked about "first" and "second" and both occur as the better
        one. Pairs made from values, and tables that always name the winner first, have no order.
        """
        return self.judged and bool((self.p > 0.5).any() and (self.p < 0.5).any())

    @property
    def pair_series(self) -> _Ids:
        """The series of each pair, (M,)."""
        return self.series[self.first]

    def margins(self, scorer: str) -> _Floats:
        """Return the score of the better minus that of the worse image of each pair, (M,)."""
        scores = self.scores[scorer]
        order = np.where(self.p > 0.5, 1.0, -1.0)
        margins: _Floats = order * (scores[self.first] - scores[self.second])
        return margins


def judge(
    rankers: Mapping[str, Ranker],
    series: Iterable[JudgedSeries],
    *,
    on_image: Callable[[], None] | None = None,
) -> Judgements:
    """Score every series by the models (as a series), the simple competitors and the peers.

    Args:
        rankers: models by the name that results are listed under.
        series: to be judged; one is held in memory at a time.
        on_image: called for each image.

    Returns:
        All scorers on the same images: one that a scorer cannot use is a failure and left out for
        all of them, and with it a series of which fewer than two images are left.
    """
    table = _Table(rankers)
    for one in series:
        table.add(one)
        for _ in one.images:
            if on_image:
                on_image()
    return table.judgements()


def kinds_of(
    scorers: Iterable[str],
    models: Iterable[str],
    peers: Iterable[str],
    oracles: Iterable[str] = (),
) -> dict[str, ScoredBy]:
    """Return what each scorer is; those that are nothing else are the simple competitors."""
    kinds: dict[str, ScoredBy] = dict.fromkeys(scorers, "simple")
    kinds |= dict.fromkeys(peers, "assessor")
    kinds |= dict.fromkeys(oracles, "knows the truth")
    kinds |= dict.fromkeys(models, "model")
    return kinds


class _Table:
    """Collects series by series what `Judgements` holds."""

    def __init__(self, rankers: Mapping[str, Ranker]) -> None:
        self._rankers = rankers
        self._groups: list[str] = []
        self._series: list[int] = []
        self._values: list[float] = []
        self._pairs: list[_Pair] = []
        self._scores: dict[str, list[float]] = {}
        self._kinds: dict[str, ScoredBy] = {}
        self._chances: dict[str, list[float]] = {name: [] for name in rankers}
        self._worst = {name: WorstMistakes() for name in rankers}
        self._ties = 0
        self._judged = False
        self._failures: dict[str, Failure] = {}

    def add(self, one: JudgedSeries) -> None:
        models = {
            name: model_scores(name, ranker, one.images, one.names, one.id)
            for name, ranker in self._rankers.items()
        }
        found = [*models.values(), simple_scores(one.images, one.names)]
        for result in found:
            for failure in result.failures:
                self._failures.setdefault(failure.path, failure)
        columns = {name: scores for result in found for name, scores in result.scores.items()}
        usable = set(range(len(one.images))).intersection(*columns.values())
        if len(usable) < 2:
            return
        columns |= {name: dict(enumerate(values)) for name, values in one.peers.items()}
        columns |= {name: dict(enumerate(values)) for name, values in one.oracles.items()}
        self._kinds = kinds_of(columns, self._rankers, one.peers, one.oracles)
        rows = {i: len(self._series) + row for row, i in enumerate(sorted(usable))}
        for name, column in columns.items():
            self._scores.setdefault(name, []).extend(float(column[i]) for i in rows)
        self._series += [len(self._groups)] * len(rows)
        self._values += [one.values[i] if one.values is not None else np.nan for i in rows]
        self._groups.append(one.group)
        pairs = [pair for pair in one.judged_pairs() if pair[0] in rows and pair[1] in rows]
        clear = [pair for pair in pairs if pair[2] != 0.5]
        self._judged |= one.pairs is not None
        self._ties += len(pairs) - len(clear)
        self._pairs += [(rows[i], rows[j], p, gap) for i, j, p, gap in clear]
        for name, result in models.items():
            chances = [result.chances[i, j] for i, j, _, _ in clear]
            self._chances[name] += chances
            self._worst[name].offer(one, clear, chances)

    def judgements(self) -> Judgements:
        first, second, p, gap = np.array(self._pairs, np.float64).reshape(-1, 4).T
        return Judgements(
            groups=self._groups,
            series=np.array(self._series, np.int64),
            values=np.array(self._values, np.float64),
            first=first.astype(np.int64),
            second=second.astype(np.int64),
            p=p,
            gap=gap,
            judged=self._judged,
            scores={name: np.array(column) for name, column in self._scores.items()},
            kinds=self._kinds,
            chances={name: np.array(column) for name, column in self._chances.items()},
            ties=self._ties,
            mistakes={name: worst.surest_first() for name, worst in self._worst.items()},
            failures=tuple(self._failures.values()),
        )
