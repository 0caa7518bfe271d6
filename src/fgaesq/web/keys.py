"""The keys of a page: one table for its script, its help sheet and the documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

__all__ = ["Key", "help_rows", "key_actions", "key_caps"]


@dataclass(frozen=True, slots=True)
class Key:
    """What keys do.

    Attributes:
        keys: names as browsers give them (`KeyboardEvent.key`), letters small, modifiers before
            them: `Ctrl+` also for the command key, `Shift+` for letters and for keys that are no
            signs. A letter that is bound without `Shift+` only works with it too.
        action: the name by which the page's script knows it.
        words: what it does, for people.
        views: where it works.
        shown: how the keys are written for people; "" as they are.
        each: what each key adds to the name of the action, after `-`; () for the same for all.
    """

    keys: tuple[str, ...]
    action: str
    words: str
    views: tuple[str, ...]
    shown: str = ""
    each: tuple[str, ...] = ()


def key_actions(table: Iterable[Key], view: str) -> dict[str, str]:
    """Return the action of each key in a view."""
    found: dict[str, str] = {}
    for one in table:
        if view in one.views:
            actions = [f"{one.action}-{each}" for each in one.each] or [one.action] * len(one.keys)
            found.update(zip(one.keys, actions, strict=True))
    return found


def help_rows(table: Iterable[Key]) -> str:
    """Return the terms and definitions of the help sheet, one pair per action."""
    return "".join(
        f"<div><dt>{key_caps(one)}</dt><dd>{escape(one.words)}</dd></div>\n" for one in table
    )


def key_caps(key: Key) -> str:
    """Return the keys of an action as they look on a keyboard."""
    caps = key.shown.split() if key.shown else list(key.keys[:1])
    return " ".join("to" if cap == "to" else f"<kbd>{escape(cap)}</kbd>" for cap in caps)
