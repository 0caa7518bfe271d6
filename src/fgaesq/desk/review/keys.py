"""The keys of the review page: one table for the page, its help sheet and the documents."""

from __future__ import annotations

from typing import Literal, TypeAlias

from fgaesq.web.keys import Key, key_actions

__all__ = ["KEYS", "key_bindings"]

View: TypeAlias = Literal["overview", "series", "confirm"]

_ALL: tuple[View, ...] = ("overview", "series", "confirm")
_PHOTOS: tuple[View, ...] = ("overview", "series")
_SERIES: tuple[View, ...] = ("series",)
_STARS = tuple("012345")
_LABELS = ("Red", "Yellow", "Green", "Blue")

KEYS: tuple[Key, ...] = (
    Key(("ArrowLeft",), "previous", "previous photo", _PHOTOS, "←"),
    Key(("ArrowRight",), "next", "next photo", _PHOTOS, "→"),
    Key(("ArrowUp",), "above", "previous series (overview: the row above)", _PHOTOS, "↑"),
    Key(("ArrowDown",), "below", "next series (overview: the row below)", _PHOTOS, "↓"),
    Key(("n",), "undecided", "next series with an undecided photo", _PHOTOS),
    Key(("Enter",), "open", "overview: open the series", ("overview",)),
    Key(("Enter",), "settle", "the champion wins: keep it, reject what is undecided, go on",
        _SERIES),
    Key(("p",), "prefer", "prefer the challenger: it is kept and becomes the champion", _SERIES),
    Key((" ",), "other", "turn to the other photo, champion or challenger", _SERIES, "space"),
    Key(("k",), "keep", "keep the photo", _PHOTOS),
    Key(("x",), "reject", "reject the photo", _PHOTOS),
    Key(("u",), "undecide", "leave the photo undecided", _PHOTOS),
    Key(("c",), "clear", "forget what you said of the photo; the proposal holds again", _PHOTOS),
    Key(_STARS, "stars", "so many stars; 0 for none", _PHOTOS, "0 to 5", _STARS),
    Key(tuple("6789"), "label", "red, yellow, green, blue label; again: none", _PHOTOS, "6 to 9",
        _LABELS),
    Key(("z",), "zoom", "100 % where they differ most, or the whole photo", _SERIES),
    Key((".",), "spot", "next place where they differ", _SERIES),
    Key(("+", "="), "in", "zoom in", _SERIES, "+"),
    Key(("-",), "out", "zoom out", _SERIES),
    Key(("Shift+ArrowLeft",), "pan-left", "move the view left", _SERIES, "shift ←"),
    Key(("Shift+ArrowRight",), "pan-right", "move the view right", _SERIES, "shift →"),
    Key(("Shift+ArrowUp",), "pan-up", "move the view up", _SERIES, "shift ↑"),
    Key(("Shift+ArrowDown",), "pan-down", "move the view down", _SERIES, "shift ↓"),
    Key(("v",), "layout", "side by side, or one over the other", _SERIES),
    Key(("m",), "difference", "show where the photos differ", _SERIES),
    Key(("s",), "effect", "show what moves the score", _SERIES),
    Key(("t",), "split", "take the photo out into a series of its own", _SERIES),
    Key(("j",), "merge", "join the series with the one before it", _PHOTOS),
    Key(("Ctrl+z",), "undo", "undo", _ALL, "ctrl z"),
    Key(("Ctrl+y", "Ctrl+Shift+z"), "redo", "redo", _ALL, "ctrl y"),
    Key(("w",), "confirm", "look at what will be written, and write it", _PHOTOS),
    Key(("Escape", "g"), "back", "back to the overview", ("series", "confirm"), "esc"),
    Key(("d",), "theme", "dark, light, or as the system says", _ALL),
    Key(("?", "h"), "help", "this list", _ALL, "?"),
)  # fmt: skip
"""All keys, in the order of the help sheet."""


def key_bindings(view: View) -> dict[str, str]:
    """Return the action of each key in a view."""
    return key_actions(KEYS, view)
