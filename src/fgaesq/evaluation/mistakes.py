"""The pairs that a model was surest of, and wrong: kept as pictures while a set is judged."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fgaesq.errors import FgaError
from fgaesq.evaluation.results import Mistake
from fgaesq.evaluation.scoring import pixels_of

if TYPE_CHECKING:
    from fgaesq.evaluation.judged import JudgedSeries

__all__ = ["WorstMistakes"]

_KEPT = 12
_LONG_SIDE_PX = 640


class WorstMistakes:
    """The surest mistakes of one model, at most one a series so that they differ."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Mistake]] = []
        self._offered = 0

    def offer(
        self,
        series: JudgedSeries,
        pairs: Sequence[tuple[int, int, float, float]],
        chances: Sequence[float],
    ) -> None:
        """Keep the surest wrong pair of a series if it is among the worst so far.

        Args:
            series: the images.
            pairs: (i, j, p, gap), none a tie.
            chances: the model's probability that i is better than j, one for each pair.
        """
        wrong = [
            (1 - c if p > 0.5 else c, pair)
            for pair, c in zip(pairs, chances, strict=True)
            for p in (pair[2],)
            if (c - 0.5) * (p - 0.5) < 0
        ]
        if not wrong:
            return
        sureness, pair = max(wrong)
        self._offered += 1
        if len(self._heap) == _KEPT and sureness <= self._heap[0][0]:
            return
        try:
            mistake = _mistake(series, pair, sureness)
        except FgaError:
            return  # it was readable a moment ago; the failure is not the model's mistake
        heapq.heappush(self._heap, (sureness, -self._offered, mistake))
        if len(self._heap) > _KEPT:
            heapq.heappop(self._heap)

    def surest_first(self) -> tuple[Mistake, ...]:
        """Return what was kept."""
        return tuple(mistake for *_, mistake in sorted(self._heap, key=lambda one: -one[0]))


def _mistake(series: JudgedSeries, pair: tuple[int, int, float, float], sureness: float) -> Mistake:
    i, j, p, _ = pair
    better, worse = (i, j) if p > 0.5 else (j, i)
    return Mistake(
        series=series.id,
        group=series.group,
        better=series.names[better],
        worse=series.names[worse],
        p=sureness,
        truth=_truth(series, better, worse, max(p, 1 - p)),
        better_image=pixels_of(series.images[better], _LONG_SIDE_PX),
        worse_image=pixels_of(series.images[worse], _LONG_SIDE_PX),
    )


def _truth(series: JudgedSeries, better: int, worse: int, p: float) -> str:
    if series.pairs is not None:
        return f"preferred with probability {p:.2f}"
    values = series.values or ()
    return f"{series.measure} {abs(values[better]):.3g} against {abs(values[worse]):.3g}"
