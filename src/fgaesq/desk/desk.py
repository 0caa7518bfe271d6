"""What the review page, the command line and the reports may ask of the desk, and tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fgaesq.desk.records import DeskGroup, DeskPhoto, Mark
from fgaesq.types import DifferenceMap, EffectMap, Image, Pair

__all__ = ["Applied", "Desk", "Waiting"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying decisions did, or (dry run) would do.

    Attributes:
        lines: one sentence per file, such as `IMG_1.xmp: rating 0 -> 4`.
        written: how many sidecars were written.
        moved: how many files were moved.
        failures: one sentence per file that could not be written, naming it and the remedy.
    """

    lines: tuple[str, ...]
    written: int
    moved: int
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How far the ranking of groups is that were found anew.

    Attributes:
        left: groups that have no ranking yet.
        trouble: why they get none, one sentence; "" if nothing is wrong.
    """

    left: int
    trouble: str = ""


class Desk(Protocol):
    """One shoot (the catalogued photos below one or several folders), open for review.

    All methods may be called from several threads; each change is one transaction and can be
    undone. Ids are those of the catalogue.
    """

    def groups(self, *, offset: int = 0, limit: int | None = None) -> Sequence[DeskGroup]:
        """Return the groups in the order of time."""

    def group(self, group_id: int) -> DeskGroup:
        """Return one group; raises InputError if there is none of that id."""

    def photo(self, photo_id: int) -> DeskPhoto:
        """Return one photo; raises InputError if there is none of that id."""

    def pairs(self, group_id: int) -> Sequence[Pair]:
        """Return the verdicts on all pairs of a ranked group, by path."""

    def pixels(self, photo_id: int, *, long_side_px: int | None = None) -> Image:
        """Return the upright pixels of a photo, at most so large; raises PhotoError."""

    def maps(self, group_id: int) -> tuple[DifferenceMap | None, EffectMap | None]:
        """Return where the photos of a group differ and where their scores come from, by path."""

    def mark(self, photo_ids: Sequence[int], mark: Mark) -> bool:
        """Say what is to become of photos; fields that are None stay as they are.

        Returns:
            Whether that was new; only then is there a change to undo.
        """

    def clear(self, photo_ids: Sequence[int]) -> bool:
        """Forget what was said of photos, so that the proposals hold again; return as `mark`."""

    def split(self, photo_ids: Sequence[int]) -> int:
        """Take photos out of their group into one of their own; return its id."""

    def merge(self, group_ids: Sequence[int]) -> int:
        """Make one group of several; return its id."""

    def undo(self) -> str | None:
        """Undo the last change; return what was undone in words, None if there is nothing."""

    def redo(self) -> str | None:
        """Do the last undone change again; return it in words, None if there is nothing."""

    def apply(self, *, dry_run: bool = False) -> Applied:
        """Write stars, rejects and labels into the sidecars."""

    def counts(self) -> dict[str, int]:
        """Return how many photos, groups, keepers, rejects, undecided, marked, failures."""
