"""One resumable, verified download over HTTP; standard library only.

The server is the Hugging Face Hub or one that behaves like it: it redirects to a storage host, and
the redirect announces the file's size and sha256 in `X-Linked-Size` and `X-Linked-Etag`.
"""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final, TypeAlias
from urllib.parse import urlsplit

from fgaesq.storage.digests import file_sha256

__all__ = [
    "USER_AGENT",
    "Announced",
    "Corrupted",
    "Interrupted",
    "Progress",
    "Refused",
    "connection_fault",
    "discard",
    "download",
    "is_passing",
]

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes present so far and, if the server says it, the total."""

_TIMEOUT_S = 30.0
_CHUNK = 1 << 20
USER_AGENT: Final = "fgaesq"
_TRY_AGAIN = frozenset({408, 425, 429})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Interrupted(Exception):  # noqa: N818 - a state, not a fault of anybody
    """The transfer broke off; what has arrived is kept, and trying again may help."""


class Refused(Exception):  # noqa: N818
    """The server will not give the file, whatever is tried."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"HTTP {status} {reason}".rstrip())
        self.status = status


class Corrupted(Exception):  # noqa: N818
    """The file arrived whole, but is not the one that was announced. It has been removed."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What the server says about the file; None where it does not.

    Attributes:
        etag: identifies the content, without quotes; None if it is weak.
        validator: the ETag of the host that sent the bytes, as it stands, for `If-Range`.
        size: bytes of the whole file.
        sha256: of the whole file, in hex.
        commit: the repository's commit.
    """

    etag: str | None
    validator: str | None
    size: int | None
    sha256: str | None
    commit: str | None


def download(url: str, part: Path, *, token: str | None, progress: Progress | None) -> Announced:
    """Fetch `url` into the file `part`, going on where an earlier call stopped, and verify it.

    An earlier part is only gone on with if the server's file is still the same (`If-Range`, and the
    announced identity); otherwise the download starts again.

    Args:
        url: http or https.
        part: the file to fill. Beside it, while incomplete, lies its identity in `<part>.json`.
        token: sent to the host of `url` only, never to one it redirects to.
        progress: called after each chunk.

    Returns:
        What the server said about the file.

    Raises:
        Interrupted, Refused, Corrupted: see there.
        OSError: the file cannot be written.
    """
    known = _known_part(part)
    offset = part.stat().st_size if known else 0
    response, linked = _open(url, token, offset, known, part)
    with response:
        announced = _announced(response, linked)
        if response.status == HTTPStatus.PARTIAL_CONTENT and not _continues(
            response, announced, known, offset
        ):
            discard(part)
            raise Interrupted("the file changed on the server meanwhile")
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            offset = 0
        _identity_file(part).write_text(json.dumps(asdict(announced)))
        with part.open("ab" if offset else "wb") as file:
            _copy(response, file, offset, announced.size, progress)
    _verify(part, announced)
    _identity_file(part).unlink()
    return announced


def discard(part: Path) -> None:
    """Remove a partial file and its identity."""
    part.unlink(missing_ok=True)
    _identity_file(part).unlink(missing_ok=True)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, notes what they announce, and keeps the token on its own host."""

    def __init__(self) -> None:
        self.linked: dict[str, str] = {}

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the request for the next host, without the token if it is another one."""
        for name in ("X-Linked-Etag", "X-Linked-Size", "X-Repo-Commit"):
            if headers.get(name):
                self.linked[name] = str(headers[name])
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in {"http", "https"} or (old.scheme, new.scheme) == ("https", "http"):
            fp.close()
            raise Refused(code, f"redirect to the unsafe address {newurl}")
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and (old.scheme, old.netloc) != (new.scheme, new.netloc):
            request.remove_header("Authorization")
        return request


def _open(
    url: str, token: str | None, offset: int, known: Announced | None, part: Path
) -> tuple[http.client.HTTPResponse, dict[str, str]]:
    """Send the request and return the response to it with what redirects announced."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if offset and known is not None:
        headers["Range"] = f"bytes={offset}-"
        if known.validator is not None:
            headers["If-Range"] = known.validator
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - scheme checked by pull
    redirects = _Redirects()
    try:
        opener = urllib.request.build_opener(redirects)
        response: http.client.HTTPResponse = opener.open(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, part) from None
    except (OSError, http.client.HTTPException) as error:
        raise Interrupted(connection_fault(error, _TIMEOUT_S)) from error
    return response, redirects.linked


def _refusal(error: urllib.error.HTTPError, part: Path) -> Exception:
    """Return what an error status means for the download."""
    if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        discard(part)
        return Interrupted("the partial file did not fit the server's")
    if is_passing(error.code):
        return Interrupted(f"HTTP {error.code} {error.reason}")
    return Refused(error.code, str(error.reason))


def is_passing(status: int) -> bool:
    """Return whether a request with this status may succeed when it is repeated."""
    return status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def connection_fault(error: Exception, timeout_s: float) -> str:
    """Say in a few words why a connection failed."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no answer within {timeout_s:g} s"
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)


def _announced(response: http.client.HTTPResponse, linked: dict[str, str]) -> Announced:
    """Collect what the response, or a redirect before it, says about the whole file."""
    validator = _strong(response.headers.get("ETag"))
    etag = (_strong(linked.get("X-Linked-Etag")) or validator or "").strip('"')
    matched = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status == HTTPStatus.PARTIAL_CONTENT:
        size = matched[2] if matched else None
    else:
        size = response.headers.get("Content-Length")
    size = linked.get("X-Linked-Size") or size
    return Announced(
        etag=etag or None,
        validator=validator,
        size=int(size) if size and size.isdigit() else None,
        sha256=etag if _SHA256.fullmatch(etag) else None,
        commit=linked.get("X-Repo-Commit") or response.headers.get("X-Repo-Commit"),
    )


def _strong(etag: str | None) -> str | None:
    """Return an ETag that identifies the bytes; None for a weak or absent one."""
    return None if not etag or etag.startswith("W/") else etag


def _continues(
    response: http.client.HTTPResponse,
    announced: Announced,
    known: Announced | None,
    offset: int,
) -> bool:
    """Return whether a partial answer goes on with the part that lies here."""
    matched = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (
        known is not None
        and (announced.etag, announced.size) == (known.etag, known.size)
        and matched is not None
        and int(matched[1]) == offset
    )


def _copy(
    response: http.client.HTTPResponse,
    file: IO[bytes],
    offset: int,
    size: int | None,
    progress: Progress | None,
) -> None:
    """Append the body to the file; raise Interrupted if it ends early."""
    done = offset
    while chunk := _read(response):
        file.write(chunk)
        done += len(chunk)
        if progress is not None:
            progress(done, size)
    if size is not None and done < size:
        raise Interrupted(f"the connection ended after {done} of {size} bytes")


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise Interrupted(connection_fault(error, _TIMEOUT_S)) from error


def _verify(part: Path, announced: Announced) -> None:
    """Raise Corrupted, and remove the file, unless it has the announced size and sha256."""
    size = part.stat().st_size
    if announced.size is not None and size != announced.size:
        discard(part)
        raise Corrupted(f"it has {size} bytes, but {announced.size} were announced")
    if announced.sha256 is None:
        return
    sha256 = file_sha256(part)
    if sha256 != announced.sha256:
        discard(part)
        raise Corrupted(f"its sha256 is {sha256}, but {announced.sha256} was announced")


def _identity_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _known_part(part: Path) -> Announced | None:
    """Return the identity of a part that can be gone on with; None if there is none."""
    try:
        known = Announced(**json.loads(_identity_file(part).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return known if part.is_file() and known.etag is not None else None
