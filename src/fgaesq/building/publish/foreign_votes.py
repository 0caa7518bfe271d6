"""Judgements made elsewhere as votes: tables of winners, ratings, stars and rejects in sidecars.

The rules. A winner is better than its loser; a tie is a tie. Ratings become pairs within a series:
of two images that one person rated, the one with the higher mark is better, equal marks are a tie.
Stars and rejects are weak labels, as most people mark only what they want to find again: a reject
comes after all others, more stars before fewer, and images marked alike are not compared at all.
The sides on which the images stood are known where the table tells left and right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import Choice, SourceImage, Vote, VoteRole
from fgaesq.datasets.draft import finite
from fgaesq.datasets.tables import columns_of, records
from fgaesq.errors import InputError, SidecarError
from fgaesq.images import printable
from fgaesq.sidecars.files import read_bytes, sidecars_of
from fgaesq.sidecars.xmp import read_marks

__all__ = ["ForeignVotes", "Table", "read_sidecars", "read_table", "table_of"]

Kind: TypeAlias = Literal["winners", "ratings"]

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "winner": ("winner", "better", "chosen", "preferred", "best"),
    "loser": ("loser", "worse", "rejected", "other"),
    "first": ("first", "left", "image_a", "a", "image_1", "image1"),
    "second": ("second", "right", "image_b", "b", "image_2", "image2"),
    "choice": ("choice", "answer", "label", "result", "vote", "preference"),
    "image": ("image", "file", "filename", "file_name", "path", "photo", "name"),
    "rating": ("rating", "stars", "score", "mark", "grade", "opinion"),
    "annotator": ("annotator", "user", "worker", "rater", "observer", "participant", "judge"),
    "seconds": ("seconds", "time_s", "duration_s", "response_time"),
    "series": ("series", "group", "set", "scene"),
    "first_on_left": ("first_on_left",),
    "role": ("role",),
    "reasons": ("reasons",),
    "at": ("at",),
}
"""What columns are called that are found without being named; the first that is there is taken."""

_NEEDED: Final[Mapping[Kind, tuple[tuple[str, ...], ...]]] = {
    "winners": (("winner", "loser"), ("first", "second", "choice")),
    "ratings": (("image", "rating"),),
}
_CHOICES: Final[Mapping[str, Choice]] = {
    **dict.fromkeys(("first", "left", "a", "1", "1.0"), "first"),
    **dict.fromkeys(("second", "right", "b", "2", "0", "0.0"), "second"),
    **dict.fromkeys(("tie", "equal", "same", "draw", "none", "0.5"), "tie"),
}
_ID = re.compile(r"-?\d+")
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Table:
    """How a table of judgements is read.

    Attributes:
        kind: `winners` or `ratings`.
        columns: which column holds what: `winner`, `loser`, `image`, `rating`, ...
    """

    kind: Kind
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ForeignVotes:
    """Votes found, and what could not be used.

    Attributes:
        votes: with the ids of the collection.
        problems: how many rows were left out, by the reason with a few examples.
    """

    votes: tuple[Vote, ...]
    problems: tuple[str, ...] = ()


def table_of(path: Path, named: Mapping[str, str] | None = None) -> Table:
    """Find out what a table of judgements holds and which columns hold it.

    Args:
        path: a CSV file with a header, or JSON lines.
        named: columns that the person named, by what they hold.

    Raises:
        InputError: a named column is not there, or those needed are not found.
    """
    there = columns_of(path)
    for role, column in (named or {}).items():
        if role not in _NAMES:
            raise InputError(f"--columns {role}: is none of {', '.join(_NAMES)}")
        if column not in there:
            raise InputError(
                f"{printable(path)}: has no column '{column}'; it has: {_listed(there)}"
            )
    by_lower = {name.strip().lower(): name for name in there}
    columns = dict(named or {})
    for role, names in _NAMES.items():
        known = [by_lower[name] for name in names if name in by_lower]
        free = [name for name in known if name not in columns.values()]
        if role not in columns and free:
            columns[role] = free[0]
    for kind, ways in _NEEDED.items():
        if any(all(role in columns for role in way) for way in ways):
            return Table(kind, columns)
    raise InputError(
        f"{printable(path)}: has neither columns winner and loser nor image and rating, but "
        f"{_listed(there)}; name them, as in --columns winner=A,loser=B"
    )


def read_table(
    collection: Collection, path: Path, table: Table, *, annotator: str = ""
) -> ForeignVotes:
    """Read a table of winners or ratings as votes on the pairs of a collection.

    Images are known by their id, path, or file name (with as many folders as tell it apart). Where
    two images are in several series together, the pair counts in the first, unless the table names
    a series.

    Args:
        collection: of the dataset.
        path: of the table.
        table: of `table_of`.
        annotator: whose judgements they are where no column says it; the file's name by default.

    Raises:
        InputError: the file cannot be read, or holds nothing usable.
    """
    found = _Found(collection, _first_is_left(table))
    needed = [table.columns[role] for role in table.columns]
    rows = (
        (place, {role: row.get(column) for role, column in table.columns.items()})
        for place, row in records(path, needed)
    )
    read = _winners if table.kind == "winners" else _ratings
    votes = tuple(read(found, rows, annotator or path.stem))
    if not votes:
        raise InputError(
            f"{printable(path)}: none of its rows is a judgement on images of this dataset "
            f"({'; '.join(found.problems()) or 'it has no rows'}); check the columns and names"
        )
    return ForeignVotes(votes, found.problems())


def read_sidecars(collection: Collection, *, annotator: str = "sidecars") -> ForeignVotes:
    """Read the stars and rejects beside the photos of a collection as votes (the rule: above)."""
    found = _Found(collection)
    folders: dict[Path, list[Path]] = {}
    marks: dict[Path, float | None] = {}
    votes = []
    for series in all_series(collection):
        marked = []
        for id in series.kept:  # noqa: A001 - the word of the record
            path = found.images[id].path
            if path not in marks:
                marks[path] = _mark(path, folders, found)
            if marks[path] is not None:
                marked.append((id, marks[path]))
        for (one, a), (other, b) in combinations(marked, 2):
            if a is not None and b is not None and a != b:
                votes.append(
                    _vote(series.id, one, other, "first" if a > b else "second", annotator)
                )
    return ForeignVotes(tuple(votes), found.problems())


def _first_is_left(table: Table) -> bool | None:
    """Tell from the names of the columns whether the first image is the left one."""
    names = [table.columns.get(role, "").lower() for role in ("first", "second")]
    sides = [next((side for side in ("left", "right") if side in name), "") for name in names]
    return {("left", "right"): True, ("right", "left"): False}.get((sides[0], sides[1]))


class _Found:
    """The images of a collection by their names, the series of pairs, and what goes wrong.

    Attributes:
        images: by id.
        left: whether the first image of each row is the left one; None if that is not told.
    """

    def __init__(self, collection: Collection, left: bool | None = None) -> None:
        self.left = left
        self.images: Mapping[int, SourceImage] = images(collection)
        self._kept = {one.id: one.kept for one in all_series(collection)}
        self._series: dict[int, list[int]] = defaultdict(list)
        for series, members in self._kept.items():
            for image in members:
                self._series[image].append(series)
        self._ids = self._by_name()
        self._problems: dict[str, list[str]] = {}

    def image(self, name: object, place: str) -> list[int]:
        """Return the images of a name; [] and a problem if there are none."""
        text = str(name).strip().replace("\\", "/")
        if text.isdigit() and int(text) in self.images:
            return [int(text)]
        found = self._ids.get(text, [])
        if not found:
            self.problem("images that are not in this dataset", f"{place}: {name}")
        return found

    def pair(
        self, first: object, second: object, place: str, series: object = None
    ) -> tuple[int, int, int] | None:
        """Return series and ids of two images that are in one series together."""
        ones, others = self.image(first, place), self.image(second, place)
        for one in ones:
            for other in others:
                for together in self._series[one]:
                    wanted = series in (None, "") or str(series) == str(together)
                    if one != other and wanted and other in self._kept[together]:
                        return together, one, other
        if ones and others:
            self.problem("pairs that are in no series together", f"{place}: {first}, {second}")
        return None

    def spoiled(self, first: object, second: object, series: object) -> tuple[int, int, int] | None:
        """Return series and ids of an image n and its spoiled copy -n; None for other pairs."""
        texts = [str(one).strip() for one in (first, second)]
        if not all(_ID.fullmatch(one) for one in texts):
            return None
        one, other = map(int, texts)
        for home in self._series.get(abs(one), ()) if one == -other else ():
            if series in (None, "") or str(series) == str(home):
                return home, one, other
        return None

    def series_of(self, image: int) -> Sequence[int]:
        """Return the series that an image is in."""
        return self._series[image]

    def problem(self, what: str, place: str) -> None:
        """Count what cannot be used."""
        self._problems.setdefault(what, []).append(place)

    def problems(self) -> tuple[str, ...]:
        """Return what could not be used, in words."""
        return tuple(
            f"{what}: {len(places)} ({', '.join(places[:_EXAMPLES])}"
            f"{', ...' if len(places) > _EXAMPLES else ''})"
            for what, places in self._problems.items()
        )

    def _by_name(self) -> Mapping[str, list[int]]:
        """Return images by path, by each end of it that is whole parts, and by imported name."""
        found: dict[str, list[int]] = defaultdict(list)
        for id, image in self.images.items():  # noqa: A001 - the word of the record
            parts = image.path.parts
            ends = {"/".join(parts[-n:]) for n in range(1, min(len(parts), 5))}
            ends |= {str(image.path), image.path.stem, image.origin.get("imported", "")}
            for end in ends - {""}:
                found[end].append(id)
        return found


_Rows: TypeAlias = Iterable[tuple[str, Mapping[str, Any]]]


def _winners(found: _Found, rows: _Rows, annotator: str) -> Iterator[Vote]:
    for place, row in rows:
        if row.get("winner") not in (None, ""):
            first, second, choice = row["winner"], row.get("loser"), "first"
        else:
            first, second = row.get("first"), row.get("second")
            choice = _choice(row, found.left)
        if not choice:
            found.problem("rows without a choice", place)
            continue
        wanted = row.get("series")
        spoiled = found.spoiled(first, second, wanted) if row.get("role") == "golden" else None
        pair = spoiled or found.pair(first, second, place, wanted)
        if pair is not None:
            series, one, other = pair
            name = str(row.get("annotator") or annotator)
            vote = _vote(series, one, other, choice, name, _number(row, "seconds"))
            yield _told(vote, row, _on_left(row, found.left), turned=one > other)


def _ratings(found: _Found, rows: _Rows, annotator: str) -> Iterator[Vote]:
    marks: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for place, row in rows:
        try:
            rating = finite(row["rating"])
        except (TypeError, ValueError):
            found.problem("ratings that are no numbers", place)
            continue
        for image in found.image(row["image"], place):
            for series in found.series_of(image):
                marks[str(row.get("annotator") or annotator), series][image] = rating
    for (name, series), rated in marks.items():
        for one, other in combinations(rated, 2):
            more = rated[one] - rated[other]
            choice = "tie" if more == 0 else "first" if more > 0 else "second"
            yield _vote(series, one, other, choice, name)


def _mark(path: Path, folders: dict[Path, list[Path]], found: _Found) -> float | None:
    """Return -1 for a reject, else the stars of a photo; None if nothing is said of it."""
    if path.parent not in folders:
        folders[path.parent] = list(path.parent.iterdir()) if path.parent.is_dir() else []
    for sidecar in sidecars_of(path, folders[path.parent]):
        try:
            marks = read_marks(read_bytes(sidecar) or b"")
        except SidecarError as error:
            found.problem("sidecars that cannot be read", f"{printable(sidecar)}: {error}")
            continue
        if marks.rejected:
            return -1.0
        if marks.stars:
            return float(marks.stars)
    return None


def _vote(
    series: int, one: int, other: int, choice: str, annotator: str, seconds: float = 0.0
) -> Vote:
    """Return the vote on two images in any order, of sides that are not known."""
    turned: Mapping[str, Choice] = {"first": "second", "second": "first", "tie": "tie"}
    straight: Mapping[str, Choice] = {"first": "first", "second": "second", "tie": "tie"}
    chosen = (straight if one < other else turned)[choice]
    first, second = sorted((one, other))
    return Vote(series, first, second, chosen, annotator, seconds, None)


def _said(row: Mapping[str, Any]) -> str:
    return str(row.get("choice", "")).strip().lower()


def _choice(row: Mapping[str, Any], left: bool | None) -> str:
    """Return what a row says of its first and second image, "" if it is not understood."""
    said = _said(row)
    if left is False:  # the first image stood on the right
        said = {"left": "right", "right": "left"}.get(said, said)
    return _CHOICES.get(said, "")


def _on_left(row: Mapping[str, Any], left: bool | None) -> bool | None:
    """Return whether the image that a row names first, or as the winner, stood on the left.

    Args:
        row: of the table.
        left: as in `_Found`.
    """
    winner = row.get("winner")
    if winner in (None, ""):  # "left" is read as the first, if the columns do not say otherwise
        return True if left is None and _said(row) in ("left", "right") else left
    if left is None:
        return {"left": True, "right": False}.get(_said(row))
    return {str(row.get("second")): not left, str(row.get("first")): left}.get(str(winner))


def _told(vote: Vote, row: Mapping[str, Any], left: bool | None, *, turned: bool) -> Vote:
    """Return a vote with what few tables say: side, and, our own alone, role, reasons and time.

    Args:
        vote: without them.
        row: of the table.
        left: whether the row's first image stood on the left; None if that is not known.
        turned: whether the row's first image is the vote's second.
    """
    left = {"true": True, "false": False}.get(str(row.get("first_on_left")).lower(), left)
    role = next((one for one in get_args(VoteRole) if one == row.get("role")), vote.role)
    reasons = tuple(filter(None, str(row.get("reasons") or "").split("; ")))
    shown = None if left is None else left != turned
    at = _number(row, "at")
    return replace(vote, first_on_left=shown, role=role, reasons=reasons, at=at)


def _number(row: Mapping[str, Any], role: str) -> float:
    try:
        return max(0.0, finite(row.get(role)))
    except (TypeError, ValueError):
        return 0.0


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
