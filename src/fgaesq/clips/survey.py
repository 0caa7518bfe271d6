"""A clip glanced through: few frames, small, in one pass."""

from __future__ import annotations

import numpy as np

from fgaesq.clips.candidates import Glance, sharpness
from fgaesq.clips.frames import Clip, Skip
from fgaesq.errors import DecodeError

__all__ = ["survey"]

_MOST_GLANCES = 600
_LEAST_STEP_S = 1 / 12
_LONG_S = 30.0
_VERY_LONG_S = 600.0
_GREY_LONG_SIDE_PX = 640
_THUMBNAIL = 32, 18


def survey(clip: Clip) -> list[Glance]:
    """Return glances at a clip, at most about 600, evenly over its time.

    Of clips of over half a minute the frames that no others depend on are not decoded, of those of
    over ten minutes only key frames are.

    Raises:
        DecodeError: no frame of it can be decoded.
    """
    length_s = clip.duration_s
    step_s = max(_LEAST_STEP_S, length_s / _MOST_GLANCES)
    glances: list[Glance] = []
    due_s = float("-inf")
    for frame in clip.decoded(skip=_skip(length_s)):
        if frame.time_s < due_s:
            continue
        due_s = frame.time_s + step_s * 0.999
        width, height = frame.picture.width, frame.picture.height
        scale = min(1.0, _GREY_LONG_SIDE_PX / max(width, height))
        size = max(3, round(width * scale)), max(3, round(height * scale))
        grey = clip.shown(frame, size, "gray", "AREA")
        small = clip.shown(frame, _THUMBNAIL, "rgb24", "AREA")
        thumbnail = small.astype(np.float32) / np.float32(255)
        glances.append(Glance(frame.pts, frame.time_s, thumbnail, sharpness(grey)))
        if len(glances) >= 2 * _MOST_GLANCES:  # a clip that does not say how long it is
            glances = glances[::2]
            step_s *= 2
    if not glances:
        raise DecodeError(
            f"{clip.name}: no frame of it can be decoded; copy it again from the camera or card"
        )
    return glances


def _skip(length_s: float) -> Skip:
    if length_s > _VERY_LONG_S:
        return "NONKEY"
    return "NONREF" if length_s > _LONG_S else "DEFAULT"
