"""Edits of geometry: of the camera's framing, and bent structure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.types import Image

__all__ = ["cut_off", "tilt", "warping"]

_CUT_CROP = 0.58  # side of the crop of `cut_off`, of the frame's side
_SUBJECT = 0.34  # side of the window that holds the subject, likewise
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
    """Frame so that the border cuts a quarter to three quarters of the main subject away.

    The subject is the window that most catches the eye among those that a crop can both hold and
    cut. Severity 0 gives a crop of the same size with the subject inside, so that the crop itself
    is no clue.
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
    cells *= np.exp(-0.7 * (away[:, None] + away))
    cells = np.maximum(cells - np.median(cells), 0) + 1e-6  # the subject, not the ground
    return np.asarray(cells / cells.sum())


def _framings(cells: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the (top, left) of a good crop, one that begins to cut the subject, and the worst.

    Of all subjects and all borders that can cut them, those are taken whose loss is largest: what
    the subject holds, and what the good crop shows more than the worst one.
    """
    room = 1 - _CUT_CROP
    best, found = -np.inf, (0, [(0.0, 0.0)])
    for turns in range(4):  # a border at a time: the upper one of the turned map
        sums = cv2.integral(np.rot90(cells, turns).copy())
        for top in np.arange(0.02, room - 0.45 * _SUBJECT, 0.03):
            for left in np.arange(0.03, 0.97 - _SUBJECT, 0.04):
                across = float(np.clip(left + _SUBJECT / 2 - _CUT_CROP / 2, 0, room))
                good = (max(0.0, float(top) - 0.5 * (_CUT_CROP - _SUBJECT)), across)
                begins = (float(top) + 0.2 * _SUBJECT, across)
                worst = (min(room, float(top) + 0.75 * _SUBJECT), across)
                loss = _held(sums, (top, left), _SUBJECT)
                loss += _held(sums, good, _CUT_CROP) - _held(sums, worst, _CUT_CROP)
                if loss > best:
                    best, found = loss, (turns, [good, begins, worst])
    turns, corners = found
    return [_turned_back(corner, turns) for corner in corners]


def _held(sums: NDArray[np.float64], corner: tuple[float, float], side: float) -> float:
    """Return the sum of the cells in a square window, from their integral image."""
    top, left = (round(place * _MAP_PX) for place in corner)
    bottom, right = (round((place + side) * _MAP_PX) for place in corner)
    return float(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


def _turned_back(corner: tuple[float, float], turns: int) -> NDArray[np.float64]:
    """Return a crop's (top, left) in the frame, given that in the frame after quarter turns."""
    for _ in range(turns):
        corner = (corner[1], 1 - _CUT_CROP - corner[0])
    return np.array(corner)
