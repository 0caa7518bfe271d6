"""Comparative texts for constructed series, where the edit that orders the series is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from fgaesq.errors import UnknownNameError
from fgaesq.texts.records import ComparativeText
from fgaesq.texts.vocabulary import WORDINGS, Wording

__all__ = ["series_texts", "template_text", "wording_of"]


def wording_of(edit: str) -> Wording:
    """Return what to call the difference that an edit makes.

    Raises:
        UnknownNameError: the edit has no wording.
    """
    if edit not in WORDINGS:
        raise UnknownNameError("edit", edit, WORDINGS)
    return WORDINGS[edit]


def template_text(edit: str, rng: np.random.Generator) -> str:
    """Return a sentence on what an image with less of an edit is better in.

    Raises:
        UnknownNameError: the edit has no wording.
    """
    sentences = wording_of(edit).sentences
    return sentences[int(rng.integers(len(sentences)))]


def series_texts(
    series: str, edit: str, severities: Mapping[str, float]
) -> tuple[ComparativeText, ...]:
    """Return a text for every pair of a constructed series.

    Which sentence a pair gets depends on the names of the series and its two images alone.

    Args:
        series: its id.
        edit: the edit that orders it.
        severities: of that edit by image; lower is better.

    Raises:
        UnknownNameError: the edit has no wording.
    """
    texts = []
    for first, second in combinations(severities, 2):
        if severities[first] == severities[second]:
            continue  # neither is better
        content = "\n".join([series, *sorted([first, second])]).encode()
        seed = int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")
        texts.append(
            ComparativeText(
                series=series,
                first=first,
                second=second,
                direction="first" if severities[first] < severities[second] else "second",
                text=template_text(edit, np.random.default_rng(seed)),
                source="template",
            )
        )
    return tuple(texts)
