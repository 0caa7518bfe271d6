"""A dataset while it is being read: checks every row, counts what cannot be used, goes on."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fgaesq.datasets.records import (
    SPLITS,
    Dataset,
    Item,
    ItemScore,
    Kind,
    PairRecord,
    Problem,
    SeriesRecord,
    Split,
)
from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["Draft", "RowError", "finite", "probability"]

_EXAMPLES = 3


class RowError(ValueError):
    """A row cannot be used; the text says what all rows of its kind are, in the plural.

    Attributes:
        detail: what of this row is wrong, shown beside its place; "" for nothing.
    """

    def __init__(self, what: str, detail: str = "") -> None:
        super().__init__(what)
        self.detail = detail


def finite(text: Any) -> float:  # noqa: ANN401 - whatever a label file holds
    """Return a number of a label file.

    Raises:
        TypeError, ValueError: it is no number, or not a finite one.
    """
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def probability(text: Any) -> float:  # noqa: ANN401 - as above
    """Return a probability of a label file.

    Raises:
        RowError: it lies outside [0, 1].
        TypeError, ValueError: it is no number.
    """
    p = finite(text)
    if not 0 <= p <= 1:
        raise RowError("probabilities outside [0, 1]")
    return p


@dataclass(slots=True)
class _Series:
    split: Split | None
    source: str
    values: dict[str, float | None] = field(default_factory=dict)  # by item, in order
    pairs: dict[tuple[str, str], PairRecord] = field(default_factory=dict)


class Draft:
    """Collects what a reader finds and gives the `Dataset` in the end.

    Rows are read inside `with draft.row(place):`, where a `RowError` or `ValueError` makes the row
    a counted problem. Images that are not there are counted once each; what needs them is left out.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        root: Path,
        *,
        score_range: tuple[float, float] | None = None,
    ) -> None:
        self.root = root
        self.score_range = score_range
        self._folder = root.parent if root.is_file() else root
        self._name, self._kind = name, kind
        self._items: dict[str, Item] = {}
        self._missing: set[Path] = set()
        self._series: dict[str, _Series] = {}
        self._scores: dict[str, ItemScore] = {}
        self._notes: list[str] = []
        self._problems: dict[tuple[str, bool], list[str]] = {}
        self._names: dict[str, frozenset[str]] = {}  # by folder; str hashes faster than Path

    def note(self, text: str) -> None:
        """Keep a sentence on what was decided while reading."""
        self._notes.append(text)

    def problem(self, what: str, place: str, *, harmless: bool = False) -> None:
        """Count a problem; `what` in the plural, `place` for the list of examples."""
        self._problems.setdefault((what, harmless), []).append(place)

    @contextmanager
    def row(self, place: str, what: str = "unreadable lines") -> Iterator[None]:
        """Make errors of one row a problem, named by `place` (file and line)."""
        try:
            yield
        except RowError as error:
            detail = f": {printable(error.detail)}" if error.detail else ""
            self.problem(str(error), place + detail)
        except (ValueError, TypeError, KeyError, IndexError):
            self.problem(what, place)

    def is_file(self, path: Path) -> bool:
        """Tell whether a file exists, listing each folder only once."""
        folder, name = os.path.split(path)
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(os.listdir(folder or "."))
            except OSError:
                self._names[folder] = frozenset()
        return name in self._names[folder]

    def inside(self, name: str, folder: Path | None = None) -> Path:
        """Return the path of an image that a table names, below the dataset's folder.

        Tables come from elsewhere: what they name is opened, shown and copied into exports, so it
        must be part of the dataset. Links are followed, as they are nothing that a table can make.

        Args:
            name: as in the table.
            folder: that the name is relative to; the dataset's by default.

        Raises:
            RowError: the name is absolute, or leads out of the folder.
        """
        path = Path(os.path.normpath(name))
        if path.anchor or ".." in path.parts:
            raise RowError("images outside of the dataset's folder (name paths below it)", name)
        return (folder or self._folder) / path

    def first_file(self, folders: Sequence[Path], *names: str) -> Path:
        """Return the first of the names that is in one of the folders, else where it could be.

        Raises:
            RowError: a name leads out of the folders.
        """
        paths = [self.inside(name, folder) for folder in folders for name in names]
        for path in paths:
            if self.is_file(path):
                return path
        return next((path for path in paths if self._names[os.path.dirname(path)]), paths[0])

    def has_item(self, item: str) -> bool:
        """Tell whether an image was added."""
        return item in self._items

    def has_series(self, series: str) -> bool:
        """Tell whether a series was begun."""
        return series in self._series

    def item(self, item: Item) -> bool:
        """Add an image, once; return whether its file is there."""
        if item.id not in self._items:
            if not self.is_file(item.path):
                if item.path not in self._missing:
                    self._missing.add(item.path)
                    self.problem("images that are not there", printable(item.path))
                return False
            self._items[item.id] = item
        return True

    def score(
        self,
        item: Item,
        value: float,
        *,
        distribution: tuple[float, ...] | None = None,
        split: Split | None = None,
    ) -> None:
        """Add the absolute score of an image.

        Raises:
            RowError: the value lies outside the dataset's range.
        """
        low, high = self.score_range or (-math.inf, math.inf)
        if not low <= value <= high:
            raise RowError(f"scores outside {low:g} to {high:g}")
        if not self.item(item):
            return
        known = self._scores.get(item.id)
        if known is None:
            self._scores[item.id] = ItemScore(value, distribution, split)
        elif known.split != split:
            self.problem("images in two splits (kept in the later one)", item.id)
            self._scores[item.id] = ItemScore(value, distribution, _later(known.split, split))
        else:
            same = known.value == value
            what = "repeated rows" if same else "images scored twice (the first score is kept)"
            self.problem(what, item.id, harmless=same)

    def series(self, name: str, *, split: Split | None = None, source: str = "") -> None:
        """Begin or continue a series."""
        known = self._series.setdefault(name, _Series(split, source))
        if known.split != split:
            self.problem("series in two splits (kept in the later one)", name)
            known.split = _later(known.split, split)

    def member(self, series: str, item: str, value: float | None = None) -> None:
        """Say that an image belongs to a series, and its value there, higher is better.

        Raises:
            RowError: it had another value before.
        """
        values = self._series[series].values
        known = values.get(item)
        if known is not None and value is not None and known != value:
            raise RowError("images with two values in one series (the first is kept)")
        values[item] = value if known is None else known

    def pair(
        self, series: str, first: str, second: str, p: float, *, votes: int | None = None
    ) -> None:
        """Add a judged pair and make its images members of the series.

        Raises:
            RowError: both are the same image.
        """
        if first == second:
            raise RowError("pairs of an image with itself")
        self.member(series, first)
        self.member(series, second)
        pairs = self._series[series].pairs
        known = pairs.get((first, second))
        turned = pairs.get((second, first))
        if known is None and turned is None:
            pairs[first, second] = PairRecord(series, first, second, p, votes)
            return
        before = known.p if known else 1 - turned.p if turned else p
        if math.isclose(before, p, abs_tol=1e-9):
            self.problem("repeated rows", f"{series}: {first}, {second}", harmless=True)
        else:
            raise RowError("pairs judged twice and differently (the first is kept)")

    def finish(self) -> Dataset:
        """Return the dataset without what cannot be used.

        Raises:
            InputError: nothing is left.
        """
        series, pairs = self._usable_series()
        if not series and not self._scores:
            found = "; ".join(str(problem) for problem in self._counted()) or "the files are empty"
            raise InputError(f"{self.root}: nothing in it can be used as '{self._name}': {found}")
        used = {item for one in series for item in one.items} | set(self._scores)
        return Dataset(
            name=self._name,
            kind=self._kind,
            root=self.root,
            items=MappingProxyType({id: one for id, one in self._items.items() if id in used}),
            series=tuple(series),
            pairs=tuple(pairs),
            scores=MappingProxyType(self._scores),
            score_range=self.score_range if self._scores else None,
            notes=tuple(self._notes),
            problems=self._counted(),
        )

    def _usable_series(self) -> tuple[list[SeriesRecord], list[PairRecord]]:
        series: list[SeriesRecord] = []
        pairs: list[PairRecord] = []
        for name, one in self._series.items():
            kept = {item: value for item, value in one.values.items() if item in self._items}
            judged = []
            for pair in one.pairs.values():
                if pair.first in kept and pair.second in kept:
                    judged.append(pair)
                else:
                    place = f"{name}: {pair.first}, {pair.second}"
                    self.problem("pairs without their images", place)
            values = tuple(value for value in kept.values() if value is not None)
            whole = values if len(values) == len(kept) else None
            if len(kept) < 2:
                self.problem("series with fewer than two usable images", name)
            elif not judged and whole is None:
                self.problem("series without judgements", name)
            else:
                series.append(SeriesRecord(name, tuple(kept), whole, one.split, one.source))
                pairs.extend(judged)
        return series, pairs

    def _counted(self) -> tuple[Problem, ...]:
        problems = [
            Problem(what, len(places), tuple(places[:_EXAMPLES]), harmless)
            for (what, harmless), places in self._problems.items()
        ]
        return tuple(sorted(problems, key=lambda problem: problem.harmless))


def _later(first: Split | None, second: Split | None) -> Split | None:
    """Return the split that must not be trained on, of two that claim the same."""
    given = [split for split in (first, second) if split is not None]
    return max(given, key=SPLITS.index, default=None)
