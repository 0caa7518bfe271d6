"""One request to an OpenAI-compatible chat endpoint, repeated as long as that may help.

Standard library only. The key goes into one header and into nothing else: no message shows it, and
no redirect is followed.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import IO, Any, Final
from urllib.parse import urlsplit

from fgaesq.errors import EndpointError
from fgaesq.models.hub_http import USER_AGENT, Refused, connection_fault, is_passing

__all__ = ["Chat", "Reply", "Stopped", "UnansweredError"]

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 300.0
"""A longer `Retry-After` ends the run: it can be gone on with at any time."""
_MOST_BYTES = 1 << 24
_MOST_OF_A_REASON = 300
_COMPLETIONS = "/chat/completions"
_HOPELESS: Final = frozenset({401, 402, 403, 404, 405, 407, 410, 421, 426, 451})
"""Statuses that other requests would get as well."""


class UnansweredError(Exception):
    """This request got no answer, others may: the message says why."""


class Stopped(Exception):  # noqa: N818 - a state, not a fault of anybody
    """The client was closed while the request waited."""


class _Busy(Exception):  # noqa: N818
    """No answer yet; `wait_s` is how long the server asks to wait, None if it does not."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its text, the model that gave it, and the tokens billed (0 where not stated)."""

    text: str
    model: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Chat:
    """An endpoint and how to talk to it. Its methods may be called from several threads.

    Args:
        url: http or https; `/v1/chat/completions` is added to a bare host, `/chat/completions` to
            any other path that does not end so.
        key: sent as bearer token if given.
        timeout_s: without any sign of the server before a request counts as lost.
        attempts: how often a request is sent at most.

    Raises:
        EndpointError: the URL or the key cannot be used.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 120.0
    attempts: int = 6
    _closed: threading.Event = field(default_factory=threading.Event, repr=False)
    _gate: _Gate = field(default_factory=lambda: _Gate(), repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise EndpointError(f"'{self.url}' is no endpoint; need an http or https address")
        if parts.username or parts.password:
            raise EndpointError("the endpoint's address holds a password; give the key by variable")
        # The header is Latin-1, and http.client would show a key that cannot stand in it.
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise EndpointError("the API key has characters that no key has; set it again")

    @property
    def address(self) -> str:
        """The address that requests go to."""
        url = self.url.rstrip("/")
        if url.endswith(_COMPLETIONS):
            return url
        return url + (_COMPLETIONS if urlsplit(url).path else f"/v1{_COMPLETIONS}")

    def close(self) -> None:
        """End all waiting; requests that wait, or come later, raise Stopped."""
        self._closed.set()

    def ask(self, request: Mapping[str, Any]) -> Reply:
        """Send a request and return the answer.

        Raises:
            UnansweredError: this request is refused, or got no answer however often it was sent.
            EndpointError: the endpoint refuses all requests, or asks to wait for very long.
            Stopped: see `close`.
        """
        body = json.dumps(request).encode()
        for attempt in range(self.attempts):
            self._wait(self._gate.opens_in())
            try:
                return _reply_of(self._post(body))
            except _Busy as error:
                reason = str(error)
                self._gate.close_for(self._checked_wait(error.wait_s))
                if attempt + 1 < self.attempts and error.wait_s is None:
                    self._wait(_FIRST_PAUSE_S * 2**attempt)
            except Refused as error:
                if error.status in _HOPELESS or _is_redirect(error):
                    raise EndpointError(f"{self.address}: {self._advice(error)}") from None
                raise UnansweredError(f"the endpoint refuses it ({error})") from None
        raise UnansweredError(f"no answer after {self.attempts} attempts, last: {reason}")

    def _post(self, body: bytes) -> Any:  # noqa: ANN401 - whatever JSON the server sends
        headers = {"User-Agent": USER_AGENT, "Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(  # noqa: S310 - scheme checked above
            self.address, data=body, headers=headers
        )
        try:
            opener = urllib.request.build_opener(_NoRedirects())
            with opener.open(request, timeout=self.timeout_s) as response:
                return json.loads(response.read(_MOST_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise _Busy(connection_fault(error, self.timeout_s)) from error
        except ValueError:
            raise _Busy("what came back is not JSON") from None

    def _refusal(self, error: urllib.error.HTTPError) -> Exception:
        """Return what an error status means, with the server's reason but without the key."""
        reason = _stated_reason(error)
        if self.key:
            reason = reason.replace(self.key, "***")
        if is_passing(error.code):
            wait_s = _retry_after_s(error.headers.get("Retry-After"), datetime.now(UTC))
            return _Busy(f"HTTP {error.code} {reason}", wait_s)
        return Refused(error.code, reason)

    def _checked_wait(self, wait_s: float | None) -> float:
        if wait_s is not None and wait_s > _LONGEST_PAUSE_S:
            raise EndpointError(
                f"{self.address}: asks to wait {wait_s:.0f} s; start the same command again then, "
                "it goes on where it stopped"
            )
        return wait_s or 0.0

    def _wait(self, seconds: float) -> None:
        if self._closed.wait(seconds) if seconds > 0 else self._closed.is_set():
            raise Stopped

    def _advice(self, error: Refused) -> str:
        if error.status in {401, 403}:
            remedy = "check the API key" if self.key else "set the API key (see --key-variable)"
            return f"access is refused ({error}); {remedy}"
        if error.status == HTTPStatus.NOT_FOUND:
            return f"there is no such address or model ({error}); check --endpoint and --model"
        if _is_redirect(error):
            return f"it redirects ({error}); give the final address to --endpoint"
        return f"the endpoint refuses requests ({error})"


class _Gate:
    """Keeps all threads from asking while the server wants to be left alone."""

    def __init__(self) -> None:
        self._opens = 0.0
        self._lock = threading.Lock()

    def close_for(self, seconds: float) -> None:
        with self._lock:
            self._opens = max(self._opens, time.monotonic() + seconds)

    def opens_in(self) -> float:
        with self._lock:
            return max(0.0, self._opens - time.monotonic())


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it could carry the key and the images to another host."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Return no request, which makes the redirect an error."""


def _is_redirect(error: Refused) -> bool:
    return 300 <= error.status < 400


def _reply_of(content: Any) -> Reply:  # noqa: ANN401
    """Return the answer in a response; raise UnansweredError if there is none."""
    try:
        choice = content["choices"][0]
        text = choice["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise UnansweredError("the response has no choices[0].message.content") from None
    if not isinstance(text, str) or not text.strip():
        refusal = choice["message"].get("refusal") or choice.get("finish_reason")
        raise UnansweredError(f"the model gave no text ({refusal})")
    usage = content.get("usage") or {}
    tokens = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    tokens_in, tokens_out = (one if isinstance(one, int) else 0 for one in tokens)
    return Reply(text, str(content.get("model") or ""), tokens_in, tokens_out)


def _stated_reason(error: urllib.error.HTTPError) -> str:
    """Return the reason in the body of an error, shortened, or that of the status line."""
    try:
        content = json.loads(error.read(_MOST_BYTES))
        stated = content["error"]
        reason = stated["message"] if isinstance(stated, dict) else stated
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        reason = error.reason
    return " ".join(str(reason).split())[:_MOST_OF_A_REASON]


def _retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3), None if none."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())
