"""What one annotator is shown and what becomes of the answers; nothing here names a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from fgaesq.building.annotate.deck import Deck
from fgaesq.building.annotate.words import BAD, REASON_WORDS, standing_words
from fgaesq.building.collection.images import images_of
from fgaesq.building.records import Choice
from fgaesq.building.votes.asking import (
    Ended,
    answer,
    assignment_of,
    flag,
    skip,
    take_back,
    to_take_back,
)
from fgaesq.building.votes.records import Annotator, Assignment

__all__ = ["SIDES", "Side", "state", "bad", "image_on", "judge", "skip_pair", "undo"]

Side: TypeAlias = Literal["left", "right"]
SIDES: tuple[Side, ...] = ("left", "right")

_PAUSED = "The organiser has paused your work. What you answered is kept; come back later."
_THROUGH = "There is nothing left to judge at the moment. Thank you!"
_SAID: dict[Ended, str] = {"before": "This pair was answered before", "done": "", "unknown": ""}


def state(deck: Deck, annotator: Annotator, said: str = "") -> dict[str, Any]:
    """Return all that the page of an annotator shows.

    Images are known by the random key of the question and their side alone: neither the address nor
    its order tells which file, series or role it is.
    """
    hand = deck.hand(annotator)
    standing = deck.standing(annotator)
    rest = {"minutes": deck.plan.rest_minutes, "votes": deck.plan.rest_votes}
    return {
        "said": said,
        "pairs": [_pair(deck, one) for one in hand],
        "message": "" if hand else _PAUSED if annotator.paused else _THROUGH,
        "undo": to_take_back(deck.votes, annotator.id),
        "done": standing.done,
        "left": standing.left,
        "words": standing_words(standing),
        "rest": rest,
    }


def judge(
    deck: Deck,
    annotator: Annotator,
    key: str,
    side: Side | Literal["tie"],
    *,
    seconds: float,
    reasons: Sequence[str],
) -> str | None:
    """Keep a vote; return what to say, None if nothing like that is asked of this person."""
    asked = assignment_of(deck.votes, annotator.id, key)
    if asked is None:
        return None
    choice: Choice = "tie"
    if side != "tie":
        choice = "first" if (side == "left") == asked.first_on_left else "second"
    offered = _reasons(deck, asked)
    said = [word for word in offered if word in reasons and choice != "tie"]
    ended = answer(deck.votes, annotator.id, key, choice, seconds=seconds, reasons=said)
    return _told(ended, "")


def skip_pair(deck: Deck, annotator: Annotator, key: str) -> str | None:
    """Skip a pair; return what to say, None if it is not asked of this person."""
    return _told(skip(deck.votes, annotator.id, key), "Skipped")


def bad(deck: Deck, annotator: Annotator, key: str, reason: str) -> str | None:
    """Call a series bad; return what to say, None if the pair is not asked of this person."""
    ended = flag(deck.votes, annotator.id, key, reason)
    if ended == "done":
        deck.look_again()
    return _told(ended, f"Noted: {BAD[reason].lower()}")


def undo(deck: Deck, annotator: Annotator, key: str) -> str:
    """Take the last answer back if the key names it; return what to say."""
    if not take_back(deck.votes, annotator.id, key):
        return "Only the last answer can be taken back, and only once"
    deck.look_again()
    return "Taken back: answer it again"


def image_on(asked: Assignment, side: Side) -> int:
    """Return the image that stands on a side of a question."""
    return asked.first if (side == "left") == asked.first_on_left else asked.second


def _told(ended: Ended, done: str) -> str | None:
    return None if ended == "unknown" else _SAID[ended] or done


def _pair(deck: Deck, asked: Assignment) -> dict[str, Any]:
    found = images_of(deck.collection, [abs(asked.first), abs(asked.second)])
    shown = [found[abs(image_on(asked, side))] for side in SIDES]
    return {
        "key": asked.key,
        "images": [
            {
                "fit": f"/picture/{asked.key}/{side}/fit",
                "full": f"/picture/{asked.key}/{side}/full",
                "width": image.width,
                "height": image.height,
            }
            for side, image in zip(SIDES, shown, strict=True)
        ],
        "reasons": _reasons(deck, asked),
    }


def _reasons(deck: Deck, asked: Assignment) -> Sequence[str]:
    series = deck.live().series.get(asked.series)
    return REASON_WORDS[series.category] if series is not None else ()
