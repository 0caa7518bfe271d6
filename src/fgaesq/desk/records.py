"""The values of the photo desk: photos of the catalogue, groups, decisions, proposals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from fgaesq.types import Reason

__all__ = [
    "PROTECTED",
    "DeskGroup",
    "DeskPhoto",
    "GroupKind",
    "Mark",
    "Proposal",
    "Reading",
    "Verb",
]

GroupKind: TypeAlias = Literal[
    "series", "single", "bracket", "focus_stack", "panorama", "timelapse"
]
"""What the photos of a group are to each other."""

PROTECTED: frozenset[GroupKind] = frozenset({"bracket", "focus_stack", "panorama", "timelapse"})
"""Groups of which all photos are needed: none is ever proposed as a reject."""

Reading: TypeAlias = Literal["normal", "fast"]
"""How photos are read to be ranked, see `desk.reading`; scores of the two are not compared."""

Verb: TypeAlias = Literal["keep", "reject", "undecided"]
"""What is to become of a photo: a keeper, a reject, or left to the person."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the desk proposes for a photo.

    Attributes:
        verb: keep, reject, or undecided where it is too close to call.
        stars: 0 to 5 to give; 0 for none.
        why: one sentence for the person.
    """

    verb: Verb
    stars: int
    why: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person decided, or a sidecar said, of a photo; None where nothing was said.

    Attributes:
        verb: keep or reject; None to follow the proposal.
        stars: 0 to 5.
        label: a colour label such as `Red`.
    """

    verb: Verb | None = None
    stars: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class DeskPhoto:
    """One photo of the catalogue in its group.

    Attributes:
        id: in the catalogue; stays the same when the file is moved or renamed.
        path: the file that is looked at.
        name: for people: the file's name.
        taken: ISO 8601, "" if it is not known.
        width, height: of the upright image, px; 0 if not known.
        rank, score, p_best: in its group; None until it is ranked. The score is the model's, rank
            and p_best may come from model and taste (`DeskGroup.taste`).
        reasons: why it is better or worse than the others of its group, in the model's eyes; empty
            where the taste changed its rank.
        proposal: of the desk; None until it is ranked.
        mark: of the person.
        files: all its files by role, such as `raw`, `clip` or `sidecar`.
        camera: make and model, or "".
        failure: why it cannot be used, one sentence; "" if it can.
    """

    id: int
    path: str
    name: str
    taken: str
    width: int
    height: int
    rank: int | None
    score: float | None
    p_best: float | None
    reasons: tuple[Reason, ...]
    proposal: Proposal | None
    mark: Mark
    files: tuple[tuple[str, str], ...] = ()
    camera: str = ""
    failure: str = ""

    @property
    def verb(self) -> Verb:
        """What is to become of it: what the person said, else the proposal."""
        if self.mark.verb is not None:
            return self.mark.verb
        return self.proposal.verb if self.proposal else "undecided"

    @property
    def stars(self) -> int:
        """Its stars: the person's, else those proposed."""
        if self.mark.stars is not None:
            return self.mark.stars
        return self.proposal.stars if self.proposal else 0


@dataclass(frozen=True, slots=True)
class DeskGroup:
    """A group of the catalogue, its photos best first (protected groups: by time).

    Attributes:
        id: in the catalogue.
        kind: what the photos are to each other.
        why: why they were grouped so, one sentence.
        photos: of the group.
        by_hand: whether a person split or merged it; then it is never regrouped.
        margin: probability that the first beats the second; None if it is not ranked.
        taste: picks from which the taste was learned that, with the model, gives the order and the
            probabilities; 0 if the model alone does.
    """

    id: int
    kind: GroupKind
    why: str
    photos: tuple[DeskPhoto, ...]
    by_hand: bool = False
    margin: float | None = None
    taste: int = 0

    @property
    def protected(self) -> bool:
        """Whether all its photos are needed."""
        return self.kind in PROTECTED
