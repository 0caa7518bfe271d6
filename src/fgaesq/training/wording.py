"""From the directions that training learned to the words by which a model names reasons."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from fgaesq.models.reasons_file import ReasonWord, ReasonWords
from fgaesq.texts.encoder import TextEncoder, text_directions
from fgaesq.texts.vocabulary import WORDINGS

__all__ = ["edit_words", "fitted_directions", "text_words"]

_FIT_STEPS = 400
_FIT_RATE = 0.01


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


def fitted_directions(
    directions: Tensor, differences: Tensor, kinds: Tensor, *, temperature: float
) -> Tensor:
    """Return directions by which the kind of a difference is told better, the model as it is.

    Training pulls features and directions towards each other while both must also serve the
    ranking, and on series in which flaws of several kinds meet. Of the finished model, pairs of one
    known edit say more exactly where its kinds lie: cross-entropy of the softmax over the cosines,
    each kind counting the same.

    Args:
        directions: (K, F), where to start from.
        differences: (M, F), better minus worse feature of M pairs.
        kinds: (M,) int64, the kind of each, below K; those that do not occur keep their direction.
        temperature: that divides the cosines.
    """
    unit = functional.normalize(differences.double(), dim=-1)
    start = functional.normalize(directions.detach().double(), dim=-1)
    counts = torch.bincount(kinds, minlength=len(directions))
    weights = torch.where(counts > 0, 1 / counts.clamp(min=1), 0.0).double()
    found = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([found], lr=_FIT_RATE)
    for _ in range(_FIT_STEPS):
        cosines = unit @ functional.normalize(found, dim=-1).T
        loss = functional.cross_entropy(cosines / temperature, kinds, weight=weights)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return torch.where((counts > 0)[:, None], functional.normalize(found.detach(), dim=-1), start)


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
