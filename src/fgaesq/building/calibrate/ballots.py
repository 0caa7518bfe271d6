"""Votes as arrays: what all calculations of the calibration read."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.davidson import FIRST, SECOND, TIE
from fgaesq.errors import InputError

__all__ = ["Ballots", "VoteLike", "ballots_from_votes"]

_Ints = NDArray[np.int64]
_OUTCOMES = {"first": FIRST, "tie": TIE, "second": SECOND}


class VoteLike(Protocol):
    """What is read of a vote (`fgaesq.building.records.Vote` has it)."""

    @property
    def series(self) -> int: ...  # noqa: D102
    @property
    def first(self) -> int: ...  # noqa: D102
    @property
    def second(self) -> int: ...  # noqa: D102
    @property
    def choice(self) -> Literal["first", "second", "tie"]: ...  # noqa: D102
    @property
    def annotator(self) -> str: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def first_on_left(self) -> bool | None: ...  # noqa: D102
    @property
    def at(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Votes of annotators on pairs of images of S series; images of a series are neighbours.

    Attributes:
        offsets: (S + 1,), series s has the images offsets[s] to offsets[s + 1] - 1.
        first, second: (V,), images, `first` always the lower number.
        outcome: (V,), `davidson.FIRST`, `TIE` or `SECOND`.
        annotator: (V,), 0 to A - 1.
        first_on_left: (V,), bool; drawn where it is not known, so that no bias shows.
        side_known: (V,), bool, whether it is.
        seconds: (V,), what the vote took.
        at: (V,), when it was given, in seconds since any moment; 0 where that is not known.
        annotators: A names.
        series_ids: S ids, as the caller knows them.
        image_ids: N ids, as the caller knows them.
    """

    offsets: _Ints
    first: _Ints
    second: _Ints
    outcome: _Ints
    annotator: _Ints
    first_on_left: NDArray[np.bool_]
    side_known: NDArray[np.bool_]
    seconds: NDArray[np.float64]
    at: NDArray[np.float64]
    annotators: tuple[str, ...]
    series_ids: tuple[int, ...]
    image_ids: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of votes."""
        return len(self.outcome)

    @property
    def images(self) -> int:
        """Number of images."""
        return int(self.offsets[-1])

    @property
    def sizes(self) -> _Ints:
        """Images of each series, (S,)."""
        return np.diff(self.offsets)

    @property
    def series_of_image(self) -> _Ints:
        """Series of each image, (N,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def series(self) -> _Ints:
        """Series of each vote, (V,)."""
        return np.searchsorted(self.offsets, self.first, side="right") - 1

    @property
    def side(self) -> NDArray[np.float64]:
        """1 where the first image was shown on the left, -1 where on the right, (V,)."""
        return np.where(self.first_on_left, 1.0, -1.0)

    @property
    def key(self) -> _Ints:
        """What was pressed, (V,): 0 left, 1 tie, 2 right."""
        return np.where(self.first_on_left, self.outcome, 2 - self.outcome)

    @property
    def pair(self) -> _Ints:
        """A number of each vote's pair, equal for equal pairs, (V,)."""
        return self.first * self.images + self.second

    def only(self, votes: NDArray[np.bool_]) -> Ballots:
        """Return the ballots with these votes only, bool (V,); images and annotators stay."""
        names = ["first", "second", "outcome", "annotator", "first_on_left", "side_known"]
        names += ["seconds", "at"]
        return replace(self, **{name: getattr(self, name)[votes] for name in names})


def ballots_from_votes(
    votes: Iterable[VoteLike], members: Mapping[int, Sequence[int]] | None = None
) -> Ballots:
    """Return votes as arrays.

    Args:
        votes: in any order.
        members: images of each series, by its id; without it, those that were voted on.

    Raises:
        InputError: a vote is on an image that its series does not have, or on one image twice.
    """
    some = list(votes)
    members = _members(some) if members is None else members
    number: dict[Hashable, int] = {}
    members = {series: sorted(images) for series, images in members.items()}
    for series, images in members.items():
        for image in images:
            number[series, image] = len(number)
    annotators = tuple(sorted({vote.annotator for vote in some}))
    place = {name: index for index, name in enumerate(annotators)}
    first, second = (
        np.fromiter((_number(number, vote, end) for vote in some), np.int64, len(some))
        for end in ("first", "second")
    )
    if (same := np.flatnonzero(first == second)).size:
        vote = some[int(same[0])]
        raise InputError(f"series {vote.series}: a vote compares image {vote.first} with itself")
    outcome = np.fromiter((_OUTCOMES[vote.choice] for vote in some), np.int64, len(some))
    left = np.fromiter((_on_left(vote) for vote in some), np.bool_, len(some))
    known = np.fromiter((vote.first_on_left is not None for vote in some), np.bool_, len(some))
    swapped = first > second
    return Ballots(
        offsets=np.cumsum([0, *(len(images) for images in members.values())], dtype=np.int64),
        first=np.minimum(first, second),
        second=np.maximum(first, second),
        outcome=np.where(swapped, 2 - outcome, outcome),
        annotator=np.fromiter((place[vote.annotator] for vote in some), np.int64, len(some)),
        first_on_left=left ^ swapped,
        side_known=known,
        seconds=np.fromiter((vote.seconds for vote in some), np.float64, len(some)),
        at=np.fromiter((vote.at for vote in some), np.float64, len(some)),
        annotators=annotators,
        series_ids=tuple(members),
        image_ids=tuple(image for images in members.values() for image in images),
    )


def _on_left(vote: VoteLike) -> bool:
    """Return whether the first image stood on the left; drawn from the vote if not known."""
    if vote.first_on_left is not None:
        return vote.first_on_left
    told = f"{vote.annotator}:{vote.series}:{vote.first}:{vote.second}"
    return hashlib.blake2b(told.encode(), digest_size=1).digest()[0] % 2 == 0


def _members(votes: Sequence[VoteLike]) -> dict[int, list[int]]:
    found: dict[int, set[int]] = {}
    for vote in votes:
        found.setdefault(vote.series, set()).update((vote.first, vote.second))
    return {series: sorted(found[series]) for series in sorted(found)}


def _number(number: Mapping[Hashable, int], vote: VoteLike, end: str) -> int:
    image = getattr(vote, end)
    try:
        return number[vote.series, image]
    except KeyError:
        raise InputError(
            f"series {vote.series}: a vote of {vote.annotator} is on image {image}, which is not "
            "in the series; leave the vote out or give the series this image back"
        ) from None
