"""The keys of the annotators' page: one table for the script, the help sheet and the documents."""

from __future__ import annotations

from typing import Final

from fgaesq.web.keys import Key

__all__ = ["ADMIN_KEYS", "KEYS", "MOST_REASONS"]

MOST_REASONS: Final = 9
"""Reasons that are offered for a pair: as many as there are digits."""

_ALL = ("annotate",)
_DIGITS = tuple(str(n) for n in range(1, MOST_REASONS + 1))

KEYS: Final[tuple[Key, ...]] = (
    Key(("ArrowLeft",), "left", "the left (upper) image is better", _ALL, "←"),
    Key(("ArrowRight",), "right", "the right (lower) image is better", _ALL, "→"),
    Key(("ArrowDown", "t"), "tie", "neither is better", _ALL, "↓"),
    Key(("s",), "skip", "skip the pair; it is not asked again", _ALL),
    Key(("b",), "bad", "the series is bad: say why", _ALL),
    Key(("Backspace", "u", "Ctrl+z"), "undo", "take the last answer back", _ALL, "backspace"),
    Key(_DIGITS, "reason", "a reason why the better one is better; again: not", _ALL, "1 to 9",
        _DIGITS),
    Key(("z",), "zoom", "100 %, or the whole images", _ALL),
    Key(("+", "="), "in", "zoom in", _ALL, "+"),
    Key(("-",), "out", "zoom out", _ALL),
    Key(("Shift+ArrowLeft",), "pan-left", "move the view left", _ALL, "shift ←"),
    Key(("Shift+ArrowRight",), "pan-right", "move the view right", _ALL, "shift →"),
    Key(("Shift+ArrowUp",), "pan-up", "move the view up", _ALL, "shift ↑"),
    Key(("Shift+ArrowDown",), "pan-down", "move the view down", _ALL, "shift ↓"),
    Key(("v",), "layout", "side by side, or one over the other", _ALL),
    Key((" ",), "other", "turn to the other image", _ALL, "space"),
    Key(("d",), "theme", "dark, light, or as the system says", _ALL),
    Key(("?", "h"), "help", "this list", _ALL, "?"),
)  # fmt: skip
"""All keys, in the order of the help sheet."""

ADMIN_KEYS: Final[tuple[Key, ...]] = (
    Key(("n",), "name", "to the name of a new annotator", ("admin",)),
    Key(("e",), "export", "export the votes as CSV", ("admin",)),
    Key(("d",), "theme", "dark, light, or as the system says", ("admin",)),
    Key(("?", "h"), "help", "this list", ("admin",), "?"),
)
"""The keys of the organiser's view."""
