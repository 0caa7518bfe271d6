"""A running stand-in of a chat endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.texts.chat_server import ChatSite, serving


@pytest.fixture
def site() -> Iterator[ChatSite]:
    """The stand-in."""
    with serving() as running:
        yield running
