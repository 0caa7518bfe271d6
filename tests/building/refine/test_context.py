"""The model step: what is sent, which answers are used, and what is dropped by them."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.building.refine.made import series_of_files
from tests.scenes import scene
from tests.texts.chat_server import ChatSite, serving

from fgaesq.building.collection import Collection
from fgaesq.building.collection.series import one_series, replace_drops
from fgaesq.building.records import Category, Drop
from fgaesq.building.refine.context import (
    ContextStep,
    context_estimate,
    context_questions,
    refine_by_model,
)
from fgaesq.building.refine.context_prompt import context_prompt, usable_verdicts
from fgaesq.texts.chat_http import Chat
from fgaesq.texts.prompt import UnusableAnswerError

KEPT = {"keep": True, "reason": "", "why": ""}


@pytest.fixture
def site() -> Iterator[ChatSite]:
    with serving() as running:
        yield running


def frames(number: int) -> list[np.ndarray[Any, Any]]:
    return [scene(60, 90, seed=seed) for seed in range(number)]


def verdicts(number: int, **dropped: tuple[str, str]) -> str:
    entries: list[dict[str, Any]] = [{"image": n, **KEPT} for n in range(1, number + 1)]
    for name, (reason, why) in dropped.items():
        entries[int(name[1:]) - 1] |= {"keep": False, "reason": reason, "why": why}
    return json.dumps({"images": entries})


def sent(request: dict[str, Any]) -> list[tuple[int, int]]:
    """Return the sizes of the images of a request."""
    urls = [
        part["image_url"]["url"]
        for part in request["messages"][0]["content"]
        if part["type"] == "image_url"
    ]
    contents = [base64.b64decode(url.partition(",")[2]) for url in urls]
    return [PILImage.open(io.BytesIO(one)).size for one in contents]


def asked(site: ChatSite, collection: Collection, **options: Any) -> ContextStep:  # noqa: ANN401
    return refine_by_model(
        collection,
        context_questions(collection),
        Chat(site.url, attempts=2),
        model="m",
        cache=collection.folder / "answers",
        workers=1,
        **options,
    )


def test_what_the_model_drops_goes_with_its_words(site: ChatSite, collection: Collection) -> None:
    series, ids = series_of_files(collection, frames(3))
    site.answers = [verdicts(3, i2=("context", "It shows another street."))]
    step = asked(site, collection)
    drop = Drop(series, ids[1], "model", "context", "It shows another street.")
    assert step.drops == (drop,)
    assert one_series(collection, series).dropped == {ids[1]: drop}


def test_single_numbered_images_are_sent_reduced(site: ChatSite, collection: Collection) -> None:
    series_of_files(collection, frames(2), category="aigc", prompt="a wren on a twig")
    site.answers = [verdicts(2)]
    asked(site, collection, size_px=45)
    (request,) = site.requests
    assert sent(request) == [(45, 30), (45, 30)]
    words = [p["text"] for p in request["messages"][0]["content"] if p["type"] == "text"]
    assert words[1:] == ["Image 1:", "Image 2:"]
    assert words[0] == context_prompt("aigc", 2, "a wren on a twig")
    assert "('a wren on a twig')" in words[0]


def test_what_metrics_dropped_is_not_sent(site: ChatSite, collection: Collection) -> None:
    series, ids = series_of_files(collection, frames(3))
    replace_drops(collection, "metrics", [Drop(series, ids[0], "metrics", "empty")])
    (question,) = context_questions(collection)
    assert question.images == tuple(ids[1:])


def test_long_series_are_asked_about_in_parts_with_the_first_image(
    site: ChatSite, collection: Collection
) -> None:
    series, ids = series_of_files(collection, [scene(30, 40, seed=1)] * 12)
    first, second = context_questions(collection)
    assert (first.images, first.shown_before) == (tuple(ids[:10]), False)
    assert (second.images, second.shown_before) == ((ids[0], *ids[10:]), True)
    site.answers = [verdicts(10), verdicts(3, i1=("other", "Odd."), i3=("empty", "Black."))]
    assert [drop.image for drop in asked(site, collection).drops] == [ids[11]]


def test_nothing_is_asked_twice_and_new_verdicts_replace_old_ones(
    site: ChatSite, collection: Collection
) -> None:
    series, ids = series_of_files(collection, frames(3))
    site.answers = [verdicts(3, i1=("empty", "Black."))]
    asked(site, collection)
    again = asked(site, collection)
    assert (len(site.requests), again.answers.known) == (1, 1)
    assert list(one_series(collection, series).dropped) == [ids[0]]


def test_an_unusable_answer_is_asked_for_once_again_and_then_counted(
    site: ChatSite, collection: Collection
) -> None:
    series_of_files(collection, frames(2))
    site.answers = ["Fine!", verdicts(3)]
    step = asked(site, collection)
    assert [reason for _, reason in step.answers.failures] == [
        "two answers could not be used, the last because its entries are not those of images 1 to "
        "2 in order"
    ]
    assert step.drops == ()
    assert site.requests[1]["messages"][2]["content"].startswith(
        "That cannot be used: it is not JSON. Answer again, with {"
    )


def test_a_series_of_which_too_little_is_left_goes(site: ChatSite, collection: Collection) -> None:
    series, _ = series_of_files(collection, frames(2))
    site.answers = [verdicts(2, i2=("context", "Another person."))]
    asked(site, collection)
    drop = one_series(collection, series).drop
    assert drop == Drop(series, None, "model", "too_few", "1 of 2 images left")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"image": 1, "keep": "yes"}, "'keep' of image 1 is not true or false"),
        (
            {"image": 1, "keep": False, "reason": "ugly", "why": "So."},
            "'reason' of image 1 is not one of context, dissimilar, defective, empty, misaligned, "
            "other",
        ),
        ({"image": 1, "keep": False, "reason": "empty"}, "'why' of image 1 is no sentence"),
        (
            {"image": 1, "keep": False, "reason": "empty", "why": "so " * 50},
            "'why' of image 1 has 50 words, not 40",
        ),
        ({"image": 2, "keep": True}, "its entries are not those of images 1 to 1 in order"),
        ("first", "it has no list of objects under 'images'"),
    ],
)
def test_an_answer_that_is_not_as_asked_for_is_refused(entry: object, problem: str) -> None:
    with pytest.raises(UnusableAnswerError) as caught:
        usable_verdicts(json.dumps({"images": [entry]}), 1)
    assert str(caught.value) == problem


def test_the_estimate_counts_images_prompts_and_verdicts(collection: Collection) -> None:
    series_of_files(collection, frames(2))
    series_of_files(collection, frames(3))
    found = context_estimate(
        context_questions(collection), tokens_per_image=100, price_in=1, price_out=2
    )
    words = found.tokens_in - 500
    assert found.questions == 2
    assert 2 * 250 < words < 2 * 700
    assert found.tokens_out == 200
    assert found.cost == pytest.approx((found.tokens_in + 400) / 1e6)


def test_only_images_with_a_prompt_can_miss_it() -> None:
    categories: list[Category] = ["natural", "cropping"]
    assert all("misaligned" not in context_prompt(one, 3, "") for one in categories)
    assert "misaligned" in context_prompt("aigc", 3, "a wren")


def test_answers_are_kept_outside_of_the_collection(site: ChatSite, collection: Collection) -> None:
    series_of_files(collection, frames(2))
    site.answers = [verdicts(2)]
    asked(site, collection)
    (kept,) = (path for path in Path(collection.folder / "answers").rglob("*.json"))
    assert json.loads(json.loads(kept.read_text())["text"]) == [KEPT, KEPT]
