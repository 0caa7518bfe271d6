"""The page on which many people judge pairs at once, and the organiser's view of it.

Needs the extra `build`. `serve` runs it; `app` is the application for other servers and for tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fgaesq.errors import MissingExtraError
from fgaesq.web import serve_page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from fgaesq.building.annotate.plan import Plan
    from fgaesq.building.collection import Collection
    from fgaesq.building.votes.store import Votes

__all__ = ["app", "serve"]

_WHAT = "the page of annotators"


def app(
    collection: Collection,
    votes: Votes,
    plan: Plan,
    token: str,
    *,
    host: str = "127.0.0.1",
    url: str = "",
) -> FastAPI:
    """Return the application that asks people for votes.

    Args:
        collection: whose kept members are judged.
        votes: where annotators, questions and votes are kept.
        plan: how many votes and control questions.
        token: the secret of the organiser's address, at least 16 characters; `/?token=...` lets a
            browser in. Annotators come in with tokens of their own.
        host: the address that it is listened on.
        url: the address that people are told, if another server passes requests on; with `https`
            browsers send their cookies by HTTPS only.

    Raises:
        MissingExtraError: the packages of the extra `build` are not installed.
    """
    try:
        from fgaesq.building.annotate.application import annotation_app
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    return annotation_app(collection, votes, plan, token, host=host, url=url)


def serve(
    collection: Collection,
    votes: Votes,
    plan: Plan,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    url: str = "",
    token: str = "",
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until interrupted.

    Args:
        collection: whose kept members are judged.
        votes: where annotators, questions and votes are kept.
        plan: how many votes and control questions.
        host: the address to listen on; anything but the default lets other machines in.
        port: the port; 0 for any that is free.
        url: the address that people are told, if another server passes requests on; with `https`
            browsers send their cookies by HTTPS only.
        token: the secret of the organiser's address; "" for a random one.
        open_browser: whether to open the organiser's view in the browser.
        on_ready: is called with the organiser's whole address as soon as it answers.

    Raises:
        MissingExtraError: the packages of the extra `build` are not installed.
        InputError: the address cannot be listened on.
    """
    serve_page(
        lambda secret: app(collection, votes, plan, secret, host=host, url=url),
        _WHAT,
        host=host,
        port=port,
        token=token or None,
        open_browser=open_browser,
        on_ready=on_ready,
    )


def _missing(error: ModuleNotFoundError) -> Exception:
    if (error.name or "").split(".")[0] == "fgaesq":
        return error
    return MissingExtraError(_WHAT, "build")
