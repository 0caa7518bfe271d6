"""Texts to unit vectors of the feature space, for the alignment of feature differences.

Two encoders: CLIP's frozen text tower, as in the paper, where its weights are given; otherwise a
small one that is trained together with the network.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from fgaesq.errors import InputError, RecipeError, WeightsError
from fgaesq.models.clip_text import CLIP_TEXT, ClipTextSizes, ClipTextTower, load_clip_text
from fgaesq.texts.clip_tokenizer import ClipTokenizer, read_clip_vocabulary

__all__ = [
    "ClipTextEncoder",
    "HashedTextEncoder",
    "TextEncoder",
    "load_clip_encoder",
    "text_directions",
    "text_encoder",
]

_WORD = re.compile(r"\w+")
_TEXTS_PER_PASS = 64


class TextEncoder(Protocol):
    """What turns texts into vectors."""

    @property
    def feature(self) -> int:
        """Length of the vectors, F."""

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return a vector for each text, (N, F) float32; N at least 1."""


def text_directions(texts: Sequence[str], encoder: TextEncoder) -> Tensor:
    """Return the direction of the feature space that each text stands for.

    Args:
        texts: N texts; equal ones are encoded once.
        encoder: trained ones get gradients through the result.

    Returns:
        (N, F) float32, each row of length 1, on the encoder's device.

    Raises:
        InputError: a text is empty, or too long for the encoder.
    """
    if not all(text.strip() for text in texts):
        raise InputError("a text is empty; leave its pair out")
    if not texts:
        return torch.zeros(0, encoder.feature)
    unique = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    vectors = functional.normalize(encoder.encode(list(unique)).float(), dim=-1)
    return vectors[[unique[text] for text in texts]]


def text_encoder(
    feature: int, *, clip_weights: Path | None = None, clip_vocabulary: Path | None = None
) -> ClipTextEncoder | HashedTextEncoder:
    """Return CLIP's frozen encoder if its weights are given, else a new one to be trained.

    Args:
        feature: length of the network's features, which the vectors must have.
        clip_weights: see `load_clip_text`.
        clip_vocabulary: see `read_clip_vocabulary`; default: the folder of the weights.

    Raises:
        WeightsError: a file of CLIP cannot be used.
        RecipeError: CLIP's vectors are not of that length.
    """
    if clip_weights is None:
        return HashedTextEncoder(feature)
    encoder = load_clip_encoder(clip_weights, clip_vocabulary or clip_weights.parent)
    if encoder.feature != feature:
        raise RecipeError(
            f"{clip_weights}: CLIP's texts have length {encoder.feature}, the model's features "
            f"{feature}; choose a model of that feature length, or train without CLIP's texts"
        )
    return encoder


def load_clip_encoder(
    weights: Path, vocabulary: Path, *, sizes: ClipTextSizes = CLIP_TEXT
) -> ClipTextEncoder:
    """Return CLIP's frozen encoder.

    Args:
        weights: see `load_clip_text`.
        vocabulary: see `read_clip_vocabulary`.
        sizes: the dimensions it must have.

    Raises:
        WeightsError: a file cannot be used, or the two do not belong together.
    """
    tokenizer = read_clip_vocabulary(vocabulary)
    if tokenizer.size != sizes.vocabulary:
        raise WeightsError(
            f"{vocabulary}: has {tokenizer.size} tokens, the text tower {sizes.vocabulary}; use "
            "the vocabulary published with the weights"
        )
    return ClipTextEncoder(load_clip_text(weights, sizes=sizes), tokenizer)


class ClipTextEncoder:
    """CLIP's text tower, frozen. Each text is encoded once and then remembered.

    It is no module on purpose: its weights are not trained and belong into no checkpoint.
    """

    def __init__(self, tower: ClipTextTower, tokenizer: ClipTokenizer) -> None:
        self._tower = tower
        self._tokenizer = tokenizer
        self._known: dict[str, Tensor] = {}

    @property
    def feature(self) -> int:
        """Length of the vectors, F."""
        return self._tower.sizes.feature

    def to(self, device: torch.device | str) -> ClipTextEncoder:
        """Move to a device and return itself."""
        self._tower.to(device)
        self._known = {text: vector.to(device) for text, vector in self._known.items()}
        return self

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return CLIP's text features, (N, F) float32, without gradient.

        Raises:
            InputError: a text is longer than CLIP reads.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for start in range(0, len(new), _TEXTS_PER_PASS):
            some = new[start : start + _TEXTS_PER_PASS]
            self._known.update(zip(some, self._encoded(some), strict=True))
        return torch.stack([self._known[text] for text in texts])

    @torch.no_grad()
    def _encoded(self, texts: Sequence[str]) -> Tensor:
        device = self._tower.positions.device
        length = self._tower.sizes.length
        rows = [torch.tensor(self._tokenizer.encode(text, length=length)) for text in texts]
        ends = torch.tensor([len(row) - 1 for row in rows], device=device)
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True).to(device)
        with torch.autocast(device.type, enabled=False):
            features: Tensor = self._tower(ids, ends)
        return features


class HashedTextEncoder(nn.Module):
    """A small encoder to be trained: the mean of hashed words' embeddings, then a linear layer.

    Words, neighbouring words and runs of three letters each have a bucket, found by CRC-32, so that
    there is no vocabulary to build and an unseen text still has a meaning.
    """

    def __init__(self, feature: int, *, buckets: int = 4096, width: int = 128) -> None:
        super().__init__()
        self.buckets = buckets
        self.embeddings = nn.EmbeddingBag(buckets, width, mode="mean")
        self.projection = nn.Linear(width, feature)

    @property
    def feature(self) -> int:
        """Length of the vectors, F."""
        return self.projection.out_features

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return a vector for each text, (N, F)."""
        return self(texts)  # type: ignore[no-any-return]

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Return a vector for each text, (N, F)."""
        rows = [[zlib.crc32(p.encode()) % self.buckets for p in _pieces(text)] for text in texts]
        device = self.embeddings.weight.device
        flat = torch.tensor([bucket for row in rows for bucket in row], device=device)
        starts = torch.tensor([0, *(len(row) for row in rows[:-1])], device=device).cumsum(0)
        return self.projection(self.embeddings(flat, starts))  # type: ignore[no-any-return]


def _pieces(text: str) -> list[str]:
    """Return the words, neighbouring words and runs of three letters of a text."""
    words = ["^", *_WORD.findall(text.lower()), "$"]
    pieces = [*words[1:-1], *(f"{first} {second}" for first, second in pairwise(words))]
    for word in words[1:-1]:
        marked = f"<{word}>"
        pieces.extend(marked[start : start + 3] for start in range(len(marked) - 2))
    return pieces
