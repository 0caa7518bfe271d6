"""What all constructed series share: framing, an unsteady hand, the file they are saved as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fgaesq.datasets.edits import as_jpeg
from fgaesq.types import Image

__all__ = [
    "ConstructedSeries",
    "as_saved",
    "handheld",
    "reframed",
    "shuffled",
    "turned",
    "with_sensor_noise",
]

_WIDEST_SIDE_PX = 1800
_SHAKEN_MARGIN = 0.013  # of the long side: what a shift and a turn leave without pixels
_TURN_DEG = 0.15  # spread


@dataclass(frozen=True, slots=True, eq=False)
class ConstructedSeries:
    """A series of known order.

    Attributes:
        source: file name of the photo it was made from; the first one's, if of several.
        tier: that of the photo.
        kind: the edit whose severity orders the series, or how else it was made (`Making`).
        edits: that of each image; all the same where the kind is an edit.
        severities: one per image, 0 to 1; lower is better, equal never occurs.
        burden: severity of the flaw common to all images, 0 if there is none.
        area: share of the frame that the edit touches, 1 for all of it.
        images: (H, W, 3) uint8, in random order; equal shapes but where scenes differ.
    """

    source: str
    tier: str
    kind: str
    edits: tuple[str, ...]
    severities: tuple[float, ...]
    burden: float
    area: float
    images: tuple[Image, ...]


def shuffled(
    images: Sequence[Image],
    *,
    rng: np.random.Generator,
    source: str,
    tier: str,
    kind: str,
    edits: Sequence[str],
    severities: Sequence[float],
    burden: float = 0.0,
    area: float = 1.0,
) -> ConstructedSeries:
    """Return a series of the images in random order."""
    order = rng.permutation(len(images))
    return ConstructedSeries(
        source=source,
        tier=tier,
        kind=kind,
        edits=tuple(edits[i] for i in order),
        severities=tuple(severities[i] for i in order),
        burden=burden,
        area=area,
        images=tuple(images[i] for i in order),
    )


def reframed(
    photo: Image, rng: np.random.Generator, *, kind: str, long_side_px: int | None = None
) -> Image:
    """Return a random crop of the photo, maybe mirrored, at the wanted size or a random one."""
    # A subject that is to be cut must not be cut beforehand.
    least_share = 1.0 if kind == "cut_off" else 0.7
    height, width = photo.shape[:2]
    share = rng.uniform(least_share, 1.0)
    size = (int(height * share), int(width * share * rng.uniform(max(0.85, least_share), 1.0)))
    if rng.random() < 0.15 and least_share < 1:
        size = (min(height, size[1]), min(width, size[0]))  # upright instead of wide
    top = int(rng.integers(height - size[0] + 1))
    left = int(rng.integers(width - size[1] + 1))
    crop = photo[top : top + size[0], left : left + size[1]]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    available = max(size)
    if long_side_px is None:
        most = min(available, _WIDEST_SIDE_PX)
        long_side_px = int(np.exp(rng.uniform(np.log(min(384, most)), np.log(most))))
    factor = min(1.0, long_side_px / available)
    target = (max(64, round(size[1] * factor)), max(64, round(size[0] * factor)))
    resized = cv2.resize(crop, target, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(resized, np.uint8)


def handheld(base: Image, rng: np.random.Generator) -> Image:
    """Return the frame shifted by up to 1 % by whole pixels: interpolation would be a clue."""
    margin = max(1, round(max(base.shape) * 0.01))
    top, left = (int(value) for value in rng.integers(2 * margin + 1, size=2))
    height, width = base.shape[0] - 2 * margin, base.shape[1] - 2 * margin
    return np.ascontiguousarray(base[top : top + height, left : left + width])


def turned(base: Image, rng: np.random.Generator, *, level: bool) -> Image:
    """Return the frame shifted by up to .9 %, not by whole pixels, and turned by some .1 degrees.

    Args:
        base: the frame before.
        rng: decides by how much.
        level: whether it must stay as level as it is.
    """
    height, width = base.shape[:2]
    margin = max(2, round(max(base.shape) * _SHAKEN_MARGIN))
    degrees = float(rng.normal(0, _TURN_DEG))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 0.0 if level else degrees, 1.0)
    matrix[:, 2] += rng.uniform(-0.009, 0.009, size=2) * max(height, width)
    moved = cv2.warpAffine(
        base, matrix, (width, height), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT
    )
    return np.ascontiguousarray(moved[margin:-margin, margin:-margin], np.uint8)


def with_sensor_noise(image: Image, sigma: float, soft: bool, rng: np.random.Generator) -> Image:
    """Return the image with noise of its own, mostly of luma, as a sensor adds it.

    Args:
        image: (H, W, 3) uint8.
        sigma: strength, in grey levels.
        soft: whether neighbours are alike, as after demosaicking.
        rng: of this image.
    """
    noise = rng.standard_normal(image.shape, np.float32)
    noise = 0.45 * noise + 1.2 * noise.mean(axis=2, keepdims=True)
    if soft:
        noise = 1.8 * cv2.GaussianBlur(noise, (0, 0), 0.6)
    noisy: Image = np.clip(np.rint(image + sigma * noise), 0, 255).astype(np.uint8)
    return noisy


def as_saved(image: Image, quality: int) -> Image:
    """Return the image after saving it as JPEG of the series' quality (0: lossless)."""
    return as_jpeg(image, quality) if quality else image
