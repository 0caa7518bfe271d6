"""The routes of annotators: their page, their pictures, their answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from fgaesq.building.annotate import sittings
from fgaesq.building.annotate.admin import add_admin
from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.golden import pixels_of
from fgaesq.building.annotate.guests import Access
from fgaesq.building.annotate.keys import MOST_REASONS
from fgaesq.building.annotate.pages import annotators_page
from fgaesq.building.annotate.plan import Plan
from fgaesq.building.annotate.sittings import Side
from fgaesq.building.collection import Collection
from fgaesq.building.votes.asking import assignment_of, golden_pairs
from fgaesq.building.votes.records import Annotator
from fgaesq.building.votes.store import Votes
from fgaesq.web.application import NotThere, add_assets, guarded_app, picture_answer, theme_of
from fgaesq.web.pictures import Pictures

__all__ = ["annotation_app"]

Key = Annotated[str, Field(min_length=1, max_length=64)]
Size = Literal["fit", "full"]

_LONG_SIDES: dict[Size, int | None] = {"fit": 2048, "full": None}
_QUALITIES: dict[Size, int] = {"fit": 88, "full": 92}
_LONGEST_S = 3600.0
_ASSETS = ("annotate.css", "annotate.js", "admin.js")


def _annotator(request: Request) -> Annotator:
    """Return whose link it is, or refuse: the check of every route of annotators."""
    found: Annotator | None = request.app.state.access.annotator(request.scope)
    if found is None:
        raise NotThere("page")
    return found


Me = Annotated[Annotator, Depends(_annotator)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PairBody(_Body):
    """A pair to skip, or the answer to take back."""

    key: Key


class VoteBody(PairBody):
    """Which of the two is better."""

    better: Literal["left", "right", "tie"]
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    reasons: Annotated[list[Key], Field(max_length=MOST_REASONS)] = []


class BadBody(PairBody):
    """Why a series is bad."""

    reason: Literal["dissimilar", "near_identical", "defective", "empty", "other"]


def annotation_app(
    collection: Collection,
    votes: Votes,
    plan: Plan,
    token: str,
    *,
    host: str = "127.0.0.1",
    url: str = "",
) -> FastAPI:
    """Return the application; see `fgaesq.building.annotate.app`."""
    deck, access = Deck(collection, votes, plan), Access(votes, token)
    told = urlsplit(url)
    application = guarded_app(
        access, host=host, name=told.hostname or "", https=told.scheme == "https"
    )
    add_assets(application, "fgaesq.building.annotate", _ASSETS)
    application.state.access = access
    _add_page(application, deck)
    _add_pictures(application, deck)
    _add_answers(application, deck)
    add_admin(application, deck, url=url)
    return application


def _add_page(application: FastAPI, deck: Deck) -> None:
    @application.get("/", response_class=HTMLResponse)
    def page(request: Request, annotator: Me) -> str:
        return annotators_page(sittings.state(deck, annotator), theme_of(request))

    @application.get("/api/state")
    def state(annotator: Me) -> dict[str, Any]:
        return sittings.state(deck, annotator)


def _add_pictures(application: FastAPI, deck: Deck) -> None:
    pictures = Pictures()

    @application.get("/picture/{key}/{side}/{size}")
    def picture(
        request: Request,
        key: Key,
        side: Side,
        size: Size,
        annotator: Me,
    ) -> Response:
        asked = assignment_of(deck.votes, annotator.id, key)
        if asked is None:
            raise NotThere("picture")
        image = sittings.image_on(asked, side)
        edit = "" if image > 0 else edits()[image]
        return picture_answer(
            request,
            pictures,
            (image, edit, size),
            lambda: pixels_of(deck.collection, image, edit, long_side_px=_LONG_SIDES[size]),
            quality=_QUALITIES[size],
            what="picture",
        )

    def edits() -> dict[int, str]:
        return {pair.first: pair.edit for pair in golden_pairs(deck.votes) if pair.edit}


def _add_answers(application: FastAPI, deck: Deck) -> None:
    def after(annotator: Annotator, said: str | None) -> dict[str, Any]:
        if said is None:
            raise NotThere("question")
        return sittings.state(deck, annotator, said)

    @application.post("/api/vote")
    def vote(body: VoteBody, annotator: Me) -> dict[str, Any]:
        seconds = min(body.seconds, _LONGEST_S)
        said = sittings.judge(
            deck, annotator, body.key, body.better, seconds=seconds, reasons=body.reasons
        )
        return after(annotator, said)

    @application.post("/api/skip")
    def skip(body: PairBody, annotator: Me) -> dict[str, Any]:
        return after(annotator, sittings.skip_pair(deck, annotator, body.key))

    @application.post("/api/bad")
    def bad(body: BadBody, annotator: Me) -> dict[str, Any]:
        return after(annotator, sittings.bad(deck, annotator, body.key, body.reason))

    @application.post("/api/undo")
    def undo(body: PairBody, annotator: Me) -> dict[str, Any]:
        return after(annotator, sittings.undo(deck, annotator, body.key))
