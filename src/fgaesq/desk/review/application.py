"""The routes of the review page: pages, pieces of pages, pictures, and changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from fgaesq.desk.desk import Applied, Desk, Waiting
from fgaesq.desk.records import DeskGroup, DeskPhoto, Mark, Verb
from fgaesq.desk.review.actions import Actions, Done, Keeping, Ranking
from fgaesq.desk.review.overlays import difference_png, effect_png
from fgaesq.desk.review.pages import (
    Place,
    Shown,
    confirm_page,
    counts_html,
    lines_html,
    open_groups,
    overview_page,
    places,
    series_page,
)
from fgaesq.desk.review.parts import card
from fgaesq.desk.review.states import group_state, maps_state
from fgaesq.desk.review.words import waiting_words
from fgaesq.errors import InputError
from fgaesq.report.words import counted
from fgaesq.types import DifferenceMap, EffectMap
from fgaesq.web.application import (
    NotThere,
    add_assets,
    file_state,
    guarded_app,
    picture_answer,
    theme_of,
)
from fgaesq.web.kept import KeptPictures
from fgaesq.web.pictures import Pictures

__all__ = ["review_app"]

Size = Literal["thumb", "fit", "full"]
Id = Annotated[int, Field(ge=0, lt=1 << 63)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=10_000)]
_Found = TypeVar("_Found", DeskGroup, DeskPhoto)
Maps = tuple[DifferenceMap | None, EffectMap | None]

_LONG_SIDES: dict[Size, int | None] = {"thumb": 400, "fit": 2048, "full": None}
_QUALITIES: dict[Size, int] = {"thumb": 78, "fit": 88, "full": 92}
_MOST_CARDS = 200
_PARAMETERS = {"/": {"show"}, "/cards": {"ids"}, "/waiting": {"group"}}
_ASSETS = ("review.css", "overview.js", "series.js", "confirm.js")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class MarkBody(_Body):
    """What to say of photos; what is left out stays."""

    photos: Ids
    verb: Verb | None = None
    stars: Annotated[int, Field(ge=0, le=5)] | None = None
    label: Literal["", "Red", "Yellow", "Green", "Blue", "Purple"] | None = None


class PhotosBody(_Body):
    """Photos to clear, or to take out of their group."""

    photos: Ids


class PreferBody(_Body):
    """Which of two photos is better."""

    better: Id
    worse: Id


class SettleBody(_Body):
    """The photo that wins its group."""

    group: Id
    keeper: Id


class GroupsBody(_Body):
    """Groups to make one of."""

    groups: Annotated[list[Id], Field(min_length=2, max_length=100)]


class SizeBody(_Body):
    """How wide series are to be."""

    size: Annotated[float, Field(ge=0, le=1)]


def review_app(desk: Desk, token: str, *, host: str = "127.0.0.1") -> FastAPI:
    """Return the application that reviews a desk; see `fgaesq.desk.review.app`."""
    application = guarded_app(token, host=host, parameters=_PARAMETERS)
    add_assets(application, "fgaesq.desk.review", _ASSETS)
    review = _Review(desk)
    _add_pages(application, review)
    _add_pictures(application, review)
    _add_marks(application, review)
    _add_groups_and_steps(application, review)
    _add_writing(application, review)
    return application


class _Review:
    """One desk under review, with what is kept between requests."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.actions = desk, Actions(desk)
        kept = KeptPictures(desk.thumbnails()) if isinstance(desk, Keeping) else None
        self.pictures = Pictures(on_disk=kept)
        self._places: tuple[Sequence[DeskGroup], dict[int, Place]] = ((), {})
        self._maps = lru_cache(maxsize=8)(self._maps_of)

    def group(self, group_id: int) -> DeskGroup:
        """Return a group or refuse with 404."""
        return _found(self.desk.group, group_id, "series")

    def photo(self, photo_id: int) -> DeskPhoto:
        """Return a photo or refuse with 404."""
        return _found(self.desk.photo, photo_id, "photo")

    def place(self, group_id: int) -> Place:
        """Return the place of a group; all are found anew when the groups are others."""
        groups, (of, known) = self.desk.groups(), self._places
        if groups is not of or group_id not in known:
            known = places(groups)
            self._places = groups, known
        return known[group_id]

    def maps(self, group: DeskGroup) -> Maps:
        """Return the maps of a group, kept for the groups seen last."""
        return self._maps(group.id, tuple(photo.id for photo in group.photos), group.margin)

    def name(self, photo_id: int, size: Size) -> str | None:
        """Return the name to keep a picture on the disk by; None if it is not to be kept."""
        if size != "thumb" or not isinstance(self.desk, Keeping):
            return None
        content = self.desk.content(photo_id)
        return content and f"{content}-{_LONG_SIDES[size]}-{_QUALITIES[size]}"

    def told(self, done: Done) -> dict[str, Any]:
        """Return what an action did, and the counts after it."""
        return {
            "said": done.said,
            "group": done.group_id,
            "nothing": done.nothing,
            "counts": counts_html(self.desk.counts()),
        }

    def _maps_of(self, group_id: int, _: tuple[int, ...], __: float | None) -> Maps:
        return self.desk.maps(group_id)


