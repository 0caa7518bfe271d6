"""Describing pairs: order, one question a pair, failures, bounded and resumable work."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.texts.chat_server import ChatSite, Trouble

from fgaesq.errors import DecodeError, EndpointError
from fgaesq.texts.chat_http import Chat
from fgaesq.texts.endpoint import (
    Descriptions,
    PairToDescribe,
    describe_pairs,
    estimate,
    image_tokens,
    sampled,
)
from fgaesq.texts.prompt import PROMPT, to_url
from fgaesq.texts.records import ComparativeText
from fgaesq.types import Image

PAIRS = [
    PairToDescribe("s", "1", "2", "first"),
    PairToDescribe("s", "1", "3", "second"),
    PairToDescribe("t", "4", "5", "first"),
]


def open_image(name: str) -> Image:
    return np.full((16, 24, 3), 9 * int(name), np.uint8)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "answers"


def described(
    site: ChatSite,
    cache: Path,
    pairs: list[PairToDescribe] = PAIRS,
    *,
    workers: int = 1,
    opener: Callable[[str], Image] = open_image,
    **options: Any,  # noqa: ANN401 - those of describe_pairs
) -> Descriptions:
    chat = Chat(site.url, attempts=2)
    return describe_pairs(pairs, opener, chat, model="m", cache=cache, workers=workers, **options)


def sent_images(request: dict[str, Any]) -> list[str]:
    parts = request["messages"][0]["content"]
    return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


def test_every_pair_is_asked_about_with_the_better_image_first(site: ChatSite, cache: Path) -> None:
    site.answers = ['{"text": "It is sharper."}', '{"text": "Less noise."}']
    found = described(site, cache)
    assert found.texts[:2] == (
        ComparativeText("s", "1", "2", "first", "It is sharper.", "endpoint", "m-2025"),
        ComparativeText("s", "1", "3", "second", "Less noise.", "endpoint", "m-2025"),
    )
    assert [sent_images(request) for request in site.requests] == [
        [to_url(open_image(name)) for name in names] for names in ("12", "31", "45")
    ]
    assert (found.asked, found.known, found.failures) == (3, 0, ())
    assert (found.tokens_in, found.tokens_out) == (3000, 60)


def test_nothing_is_asked_twice(site: ChatSite, cache: Path) -> None:
    first = described(site, cache, PAIRS[:2])
    again = described(site, cache, [*PAIRS, PAIRS[0]])
    assert len(site.requests) == 3
    assert again.texts[:2] == first.texts
    assert (again.asked, again.known, again.tokens_in) == (1, 2, 1000)


def test_another_model_prompt_field_or_image_is_another_question(
    site: ChatSite, cache: Path
) -> None:
    one = PAIRS[:1]
    described(site, cache, one)
    described(site, cache, one, fields={"seed": 1})
    described(site, cache, one, opener=lambda name: open_image(name) + 1)
    describe_pairs(one, open_image, Chat(site.url), model="other", cache=cache)
    assert len(site.requests) == 4


def test_a_text_that_does_not_compare_is_asked_for_once_again(site: ChatSite, cache: Path) -> None:
    site.answers = ['{"text": "It is sharp."}', '{"text": "It is sharper."}']
    found = described(site, cache, PAIRS[:1])
    assert [one.text for one in found.texts] == ["It is sharper."]
    assert (found.asked, found.tokens_in) == (1, 2000)
    roles = [message["role"] for message in site.requests[1]["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert site.requests[1]["messages"][2]["content"] == (
        "That cannot be used: the text has no comparative word. Answer again, with "
        '{"text": "..."} only.'
    )


def test_two_useless_answers_are_a_failure_that_is_remembered(site: ChatSite, cache: Path) -> None:
    site.answers = ["sharper", '{"text": "Nice light."}']
    found = described(site, cache, PAIRS[:2])
    assert len(found.texts) == 1
    (failure,) = found.failures
    assert failure.pair == PAIRS[0]
    assert failure.reason == (
        "two answers could not be used, the last because the text has no comparative word"
    )
    assert described(site, cache, PAIRS[:2]).failures == found.failures
    assert len(site.requests) == 3
    assert len(described(site, cache, PAIRS[:2], retry_failed=True).texts) == 2
    assert len(site.requests) == 4


def test_a_request_that_fails_leaves_the_others_and_is_asked_again_later(
    site: ChatSite, cache: Path
) -> None:
    site.troubles = [Trouble(500)] * 2
    found = described(site, cache)
    assert [one.pair for one in found.failures] == PAIRS[:1]
    assert len(found.texts) == 2
    assert len(described(site, cache).texts) == 3


def test_an_image_that_cannot_be_read_leaves_the_others(site: ChatSite, cache: Path) -> None:
    def broken(name: str) -> Image:
        if name == "3":
            raise DecodeError("3: it is empty; copy it again")
        return open_image(name)

    found = described(site, cache, opener=broken)
    assert [one.reason for one in found.failures] == ["3: it is empty; copy it again"]
    assert (len(found.texts), found.asked, found.known) == (2, 2, 0)


def test_a_refused_key_ends_the_run_but_keeps_the_answers(site: ChatSite, cache: Path) -> None:
    described(site, cache, PAIRS[:1])
    site.troubles = [Trouble(401)]
    with pytest.raises(EndpointError, match="access is refused"):
        described(site, cache)
    assert len(site.requests) == 2
    assert described(site, cache).known == 1


def test_ten_failures_in_a_row_end_the_run(site: ChatSite, cache: Path) -> None:
    pairs = [PairToDescribe(str(n), str(n), "0", "first") for n in range(1, 26)]
    site.troubles = [Trouble(400, '{"error": "no images"}')] * 25
    with pytest.raises(EndpointError) as caught:
        described(site, cache, pairs)
    assert str(caught.value) == (
        f"{site.url}/v1/chat/completions: 10 pairs in a row got no text, last: the endpoint "
        "refuses it (HTTP 400 no images); correct that and start again, answers so far are kept"
    )
    assert len(site.requests) < 25


def test_an_interrupted_run_goes_on_where_it_was(site: ChatSite, cache: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        described(site, cache, progress=interrupt)
    before = len(site.requests)
    assert 1 <= before <= 3
    described(site, cache)
    assert len(site.requests) == 3


def test_a_damaged_answer_is_asked_for_again(site: ChatSite, cache: Path) -> None:
    described(site, cache, PAIRS[:1])
    (kept,) = cache.rglob("*.json")
    kept.write_text(kept.read_text()[:20])
    assert described(site, cache, PAIRS[:1]).asked == 1


def test_kept_answers_hold_neither_names_nor_images(site: ChatSite, cache: Path) -> None:
    described(site, cache, PAIRS[:1])
    (kept,) = (path for path in cache.rglob("*") if path.is_file())
    assert json.loads(kept.read_text()) == {
        "text": "It is sharper and better lit.", "reason": "", "model": "m-2025",
        "tokens_in": 1000, "tokens_out": 20,
    }  # fmt: skip


def test_a_cache_that_cannot_be_written_ends_the_run(site: ChatSite, cache: Path) -> None:
    cache.write_text("in the way")
    with pytest.raises(EndpointError, match=r": answers cannot be kept there \(File exists\)"):
        described(site, cache, PAIRS[:1])
    assert site.requests == []


def test_requests_are_sent_at_once_but_not_more_than_allowed(site: ChatSite, cache: Path) -> None:
    pairs = [PairToDescribe(str(n), str(n), "0", "first") for n in range(1, 10)]
    together = threading.Barrier(3)

    def wait_for_two_others() -> None:
        together.wait(30)  # nine requests: three times three

    site.on_request = wait_for_two_others
    found = described(site, cache, pairs, workers=3)
    assert site.most_at_once == 3
    assert [one.series for one in found.texts] == [pair.series for pair in pairs]


def test_the_estimate_is_tokens_times_prices() -> None:
    words = -(-len(PROMPT) // 4)
    found = estimate(1000, tokens_per_image=500, price_in=2.5, price_out=10)
    assert (found.tokens_in, found.tokens_out) == (1000 * (1000 + words), 50_000)
    assert found.cost == pytest.approx((found.tokens_in * 2.5 + 500_000) / 1e6)
    assert estimate(1, tokens_per_image=1, price_in=1).cost is None


@pytest.mark.parametrize(
    ("size", "tokens"), [(256, 255), (512, 255), (513, 765), (768, 765), (1024, 765), (2048, 1445)]
)
def test_tokens_of_an_image_are_those_of_its_tiles(size: int, tokens: int) -> None:
    assert image_tokens(size) == tokens


def test_a_sample_is_spread_in_order_and_contained_in_larger_ones() -> None:
    pairs = [PairToDescribe(str(n), "a", "b", "first") for n in range(100)]
    small, large = sampled(pairs, 10), sampled(pairs, 30)
    assert set(small) < set(large)
    assert small == sorted(small, key=pairs.index)
    assert max(pairs.index(pair) for pair in small) > 60
    assert sampled(pairs, None) == pairs
    assert sampled(pairs, 200) == pairs
