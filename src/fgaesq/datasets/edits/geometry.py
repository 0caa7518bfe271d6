"""Edits of geometry: of the camera's framing, and bent structure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.types import Image

__all__ = ["cut_off", "tilt", "warping"]

_CUT_CROP = 0.62  # side of the crop of `cut_off`, of the frame's side
_MAP_PX = 50  # sides of the map of what catches the eye


def warping(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Bend local structure by a smooth random field, as generators garble hands and letters."""
    height, width = image.shape[:2]
    wavelength = rng.uniform(10, 40)
    amplitude = np.float32((0.1 + 0.3 * severity) * wavelength)
    grid = (max(3, round(width / wavelength)), max(3, round(height / wavelength)))
    field = rng.standard_normal((grid[1], grid[0], 2), dtype=np.float32)
    shift = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC) * amplitude
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent = cv2.remap(
        image, x + shift[..., 0], y + shift[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(bent, np.uint8)


def tilt(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Turn the camera by 1.5 to 11 degrees; the frame is filled by cropping in.

    Severity 0 gives the same crop unturned, so that the crop itself is no clue.
    """
    angle = (0.0 if severity == 0 else 1.5 + 9.5 * severity) * (1 if rng.random() < 0.5 else -1)
    height, width = image.shape[:2]
    zoom = _zoom_for_tilt(height, width)
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, zoom)
    return np.asarray(
        cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC), np.uint8
    )


def _zoom_for_tilt(height: int, width: int, *, degrees: float = 11.0) -> float:
    """Return the enlargement at which a frame turned by `degrees` has no empty corner."""
    angle = np.deg2rad(degrees)
    ratio = max(height, width) / min(height, width)
    return float(np.cos(angle) + ratio * np.sin(angle))


def cut_off(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Frame so that the border cuts into the main subject, up to half of what catches the eye.

    Severity 0 gives a crop of the same size with the subject inside, so that the crop itself is no
    clue.
    """
    del rng
    height, width = image.shape[:2]
    inside, touching, cut = _framings(_eye_catching(image))
    start = inside if severity == 0 else touching + severity * (cut - touching)
    top, left = start[0] * height, start[1] * width
    matrix = np.array([[_CUT_CROP, 0, left], [0, _CUT_CROP, top]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    framed = cv2.warpAffine(
        image, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(framed, np.uint8)


def _eye_catching(image: Image) -> NDArray[np.float64]:
    """Return how much each cell catches the eye, (_MAP_PX, _MAP_PX), sum 1.

    That is contrast with the wider surroundings in lightness and colour, and detail; more in the
    middle of the frame (after Itti, Koch and Niebur, 1998, without orientations).
    """
    small = cv2.resize(image, (4 * _MAP_PX, 4 * _MAP_PX), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab).astype(np.float32)
    strength = np.zeros(small.shape[:2], np.float32)
    for near, far in ((1, 4), (4, 16), (8, 40)):
        contrast = cv2.GaussianBlur(lab, (0, 0), near) - cv2.GaussianBlur(lab, (0, 0), far)
        strength += np.linalg.norm(contrast, axis=-1)
    cells = cv2.resize(strength, (_MAP_PX, _MAP_PX), interpolation=cv2.INTER_AREA).astype(float)
    away = np.linspace(-1, 1, _MAP_PX) ** 2
    cells *= np.exp(-0.5 * (away[:, None] + away))
    cells = np.maximum(cells - np.median(cells), 0) + 1e-6  # the subject, not the ground
    return np.asarray(cells / cells.sum())


def _framings(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (top, left) of a good crop, of one that begins to cut, and of the worst, (3, 2).

    Crops run from the good one straight to a border of the frame. Of all, those are taken that
    hold much of what catches the eye at first, and that lose most of it.
    """
    size = round(_CUT_CROP * _MAP_PX)
    sums = cv2.integral(cells)
    held = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    at_border = (held[:1], held[-1:], held[:, :1], held[:, -1:])
    worth = np.stack([held + 2 * (held - worst) for worst in at_border])
    border, *good = (int(place) for place in np.unravel_index(worth.argmax(), worth.shape))
    worst = list(good)
    worst[border // 2] = 0 if border % 2 == 0 else len(held) - 1
    steps = np.linspace(good, worst, 1 + max(abs(good[0] - worst[0]), abs(good[1] - worst[1])))
    path = [held[tuple(place)] for place in steps.astype(int)]
    lost = (path[0] - np.array(path)) / max(path[0] - path[-1], 1e-9)
    begin = min(int(np.argmax(lost > 0.35)), len(steps) // 2)
    return np.array([good, steps[begin], worst]) / _MAP_PX
