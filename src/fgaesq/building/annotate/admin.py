"""The organiser's routes: who judged how much and how well, series, links, export."""

from __future__ import annotations

from fastapi import FastAPI

from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.guests import Access

__all__ = ["add_admin"]


def add_admin(application: FastAPI, deck: Deck, access: Access, *, url: str) -> None:
    """Add the routes below `/admin`."""
