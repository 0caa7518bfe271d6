"""The organiser's routes: the view, who may judge, links, export."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.guests import Access, new_annotator, renewed_token
from fgaesq.building.annotate.overview import admin_page, admin_tables
from fgaesq.building.annotate.quality import Measuring
from fgaesq.building.votes.annotators import annotator_of_id, set_standing
from fgaesq.building.votes.export import csv_lines
from fgaesq.web.application import NotThere, theme_of

__all__ = ["add_admin"]

Id = Annotated[int, Field(ge=0, lt=1 << 63)]


def _organiser(request: Request) -> None:
    """Refuse everybody else: the check of every route of the organiser."""
    access: Access = request.app.state.access
    if not access.is_admin(request.scope):
        raise NotThere("page")


_ONLY = [Depends(_organiser)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NameBody(_Body):
    """Who is added."""

    name: Annotated[str, Field(min_length=1, max_length=80)]


class PersonBody(_Body):
    """Whom it is about."""

    annotator: Id


class StandingBody(PersonBody):
    """What is changed; what is left out stays."""

    paused: bool | None = None
    removed: bool | None = None


def add_admin(application: FastAPI, deck: Deck, *, url: str) -> None:
    """Add the routes below `/admin`.

    Args:
        application: has the `Access` in its state.
        deck: whose votes are looked at.
        url: what links begin with; "" for the address under which the organiser asks.
    """
    _add_view(application, deck)
    _add_changes(application, deck, url)


def _add_view(application: FastAPI, deck: Deck) -> None:
    measuring = Measuring(deck.collection, deck.votes)

    @application.get("/admin", response_class=HTMLResponse, dependencies=_ONLY)
    def page(request: Request) -> str:
        return admin_page(deck, measuring.latest(), theme_of(request))

    @application.get("/admin/tables", response_class=HTMLResponse, dependencies=_ONLY)
    def tables() -> str:
        return admin_tables(deck, measuring.latest())

    @application.get("/admin/votes.csv", dependencies=_ONLY)
    def export() -> StreamingResponse:
        headers = {"Content-Disposition": 'attachment; filename="votes.csv"'}
        return StreamingResponse(csv_lines(deck.votes), media_type="text/csv", headers=headers)


def _add_changes(application: FastAPI, deck: Deck, url: str) -> None:
    def link(request: Request, token: str) -> str:
        base = url.rstrip("/") or f"{request.url.scheme}://{request.headers['host']}"
        return f"{base}/?token={token}"

    @application.post("/admin/add", dependencies=_ONLY)
    def add(request: Request, body: NameBody) -> dict[str, Any]:
        person, token = new_annotator(deck.votes, body.name)
        return {"said": "Added", "name": person.name, "link": link(request, token)}

    @application.post("/admin/link", dependencies=_ONLY)
    def renew(request: Request, body: PersonBody) -> dict[str, Any]:
        person = annotator_of_id(deck.votes, body.annotator)
        token = renewed_token(deck.votes, person)
        said = "The link before no longer works"
        return {"said": said, "name": person.name, "link": link(request, token)}

    @application.post("/admin/standing", dependencies=_ONLY)
    def standing(body: StandingBody) -> dict[str, Any]:
        set_standing(deck.votes, body.annotator, paused=body.paused, removed=body.removed)
        deck.look_again()
        return {"said": "Changed"}