def _add_pages(application: FastAPI, review: _Review) -> None:
    desk = review.desk

    @application.get("/", response_class=HTMLResponse)
    def overview(request: Request, show: Shown = "all") -> str:
        return overview_page(desk, show, theme_of(request))

    @application.get("/cards", response_class=HTMLResponse)
    def cards(ids: Annotated[str, Query(pattern=r"^\d{1,18}(,\d{1,18})*$")]) -> str:
        found = []
        for one in ids.split(",")[:_MOST_CARDS]:
            with suppress(NotThere):  # series found anew meanwhile: the page sees fewer cards
                found.append(card(review.group(int(one))))
        return "".join(found)

    @application.get("/group/{group_id}", response_class=HTMLResponse)
    def series(request: Request, group_id: Id) -> str:
        group = review.group(group_id)
        return series_page(desk, group, review.place(group_id), theme_of(request))

    @application.get("/group/{group_id}/state")
    def state(group_id: Id) -> dict[str, Any]:
        return group_state(desk, review.group(group_id))

    @application.get("/group/{group_id}/maps")
    def maps(group_id: Id) -> dict[str, Any]:
        group = review.group(group_id)
        return maps_state(group, *review.maps(group))

    @application.get("/confirm", response_class=HTMLResponse)
    def confirm(request: Request) -> str:
        return confirm_page(desk, theme_of(request))


def _add_pictures(application: FastAPI, review: _Review) -> None:
    desk, pictures = review.desk, review.pictures

    @application.get("/photo/{photo_id}/{size}")
    def picture(request: Request, photo_id: Id, size: Size) -> Response:
        photo = review.photo(photo_id)
        if photo.failure:
            raise NotThere("picture of this photo")
        return picture_answer(
            request,
            pictures,
            (photo_id, size, file_state(photo.path)),
            lambda: desk.pixels(photo_id, long_side_px=_LONG_SIDES[size]),
            quality=_QUALITIES[size],
            name=review.name(photo_id, size),
        )

    @application.get("/group/{group_id}/difference.png")
    def difference(group_id: Id) -> Response:
        found, _ = review.maps(review.group(group_id))
        if found is None:
            raise NotThere("difference map")
        return Response(difference_png(found), media_type="image/png")

    @application.get("/group/{group_id}/effect/{photo_id}.png")
    def effect(group_id: Id, photo_id: Id) -> Response:
        _, found = review.maps(review.group(group_id))
        data = effect_png(found, review.photo(photo_id).path) if found is not None else None
        if data is None:
            raise NotThere("score map")
        return Response(data, media_type="image/png")


def _add_marks(application: FastAPI, review: _Review) -> None:
    actions, told = review.actions, review.told

    @application.post("/api/mark")
    def mark(body: MarkBody) -> dict[str, Any]:
        return told(actions.mark(body.photos, Mark(body.verb, body.stars, body.label)))

    @application.post("/api/clear")
    def clear(body: PhotosBody) -> dict[str, Any]:
        return told(actions.clear(body.photos))

    @application.post("/api/prefer")
    def prefer(body: PreferBody) -> dict[str, Any]:
        return told(actions.prefer(body.better, body.worse))

    @application.post("/api/settle")
    def settle(body: SettleBody) -> dict[str, Any]:
        return told(actions.settle(body.group, body.keeper))


def _add_groups_and_steps(application: FastAPI, review: _Review) -> None:
    desk, actions, told = review.desk, review.actions, review.told

    @application.get("/waiting")
    def waiting(group: Id | None = None) -> dict[str, Any]:
        state = desk.waiting(group) if isinstance(desk, Ranking) else Waiting(0)
        found = {"left": state.left, "said": waiting_words(state), "trouble": bool(state.trouble)}
        if state.left and not state.trouble:
            return found
        counts = counts_html(desk.counts())
        return {**found, "counts": counts, "open": open_groups(desk.groups())}

    @application.post("/api/split")
    def split(body: PhotosBody) -> dict[str, Any]:
        return told(actions.split(body.photos))

    @application.post("/api/merge")
    def merge(body: GroupsBody) -> dict[str, Any]:
        return told(actions.merge(body.groups))

    @application.post("/api/regroup")
    def regroup(body: SizeBody) -> dict[str, Any]:
        return told(actions.regroup(body.size))

    @application.post("/api/undo")
    def undo(_: _Body) -> dict[str, Any]:
        return told(actions.undo())

    @application.post("/api/redo")
    def redo(_: _Body) -> dict[str, Any]:
        return told(actions.redo())


def _add_writing(application: FastAPI, review: _Review) -> None:
    actions = review.actions

    @application.post("/api/apply")
    def apply(_: _Body) -> dict[str, Any]:
        return _written(actions.apply(), "written")

    @application.post("/api/unapply")
    def unapply(_: _Body) -> dict[str, Any]:
        return _written(actions.unapply(), "taken back")


def _written(applied: Applied, how: str) -> dict[str, Any]:
    said = f"{counted(applied.written, 'sidecar')} {how}"
    if applied.moved:
        said += f", {counted(applied.moved, 'file')} moved"
    if applied.failures:
        said += f", {len(applied.failures)} could not be {how}"
    return {
        "said": said,
        "lines": lines_html(applied.lines),
        "failures": lines_html(applied.failures),
        "failed": len(applied.failures),
    }


def _found(find: Callable[[int], _Found], identifier: int, what: str) -> _Found:
    try:
        return find(identifier)
    except InputError as error:
        raise NotThere(what) from error
