"""What all local pages share: guard, errors, frame, keys, scripts and styles, pictures, serving.

`assets/page.html`, `page.css` and `common.js` are the frame of a page, `grid.js` is an overview of
very many cards, `compare.js` and `compare.css` show two images with one zoom. They need
`gestures.js` and `colours.css` of `report/assets`, which the self-contained pages use too. All of
it needs the extra `web`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from fgaesq.errors import MissingExtraError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["missing_web", "serve_page"]


def serve_page(
    made: Callable[[str], ASGIApp],
    what: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a page until interrupted.

    Args:
        made: returns the application behind the guard for the secret of the address.
        what: the page, for messages.
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
    token = token or secrets.token_urlsafe(24)
    try:
        from fgaesq.web.serving import run_app
    except ModuleNotFoundError as error:
        raise missing_web(error, what) from error
    run_app(
        made(token),
        host=host,
        port=port,
        query=f"token={token}",
        open_browser=open_browser,
        on_ready=on_ready,
    )


def missing_web(error: ModuleNotFoundError, what: str) -> Exception:
    """Return the error that names the extra `web`, or `error` itself if the fault is ours."""
    if (error.name or "").split(".")[0] == "fgaesq":
        return error
    return MissingExtraError(what, "web")
