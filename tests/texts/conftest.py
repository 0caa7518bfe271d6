"""A running stand-in of a chat endpoint, with short pauses between attempts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.texts.chat_server import ChatSite, serving

from fgaesq.texts import chat_http


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatSite]:
    """The stand-in."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(chat_http, "_FIRST_PAUSE_S", 0.001)
    with serving() as running:
        yield running
