"""The guard before a local page: who may ask, and what every answer carries.

A page on 127.0.0.1 can be reached by every web site that the person has open. Four things keep
them out: a `Host` that is not ours (DNS rebinding), an `Origin` or `Sec-Fetch-Site` that is not
ours (cross-site requests), a missing cookie (set by the address with the token, which only the
person knows), and for changes a header and a content type that a foreign page cannot send unasked.

A page may have one person, whose token it is given, or many (`Guests`), each with a token of their
own. Of those only proofs are kept: a token gives the secret that the cookie holds, the secret gives
the proof, and neither way can be gone back.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fgaesq.errors import StoreError

__all__ = [
    "CHANGE_HEADER",
    "SECURITY_HEADERS",
    "Guard",
    "Guest",
    "Guests",
    "Refusal",
    "proof_of",
]

CHANGE_HEADER = "x-fgaesq"
"""Every request that changes something carries it; a foreign page cannot without being asked."""

MOST_BODY_BYTES = 1 << 20

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ALL_ADDRESSES = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


class Refusal(Exception):
    """A request that is not answered: the status and one sentence for the person."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is let in.

    Attributes:
        name: by which the application knows the person.
        cookie: the name of the cookie; a browser holds one secret of each.
        home: the path to which the address with the token leads.
        max_age_s: how long the browser keeps the cookie; None until it is closed.
    """

    name: str
    cookie: str
    home: str = "/"
    max_age_s: int | None = None


class Guests(Protocol):
    """Those who may come in."""

    @property
    def cookies(self) -> Sequence[str]:
        """The names of cookies that a guest may have."""

    def find(self, proof: str) -> Guest | None:
        """Return whose proof this is; None if it is nobody's."""


class _OneGuest:
    """The one person of a page, known by the token."""

    def __init__(self, token: str) -> None:
        self._proof = proof_of(token)
        # Cookies know no ports: the name keeps two pages on one machine apart.
        self._guest = Guest("", f"fgaesq-{_secret_of(token)[:8]}")
        self.cookies = (self._guest.cookie,)

    def find(self, proof: str) -> Guest | None:
        return self._guest if hmac.compare_digest(proof, self._proof) else None


def proof_of(token: str) -> str:
    """Return by what a guest with this token is known; 64 hexadecimal digits.

    Raises:
        ValueError: the token has fewer than 16 characters.
    """
    if len(token) < 16:
        raise ValueError("a token has at least 16 characters")
    return _proof_of_secret(_secret_of(token))


class Guard:
    """ASGI middleware that lets only known persons' own pages through.

    The application finds them in `scope["fgaesq.guests"]`: by the name of the cookie, who sent it.

    Args:
        app: what is guarded.
        token: the secret of the address, at least 16 characters; or all who may come in.
        host: the address that is listened on. The `Host` of a request must be this one or a
            loopback name; if all addresses are listened on, any address in numbers.
        name: another host name that is ours, such as that of a server which passes requests on.
        https: whether browsers reach that server by HTTPS: the cookie is then never sent without.
            What a request says of itself (`X-Forwarded-Proto`) is not believed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str | Guests,
        host: str = "127.0.0.1",
        name: str = "",
        https: bool = False,
    ) -> None:
        self._app, self._host, self._name, self._https = app, host, name.lower(), https
        self._guests: Guests = _OneGuest(token) if isinstance(token, str) else token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        try:
            self._check(scope["method"], headers)
            answer: ASGIApp = self._entry(scope) or self._app_if_known(scope, headers)
        except Refusal as refusal:
            answer = refused(refusal)
        except StoreError as error:  # where the guests are kept does not answer
            answer = refused(Refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(error)))
        await answer(scope, receive, _with_headers(send))

    def _check(self, method: str, headers: Headers) -> None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This page answers only under its own address; use the one that was printed.",
            )
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site", "none")
        foreign = origin is not None and origin not in (f"http://{host}", f"https://{host}")
        if foreign or site not in ("same-origin", "none"):
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "Other sites may not ask this page; paste its address into the browser.",
            )
        if method not in ("GET", "HEAD", "POST"):
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} is not understood here.")
        if method == "POST":
            _check_change(headers)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if not name:
            return False
        if name in _LOOPBACK or name in (self._host, self._name):
            return name not in _ALL_ADDRESSES
        return self._host in _ALL_ADDRESSES and _is_address(name)

    def _entry(self, scope: Scope) -> Response | None:
        """Exchange the token of the address for the cookie."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["method"] != "GET" or "token" not in query:
            return None
        secret = _secret_of(query["token"][0])
        guest = self._guests.find(_proof_of_secret(secret))
        if guest is None:
            raise Refusal(
                HTTPStatus.FORBIDDEN, "The token in the address is wrong; use the one printed last."
            )
        answer = RedirectResponse(guest.home, status_code=HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            guest.cookie,
            secret,
            max_age=guest.max_age_s,
            secure=self._https,
            httponly=True,
            samesite="strict",
            path="/",
        )
        return answer

    def _app_if_known(self, scope: Scope, headers: Headers) -> ASGIApp:
        sent = cookie_parser(headers.get("cookie", ""))
        known = {
            name: guest
            for name in self._guests.cookies
            if name in sent
            and (guest := self._guests.find(_proof_of_secret(sent[name]))) is not None
            and guest.cookie == name
        }
        if not known:
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This page needs the address with the token that was printed when it was started.",
            )
        scope["fgaesq.guests"] = known
        return self._app


def _secret_of(token: str) -> str:
    return hashlib.sha256(b"fgaesq cookie " + token.encode()).hexdigest()


def _proof_of_secret(secret: str) -> str:
    return hashlib.sha256(b"fgaesq proof " + secret.encode()).hexdigest()


def refused(refusal: Refusal) -> Response:
    """Return the answer that says why; the envelope of all errors of local pages."""
    content = {"error": {"code": refusal.status.value, "message": refusal.sentence}}
    return JSONResponse(content, status_code=refusal.status)


def _check_change(headers: Headers) -> None:
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if CHANGE_HEADER not in headers or kind != "application/json":
        raise Refusal(
            HTTPStatus.FORBIDDEN,
            f"A change is JSON and carries the header {CHANGE_HEADER}; other requests are refused.",
        )
    length = headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BODY_BYTES:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"A request is at most {MOST_BODY_BYTES} bytes long and says its length.",
        )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_with_headers
