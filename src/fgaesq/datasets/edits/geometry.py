"""Edits of geometry: of the camera's framing, and bent structure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.types import Image

__all__ = ["cut_off", "subject_clarity", "tilt", "warping"]

_CUT_CROPS = (0.5, 0.56, 0.62, 0.69, 0.75)  # sides of the crops of `cut_off`, of the frame's
_CLEAR_WORTH, _CLEAR_LOSS = 0.6, 0.7  # looked up on photos: from here on the order is right
_MAP_CELLS = 32  # sides of the map of what catches the eye


def warping(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Bend local structure by a smooth random field, as generators garble hands and letters."""
    height, width = image.shape[:2]
    wavelength = rng.uniform(10, 40)
    amplitude = np.float32((0.08 + 0.31 * severity) * wavelength)
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
    """Frame so that the border cuts into the main subject.

    Severity 0 gives a crop of the same size with the subject inside, so that the crop itself is no
    clue. The order is certain for photos of a `subject_clarity` of at least 1.
    """
    del rng
    height, width = image.shape[:2]
    framings = _framings(_eye_catching(image))
    side = framings.side
    inside, begin, worst = framings.corners
    top, left = inside if severity == 0 else begin + severity * (worst - begin)
    matrix = np.array([[side, 0, left * width], [0, side, top * height]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    framed = cv2.warpAffine(
        image, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(framed, np.uint8)


def subject_clarity(image: Image) -> float:
    """Return how clearly a crop can hold the subject of a photo and another one cut it.

    From 1 on, `cut_off` makes the photo worse for certain; one photo in ten or so gets there.
    """
    framings = _framings(_eye_catching(image))
    return min(framings.worth / _CLEAR_WORTH, framings.lost / _CLEAR_LOSS)


def _eye_catching(image: Image) -> NDArray[np.float64]:
    """Return how much each cell catches the eye, (_MAP_CELLS, _MAP_CELLS), sum 1.

    That is contrast with the wider surroundings (Itti, Koch and Niebur, 1998) and with the rim of
    the frame, which mostly shows background (Wei et al., ECCV 2012); more in the middle.
    """
    cells = (_MAP_CELLS, _MAP_CELLS)
    small = cv2.resize(image, (4 * _MAP_CELLS, 4 * _MAP_CELLS), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab).astype(np.float32)
    near, far = (cv2.GaussianBlur(lab, (0, 0), sigma) for sigma in (1, 10))
    contrast = cv2.resize(np.linalg.norm(near - far, axis=-1), cells, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(lab, cells, interpolation=cv2.INTER_AREA)
    rims = np.stack([mean[0], mean[-1], mean[:, 0], mean[:, -1]]).reshape(16, -1, 3).mean(axis=1)
    unlike = np.linalg.norm(mean[:, :, None] - rims, axis=-1).min(axis=-1)
    found = cv2.GaussianBlur(contrast + unlike, (0, 0), 1).astype(np.float64)
    away = np.linspace(-1, 1, _MAP_CELLS) ** 2
    found *= np.exp(-0.6 * (away[:, None] + away))
    found = np.maximum(found - np.median(found), 0) + 1e-6  # the subject, not the ground
    return np.asarray(found / found.sum())


@dataclass(frozen=True, slots=True)
class _Framings:
    """Three crops of a photo, all in shares of the frame.

    Attributes:
        side: of the crops.
        corners: (top, left) of a good crop, one that begins to cut, and the worst, (3, 2).
        worth: of the good crop, about 1 if it holds the whole subject.
        lost: how much less the worst one is worth.
    """

    side: float
    corners: NDArray[np.float64]
    worth: float
    lost: float


def _framings(found: NDArray[np.float64]) -> _Framings:
    """Return the crops from a good one straight towards a border, given what catches the eye.

    Of all sizes, places and borders those are taken whose first crop is best and last one worst.
    """
    choices = [
        _towards_top(np.rot90(_framing_worth(found, round(side * _MAP_CELLS)), turns), side, turns)
        for side in _CUT_CROPS
        for turns in range(4)  # a border at a time: the upper one of the turned map
    ]
    return max(choices, key=lambda choice: choice.worth + choice.lost)


def _towards_top(worth: NDArray[np.float64], side: float, turns: int) -> _Framings:
    """Return the best choice that runs to the upper border of a map after quarter turns."""
    lost = worth - np.minimum.accumulate(worth, axis=0)
    row, column = np.unravel_index((worth + lost).argmax(), worth.shape)
    drops = worth[row, column] - worth[row::-1, column]
    last = int(np.argmax(drops))
    first = int(np.argmax(drops >= 0.4 * drops[last]))
    corners = np.array([(row - step, column) for step in (0, first, last)])
    for _ in range(turns):
        corners = np.stack([corners[:, 1], len(worth) - 1 - corners[:, 0]], axis=-1)
    return _Framings(
        side, corners / _MAP_CELLS, float(worth[row, column]), float(lost[row, column])
    )


def _framing_worth(found: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return for every square crop what it holds less what its border runs through, (n, n)."""
    held = _window_sums(found, size, size)
    rows, columns = _window_sums(found, 1, size), _window_sums(found, size, 1)
    cut = rows[: len(held)] + rows[size - 1 :] + columns[:, : len(held)] + columns[:, size - 1 :]
    return np.asarray(held - 0.25 * size * cut)


def _window_sums(cells: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Return the sum of every window of so many cells."""
    sums = cv2.integral(cells)
    lower, upper = sums[height:], sums[:-height]
    found = lower[:, width:] - lower[:, :-width] - upper[:, width:] + upper[:, :-width]
    return np.asarray(found)
