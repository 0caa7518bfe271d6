"""Edits of light and colour: of exposure, white balance, contrast, veils, and levels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.types import Image

__all__ = [
    "banding",
    "colour_cast",
    "desaturation",
    "flat_contrast",
    "from_linear",
    "harsh_contrast",
    "haze",
    "overexposure",
    "oversaturation",
    "to_linear",
    "underexposure",
    "vignette_flare",
]

_Light = NDArray[np.float32]

_SHARE_TONED = 0.3  # of desaturated images
_TONES = ((0.12, 0.0, -0.2), (-0.15, 0.0, 0.1), (0.06, -0.02, 0.03))  # sepia, cold, selenium

_codes = np.arange(256) / 255
_TO_LINEAR = np.where(_codes <= 0.04045, _codes / 12.92, ((_codes + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_light = np.linspace(0, 1, 16384)
_FROM_LINEAR = np.rint(
    255 * np.where(_light <= 0.0031308, 12.92 * _light, 1.055 * _light ** (1 / 2.4) - 0.055)
).astype(np.uint8)


def to_linear(image: Image) -> _Light:
    """Return linear light, float32 in [0, 1] (IEC 61966-2-1)."""
    light: _Light = _TO_LINEAR[image]
    return light


def from_linear(light: NDArray[Any]) -> Image:
    """Return sRGB uint8; values outside [0, 1] are clipped as a sensor clips."""
    index = np.clip(light * (len(_FROM_LINEAR) - 1) + 0.5, 0, len(_FROM_LINEAR) - 1)
    image: Image = _FROM_LINEAR[index.astype(np.uint16)]
    return image


def overexposure(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Give .3 to 2.6 stops more light; highlights clip."""
    del rng
    return from_linear(to_linear(image) * 2.0 ** (0.3 + 2.3 * severity))


