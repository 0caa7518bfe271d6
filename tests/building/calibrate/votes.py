"""Votes written short, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fgaesq.building.records import Vote

CHOICE = {">": "first", "=": "tie", "<": "second"}


def vote(text: str, by: str = "ann", *, series: int = 1, left: bool = True, at: float = 0) -> Vote:
    """Return the vote `1>2`: image 1 is better than image 2."""
    sign = next(sign for sign in CHOICE if sign in text)
    first, second = map(int, text.split(sign))
    return Vote(series, first, second, CHOICE[sign], by, 3.0, left, at=at)  # type: ignore[arg-type]


def votes(text: str, by: str = "ann", *, series: int = 1) -> list[Vote]:
    """Return votes such as `1>2 2=3`, on alternating sides, a second apart."""
    some = [vote(one, by, series=series) for one in text.split()]
    return [replace(one, first_on_left=n % 2 == 0, at=float(n + 1)) for n, one in enumerate(some)]


def by_all(text: str, names: Iterable[str], *, series: int = 1) -> list[Vote]:
    """Return the same votes by several people."""
    return [one for name in names for one in votes(text, name, series=series)]
