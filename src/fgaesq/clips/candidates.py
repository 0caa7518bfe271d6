"""Which frames of a clip are worth ranking: scenes, blur, repetitions. Pure functions of glances.

The measures are the plain ones of the field: a cut is where the picture changes far more than it
did around it (as in PySceneDetect's adaptive detector), blur is a lack of fine differences compared
with the frames around (variance of the Laplacian), repetition is a small difference of thumbnails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Glance", "candidates", "scenes", "sharpness"]

CUT = 0.10
"""Least mean difference of two thumbnails (0 to 1) across a cut."""
CUT_RATIO = 3.0
"""How many times larger than around it the difference across a cut is."""
BLURRED = 0.6
"""Share of the sharpness around it below which a frame is blurred."""
AROUND_S = 0.75
"""How far around a frame others are compared with it."""
SAME = 0.012
"""Mean difference of two thumbnails (0 to 1) below which frames are repetitions."""
EMPTY = 0.02
"""Standard deviation of a thumbnail (0 to 1) below which a frame shows nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """One frame as it was glanced at.

    Attributes:
        pts: its time in units of the stream.
        time_s: its time in seconds.
        thumbnail: RGB float32 from 0 to 1, (rows, columns, 3), the same shape in all of a clip.
        sharpness: see `sharpness`; comparable within a clip.
    """

    pts: int
    time_s: float
    thumbnail: NDArray[np.float32]
    sharpness: float


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian of a grey image (H, W), at least 3 px on a side."""
    values = grey.astype(np.float32)
    inner = 4 * values[1:-1, 1:-1]
    around = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return float((inner - around).var())


def scenes(glances: Sequence[Glance]) -> list[list[Glance]]:
    """Return the glances divided at the cuts; none is lost."""
    if not glances:
        return []
    steps = _steps(glances)
    divided: list[list[Glance]] = [[glances[0]]]
    for index, glance in enumerate(glances[1:]):
        if _is_cut(steps, index):
            divided.append([])
        divided[-1].append(glance)
    return divided


def candidates(glances: Sequence[Glance], most: int) -> list[Glance]:
    """Return the frames of a scene that are worth ranking, in the order of time.

    Frames that are blurred or show nothing are left out; of repetitions the sharpest stays. Of
    what is left the sharpest of each of `most` equal parts of time is taken.

    Args:
        glances: of one scene, not empty.
        most: how many to return at most, at least one.
    """
    shown = [one for one in glances if one.thumbnail.std() >= EMPTY] or list(glances)
    clear = [one for one in shown if not _is_blurred(one, shown)]
    start, end = clear[0].time_s, clear[-1].time_s
    part_s = max((end - start) / most, 1e-9)
    best: dict[int, Glance] = {}
    for one in clear:
        part = min(int((one.time_s - start) / part_s), most - 1)
        if part not in best or one.sharpness > best[part].sharpness:
            best[part] = one
    kept: list[Glance] = []
    for one in sorted(best.values(), key=lambda glance: (-glance.sharpness, glance.pts)):
        if all(_difference(one, other) >= SAME for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda glance: glance.pts)


def _steps(glances: Sequence[Glance]) -> list[float]:
    """Return how much each glance differs from the one before, one fewer than glances."""
    return [_difference(a, b) for a, b in zip(glances, glances[1:], strict=False)]


def _is_cut(steps: Sequence[float], index: int) -> bool:
    step = steps[index]
    around = [*steps[max(index - 3, 0) : index], *steps[index + 1 : index + 4]]
    usual = float(np.median(around)) if around else 0.0
    return step >= CUT and step >= CUT_RATIO * usual


def _difference(first: Glance, second: Glance) -> float:
    return float(np.abs(first.thumbnail - second.thumbnail).mean())


def _is_blurred(glance: Glance, glances: Sequence[Glance]) -> bool:
    around = [one.sharpness for one in glances if abs(one.time_s - glance.time_s) <= AROUND_S]
    return glance.sharpness < BLURRED * max(around)
