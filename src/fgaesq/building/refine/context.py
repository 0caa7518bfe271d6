"""The second step of refinement: a multimodal model looks at the context of each series.

Single images are sent, numbered, at most ten with a question, each reduced to the long side that
`CONTEXT_PX` says: a contact sheet would leave each of them fewer pixels than the model can read.
In longer series every further question shows the first image again, so that all are judged against
one and the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series, replace_drops
from fgaesq.building.records import STEPS, Drop, Series, SourceImage
from fgaesq.building.refine.context_prompt import (
    FORM,
    context_prompt,
    usable_verdicts,
    verdicts_of,
)
from fgaesq.datasets.records import open_image
from fgaesq.texts.asking import Answers, Estimate, Question, ask_all, estimated, image_tokens
from fgaesq.texts.chat_http import Chat
from fgaesq.texts.prompt import request_about, to_url

__all__ = [
    "CONTEXT_PX",
    "ContextStep",
    "SeriesQuestion",
    "context_estimate",
    "context_questions",
    "refine_by_model",
]

CONTEXT_PX: Final = 512
"""Long side of the images that are sent, unless told otherwise."""

_MOST_IMAGES = 10  # with a question
_IMAGES_KEPT = 32  # encoded
_TOKENS_OF_AN_IMAGE = 40  # in an answer
_MODEL = STEPS.index("model")


@dataclass(frozen=True, slots=True)
class SeriesQuestion:
    """Images of a series that are asked about together; the first may be there for comparison.

    Attributes:
        series: id.
        category: of the series.
        prompt: that all images were generated from, "" for none.
        images: ids.
        shown_before: whether the first image is judged by another question.
    """

    series: int
    category: str
    prompt: str
    images: tuple[int, ...]
    shown_before: bool = False


@dataclass(frozen=True, slots=True)
class ContextStep:
    """What came of asking; series without a usable answer lose nothing."""

    answers: Answers[SeriesQuestion]
    drops: tuple[Drop, ...]


def context_questions(collection: Collection) -> list[SeriesQuestion]:
    """Return the questions on all series, on the images that earlier steps and people left in."""
    known = images(collection)
    return [
        question
        for one in all_series(collection)
        if len(left := _left(one)) > 1
        for question in _questions(one, left, known)
    ]


def context_estimate(
    questions: Sequence[SeriesQuestion],
    *,
    size_px: int = CONTEXT_PX,
    tokens_per_image: int | None = None,
    price_in: float | None = None,
    price_out: float | None = None,
) -> Estimate:
    """Return what the questions take; prices are for a million tokens."""
    number = sum(len(one.images) for one in questions)
    return estimated(
        len(questions),
        images=number,
        tokens_per_image=tokens_per_image or image_tokens(size_px),
        prompt=context_prompt("aigc", _MOST_IMAGES, "a prompt of some twenty words"),
        tokens_out=number * _TOKENS_OF_AN_IMAGE,
        price_in=price_in,
        price_out=price_out,
    )


def refine_by_model(
    collection: Collection,
    questions: Sequence[SeriesQuestion],
    chat: Chat,
    *,
    model: str,
    cache: Path,
    size_px: int = CONTEXT_PX,
    fields: Mapping[str, object] | None = None,
    workers: int = 4,
    retry_failed: bool = False,
    progress: Callable[[], None] | None = None,
) -> ContextStep:
    """Ask a model about series and drop what it says; what it dropped before is replaced.

    Args:
        collection: of the dataset.
        questions: see `context_questions`.
        chat: the endpoint. It is closed at the end.
        model: its name there.
        cache: folder for the answers.
        size_px: long side of the images that are sent.
        fields: of the request, to set besides or instead.
        workers: requests at a time.
        retry_failed: ask again where earlier answers could not be used.
        progress: called after each question.

    Raises:
        EndpointError: see `texts.asking.ask_all`; nothing is dropped then.
    """
    known = images(collection)

    @lru_cache(maxsize=_IMAGES_KEPT)
    def url_of(image: int) -> str:
        return to_url(open_image(known[image].item(), max_long_side_px=size_px))

    def request(asked: SeriesQuestion) -> dict[str, Any]:
        number = len(asked.images)
        words = context_prompt(asked.category, number, asked.prompt)
        shown = [(f"Image {n}:", url_of(one)) for n, one in enumerate(asked.images, start=1)]
        most = 100 + 3 * _TOKENS_OF_AN_IMAGE * number
        return request_about(model, words, shown, fields, most_tokens=most)

    answers = ask_all(
        questions,
        Question(
            request,
            lambda asked, answer: usable_verdicts(answer, len(asked.images)),
            FORM,
            "series",
            "verdict",
        ),
        chat,
        cache=cache,
        workers=workers,
        retry_failed=retry_failed,
        progress=progress,
    )
    drops = tuple(_drops(collection, answers))
    replace_drops(collection, "model", drops)
    return ContextStep(answers, drops)


def _left(series: Series) -> list[int]:
    """Return the members that are in but for what this step or a later one found."""
    if series.drop is not None and STEPS.index(series.drop.step) != _MODEL:
        return []
    dropped = series.dropped
    return [i for i in series.members if i not in dropped or dropped[i].step == "model"]


def _questions(
    series: Series, left: Sequence[int], known: Mapping[int, SourceImage]
) -> Iterator[SeriesQuestion]:
    prompts = {known[image].prompt for image in left}
    prompt = prompts.pop() if len(prompts) == 1 else ""
    first = tuple(left[:_MOST_IMAGES])
    yield SeriesQuestion(series.id, series.category, prompt, first)
    step = _MOST_IMAGES - 1
    for start in range(_MOST_IMAGES, len(left), step):
        some = (left[0], *left[start : start + step])
        yield SeriesQuestion(series.id, series.category, prompt, some, shown_before=True)


def _drops(collection: Collection, answers: Answers[SeriesQuestion]) -> Iterator[Drop]:
    """Yield what the model drops, and series of which too little is left."""
    out: dict[int, set[int]] = {}
    for asked, answer in answers.given:
        verdicts = zip(asked.images, verdicts_of(answer.text), strict=True)
        for place, (image, verdict) in enumerate(verdicts):
            if verdict.keep or (place == 0 and asked.shown_before):
                continue
            out.setdefault(asked.series, set()).add(image)
            yield Drop(asked.series, image, "model", verdict.reason, verdict.why)
    for series in all_series(collection):
        left = _left(series)
        if series.id in out and len(set(left) - out[series.id]) < 2:
            number = len(set(left) - out[series.id])
            detail = f"{number} of {len(series.members)} images left"
            yield Drop(series.id, None, "model", "too_few", detail)
