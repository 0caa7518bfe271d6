"""Questions to a multimodal model, many of them: each asked only once, a few at a time.

Answers are kept on disk under the hash of the request (model, prompt, images as sent), so that a
run that was stopped, or is repeated with more questions, asks only what has not been answered.
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
from pathlib import Path
from typing import Any, Generic, TypeVar

from fgaesq.errors import EndpointError, InputError
from fgaesq.texts.chat_http import Chat, Stopped, UnansweredError
from fgaesq.texts.prompt import UnusableAnswerError, asked_again

__all__ = ["Answer", "Answers", "Estimate", "Question", "ask_all", "estimated", "image_tokens"]

_FAILURES_IN_A_ROW = 10
_CHARACTERS_PER_TOKEN = 4

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Question(Generic[Subject]):
    """What is asked about a kind of subject.

    Attributes:
        request: makes the request about a subject; it is called from several threads and may raise
            InputError, if an image cannot be read.
        usable: returns what is to be kept of the model's text, or raises UnusableAnswerError.
        form: of the answer, to remind the model of: `{"text": "..."}`.
        subjects: what the subjects are called, in the plural: `pairs`.
        lacking: what a subject without an answer has not got: `text`.
    """

    request: Callable[[Subject], dict[str, Any]]
    usable: Callable[[Subject, str], str]
    form: str
    subjects: str
    lacking: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept of a question: a text, or why the model's answers could not be used."""

    text: str
    reason: str
    model: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Answers(Generic[Subject]):
    """What came of a run.

    Attributes:
        given: subjects with usable answers, in the order of the subjects.
        failures: subjects without one, and why.
        asked: subjects that the endpoint was asked about.
        known: subjects whose answer was in the cache.
        tokens_in, tokens_out: billed in this run, as far as the endpoint says.
    """

    given: tuple[tuple[Subject, Answer], ...]
    failures: tuple[tuple[Subject, str], ...]
    asked: int
    known: int
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will use at most, if every question is asked once; `cost` in the price's unit.

    `cost` is None where no prices are known.
    """

    questions: int
    tokens_in: int
    tokens_out: int
    cost: float | None


def image_tokens(size_px: int) -> int:
    """Return the most tokens that OpenAI bills for an image of that long side to GPT-4o.

    85, and 170 for each tile of 512 px, after a reduction to 2048 px and to a short side of 768 px.
    """
    return 85 + 170 * math.ceil(min(size_px, 2048) / 512) * math.ceil(min(size_px, 768) / 512)


def estimated(
    questions: int,
    *,
    images: int,
    tokens_per_image: int,
    prompt: str,
    tokens_out: int,
    price_in: float | None = None,
    price_out: float | None = None,
) -> Estimate:
    """Return what questions take.

    Args:
        questions: how many.
        images: that are sent with all of them.
        tokens_per_image: see `image_tokens`.
        prompt: sent with each.
        tokens_out: of all answers.
        price_in: of a million tokens in.
        price_out: of a million tokens out.
    """
    words = math.ceil(len(prompt) / _CHARACTERS_PER_TOKEN)
    tokens_in = images * tokens_per_image + questions * words
    cost = None
    if price_in is not None and price_out is not None:
        cost = (tokens_in * price_in + tokens_out * price_out) / 1e6
    return Estimate(questions, tokens_in, tokens_out, cost)


def ask_all(
    subjects: Sequence[Subject],
    question: Question[Subject],
    chat: Chat,
    *,
    cache: Path,
    workers: int = 4,
    retry_failed: bool = False,
    progress: Callable[[], None] | None = None,
) -> Answers[Subject]:
    """Ask a model about subjects and return its answers.

    Args:
        subjects: those with images in common should be neighbours.
        question: what is asked.
        chat: the endpoint. It is closed at the end.
        cache: folder for the answers.
        workers: requests at a time.
        retry_failed: ask again where earlier answers could not be used.
        progress: called after each subject.

    Raises:
        EndpointError: the endpoint refuses, ten subjects in a row got no answer, or answers cannot
            be kept. Those that came before are.
    """

    def answered(subject: Subject) -> tuple[Answer, bool]:
        request = question.request(subject)
        path = _path_in(cache, request)
        known = _kept(path)
        if known is not None and (known.text or not retry_failed):
            return known, False
        answer = _answer(chat, request, subject, question)
        _keep(path, answer)
        return answer, True

    with _storing(cache):
        cache.mkdir(parents=True, exist_ok=True)
    tally = _Tally(chat.address, question)
    asked: deque[tuple[Subject, Future[tuple[Answer, bool]]]] = deque()

    def settle_first() -> None:
        tally.add(*asked.popleft())
        if progress is not None:
            progress()

    with ThreadPoolExecutor(workers) as pool:
        try:
            for subject in subjects:
                if len(asked) >= 2 * workers:  # more would be paid for after the run has failed
                    settle_first()
                asked.append((subject, pool.submit(answered, subject)))
            while asked:
                settle_first()
        finally:  # whatever ended the loop, nothing more is asked
            chat.close()
            pool.shutdown(cancel_futures=True)
    return tally.answers()


class _Tally(Generic[Subject]):
    """What has come of the subjects so far."""

    def __init__(self, address: str, question: Question[Subject]) -> None:
        self._address = address
        self._question = question
        self._given: list[tuple[Subject, Answer]] = []
        self._failures: list[tuple[Subject, str]] = []
        self._asked = self._known = self._tokens_in = self._tokens_out = 0
        self._in_a_row = 0

    def add(self, subject: Subject, future: Future[tuple[Answer, bool]]) -> None:
        """Wait for an answer and count it; raise EndpointError after too many failures."""
        try:
            answer, is_new = future.result()
        except Stopped:  # because the endpoint refused another one, whose error is still to come
            return
        except InputError as error:  # an image that cannot be read is no fault of the endpoint
            self._failures.append((subject, str(error)))
            return
        except UnansweredError as error:
            answer, is_new = Answer("", str(error), "", 0, 0), True
        self._asked += is_new
        self._known += not is_new
        self._tokens_in += answer.tokens_in * is_new
        self._tokens_out += answer.tokens_out * is_new
        if answer.text:
            self._given.append((subject, answer))
            self._in_a_row = 0
            return
        self._failures.append((subject, answer.reason))
        self._in_a_row += is_new
        if self._in_a_row == _FAILURES_IN_A_ROW:
            raise EndpointError(
                f"{self._address}: {self._in_a_row} {self._question.subjects} in a row got no "
                f"{self._question.lacking}, last: {answer.reason}; correct that and start again, "
                "answers so far are kept"
            )

    def answers(self) -> Answers[Subject]:
        """Return it all."""
        return Answers(
            tuple(self._given),
            tuple(self._failures),
            self._asked,
            self._known,
            self._tokens_in,
            self._tokens_out,
        )


def _answer(
    chat: Chat, request: dict[str, Any], subject: Subject, question: Question[Subject]
) -> Answer:
    """Ask, and once again if the answer cannot be used."""
    reply = chat.ask(request)
    tokens_in, tokens_out = reply.tokens_in, reply.tokens_out
    try:
        text, reason = question.usable(subject, reply.text), ""
    except UnusableAnswerError as problem:
        reply = chat.ask(asked_again(request, reply.text, problem, form=question.form))
        tokens_in, tokens_out = tokens_in + reply.tokens_in, tokens_out + reply.tokens_out
        try:
            text, reason = question.usable(subject, reply.text), ""
        except UnusableAnswerError as error:
            text, reason = "", f"two answers could not be used, the last because {error}"
    return Answer(text, reason, reply.model, tokens_in, tokens_out)


def _path_in(cache: Path, request: Mapping[str, Any]) -> Path:
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    return cache / digest[:2] / f"{digest}.json"


def _kept(path: Path) -> Answer | None:
    """Return a kept answer; None if there is none, or a damaged one, which is asked for again."""
    try:
        return Answer(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: Path, answer: Answer) -> None:
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
