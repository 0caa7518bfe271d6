"""What the applications of local pages share: guard, errors, files of the page, pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Mapping
from http import HTTPStatus
from importlib import resources
from typing import Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from fgaesq.errors import FgaError, StoreError
from fgaesq.report.text import printable
from fgaesq.types import Image
from fgaesq.web.guard import Guard, Guests, Refusal, refused
from fgaesq.web.pictures import Pictures

__all__ = [
    "NotThere",
    "add_assets",
    "file_state",
    "guarded_app",
    "picture_answer",
    "theme_of",
]

_TYPES: Final = {"js": "text/javascript", "css": "text/css"}
_KEEP_AND_ASK: Final = {"Cache-Control": "private, no-cache"}
_SHARED: Final = (
    ("fgaesq.report", ("colours.css", "gestures.js")),
    ("fgaesq.web", ("page.css", "common.js", "grid.js", "compare.js", "compare.css")),
)


class NotThere(Refusal):
    """What was asked for does not exist (or is none of the person's business)."""

    def __init__(self, what: str) -> None:
        super().__init__(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def guarded_app(
    token: str | Guests,
    *,
    host: str,
    name: str = "",
    https: bool = False,
    parameters: Mapping[str, Collection[str]] | None = None,
) -> FastAPI:
    """Return an application without routes, behind the guard, with one envelope of errors.

    Args:
        token: the secret of the address, at least 16 characters; or all who may come in.
        host: the address that it will be reached under.
        name: another host name that is ours; see `Guard`.
        https: whether it is reached by HTTPS under that name; see `Guard`.
        parameters: by path of a route those that its query may have; any other is refused, so that
            none is dropped silently.
    """
    known = parameters or {}

    def check(request: Request) -> None:
        allowed = known.get(request.scope["route"].path, ())
        for name in request.query_params:
            if name not in allowed:
                raise Refusal(
                    HTTPStatus.BAD_REQUEST, f"Unknown parameter '{printable(name)}'; leave it out."
                )

    application = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(check)]
    )
    application.add_middleware(Guard, token=token, host=host, name=name, https=https)
    for kind in (Refusal, FgaError, RequestValidationError, HTTPException):
        application.add_exception_handler(kind, _on_error)
    return application


def add_assets(application: FastAPI, package: str, names: Collection[str]) -> None:
    """Serve scripts and styles under `/assets/`: those of all pages, and `names` of a package."""
    assets = {
        name: resources.files(folder).joinpath("assets", name).read_bytes()
        for folder, files in (*_SHARED, (package, names))
        for name in files
    }

    @application.get("/assets/{name}")
    def asset(name: str) -> Response:
        if name not in assets:
            raise NotThere("file")
        kind = _TYPES[name.rsplit(".", 1)[1]]
        return Response(assets[name], media_type=kind, headers=_KEEP_AND_ASK)


def picture_answer(
    request: Request,
    pictures: Pictures,
    key: Hashable,
    read: Callable[[], Image],
    *,
    quality: int,
    name: str | None = None,
    what: str = "picture of this photo",
) -> Response:
    """Answer with a JPEG, or with 304 if the browser has it already; see `Pictures.jpeg`.

    Raises:
        NotThere: the pixels cannot be read: the file went away, or was never sound.
    """
    if pictures.is_current(key, request.headers.get("if-none-match", "")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=_KEEP_AND_ASK)
    try:
        made = pictures.jpeg(key, read, quality=quality, name=name)
    except FgaError as error:
        raise NotThere(what) from error
    headers = {**_KEEP_AND_ASK, "ETag": made.etag}
    return Response(made.data, media_type="image/jpeg", headers=headers)


def file_state(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Return time and size of a file, so that a picture of an edited one is made anew."""
    try:
        state = os.stat(path)
    except OSError:  # who reads the pixels says what is wrong
        return 0, 0
    return state.st_mtime_ns, state.st_size


def theme_of(request: Request) -> str:
    """Return the colours that the person chose; may be anything, as cookies can."""
    return request.cookies.get("fgaesq-theme", "")


async def _on_error(_: Request, error: Exception) -> Response:
    """Answer with the one envelope of errors; only our own sentences are told."""
    if isinstance(error, Refusal):
        answer = error
    elif isinstance(error, HTTPException):
        what = HTTPStatus(error.status_code)
        answer = Refusal(what, f"{what.phrase}.")
    elif isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        answer = Refusal(HTTPStatus.BAD_REQUEST, f"{where}: {first['msg']}")
    elif isinstance(error, StoreError):  # the same request may succeed later
        answer = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, printable(str(error)))
    else:
        answer = Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, printable(str(error)))
    return refused(answer)
