"""How well a photo suits an edit: whether that makes it worse for certain, which it does from 1 on.

A dark photo may gain by more light, a soft one by more sharpening, one without level lines can be
turned unnoticed, and a grey one has no colours to lose. Limits were looked up on photos.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.types import Image

__all__ = ["brightness", "colourfulness", "fine_detail", "level_lines"]

_SIDE_PX = 512  # to which photos are reduced, so that limits are the same for all sizes
_BRIGHT = 80.0  # mean of the codes; a darker photo shows more with up to two stops more light
_COLOURFUL = 12.0  # mean of what lies between the channels of a pixel; less is as good as grey
_DETAILED = 2.0  # mean of what a blur by a pixel takes; of one photo in twenty it is less
_LEVEL = 2.0  # times as many gradients along the axes as would be by chance; 2 in 5 have them
_ALONG_DEGREES = 2.5


def brightness(image: Image) -> float:
    """Return how bright a photo is; below 1, more light may be better."""
    return float(_grey(image).mean()) / _BRIGHT


def colourfulness(image: Image) -> float:
    """Return how much colour a photo has to lose; below 1, it is as good as grey by itself."""
    values = _small(image).astype(np.int16)
    return float((values.max(axis=-1) - values.min(axis=-1)).mean()) / _COLOURFUL


def fine_detail(image: Image) -> float:
    """Return how much fine detail a photo has; below 1, sharpening may be better."""
    grey = _grey(image)
    return float(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1)).mean()) / _DETAILED


def level_lines(image: Image) -> float:
    """Return how many of a photo's edges are level or plumb; below 1, nobody may see a turn."""
    grey = cv2.GaussianBlur(_grey(image), (0, 0), 1)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    strength = np.hypot(across, down)
    turned = np.degrees(np.arctan2(down, across)) % 90
    strong = strength >= max(float(np.quantile(strength, 0.8)), 1e-6)
    along = strength[strong & (np.minimum(turned, 90 - turned) < _ALONG_DEGREES)].sum()
    share = float(along / max(float(strength[strong].sum()), 1e-6))
    return share / (2 * _ALONG_DEGREES / 90) / _LEVEL


def _grey(image: Image) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(_small(image), cv2.COLOR_RGB2GRAY), np.float32)


def _small(image: Image) -> Image:
    factor = _SIDE_PX / max(image.shape)
    if factor >= 1:
        return image
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
