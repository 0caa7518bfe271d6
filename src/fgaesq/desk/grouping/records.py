"""The values of grouping: what is known of each photo, the groups, the settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.capture.records import Capture
from fgaesq.desk.likeness import Fingerprint
from fgaesq.desk.records import GroupKind
from fgaesq.errors import InputError

__all__ = ["Group", "GroupingSettings", "Sighting"]

_GAPS_S = (2.0, 10.0, 60.0, 600.0, 3600.0, 43200.0, 86400.0)
_LIKENESS = (0.45, 0.51, 0.58, 0.64, 0.74, 0.92, 0.98)
_WITHIN_FOLDER = 0.66
_ELSEWHERE = 0.76
_SPAN = 0.24  # from the tightest to the widest groups
_LEAST = 0.40  # below it, one of 1,000 pairs of different scenes looks alike
_MOST = 0.98


@dataclass(frozen=True, slots=True)
class Sighting:
    """What grouping knows of one photo.

    Attributes:
        id: in the catalogue; no two are equal.
        folder: where its file lies.
        name: of the file, without the folder.
        capture: what the file says of how and when it was taken.
        fingerprint: of its look.
    """

    id: int
    folder: str
    name: str
    capture: Capture
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Group:
    """Photos that belong together.

    Attributes:
        members: ids, by time and then by name.
        kind: what they are to each other.
        why: the rule that joined them, one sentence with its numbers.
    """

    members: tuple[int, ...]
    kind: GroupKind
    why: str


@dataclass(frozen=True, slots=True)
class GroupingSettings:
    """What the person may choose.

    Attributes:
        size: 0 for tight groups, 1 for wide ones; moves the wanted likeness by up to .12.
        untimed_folders: whether photos without a capture time are joined by their folder alone,
            as variants of one AI prompt that look unlike each other have to be.

    Raises:
        InputError: size is not within 0 and 1.
    """

    size: float = 0.5
    untimed_folders: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.size <= 1:
            raise InputError(f"the size of groups is {self.size}; give 0 (tight) to 1 (wide)")

    def wanted_after(self, gap_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the likeness wanted of photos of one clock, so many seconds apart."""
        apart = np.log(np.clip(gap_s, _GAPS_S[0], _GAPS_S[-1]))
        return self._moved(np.interp(apart, np.log(_GAPS_S), _LIKENESS))

    def wanted_untimed(self, same_folder: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the likeness wanted of photos whose distance in time is not known."""
        return self._moved(np.where(same_folder, _WITHIN_FOLDER, _ELSEWHERE))

    def _moved(self, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(wanted + (0.5 - self.size) * _SPAN, _LEAST, _MOST)
