"""The keys of the page on which people check series: for the page, its help sheet and documents."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from fgaesq.web.keys import Key

__all__ = ["IMAGE_REASONS", "KEYS", "SERIES_REASONS", "View"]

View: TypeAlias = Literal["overview", "series"]

IMAGE_REASONS: Final = (
    "near_identical",
    "dissimilar",
    "defective",
    "empty",
    "misaligned",
    "overlap",
    "context",
    "other",
)
"""Why a person drops an image; the keys are 1, 2, ..."""

SERIES_REASONS: Final = (*IMAGE_REASONS, "duplicate_series")

_BOTH: tuple[View, ...] = ("overview", "series")
_SERIES: tuple[View, ...] = ("series",)
_OVERVIEW: tuple[View, ...] = ("overview",)
_DIGITS = tuple(str(number) for number, _ in enumerate(IMAGE_REASONS, start=1))

KEYS: tuple[Key, ...] = (
    Key(("Enter",), "keep", "keep the series as it is and go on to the next one to check", _SERIES),
    Key(("Enter",), "open", "overview: open the series", _OVERVIEW),
    Key(("k",), "keep", "overview: keep the series as it is", _OVERVIEW),
    Key(("d",), "drop", "drop the series, for a reason", _BOTH),
    Key(("ArrowLeft",), "left", "image to the left (overview: series)", _BOTH, "←"),
    Key(("ArrowRight",), "right", "image to the right (overview: series)", _BOTH, "→"),
    Key(("ArrowUp",), "up", "the row above", _BOTH, "↑"),
    Key(("ArrowDown",), "down", "the row below", _BOTH, "↓"),
    Key(_DIGITS, "reason", "drop the image, or those that are marked, for this reason", _SERIES,
        f"1 to {_DIGITS[-1]}", IMAGE_REASONS),
    Key(("x", "Delete"), "out", "drop the image, for a reason; of one that is out: bring it back",
        _SERIES, "x"),
    Key((" ",), "mark", "mark the image (overview: the series), or no more", _BOTH, "space"),
    Key(("s",), "split", "split what is marked off as a series of its own", _SERIES),
    Key(("m",), "merge", "merge with the next series (overview: those that are marked)", _BOTH),
    Key(("a",), "accept", "accept what is proposed: a split, or a merge", _SERIES),
    Key(("n", "PageDown"), "next", "next series", _SERIES, "n"),
    Key(("p", "PageUp"), "previous", "previous series", _SERIES, "p"),
    Key(("u",), "todo", "next series to check", _BOTH),
    Key(("c",), "compare", "compare the image with what it resembles, or with its neighbour",
        _SERIES),
    Key(("r",), "beside", "show beside dropped images what they resemble", _SERIES),
    Key(("v",), "layout", "compared: side by side, or one over the other", _SERIES),
    Key(("f",), "flip", "compared: turn to the other image", _SERIES),
    Key(("+", "="), "in", "compared: zoom in", _SERIES, "+"),
    Key(("-",), "out-zoom", "compared: zoom out", _SERIES),
    Key(("Shift+ArrowLeft",), "pan-left", "compared: move the view left", _SERIES, "shift ←"),
    Key(("Shift+ArrowRight",), "pan-right", "compared: move the view right", _SERIES, "shift →"),
    Key(("Shift+ArrowUp",), "pan-up", "compared: move the view up", _SERIES, "shift ↑"),
    Key(("Shift+ArrowDown",), "pan-down", "compared: move the view down", _SERIES, "shift ↓"),
    Key(("z", "Ctrl+z"), "undo", "undo what you did last", _BOTH),
    Key(("Shift+z", "Ctrl+y", "Ctrl+Shift+z"), "redo", "do it again", _BOTH, "shift z"),
    Key(("Escape", "g"), "back", "end the comparison; back to the overview", _SERIES, "esc"),
    Key(("t",), "theme", "dark, light, or as the system says", _BOTH),
    Key(("?", "h"), "help", "this list", _BOTH, "?"),
)  # fmt: skip
"""All keys, in the order of the help sheet."""