def underexposure(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Take .4 to 4 stops of light."""
    del rng
    return from_linear(to_linear(image) * 2.0 ** -(0.4 + 3.6 * severity))


def colour_cast(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Multiply the channels as a wrong white balance does: warm, cold, green or magenta."""
    axes = np.array([(1, 0, -1), (-1, 0, 1), (-0.5, 1, -0.5), (0.5, -1, 0.5)], np.float32)
    gains = np.exp((0.05 + 0.65 * severity) * axes[rng.choice(4, p=[0.4, 0.25, 0.2, 0.15])])
    light = to_linear(image)
    luminance = np.array([0.2126, 0.7152, 0.0722], np.float32)
    before = float((light @ luminance).mean())
    after = light * gains
    return from_linear(after * np.float32(before / max(float((after @ luminance).mean()), 1e-6)))


def haze(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Veil the scene with grey light, evenly or more towards the top."""
    air = np.float32(rng.uniform(0.45, 0.85))
    depth = 0.08 + 1.4 * severity
    slope = np.linspace(1 + rng.uniform(0, 0.8), 0.6, image.shape[0], dtype=np.float32)
    seen = np.exp(-np.float32(depth) * slope)[:, None, None]
    return from_linear(to_linear(image) * seen + air * (1 - seen))


def oversaturation(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Push colours away from grey 1.3 to 4 times; channels clip."""
    del rng
    factor = np.float32(1.3 * (4 / 1.3) ** severity)
    values = image.astype(np.float32)
    grey = (values @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    return np.clip(grey + (values - grey) * factor + 0.5, 0, 255).astype(np.uint8)


def desaturation(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Leave half of the colours down to none; now and then the rest is toned, as in old prints.

    To take less of them is a matter of taste.
    """
    toned, tone = rng.random() < _SHARE_TONED, _TONES[rng.integers(len(_TONES))]
    kept = 0.5 * (1 - severity)
    values = image.astype(np.float32)
    grey = cv2.transform(values, np.array([[0.299, 0.587, 0.114]] * 3, np.float32))
    muted = cv2.addWeighted(values, kept, grey, 1 - kept, 0)
    if toned:
        muted *= np.exp(np.float32(severity) * np.array(tone, np.float32))
    return np.asarray(np.clip(muted + 0.5, 0, 255), np.uint8)


def banding(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Leave 26 down to 4 levels a channel, so that gradients break into steps."""
    del rng
    levels = 26 * (4 / 26) ** severity
    step = 255 / (levels - 1)
    banded: Image = np.clip(np.rint(image / step) * step, 0, 255).astype(np.uint8)
    return banded


def flat_contrast(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Raise the blacks, lower the whites and dull the colours, as through a dirty pane."""
    del rng
    black = 14.0 + 90.0 * severity
    white = 244.0 - 84.0 * severity
    colour = 0.92 - 0.62 * severity
    values = image.astype(np.float32)
    grey = cv2.transform(values, np.array([[0.299, 0.587, 0.114]] * 3, np.float32))
    dull = cv2.addWeighted(values, colour, grey, 1 - colour, 0)
    return np.asarray(cv2.convertScaleAbs(dull, alpha=(white - black) / 255, beta=black), np.uint8)


def harsh_contrast(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Make the tone curve 2 to 6 times as steep: shadows are crushed, highlights blown."""
    del rng
    slope = 2.0 * 3.0**severity
    pivot = float(np.clip(image.mean(), 90, 150))  # stays: the photo shall not change exposure
    curve = np.clip(pivot + slope * (np.arange(256) - pivot) + 0.5, 0, 255)
    return np.asarray(cv2.LUT(image, curve.astype(np.uint8)), np.uint8)


def vignette_flare(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Darken the corners, or let the sun flare into the lens, or light leak in at one side."""
    form = int(rng.integers(3))
    height, width = image.shape[:2]
    place = rng.uniform(0, 1, 2).astype(np.float32)
    warmth = np.array([1.0, rng.uniform(0.45, 0.95), rng.uniform(0.2, 0.8)], np.float32)
    rows, columns = max(8, height // 8), max(8, width // 8)
    y, x = np.ogrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    if form == 0:
        centre = 0.42 + 0.16 * place
        reach = np.hypot((y - centre[0]), (x - centre[1])) / 0.7
        gain = np.clip(1 - (0.5 + 0.9 * severity) * reach ** (2.6 - 1.2 * severity), 0.01, 1)
        smooth = cv2.resize(gain.astype(np.float32), (width, height))
        return from_linear(to_linear(image) * smooth[..., None])
    veil = _flare(y, x, place) if form == 1 else _leak(y, x, place)
    strength = np.float32(0.06 + 1.14 * severity)
    added = cv2.resize(veil.astype(np.float32)[..., None] * warmth, (width, height))
    return from_linear(to_linear(image) + strength * added)


def _flare(y: NDArray[Any], x: NDArray[Any], place: NDArray[Any]) -> NDArray[Any]:
    """Return a glow near the upper rim with the lens' reflections on the line through the middle.

    Places are shares of the frame, (rows, 1) and (1, columns); the glow's is drawn from 0 to 1.
    """
    sun = np.array([0.02 + 0.25 * place[0], 0.08 + 0.84 * place[1]])
    veil = np.exp(-np.hypot(y - sun[0], x - sun[1]) / 0.25) + 0.12
    for along, radius, strength in ((0.6, 0.03, 0.3), (1.3, 0.06, 0.22), (1.7, 0.1, 0.15)):
        middle = sun + along * (0.5 - sun)
        rim = (radius - np.hypot(y - middle[0], x - middle[1])) / (0.25 * radius)
        veil = veil + strength * np.clip(rim, 0, 1)
    return np.asarray(veil)


def _leak(y: NDArray[Any], x: NDArray[Any], place: NDArray[Any]) -> NDArray[Any]:
    """Return light that falls in from the left or right rim, wavy along it (arguments as above)."""
    inwards = x if place[0] < 0.5 else 1 - x
    depth = 0.22 + 0.12 * np.sin(2 * np.pi * (y * 0.8 + place[1]))
    return np.asarray(np.exp(-((inwards / depth) ** 2)))
