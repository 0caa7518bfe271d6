"""Edits of known order: each makes a photo worse, the more so the higher its severity.

An edit is a function `(image, severity, rng) -> image` on sRGB uint8 (H, W, 3). Severity runs from
0 (just there; only `tilt` does nothing) to 1 (nobody would keep it); about .1 is just noticeable
side by side. Everything random about an edit (direction, grain, channel) is drawn from `rng`: with
an equal generator and a higher severity the result is worse, which is what makes the order of a
series certain. Blur, exposure, noise, cast and haze are things of light and work on linear values.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.types import Image

__all__ = ["EDITS", "LOCAL", "UNDOES", "Edit", "as_jpeg", "from_linear", "to_linear"]

Edit = Callable[[Image, float, np.random.Generator], Image]
_Light = NDArray[np.float32]

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


def overexposure(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Give .3 to 2.6 stops more light; highlights clip."""
    del rng
    return from_linear(to_linear(image) * 2.0 ** (0.3 + 2.3 * severity))


def underexposure(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Take .4 to 4 stops of light."""
    del rng
    return from_linear(to_linear(image) * 2.0 ** -(0.4 + 3.6 * severity))


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


def compression(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Save as JPEG of quality 55 down to 4."""
    del rng
    return as_jpeg(image, round(55 * (4 / 55) ** severity))


def oversaturation(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Push colours away from grey 1.3 to 4 times; channels clip."""
    del rng
    factor = np.float32(1.3 * (4 / 1.3) ** severity)
    values = image.astype(np.float32)
    grey = (values @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    return np.clip(grey + (values - grey) * factor + 0.5, 0, 255).astype(np.uint8)


def smear(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Wipe texture away but keep edges, as strong noise reduction and upscalers do."""
    radius = int(rng.integers(2, 6))
    size = (2 * radius + 1, 2 * radius + 1)
    threshold = np.float32((0.012 * 14.0**severity) ** 2)
    values = image.astype(np.float32) / 255
    mean = cv2.blur(values, size)
    variance = cv2.blur(values * values, size) - mean * mean
    keep = cv2.blur(variance / (variance + threshold), size)  # self-guided filter
    return np.clip((keep * values + (1 - keep) * mean) * 255 + 0.5, 0, 255).astype(np.uint8)


def oversharpening(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Add bright and dark halos along the edges by an unsharp mask of .8 to 7 times."""
    radius = rng.uniform(0.8, 2.8)
    amount = np.float32(0.8 * 9.0**severity)
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


def warping(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Bend local structure by a smooth random field, as generators garble hands and letters."""
    height, width = image.shape[:2]
    wavelength = rng.uniform(10, 40)
    amplitude = np.float32((0.06 + 0.3 * severity) * wavelength)
    grid = (max(3, round(width / wavelength)), max(3, round(height / wavelength)))
    field = rng.standard_normal((grid[1], grid[0], 2), dtype=np.float32)
    shift = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC) * amplitude
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent = cv2.remap(
        image, x + shift[..., 0], y + shift[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(bent, np.uint8)


def banding(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Leave 26 down to 4 levels a channel, so that gradients break into steps."""
    del rng
    levels = 26 * (4 / 26) ** severity
    step = 255 / (levels - 1)
    banded: Image = np.clip(np.rint(image / step) * step, 0, 255).astype(np.uint8)
    return banded


def tilt(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Turn the camera by 1 to 11 degrees; the frame is filled by cropping in.

    Severity 0 gives the same crop unturned, so that the crop itself is no clue.
    """
    angle = (0.0 if severity == 0 else 1.0 + 10.0 * severity) * (1 if rng.random() < 0.5 else -1)
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


EDITS: MappingProxyType[str, Edit] = MappingProxyType(
    {
        "defocus": defocus,
        "motion": motion,
        "overexposure": overexposure,
        "underexposure": underexposure,
        "noise": noise,
        "colour_cast": colour_cast,
        "haze": haze,
        "tilt": tilt,
        "compression": compression,
        "oversaturation": oversaturation,
        "smear": smear,
        "oversharpening": oversharpening,
        "resampling": resampling,
        "warping": warping,
        "banding": banding,
    }
)
"""Every kind of edit by name."""

LOCAL = frozenset(
    {"defocus", "motion", "noise", "smear", "oversharpening", "resampling", "warping"}
)
"""Edits that also happen to a part of the frame: a subject that moves, a face out of focus."""

_SOFTENING = ("defocus", "motion", "smear", "resampling")
_PAIRS = [
    ("overexposure", "underexposure"),
    ("haze", "oversaturation"),
    ("haze", "underexposure"),
    ("haze", "oversharpening"),
    ("compression", "smear"),
    ("banding", "noise"),
    *((soft, "noise") for soft in _SOFTENING),
    *((soft, "oversharpening") for soft in _SOFTENING),
]
UNDOES: MappingProxyType[str, frozenset[str]] = MappingProxyType(
    {
        name: frozenset(other for pair in _PAIRS if name in pair for other in pair if other != name)
        for name in EDITS
    }
)
"""Per edit, those that can hide or undo it: together their order is no longer certain."""
