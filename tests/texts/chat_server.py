"""A stand-in of an OpenAI-compatible endpoint, on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from fgaesq.texts import chat_http

__all__ = ["ChatSite", "Trouble", "answer", "serving"]

GOOD = '{"text": "It is sharper and better lit."}'


@dataclass
class Trouble:
    """An answer that is none: a status with its body and headers, or silence."""

    status: int = 500
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    silent_s: float = 0.0


@dataclass
class ChatSite:
    """What the stand-in answers, and what it was asked."""

    troubles: list[Trouble] = field(default_factory=list)
    """What the first requests get, one each."""
    answers: list[str] = field(default_factory=list)
    """What the model says to the first requests that are answered; then `GOOD`."""
    answering: Callable[[dict[str, Any]], str] | None = None
    """What the model says to a request, once `answers` are used up; `GOOD` without it."""
    on_request: Callable[[], None] = lambda: None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    most_at_once: int = 0
    url: str = ""


def answer(text: str | None, *, model: str = "m-2025") -> str:
    """Return a response of the chat completions API."""
    return json.dumps(
        {
            "id": "x",
            "object": "chat.completion",
            "model": model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020},
        }
    )


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        server = cast("_Server", self.server)
        site = server.site
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.lock:
            server.at_once += 1
            site.most_at_once = max(site.most_at_once, server.at_once)
            site.requests.append(body)
            site.headers.append({k.lower(): v for k, v in self.headers.items()})
            site.paths.append(self.path)
            trouble = site.troubles.pop(0) if site.troubles else None
            said = GOOD
            if site.answers and not trouble:
                said = site.answers.pop(0)
            elif site.answering:
                said = site.answering(body)
        try:
            site.on_request()
            self._send(trouble or Trouble(200, answer(said)))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up
        finally:
            with server.lock:
                server.at_once -= 1

    def _send(self, trouble: Trouble) -> None:
        if trouble.silent_s:
            time.sleep(trouble.silent_s)
        content = trouble.body.encode()
        self.send_response(trouble.status)
        for name, value in trouble.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    site: ChatSite
    at_once = 0

    def __init__(self, site: ChatSite) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = site
        self.lock = threading.Lock()


@contextmanager
def serving() -> Iterator[ChatSite]:
    """Run a stand-in while the block lasts, with short pauses between attempts."""
    site = ChatSite()
    server = _Server(site)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "*")
        patch.setattr(chat_http, "_FIRST_PAUSE_S", 0.001)
        try:
            yield site
        finally:
            server.shutdown()
            server.server_close()
