"""How often the reasons name what was really done: on constructed series the edit is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from fgaesq.errors import InputError
from fgaesq.evaluation.judged import JudgedSeries
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import ImageSource, Reason

__all__ = ["reason_report"]

NONE_GIVEN = "none"
"""What a missing reason counts as: always wrong."""


def reason_report(
    ranker: Ranker,
    series: Iterable[JudgedSeries],
    *,
    on_image: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Return how often the first reason names the edit that orders a constructed series.

    Args:
        ranker: of a model that names reasons.
        series: whose `group` is the kind of edit.
        on_image: called for each image.

    Returns:
        For `all` and each kind of edit:

        * `pairs`, and `pairs_named`: the share of all pairs whose first reason is the word of that
          edit. A pair without a reason is not named, nor, as a rule, one put in the wrong order.
        * `pairs_given`: the share of pairs that have a reason.
        * `series`, and `best_named`: the share whose best-ranked image has that first reason.
        * `said`: how often each first reason was given for a pair.

    Raises:
        InputError: the model names no reasons, or has no word for an edit, or an image failed.
    """
    texts = ranker.reason_texts
    if not texts:
        raise InputError(f"{ranker.identity.name}: this model names no reasons; train it anew")
    tallies: dict[str, _Tally] = {"all": _Tally()}
    for one in series:
        if one.group not in texts:
            raise InputError(
                f"{ranker.identity.name}: has no word for '{one.group}'; "
                f"known: {', '.join(sorted(texts))}"
            )
        ranking = ranker.rank(cast("list[ImageSource]", list(one.images)))  # arrays
        if ranking.failures:
            raise InputError(f"series {one.id}: {ranking.failures[0].error}")
        for tally in (tallies["all"], tallies.setdefault(one.group, _Tally())):
            tally.add_best(ranking.series[0].images[0].reasons, texts[one.group])
            for pair in ranking.series[0].pairs:
                tally.add_pair(pair.reasons, texts[one.group])
        for _ in one.images:
            if on_image:
                on_image()
    return {name: tally.summary() for name, tally in tallies.items()}


class _Tally:
    """Counts of one row of the report."""

    def __init__(self) -> None:
        self._said: Counter[str] = Counter()
        self._best: list[bool] = []
        self._pairs: list[bool] = []

    def add_best(self, reasons: tuple[Reason, ...], truth: str) -> None:
        self._best.append(_first(reasons) == truth)

    def add_pair(self, reasons: tuple[Reason, ...], truth: str) -> None:
        self._said[_first(reasons)] += 1
        self._pairs.append(_first(reasons) == truth)

    def summary(self) -> Mapping[str, Any]:
        return {
            "pairs": len(self._pairs),
            "pairs_named": _share(self._pairs),
            "pairs_given": 1 - self._said[NONE_GIVEN] / max(1, len(self._pairs)),
            "series": len(self._best),
            "best_named": _share(self._best),
            "said": dict(sorted(self._said.items(), key=lambda item: (-item[1], item[0]))),
        }


def _first(reasons: tuple[Reason, ...]) -> str:
    return reasons[0].text if reasons else NONE_GIVEN


def _share(right: list[bool]) -> float | None:
    return sum(right) / len(right) if right else None
