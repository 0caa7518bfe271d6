"""The review page: agree with the desk or overrule it, in the browser.

Needs the extra `web`. `serve` runs it; `app` is the application for other servers and for tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fgaesq.web import missing_web, serve_page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from fgaesq.desk.desk import Desk

__all__ = ["app", "serve"]

_WHAT = "the review page"


def app(desk: Desk, token: str, *, host: str = "127.0.0.1") -> FastAPI:
    """Return the application that reviews a desk.

    Args:
        desk: the shoot.
        token: the secret of the address, at least 16 characters; `/?token=...` lets a browser in.
        host: the address that it will be reached under.

    Raises:
        MissingExtraError: the packages of the extra `web` are not installed.
    """
    try:
        from fgaesq.desk.review.application import review_app
    except ModuleNotFoundError as error:
        raise missing_web(error, _WHAT) from error
    return review_app(desk, token, host=host)


def serve(
    desk: Desk,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the review page until interrupted.

    Args:
        desk: the shoot.
        host: the address to listen on; anything but the default lets other machines in, such as a
            phone, if they know the token.
        port: the port; 0 for any that is free.
        token: the secret of the address, at least 16 characters; None for a random one.
        open_browser: whether to open the page in the person's browser.
        on_ready: is called with the whole address, token included, as soon as it answers.

    Raises:
        MissingExtraError: the packages of the extra `web` are not installed.
        InputError: the address cannot be listened on.
    """
    serve_page(
        lambda secret: app(desk, secret, host=host),
        _WHAT,
        host=host,
        port=port,
        token=token,
        open_browser=open_browser,
        on_ready=on_ready,
    )
