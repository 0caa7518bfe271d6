"""Requests to a chat endpoint: what is sent, repeated, refused, and never shown."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from tests.texts.chat_server import ChatSite, Trouble, answer

from fgaesq.errors import EndpointError
from fgaesq.texts import chat_http
from fgaesq.texts.chat_http import Chat, Reply, Stopped, UnansweredError, _retry_after_s

KEY = "sk-very-secret-123"
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def unanswered(chat: Chat) -> str:
    with pytest.raises(UnansweredError) as caught:
        chat.ask({"x": 1})
    return str(caught.value)


def refused(chat: Chat) -> str:
    with pytest.raises(EndpointError) as caught:
        chat.ask({"x": 1})
    return str(caught.value).removeprefix(f"{chat.address}: ")


def test_a_request_is_sent_whole_and_its_answer_returned(site: ChatSite) -> None:
    site.answers = ["hello"]
    assert Chat(site.url, KEY).ask({"x": 1}) == Reply("hello", "m-2025", 1000, 20)
    assert site.requests == [{"x": 1}]
    assert site.headers[0]["authorization"] == f"Bearer {KEY}"
    assert site.headers[0]["content-type"] == "application/json"


def test_without_a_key_none_is_sent(site: ChatSite) -> None:
    Chat(site.url).ask({})
    assert "authorization" not in site.headers[0]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("/openai/v2/", "/openai/v2/chat/completions"),
        ("/my/chat/completions", "/my/chat/completions"),
    ],
)
def test_the_address_is_completed(site: ChatSite, path: str, asked: str) -> None:
    Chat(site.url + path).ask({})
    assert site.paths == [asked]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_passing_troubles_are_waited_out(site: ChatSite, status: int) -> None:
    site.troubles = [Trouble(status)] * 3
    assert Chat(site.url).ask({}).text
    assert len(site.requests) == 4


def test_answers_that_are_not_json_are_asked_for_again(site: ChatSite) -> None:
    site.troubles = [Trouble(200, "<html>"), Trouble(200, answer("x")[:-9])]
    assert Chat(site.url).ask({}).text
    assert len(site.requests) == 3


def test_lasting_trouble_is_given_up_with_its_reason(site: ChatSite) -> None:
    site.troubles = [Trouble(500, '{"error": {"message": "no  GPU"}}')] * 9
    assert unanswered(Chat(site.url, attempts=3)) == (
        "no answer after 3 attempts, last: HTTP 500 no GPU"
    )
    assert len(site.requests) == 3


def test_silence_is_a_passing_trouble(site: ChatSite) -> None:
    site.troubles = [Trouble(200, silent_s=0.6)]
    assert Chat(site.url, timeout_s=0.2).ask({}).text
    site.troubles = [Trouble(200, silent_s=0.6)]
    assert unanswered(Chat(site.url, timeout_s=0.2, attempts=1)) == (
        "no answer after 1 attempts, last: no answer within 0.2 s"
    )


def test_an_endpoint_that_is_not_there_is_named_by_the_system() -> None:
    chat = Chat("http://127.0.0.1:9", attempts=1)
    assert unanswered(chat) == "no answer after 1 attempts, last: Connection refused"


def test_retry_after_replaces_the_pause(site: ChatSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_http, "_FIRST_PAUSE_S", 1e6)
    site.troubles = [Trouble(429, headers={"Retry-After": "0"})] * 2
    assert Chat(site.url).ask({}).text
    assert len(site.requests) == 3


def test_a_very_long_retry_after_ends_the_run(site: ChatSite) -> None:
    site.troubles = [Trouble(429, headers={"Retry-After": "7200"})]
    assert refused(Chat(site.url)) == (
        "asks to wait 7200 s; start the same command again then, it goes on where it stopped"
    )


def test_while_one_request_must_wait_no_other_is_sent(site: ChatSite) -> None:
    chat = Chat(site.url)
    chat._gate.close_for(1e6)
    waiting = threading.Thread(target=lambda: pytest.raises(Stopped, chat.ask, {}))
    waiting.start()
    chat.close()
    waiting.join()
    assert site.requests == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("12", 12.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Sat, 31 Jan 2026 12:01:30 GMT", 90.0),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert _retry_after_s(value, NOW) == seconds


def test_a_refused_request_is_given_up_at_once(site: ChatSite) -> None:
    site.troubles = [Trouble(400, '{"error": "image too large"}')]
    assert unanswered(Chat(site.url)) == "the endpoint refuses it (HTTP 400 image too large)"
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    ("status", "key", "message"),
    [
        (401, None, "access is refused (HTTP 401 {}); set the API key (see --key-variable)"),
        (401, KEY, "access is refused (HTTP 401 {}); check the API key"),
        (403, KEY, "access is refused (HTTP 403 {}); check the API key"),
        (404, KEY, "there is no such address or model (HTTP 404 {}); check --endpoint and --model"),
        (402, KEY, "the endpoint refuses requests (HTTP 402 {})"),
    ],
)
def test_refusals_of_all_requests_end_the_run_and_never_show_the_key(
    site: ChatSite, status: int, key: str | None, message: str
) -> None:
    site.troubles = [Trouble(status, f'{{"error": {{"message": "Incorrect key {KEY}"}}}}')]
    found = refused(Chat(site.url, key))
    assert found == message.format(f"Incorrect key {KEY if key is None else '***'}")
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(site: ChatSite, status: int) -> None:
    elsewhere = f"{site.url}/elsewhere"
    site.troubles = [Trouble(status, headers={"Location": elsewhere})]
    assert refused(Chat(site.url, KEY)).startswith(f"it redirects (HTTP {status} ")
    assert site.paths == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "the response has no choices[0].message.content"),
        ('{"choices": []}', "the response has no choices[0].message.content"),
        ("[]", "the response has no choices[0].message.content"),
        (answer(None), "the model gave no text (stop)"),
        (answer(" "), "the model gave no text (stop)"),
    ],
)
def test_responses_without_a_text_are_no_answers(site: ChatSite, body: str, message: str) -> None:
    site.troubles = [Trouble(200, body)]
    assert unanswered(Chat(site.url)) == message


def test_a_refusal_of_the_model_is_shown(site: ChatSite) -> None:
    body = '{"choices": [{"message": {"content": null, "refusal": "I cannot"}}]}'
    site.troubles = [Trouble(200, body)]
    assert unanswered(Chat(site.url)) == "the model gave no text (I cannot)"


def test_usage_may_be_missing(site: ChatSite) -> None:
    site.troubles = [Trouble(200, '{"choices": [{"message": {"content": "x"}}]}')]
    assert Chat(site.url).ask({}) == Reply("x", "", 0, 0)


@pytest.mark.parametrize("url", ["ftp://x", "localhost:80", "", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(EndpointError) as caught:
        Chat(url)
    assert str(caught.value) == f"'{url}' is no endpoint; need an http or https address"


def test_passwords_and_broken_keys_are_refused_unseen() -> None:
    with pytest.raises(EndpointError) as caught:
        Chat(f"http://user:{KEY}@host/v1")
    assert KEY not in str(caught.value)
    with pytest.raises(EndpointError) as caught:
        Chat("http://host", f"{KEY}\nX: y")
    assert str(caught.value) == "the API key has characters that no key has; set it again"
    assert KEY not in repr(Chat("http://host", KEY))
