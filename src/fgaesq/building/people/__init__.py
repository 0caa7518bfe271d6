"""The page on which people confirm or drop the series of a dataset, and their members.

The third step of refinement, after metrics and models (arXiv 2603.03907, section 3). Needs the
extra `web`. `serve` runs it; `app` is the application for other servers and for tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fgaesq.web import missing_web

if TYPE_CHECKING:
    from fastapi import FastAPI

    from fgaesq.building.collection import Collection

__all__ = ["app", "serve"]


def app(collection: Collection, token: str, *, who: str = "", host: str = "127.0.0.1") -> FastAPI:
    """Return the application that checks a collection.

    Args:
        collection: of the dataset; others may work on it at the same time.
        token: the secret of the address, at least 16 characters; `/?token=...` lets a browser in.
        who: the name under which decisions are kept, and whose are undone.
        host: the address that it will be reached under.

    Raises:
        MissingExtraError: the packages of the extra `web` are not installed.
    """
    try:
        from fgaesq.building.people.application import check_app
    except ModuleNotFoundError as error:
        raise missing_web(error, "the page to check a dataset") from error
    return check_app(collection, token, who=who, host=host)


def serve(
    collection: Collection,
    *,
    who: str = "",
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until interrupted; see `app`.

    Args:
        collection: of the dataset.
        who: the name under which decisions are kept.
        host: the address to listen on; anything but the default lets other machines in.
        port: the port; 0 for any that is free.
        token: the secret of the address, at least 16 characters; None for a random one.
        open_browser: whether to open the page in the person's browser.
        on_ready: is called with the whole address, token included, as soon as it answers.

    Raises:
        MissingExtraError: the packages of the extra `web` are not installed.
        InputError: the address cannot be listened on.
    """
    try:
        from fgaesq.web.application import serve_guarded
    except ModuleNotFoundError as error:
        raise missing_web(error, "the page to check a dataset") from error
    serve_guarded(
        lambda secret: app(collection, secret, who=who, host=host),
        host=host,
        port=port,
        token=token,
        open_browser=open_browser,
        on_ready=on_ready,
    )
