"""From the directions that training learned to the words by which a model names reasons."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from fgaesq.models.reasons_file import ReasonWord, ReasonWords
from fgaesq.texts.encoder import TextEncoder, text_directions
from fgaesq.texts.vocabulary import WORDINGS

__all__ = ["edit_words", "text_words"]


def edit_words(directions: Tensor, kinds: Iterable[str], *, temperature: float) -> ReasonWords:
    """Return the words of a model that learned one direction for each kind of edit.

    Args:
        directions: (K, F), from the worse to the better image; of any length above 0.
        kinds: K names of edits.
        temperature: that divided the cosines in training (`losses.alignment`).
    """
    exact = functional.normalize(directions.detach().double(), dim=-1)
    words = tuple(ReasonWord(kind, *_phrases(kind)) for kind in kinds)
    return ReasonWords(words, exact.cpu().numpy(), temperature)


def text_words(encoder: TextEncoder, kinds: Iterable[str], *, temperature: float) -> ReasonWords:
    """Return the words of a model that learned from texts: a kind lies amid its sentences.

    Args:
        encoder: of the texts, as it is after training.
        kinds: names of edits.
        temperature: see `edit_words`.
    """
    named = tuple(kinds)
    with torch.no_grad():
        means = [text_directions(WORDINGS[kind].sentences, encoder).mean(dim=0) for kind in named]
    return edit_words(torch.stack(means), named, temperature=temperature)


def _phrases(kind: str) -> tuple[str, str]:
    wording = WORDINGS[kind]
    return wording.reason, wording.opposite
