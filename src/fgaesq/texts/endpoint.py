"""Comparative texts from a multimodal model: one question a pair, each asked only once.

Answers are kept on disk under the hash of the request (model, prompt, images as sent), so that a
run that was stopped, or is repeated with more pairs, asks only what has not been answered.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fgaesq.errors import EndpointError, InputError
from fgaesq.texts.chat_http import Chat, Stopped, UnansweredError
from fgaesq.texts.prompt import (
    PROMPT,
    UnusableAnswerError,
    asked_again,
    question,
    text_of_answer,
    to_url,
)
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

_FAILURES_IN_A_ROW = 10
_IMAGES_KEPT = 64  # encoded; the pairs of a series come one after the other
_CHARACTERS_PER_TOKEN = 4
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


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will use at most, if every pair is asked about once; `cost` in the price's unit.

    `cost` is None where no prices are known.
    """

    pairs: int
    tokens_in: int
    tokens_out: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is kept of a pair: a text, or why the model's answers could not be used."""

    text: str
    reason: str
    model: str
    tokens_in: int
    tokens_out: int


def image_tokens(size_px: int) -> int:
    """Return the most tokens that OpenAI bills for an image of that long side to GPT-4o.

    85, and 170 for each tile of 512 px, after a reduction to 2048 px and to a short side of 768 px.
    """
    return 85 + 170 * math.ceil(min(size_px, 2048) / 512) * math.ceil(min(size_px, 768) / 512)


def estimate(
    pairs: int,
    *,
    tokens_per_image: int,
    price_in: float | None = None,
    price_out: float | None = None,
) -> Estimate:
    """Return what asking about so many pairs takes; prices are for a million tokens."""
    tokens_in = pairs * (2 * tokens_per_image + math.ceil(len(PROMPT) / _CHARACTERS_PER_TOKEN))
    tokens_out = pairs * _TOKENS_OF_AN_ANSWER
    cost = None
    if price_in is not None and price_out is not None:
        cost = (tokens_in * price_in + tokens_out * price_out) / 1e6
    return Estimate(pairs, tokens_in, tokens_out, cost)


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

    def answered(pair: PairToDescribe) -> tuple[_Answer, bool]:
        sides = (pair.first, pair.second)
        better, worse = sides if pair.direction == "first" else sides[::-1]
        request = question(model, url_of(better), url_of(worse), fields)
        path = _path_in(cache, request)
        known = _kept(path)
        if known is not None and (known.text or not retry_failed):
            return known, False
        answer = _answer(chat, request)
        _keep(path, answer)
        return answer, True

    with _storing(cache):
        cache.mkdir(parents=True, exist_ok=True)
    tally = _Tally(chat.address, model)
    pairs = list(dict.fromkeys(pairs))
    asked: deque[tuple[PairToDescribe, Future[tuple[_Answer, bool]]]] = deque()

    def settle_first() -> None:
        tally.add(*asked.popleft())
        if progress is not None:
            progress()

    with ThreadPoolExecutor(workers) as pool:
        try:
            for pair in pairs:
                if len(asked) >= 2 * workers:  # more would be paid for after the run has failed
                    settle_first()
                asked.append((pair, pool.submit(answered, pair)))
            while asked:
                settle_first()
        finally:  # whatever ended the loop, nothing more is asked
            chat.close()
            pool.shutdown(cancel_futures=True)
    return tally.descriptions()


class _Tally:
    """What has come of the pairs so far."""

    def __init__(self, address: str, model: str) -> None:
        self._address = address
        self._model = model
        self._texts: list[ComparativeText] = []
        self._failures: list[NotDescribed] = []
        self._asked = self._known = self._tokens_in = self._tokens_out = 0
        self._in_a_row = 0

    def add(self, pair: PairToDescribe, future: Future[tuple[_Answer, bool]]) -> None:
        """Wait for a pair's answer and count it; raise EndpointError after too many failures."""
        try:
            answer, is_new = future.result()
        except Stopped:  # because the endpoint refused another pair, whose error is still to come
            return
        except InputError as error:  # an image that cannot be read is no fault of the endpoint
            self._failures.append(NotDescribed(pair, str(error)))
            return
        except UnansweredError as error:
            answer, is_new = _Answer("", str(error), "", 0, 0), True
        self._asked += is_new
        self._known += not is_new
        self._tokens_in += answer.tokens_in * is_new
        self._tokens_out += answer.tokens_out * is_new
        if answer.text:
            self._texts.append(_record(pair, answer, self._model))
            self._in_a_row = 0
            return
        self._failures.append(NotDescribed(pair, answer.reason))
        self._in_a_row += is_new
        if self._in_a_row == _FAILURES_IN_A_ROW:
            raise EndpointError(
                f"{self._address}: {self._in_a_row} pairs in a row got no text, last: "
                f"{answer.reason}; correct that and start again, answers so far are kept"
            )

    def descriptions(self) -> Descriptions:
        """Return it all."""
        return Descriptions(
            tuple(self._texts),
            tuple(self._failures),
            self._asked,
            self._known,
            self._tokens_in,
            self._tokens_out,
        )


def _answer(chat: Chat, request: dict[str, Any]) -> _Answer:
    """Ask, and once again if the answer cannot be used."""
    reply = chat.ask(request)
    tokens_in, tokens_out = reply.tokens_in, reply.tokens_out
    try:
        text, reason = text_of_answer(reply.text), ""
    except UnusableAnswerError as problem:
        reply = chat.ask(asked_again(request, reply.text, problem))
        tokens_in, tokens_out = tokens_in + reply.tokens_in, tokens_out + reply.tokens_out
        try:
            text, reason = text_of_answer(reply.text), ""
        except UnusableAnswerError as error:
            text, reason = "", f"two answers could not be used, the last because {error}"
    return _Answer(text, reason, reply.model, tokens_in, tokens_out)


def _record(pair: PairToDescribe, answer: _Answer, model: str) -> ComparativeText:
    return ComparativeText(
        series=pair.series,
        first=pair.first,
        second=pair.second,
        direction=pair.direction,
        text=answer.text,
        source="endpoint",
        model=answer.model or model,
    )


def _path_in(cache: Path, request: Mapping[str, Any]) -> Path:
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    return cache / digest[:2] / f"{digest}.json"


def _kept(path: Path) -> _Answer | None:
    """Return a kept answer; None if there is none, or a damaged one, which is asked for again."""
    try:
        return _Answer(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: Path, answer: _Answer) -> None:
    part = path.with_name(f"{path.name}.part-{os.getpid()}")
    with _storing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(answer), ensure_ascii=False), encoding="utf-8")
        part.replace(path)


@contextmanager
def _storing(folder: Path) -> Iterator[None]:
    """Turn a failure to write into an end of the run: the next answers would be lost as well."""
    try:
        yield
    except OSError as error:
        raise EndpointError(
            f"{folder}: answers cannot be kept there ({error.strerror}); choose another folder "
            "with --cache"
        ) from error
