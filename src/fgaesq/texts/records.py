"""Comparative texts of pairs as a JSONL file.

Each line is an object::

    {"series": "000007", "first": "a.jpg", "second": "b.jpg", "direction": "first",
     "text": "It is sharper.", "source": "person", "model": ""}

`direction` says which of the two is better; `text` says in what the better one is better, whichever
of the two that is. `source` is `person`, `endpoint` or `template`, and `model` the name of the
model that wrote the text (empty otherwise). Both may be left out, no other key may be there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from fgaesq.errors import InputError

__all__ = [
    "ComparativeText",
    "Direction",
    "PairTexts",
    "SignedText",
    "Source",
    "read_texts",
    "write_texts",
]

Direction: TypeAlias = Literal["first", "second"]
Source: TypeAlias = Literal["person", "endpoint", "template"]

_REQUIRED: Final = ("series", "first", "second", "direction", "text")
_DEFAULTS: Final = {"source": "person", "model": ""}
_CHOICES: Final = {"direction": get_args(Direction), "source": get_args(Source)}
_SHOWN = 10
"""How many bad lines an error shows."""


@dataclass(frozen=True, slots=True)
class ComparativeText:
    """What makes one image of a pair better; the attributes are the keys of the file."""

    series: str
    first: str
    second: str
    direction: Direction
    text: str
    source: Source = "person"
    model: str = ""

    @property
    def better(self) -> str:
        """The image that the text speaks of."""
        return self.first if self.direction == "first" else self.second


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text as seen from a pair in a given order.

    Attributes:
        text: says in what the better image is better.
        sign: 1 if the first image of the pair is the better one, else -1: the text is that of
            sign * (feature of first - feature of second).
    """

    text: str
    sign: Literal[1, -1]


class PairTexts:
    """The texts of pairs, found by pair in either order.

    Args:
        texts: on any number of series; a pair may have several.

    Raises:
        InputError: two texts disagree on which image of a pair is better.
    """

    def __init__(self, texts: Iterable[ComparativeText]) -> None:
        self._of: dict[tuple[str, frozenset[str]], list[ComparativeText]] = {}
        for text in texts:
            others = self._of.setdefault((text.series, frozenset((text.first, text.second))), [])
            if others and others[0].better != text.better:
                raise InputError(
                    f"series {text.series}: of {text.first} and {text.second}, one text calls "
                    f"{others[0].better} the better image and another {text.better}; remove one"
                )
            others.append(text)

    def __len__(self) -> int:
        """Return how many pairs have a text."""
        return len(self._of)

    def of(self, series: str, first: str, second: str) -> tuple[SignedText, ...]:
        """Return the texts of a pair, () if it has none; swapping the images flips the signs."""
        found = self._of.get((series, frozenset((first, second))), [])
        return tuple(SignedText(one.text, 1 if one.better == first else -1) for one in found)


def read_texts(path: Path) -> tuple[ComparativeText, ...]:
    """Read a file of texts, whole or not at all.

    Raises:
        InputError: the file is missing or lines are wrong; the message has one sentence for each
            of the first ten wrong lines.
    """
    texts: list[ComparativeText] = []
    problems: list[str] = []
    places: dict[tuple[str, frozenset[str]], tuple[int, str]] = {}
    for number, line in _lines(path):
        try:
            text = _parsed(line)
            place = (text.series, frozenset((text.first, text.second)))
            earlier, better = places.setdefault(place, (number, text.better))
            if better != text.better:
                raise ValueError(
                    f"calls {text.better} the better image, line {earlier} {better}; remove one"
                )
        except ValueError as error:
            problems.append(f"{path}, line {number}: {error}")
        else:
            texts.append(text)
    if problems:
        more = [f"and {len(problems) - _SHOWN} more wrong lines"] if len(problems) > _SHOWN else []
        raise InputError("\n".join(problems[:_SHOWN] + more))
    if not texts:
        raise InputError(f"{path}: holds no text; make some with 'fgaesq data describe'")
    return tuple(texts)


def write_texts(path: Path, texts: Iterable[ComparativeText]) -> None:
    """Write a file of texts; an existing one is replaced only when the new one is whole.

    Raises:
        InputError: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part-{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for text in texts:
                file.write(json.dumps(asdict(text), ensure_ascii=False) + "\n")
        part.replace(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); choose another place"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number and content of all lines that are not blank."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); give a JSONL file of texts"
        ) from None
    # Only line feeds end a line of JSONL: splitlines() would also split inside of texts.
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            yield number, line


def _parsed(line: str) -> ComparativeText:
    """Return the text on a line; raise ValueError with what is wrong and what to do."""
    try:
        content = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON ({error.msg}); write one object per line") from None
    if not isinstance(content, dict):
        raise ValueError(f"is a JSON {type(content).__name__}; write an object")
    _check_keys(content)
    values: dict[str, Any] = _DEFAULTS | {key: _text_of(content, key) for key in content}
    for key, choices in _CHOICES.items():
        if values[key] not in choices:
            raise ValueError(f"'{key}' is '{values[key]}'; need {' or '.join(choices)}")
    for key in _REQUIRED:
        if not values[key]:
            raise ValueError(f"'{key}' is empty; fill it in")
    if values["first"] == values["second"]:
        raise ValueError(f"'first' and 'second' are both '{values['first']}'; name two images")
    return ComparativeText(**values)


def _check_keys(content: dict[str, object]) -> None:
    missing = [key for key in _REQUIRED if key not in content]
    if missing:
        raise ValueError(f"has no '{missing[0]}'; add it")
    unknown = [key for key in content if key not in (*_REQUIRED, *_DEFAULTS)]
    if unknown:
        known = ", ".join((*_REQUIRED, *_DEFAULTS))
        raise ValueError(f"has an unknown key '{unknown[0]}'; the keys are {known}")


def _text_of(content: dict[str, object], key: str) -> str:
    value = content[key]
    if not isinstance(value, str):
        raise ValueError(f"'{key}' is {json.dumps(value)}; need a string")
    return value.strip() if key == "text" else value
