"""Comparative texts from a multimodal model: one question a pair, asked as `asking` does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fgaesq.texts.asking import Answer, Estimate, Question, ask_all, estimated, image_tokens
from fgaesq.texts.chat_http import Chat
from fgaesq.texts.prompt import FORM, PROMPT, question, text_of_answer, to_url
from fgaesq.texts.records import ComparativeText, Direction
from fgaesq.types import Image

__all__ = [
    "Descriptions",
    "Estimate",
    "NotDescribed",
    "PairToDescribe",
    "describe_pairs",
    "estimate",
    "image_tokens",
    "sampled",
]

_IMAGES_KEPT = 64  # encoded; the pairs of a series come one after the other
_TOKENS_OF_AN_ANSWER = 50


@dataclass(frozen=True, slots=True)
class PairToDescribe:
    """A pair and which of its images is the better one."""

    series: str
    first: str
    second: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class NotDescribed:
    """A pair without a text, and why."""

    pair: PairToDescribe
    reason: str


@dataclass(frozen=True, slots=True)
class Descriptions:
    """What came of a run.

    Attributes:
        texts: in the order of the pairs.
        failures: the pairs without a text.
        asked: pairs that the endpoint was asked about.
        known: pairs whose answer was in the cache.
        tokens_in, tokens_out: billed in this run, as far as the endpoint says.
    """

    texts: tuple[ComparativeText, ...]
    failures: tuple[NotDescribed, ...]
    asked: int
    known: int
    tokens_in: int
    tokens_out: int


def estimate(
    pairs: int,
    *,
    tokens_per_image: int,
    price_in: float | None = None,
    price_out: float | None = None,
) -> Estimate:
    """Return what asking about so many pairs takes; prices are for a million tokens."""
    return estimated(
        pairs,
        images=2 * pairs,
        tokens_per_image=tokens_per_image,
        prompt=PROMPT,
        tokens_out=pairs * _TOKENS_OF_AN_ANSWER,
        price_in=price_in,
        price_out=price_out,
    )


def sampled(pairs: Sequence[PairToDescribe], limit: int | None) -> list[PairToDescribe]:
    """Return at most `limit` pairs, spread over all; more of them include those of fewer."""
    if limit is None or limit >= len(pairs):
        return list(pairs)

    def drawn(position: int) -> bytes:
        pair = pairs[position]
        return hashlib.blake2b("\n".join([pair.series, pair.first, pair.second]).encode()).digest()

    chosen = sorted(range(len(pairs)), key=drawn)[:limit]
    return [pairs[position] for position in sorted(chosen)]


def describe_pairs(
    pairs: Sequence[PairToDescribe],
    open_image: Callable[[str], Image],
    chat: Chat,
    *,
    model: str,
    cache: Path,
    fields: Mapping[str, object] | None = None,
    workers: int = 4,
    retry_failed: bool = False,
    progress: Callable[[], None] | None = None,
) -> Descriptions:
    """Ask a model about pairs and return its texts.

    Args:
        pairs: those of a series should be neighbours.
        open_image: returns the pixels of a pair's image, reduced to what is to be sent; it is
            called from several threads and may raise InputError.
        chat: the endpoint. It is closed at the end.
        model: its name there.
        cache: folder for the answers.
        fields: of the request, see `question`.
        workers: requests at a time.
        retry_failed: ask again where earlier answers could not be used.
        progress: called after each pair.

    Raises:
        EndpointError: the endpoint refuses, ten pairs in a row got no text, or answers cannot be
            kept. Those that came before are.
    """

    @lru_cache(maxsize=_IMAGES_KEPT)
    def url_of(image: str) -> str:
        return to_url(open_image(image))

    def request(pair: PairToDescribe) -> dict[str, Any]:
        sides = (pair.first, pair.second)
        better, worse = sides if pair.direction == "first" else sides[::-1]
        return question(model, url_of(better), url_of(worse), fields)

    found = ask_all(
        list(dict.fromkeys(pairs)),
        Question(request, lambda _, answer: text_of_answer(answer), FORM, "pairs", "text"),
        chat,
        cache=cache,
        workers=workers,
        retry_failed=retry_failed,
        progress=progress,
    )
    return Descriptions(
        tuple(_record(pair, answer, model) for pair, answer in found.given),
        tuple(NotDescribed(pair, reason) for pair, reason in found.failures),
        found.asked,
        found.known,
        found.tokens_in,
        found.tokens_out,
    )


def _record(pair: PairToDescribe, answer: Answer, model: str) -> ComparativeText:
    return ComparativeText(
        series=pair.series,
        first=pair.first,
        second=pair.second,
        direction=pair.direction,
        text=answer.text,
        source="endpoint",
        model=answer.model or model,
    )
