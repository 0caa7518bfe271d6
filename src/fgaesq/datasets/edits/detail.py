"""Edits of detail: blur, grain, compression, and what software does to texture and edges."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.edits.light import from_linear, to_linear
from fgaesq.types import Image

__all__ = [
    "aliasing",
    "as_jpeg",
    "chromatic_noise",
    "compression",
    "defocus",
    "halos",
    "motion",
    "noise",
    "oversharpening",
    "plastic",
    "resampling",
    "smear",
    "upscaled",
]


def as_jpeg(image: Image, quality: int) -> Image:
    """Return the image as it is after saving it as JPEG of a quality of 1 to 100."""
    code = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])


def defocus(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Blur by a disc of .6 to 7 px radius."""
    del rng
    radius = 0.6 * (7.0 / 0.6) ** severity
    return from_linear(cv2.filter2D(to_linear(image), -1, _disc(radius)))


def motion(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Blur along a slightly bent path of 2 to 34 px in a random direction."""
    length = 2.0 * 17.0**severity
    kernel = _path_kernel(length, rng.uniform(0, np.pi), rng.uniform(-0.5, 0.5))
    return from_linear(cv2.filter2D(to_linear(image), -1, kernel))


def noise(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Add shot and read noise, fine or clumped, as a small sensor at high gain does."""
    light = to_linear(image)
    clump = rng.uniform(0, 1.1)
    grain: NDArray[Any] = rng.standard_normal(light.shape, dtype=np.float32)
    grey = np.float32(rng.uniform(0.2, 1.0))  # share of the grain that is common to the channels
    mixing = (1 - grey) * np.eye(3, dtype=np.float32) + grey * np.float32(0.57)
    grain = cv2.transform(grain, mixing)
    if clump > 0.4:
        grain = cv2.GaussianBlur(grain, (0, 0), clump)
        grain = grain / (grain.std() + 1e-6)
    strength = 0.008 * 22.0**severity
    deviation = np.sqrt(light * np.float32(strength) + np.float32(strength * strength * 0.3))
    return from_linear(light + grain * deviation * np.float32(strength**0.5))


def compression(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Save as JPEG of quality 55 down to 4."""
    del rng
    return as_jpeg(image, round(55 * (4 / 55) ** severity))


def smear(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Wipe texture away but keep edges, as strong noise reduction and upscalers do."""
    radius = int(rng.integers(2, 6))
    size = (2 * radius + 1, 2 * radius + 1)
    threshold = np.float32((0.02 * 9.0**severity) ** 2)
    values = image.astype(np.float32) / 255
    mean = cv2.blur(values, size)
    variance = cv2.blur(values * values, size) - mean * mean
    keep = cv2.blur(variance / (variance + threshold), size)  # self-guided filter
    return np.clip((keep * values + (1 - keep) * mean) * 255 + 0.5, 0, 255).astype(np.uint8)


def oversharpening(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Add bright and dark halos along the edges by an unsharp mask of 1.4 to 8 times."""
    radius = rng.uniform(0.8, 2.8)
    amount = np.float32(1.4 * 5.7**severity)
    values = image.astype(np.float32)
    sharp = values + amount * (values - cv2.GaussianBlur(values, (0, 0), radius))
    return np.clip(sharp + 0.5, 0, 255).astype(np.uint8)


def resampling(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Shrink 1.3 to 7 times and enlarge again; stair-steps or softness remain."""
    factor = 1.3 * 5.4**severity
    height, width = image.shape[:2]
    small = (max(8, round(width / factor)), max(8, round(height / factor)))
    down = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    ways = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
    way = ways[int(rng.integers(4))]
    return np.asarray(cv2.resize(down, (width, height), interpolation=way), np.uint8)


def chromatic_noise(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Add blotches of false colour of 5 to 24 px, more in the shadows; lightness stays."""
    height, width = image.shape[:2]
    cell = rng.uniform(5, 24)
    rows, columns = max(2, round(height / cell)), max(2, round(width / cell))
    field = rng.standard_normal((rows, columns, 3), dtype=np.float32)
    field -= (field @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    field *= np.float32(5.0 * 8.0**severity)
    blotches = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    shadow = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), _SHADOW_WEIGHT)
    blotches *= shadow[..., None]
    return np.asarray(cv2.add(image, blotches, dtype=cv2.CV_8U), np.uint8)


def halos(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Surround edges by wide bright and dark seams, as careless tone mapping does.

    The lightness of the surroundings is evened out, and what differs from it is raised.
    """
    height, width = image.shape[:2]
    radius = max(2.0, rng.uniform(0.02, 0.05) * max(height, width))
    step = max(1, int(radius / 4))  # the seams are wide: compute them small
    small = (max(8, width // step), max(8, height // step))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ground = cv2.resize(grey, small, interpolation=cv2.INTER_AREA)
    ground = cv2.GaussianBlur(ground, (0, 0), radius / step)
    ground = cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR)
    raised = np.float32(0.5 + 2.5 * severity) * (grey - ground)
    evened = np.float32(0.4 + 0.4 * severity) * (np.float32(grey.mean()) - ground)
    return np.asarray(cv2.add(image, cv2.merge([raised + evened] * 3), dtype=cv2.CV_8U), np.uint8)


def plastic(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Flatten texture into patches like oil paint, edges crisp (filter of Kuwahara et al., 1976).

    The windows are 3 to 9 px wide.
    """
    del rng
    radius = 1.0 + 3.5 * severity
    whole = int(radius)
    flat = cv2.addWeighted(
        _kuwahara(image, whole), whole + 1 - radius, _kuwahara(image, whole + 1), radius - whole, 0
    )
    share = min(1.0, 0.6 + severity)
    return np.asarray(cv2.addWeighted(flat, share, image, 1 - share, 0), np.uint8)


def upscaled(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Shrink 2 to 6 times and restore as cheap super-resolution does: crisp edges, no texture."""
    factor = 2.0 * 3.0**severity
    way = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_LANCZOS4
    height, width = image.shape[:2]
    small = cv2.resize(
        image,
        (max(8, round(width / factor)), max(8, round(height / factor))),
        interpolation=cv2.INTER_AREA,
    )
    large = cv2.resize(small, (width, height), interpolation=way)
    amount = 1.2
    sharp = cv2.addWeighted(
        large, 1 + amount, cv2.GaussianBlur(large, (0, 0), 0.5 * factor), -amount, 0
    )
    square = np.ones((3, 3), np.uint8)
    least, most = (
        cv2.resize(limit, (width, height), interpolation=cv2.INTER_LINEAR)
        for limit in (cv2.erode(small, square), cv2.dilate(small, square))
    )
    return np.asarray(cv2.min(cv2.max(sharp, least), most), np.uint8)  # crisp without seams


def aliasing(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Leave out pixels 1.3 to 4.5 times without smoothing, then enlarge: jaggies and moire."""
    factor = 1.3 * (4.5 / 1.3) ** severity
    way = cv2.INTER_LANCZOS4 if rng.random() < 0.5 else cv2.INTER_LINEAR
    height, width = image.shape[:2]
    size = (max(8, round(width / factor)), max(8, round(height / factor)))
    down = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.resize(down, (width, height), interpolation=way), np.uint8)


def _kuwahara(image: Image, radius: int) -> Image:
    """Return per pixel the mean of that of four windows around it that varies least."""
    size = (radius + 1, radius + 1)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean = cv2.blur(grey, size, anchor=(0, 0))
    spread = cv2.blur(grey * grey, size, anchor=(0, 0)) - mean * mean
    colour = cv2.blur(image, size, anchor=(0, 0))
    height, width = grey.shape
    edge = cv2.BORDER_REFLECT
    spread = cv2.copyMakeBorder(spread, radius, 0, radius, 0, edge)
    colour = cv2.copyMakeBorder(colour, radius, 0, radius, 0, edge)
    least = spread[:height, :width].copy()
    flat = colour[:height, :width].copy()
    for down, across in ((0, radius), (radius, 0), (radius, radius)):
        here = np.s_[down : down + height, across : across + width]
        calmer = (spread[here] < least).view(np.uint8)
        cv2.copyTo(spread[here], calmer, least)
        cv2.copyTo(colour[here], calmer, flat)
    return np.asarray(flat, np.uint8)


def _disc(radius: float) -> NDArray[np.float32]:
    """Return a disc-shaped kernel with a soft rim, sum 1."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(y, x), 0, 1).astype(np.float32)
    kernel: NDArray[np.float32] = disc / disc.sum()
    return kernel


def _path_kernel(length: float, angle: float, bend: float) -> NDArray[np.float32]:
    """Return the kernel of a path of `length` px that turns by `bend` radians, sum 1."""
    steps = max(8, int(4 * length))
    headings = angle + bend * np.linspace(-0.5, 0.5, steps)
    x = np.cumsum(np.cos(headings)) * length / steps
    y = np.cumsum(np.sin(headings)) * length / steps
    x, y = x - (x.min() + x.max()) / 2, y - (y.min() + y.max()) / 2
    reach = int(np.ceil(max(np.abs(x).max(), np.abs(y).max()))) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    for dy in (0, 1):
        for dx in (0, 1):
            share = np.abs(1 - dy - (y - top)) * np.abs(1 - dx - (x - left))
            np.add.at(kernel, (top + dy + reach, left + dx + reach), share.astype(np.float32))
    normal: NDArray[np.float32] = kernel / kernel.sum()
    return normal


_SHADOW_WEIGHT = np.linspace(1.4, 0.5, 256).astype(np.float32)
