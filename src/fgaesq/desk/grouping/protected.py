"""What the finders of protected sets have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.records import GroupKind

__all__ = ["Found", "seconds_text"]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Photos that belong together.

    Attributes:
        rows: positions in the shoot, in its order.
        kind: what they are to each other.
        why: one sentence.
    """

    rows: NDArray[np.intp]
    kind: GroupKind
    why: str


def seconds_text(seconds: float) -> str:
    """Return a duration for people, such as `2.1 s`, `4 min` or `1.5 h`."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
