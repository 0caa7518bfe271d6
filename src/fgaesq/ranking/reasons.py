"""Why one image is better than another, in words.

Training pulls the difference of two images' features, better minus worse, towards the direction of
what makes them differ (paper, CTAlign; `losses.alignment`). Here the difference is read back: the
softmax of its cosines with all directions gives each word's probability, which is its strength.

Which words are given: of those with a strength of at least .15 the three strongest. Where the two
are too close to call, only a word that outweighs all others together (.5): the scores do not
decide, but what differs may still be plain. Equal scores have no better side, hence no reason.

In a series, an image is compared with one other at a time, and the words' probabilities are
averaged: the difference from the mean of several images, each with a flaw of its own, is like none.

A series that a model judges by naturalness has that as its only reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fgaesq.models.reasons_file import ReasonWord, ReasonWords
from fgaesq.ranking.probability import p_best, p_first, verdict
from fgaesq.types import Reason

__all__ = [
    "LEAST_STRENGTH",
    "LEAST_STRENGTH_TOO_CLOSE",
    "MOST_REASONS",
    "of_naturalness",
    "others_weights",
    "pair_reasons",
    "series_reasons",
    "strengths",
]

LEAST_STRENGTH = 0.15
LEAST_STRENGTH_TOO_CLOSE = 0.5
MOST_REASONS = 3

_NATURAL = ReasonWord("naturalness", "more natural detail", "less natural detail")


def of_naturalness(words: ReasonWords) -> ReasonWords:
    """Return the words of a model for a series that it judges by naturalness: one."""
    return replace(words, words=(_NATURAL,), directions=words.directions[:1])


def strengths(words: ReasonWords, differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each word, (..., K), that it is what makes the better image better.

    Args:
        words: K words.
        differences: feature of the better image minus that of the worse, (..., F), none all 0.
    """
    lengths = np.linalg.norm(differences, axis=-1, keepdims=True)
    cosines = differences / lengths @ words.directions.T
    powers = np.exp((cosines - cosines.max(axis=-1, keepdims=True)) / words.temperature)
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def pair_reasons(
    words: ReasonWords, first: NDArray[np.floating], second: NDArray[np.floating], *, p: float
) -> tuple[Reason, ...]:
    """Return why the preferred one of two images is better, strongest first.

    Args:
        words: of the model.
        first: feature of the one, (F,).
        second: feature of the other.
        p: probability that `first` beats `second`; it decides which one is meant.
    """
    difference = first.astype(np.float64) - second.astype(np.float64)
    texts = [word.text for word in words.words]
    if not difference.any():
        return ()
    return _reasons(strengths(words, difference if p > 0.5 else -difference), texts, p)


def series_reasons(
    words: ReasonWords,
    features: NDArray[np.floating],
    scores: Sequence[float],
    *,
    temperature: float,
) -> list[tuple[Reason, ...]]:
    """Return for each image of a series why it is better, or worse, than the others.

    An image counts as better or worse than the others by their mean score, each weighted by its
    probability of being the best of them. A better one is compared with all that it beats, each
    counting the same; a worse one with those that beat it, weighted likewise, and so mostly with
    the best. It gets the opposite words: what it lacks.

    Args:
        words: of the model.
        features: of N images, (N, F), in an order that follows from their content.
        scores: theirs.
        temperature: of the model.
    """
    exact, known = features.astype(np.float64), np.array(scores, np.float64)
    reasons: list[tuple[Reason, ...]] = []
    for index, weights in enumerate(others_weights(exact, scores, temperature=temperature)):
        if not weights.any():
            reasons.append(())
            continue
        p = p_first(scores[index], float(weights @ known), temperature=temperature)
        better = p > 0.5
        others = weights * (known > known[index])
        if better:
            others = np.asarray((weights > 0) & (known < known[index]), np.float64)
        texts = [word.text if better else word.opposite for word in words.words]
        differences = exact[index] - exact if better else exact - exact[index]
        reasons.append(_reasons(_averaged(words, differences, others), texts, p))
    return reasons


def _averaged(
    words: ReasonWords, differences: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean strengths of the words, (K,), over differences (N, F); 0 without weights."""
    counted = weights > 0
    if not counted.any():
        return np.zeros(len(words.words))
    total = weights[counted] @ strengths(words, differences[counted])
    mean: NDArray[np.float64] = total / weights.sum()
    return mean


def others_weights(
    features: NDArray[np.floating], scores: Sequence[float], *, temperature: float
) -> list[NDArray[np.float64]]:
    """Return for each of N images how much each of the others counts in what it is compared with.

    Returns:
        Per image (N,) weights that sum to 1: `p_best` among the others. The image itself and those
        with the same feature (identical pixels) have 0; where there are only such, all are 0.
    """
    weights = []
    for feature in features:
        others = np.flatnonzero((features != feature).any(axis=1))
        row = np.zeros(len(scores))
        if others.size:
            row[others] = p_best([scores[i] for i in others.tolist()], temperature=temperature)
        weights.append(row)
    return weights


def _reasons(shares: NDArray[np.float64], texts: Sequence[str], p: float) -> tuple[Reason, ...]:
    """Return the words that stand out; kinds that are called the same count together."""
    if p == 0.5:
        return ()
    least = LEAST_STRENGTH_TOO_CLOSE if verdict(p) == "too_close" else LEAST_STRENGTH
    by_text: dict[str, float] = {}
    for text, strength in zip(texts, shares.tolist(), strict=True):
        by_text[text] = by_text.get(text, 0.0) + strength
    strongest = sorted(by_text.items(), key=lambda item: (-item[1], item[0]))[:MOST_REASONS]
    return tuple(Reason(text, min(s, 1.0)) for text, s in strongest if s >= least)
