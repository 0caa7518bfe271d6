"""The page on which people confirm or drop the series of a dataset, and their members.

The third step of refinement, after metrics and models (arXiv 2603.03907, section 3). Needs the
extra `web`; `fgaesq.web.serve_page` serves the application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fgaesq.web import missing_web

if TYPE_CHECKING:
    from fastapi import FastAPI

    from fgaesq.building.collection import Collection

__all__ = ["WHAT", "app"]

WHAT = "the page to check a dataset"


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
        raise missing_web(error, WHAT) from error
    return check_app(collection, token, who=who, host=host)
