"""Who is let in: the organiser, and every annotator with a token of their own."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fgaesq.building.votes.annotators import (
    add_annotator,
    all_annotators,
    annotator_of,
    annotator_of_proof,
    renew_proof,
)
from fgaesq.building.votes.database import Database
from fgaesq.building.votes.records import Annotator
from fgaesq.web.guard import Guest, proof_of

__all__ = ["Access", "new_annotator", "new_annotators", "new_token", "renewed_token"]

_MONTH_S: Final = 30 * 24 * 3600


class Access:
    """The guests of the page; see `web.guard.Guests`.

    Args:
        votes: whose annotators are let in.
        token: of the organiser, at least 16 characters.
    """

    def __init__(self, votes: Database, token: str) -> None:
        self._votes, self._admin = votes, proof_of(token)
        # Cookies know no ports: the names keep the pages of two datasets on one machine apart.
        page = votes.setting("page") or secrets.token_hex(4)
        votes.set("page", page)
        self.cookies = (f"fgaesq-admin-{page}", f"fgaesq-annotator-{page}")

    def find(self, proof: str) -> Guest | None:
        """Return whose proof this is; None if it is nobody's."""
        admin, annotator = self.cookies
        if hmac.compare_digest(proof, self._admin):
            return Guest("", admin, home="/admin")
        found = annotator_of_proof(self._votes, proof)
        return None if found is None else Guest(found.name, annotator, max_age_s=_MONTH_S)

    def annotator(self, scope: Mapping[str, Any]) -> Annotator | None:
        """Return the annotator whose link a request came by; None if it is nobody's."""
        guest: Guest | None = scope["fgaesq.guests"].get(self.cookies[1])
        return None if guest is None else annotator_of(self._votes, guest.name)

    def is_admin(self, scope: Mapping[str, Any]) -> bool:
        """Whether a request came by the organiser's link."""
        return self.cookies[0] in scope["fgaesq.guests"]


def new_token() -> str:
    """Return a random token: 32 characters that can stand in an address."""
    return secrets.token_urlsafe(24)


def new_annotator(votes: Database, name: str) -> tuple[Annotator, str]:
    """Add a person; return them with their token, which is known only now.

    Raises:
        InputError: the name is in use or none.
    """
    token = new_token()
    return add_annotator(votes, name, proof_of(token)), token


def new_annotators(votes: Database, names: Iterable[str]) -> list[tuple[Annotator, str]]:
    """Add those of several people who are not there yet; return them with their tokens."""
    known = {one.name for one, _ in all_annotators(votes)}
    return [new_annotator(votes, name) for name in dict.fromkeys(names) if name not in known]


def renewed_token(votes: Database, annotator: Annotator) -> str:
    """Return a new token of a person; the one before no longer lets anybody in."""
    token = new_token()
    renew_proof(votes, annotator.id, proof_of(token))
    return token
