"""How often the reasons name what was really done: on constructed series the edit is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fgaesq.evaluation.judged import Judgements
from fgaesq.evaluation.measures import by_group
from fgaesq.evaluation.resampling import estimate, ratio
from fgaesq.evaluation.results import Naming
from fgaesq.ranking.probability import verdict

__all__ = ["NONE_GIVEN", "naming_of"]

NONE_GIVEN = "none"
"""What a missing reason is listed as."""

_MOST_MISTAKEN = 5


def naming_of(judgements: Judgements, model: str, words: Mapping[str, str]) -> dict[str, Naming]:
    """Return how often a model's first reason names the edit that orders a constructed series.

    Args:
        judgements: of series whose group is the kind of edit.
        model: one whose reasons they hold.
        words: by kind of edit, the model's word for the better image. A kind without a word is
            never named; kinds that share one are not told apart.

    Returns:
        By kind of edit, `all` first.
    """
    truth = [words.get(group) for group in judgements.groups]
    said, pair_series = judgements.reasons[model], judgements.pair_series
    holds = np.array([one == truth[s] for one, s in zip(said, pair_series, strict=True)], bool)
    called = np.array([verdict(p) != "too_close" for p in judgements.chances[model]], bool)
    ordered = judgements.margins(model) > 0
    right, named = ordered & called, ordered & holds  # else it praises the wrong image
    tallies = np.zeros((len(truth), 5))
    given = np.array([one != "" for one in said], bool)
    columns = np.stack([np.ones(len(said)), named, right, right & named, given], axis=1)
    np.add.at(tallies, pair_series, columns)
    best = [one == word for one, word in zip(judgements.best_reasons[model], truth, strict=True)]
    tallies = np.column_stack([tallies, np.ones(len(truth)), best])
    found = {}
    for kind, chosen in by_group(judgements.groups).items():
        others = np.flatnonzero(chosen[pair_series] & ~holds)
        mistaken = Counter(said[pair] or NONE_GIVEN for pair in others.tolist())
        found[kind] = _naming(tallies[chosen], words.get(kind), mistaken)
    return found


def _naming(tallies: NDArray[np.float64], word: str | None, mistaken: Counter[str]) -> Naming:
    """Return a row from (S, 7): pairs, named, right, both, given; series, their best named."""
    pairs, _, right, _, _, series, _ = (int(total) for total in tallies.sum(axis=0))
    most = sorted(mistaken.items(), key=lambda item: (-item[1], item[0]))[:_MOST_MISTAKEN]
    return Naming(
        word=word,
        pairs=pairs,
        right_pairs=right,
        series=series,
        right_named=estimate(tallies, ratio(3, 2)),
        named=estimate(tallies, ratio(1, 0)),
        given=estimate(tallies, ratio(4, 0)),
        best_named=estimate(tallies, ratio(6, 5)),
        mistaken=dict(most),
    )
