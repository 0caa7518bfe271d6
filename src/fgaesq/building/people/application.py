"""The routes of the page on which people check series: pages, pieces, pictures, changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images_of
from fgaesq.building.people.actions import Actions, Done, Outdated
from fgaesq.building.people.entries import Filter, Shown
from fgaesq.building.people.keys import IMAGE_REASONS, SERIES_REASONS
from fgaesq.building.people.pages import overview_page, series_page, series_state
from fgaesq.building.people.parts import card, progress
from fgaesq.building.people.shelf import Shelf
from fgaesq.building.records import SourceImage
from fgaesq.datasets.records import open_image
from fgaesq.errors import InputError
from fgaesq.web.application import (
    NotThere,
    add_assets,
    file_state,
    guarded_app,
    picture_answer,
    theme_of,
)
from fgaesq.web.guard import Refusal, refused
from fgaesq.web.kept import KeptPictures
from fgaesq.web.pictures import Pictures

__all__ = ["check_app"]

Size = Literal["thumb", "view", "full"]
Id = Annotated[int, Field(ge=0, lt=1 << 63)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=10_000)]
Stamp = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
_Found = TypeVar("_Found")
Words = Annotated[str, Field(max_length=500)]
_LONG_SIDES: Final[dict[Size, int | None]] = {"thumb": 400, "view": 1280, "full": None}
_QUALITIES: Final[dict[Size, int]] = {"thumb": 78, "view": 86, "full": 92}
_ASSETS: Final = ("check.css", "check.js", "overview.js", "series.js")
_LIMITS: Final = {"show", "step", "reason", "category", "source"}
_MOST_CARDS: Final = 200


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SeriesBody(_Body):
    """A series, and the stamp of what the person saw of it."""

    series: Id
    stamp: Stamp


class DropBody(SeriesBody):
    """Why a series goes out."""

    reason: str
    detail: Words = ""


class ImagesBody(SeriesBody):
    """Images of the series."""

    images: Ids


class OutBody(ImagesBody):
    """Images that go out, and why."""

    reason: str
    detail: Words = ""


class MergeBody(_Body):
    """Series to make one of, each with its stamp."""

    series: Annotated[list[Id], Field(min_length=2, max_length=100)]
    stamps: Annotated[list[Stamp], Field(min_length=2, max_length=100)]


def check_app(
    collection: Collection, token: str, *, who: str = "", host: str = "127.0.0.1"
) -> FastAPI:
    """Return the application that checks a collection; see `fgaesq.building.people.app`."""
    known = {
        "/": _LIMITS,
        "/ids": _LIMITS,
        "/cards": {*_LIMITS, "ids"},
        "/series/{series}": _LIMITS,
    }
    known["/series/{series}/state"] = _LIMITS
    application = guarded_app(token, host=host, parameters=known)
    application.add_exception_handler(Outdated, _on_outdated)
    shelf = Shelf(collection, who=who)
    add_assets(application, "fgaesq.building.people", _ASSETS)
    _add_pages(application, shelf)
    _add_pictures(application, collection)
    actions = Actions(shelf)
    _add_decisions(application, shelf, actions)
    _add_steps(application, shelf, actions)
    return application


def _chosen(
    show: Shown = "all",
    step: Annotated[str, Query(max_length=40)] = "",
    reason: Annotated[str, Query(max_length=40)] = "",
    category: Annotated[str, Query(max_length=40)] = "",
    source: Annotated[str, Query(max_length=1000)] = "",
) -> Filter:
    return Filter(show, step, reason, category, source)


Chosen = Annotated[Filter, Depends(_chosen)]


def _add_pages(application: FastAPI, shelf: Shelf) -> None:
    @application.get("/", response_class=HTMLResponse)
    def overview(request: Request, chosen: Chosen) -> str:
        return overview_page(shelf, chosen, theme_of(request))

    @application.get("/cards", response_class=HTMLResponse)
    def cards(ids: Annotated[str, Query(pattern=r"^\d{1,18}(,\d{1,18})*$")], chosen: Chosen) -> str:
        found = []
        for one in ids.split(",")[:_MOST_CARDS]:
            with suppress(NotThere):  # split or merged meanwhile: the page sees fewer cards
                found.append(card(_there(shelf.entry, int(one)), chosen))
        return "".join(found)

    @application.get("/ids")
    def ids(chosen: Chosen) -> dict[str, list[int]]:
        return {"ids": shelf.ids(chosen), "open": shelf.ids(Filter(show="open"))}

    @application.get("/series/{series}", response_class=HTMLResponse)
    def series_html(request: Request, series: Id, chosen: Chosen) -> str:
        return _there(lambda id: series_page(shelf, id, chosen, theme_of(request)), series)

    @application.get("/series/{series}/state")
    def state(series: Id, chosen: Chosen) -> dict[str, Any]:
        return _there(lambda id: series_state(shelf, id, chosen), series)

    @application.get("/version")
    def version() -> dict[str, str]:
        return {"version": shelf.version(), "progress": progress(shelf.counts())}


def _add_pictures(application: FastAPI, collection: Collection) -> None:
    pictures = Pictures(on_disk=KeptPictures(collection.folder / "thumbnails"))

    @application.get("/image/{image}/{size}")
    def picture(request: Request, image: Id, size: Size) -> Response:
        found = images_of(collection, [image]).get(image)
        if found is None:
            raise NotThere("image")
        one: SourceImage = found
        return picture_answer(
            request,
            pictures,
            (image, size, one.path, one.crop, file_state(one.path)),
            lambda: open_image(one.item(), max_long_side_px=_LONG_SIDES[size]),
            quality=_QUALITIES[size],
            name=_kept_name(one) if size == "thumb" else None,
            what="picture of this image",
        )


def _add_decisions(application: FastAPI, shelf: Shelf, actions: Actions) -> None:
    @application.post("/api/keep")
    def keep(body: SeriesBody) -> dict[str, Any]:
        return _told(shelf, actions.keep(body.series, body.stamp))

    @application.post("/api/drop")
    def drop(body: DropBody) -> dict[str, Any]:
        _check_reason(body.reason, SERIES_REASONS)
        return _told(shelf, actions.drop(body.series, body.stamp, None, body.reason, body.detail))

    @application.post("/api/out")
    def out(body: OutBody) -> dict[str, Any]:
        _check_reason(body.reason, IMAGE_REASONS)
        done = actions.drop(body.series, body.stamp, body.images, body.reason, body.detail)
        return _told(shelf, done)

    @application.post("/api/back")
    def back(body: ImagesBody) -> dict[str, Any]:
        return _told(shelf, actions.back(body.series, body.stamp, body.images))


def _add_steps(application: FastAPI, shelf: Shelf, actions: Actions) -> None:
    @application.post("/api/split")
    def split(body: ImagesBody) -> dict[str, Any]:
        return _told(shelf, actions.split(body.series, body.stamp, body.images))

    @application.post("/api/accept")
    def accept(body: SeriesBody) -> dict[str, Any]:
        return _told(shelf, actions.split_as_proposed(body.series, body.stamp))

    @application.post("/api/merge")
    def merge(body: MergeBody) -> dict[str, Any]:
        if len(body.series) != len(body.stamps):
            raise Refusal(HTTPStatus.BAD_REQUEST, "Each series has one stamp.")
        return _told(shelf, actions.merge(body.series, body.stamps))

    @application.post("/api/undo")
    def undo(_: _Body) -> dict[str, Any]:
        return _told(shelf, actions.undo())

    @application.post("/api/redo")
    def redo(_: _Body) -> dict[str, Any]:
        return _told(shelf, actions.redo())


def _kept_name(image: SourceImage) -> str:
    """Return the name to keep the thumbnail of an image by; it stands for the pixels."""
    what = f"{image.digest} {image.crop} {_LONG_SIDES['thumb']} {_QUALITIES['thumb']}"
    return hashlib.sha256(what.encode()).hexdigest()[:40]


def _check_reason(reason: str, known: Sequence[str]) -> None:
    if reason not in known:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"The reason is one of {', '.join(known)}.")


def _told(shelf: Shelf, done: Done) -> dict[str, Any]:
    """Return what an action did, and how far the check is after it."""
    return {
        "said": done.said,
        "series": done.series,
        "nothing": done.nothing,
        "counts": progress(shelf.counts()),
        "version": shelf.version(),
    }


def _there(find: Callable[[int], _Found], series: int) -> _Found:
    try:
        return find(series)
    except InputError as error:
        raise NotThere("series (any more)") from error


async def _on_outdated(_: Request, error: Exception) -> Response:
    return refused(Refusal(HTTPStatus.CONFLICT, str(error)))
