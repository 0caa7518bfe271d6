"""Edits of structure: moved subjects, things in the way, and what generators get wrong."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.edits.light import from_linear, to_linear
from fgaesq.types import Image

__all__ = ["checkerboard", "duplicated_texture", "garbled", "ghosting", "occlusion"]

_Mask = NDArray[np.float32]
_Line = tuple[NDArray[np.float64], NDArray[np.float64], float]  # start, end, thickness


def ghosting(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Let a subject move during the exposure: copies of a region, shifted by 1.2 to 8 %, overlay.

    Two copies are a double exposure, more are a smear. The region grows with the shift.
    """
    height, width = image.shape[:2]
    copies = int(rng.choice([2, 3, 9]))
    heading = rng.uniform(0, 2 * np.pi)
    square = max(8, min(height, width) // 3)
    centre = np.array(_detailed_place(image, square, rng)) + square / 2
    radii = np.array([height, width]) * rng.uniform(0.2, 0.3, 2) * (0.75 + 0.75 * severity)
    reach = max(height, width) * 0.012 * (0.08 / 0.012) ** severity
    low = np.maximum(np.floor(centre - radii), 0).astype(int)
    high = np.minimum(np.ceil(centre + radii), (height, width)).astype(int)
    part = np.s_[low[0] : high[0], low[1] : high[1]]
    margin = int(reach) + 1
    wide = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    total = np.zeros((*(high - low), 3), np.float32)
    for share in np.linspace(0, 1, copies):
        down, across = (margin + round(reach * share * f(heading)) for f in (np.sin, np.cos))
        top, left = low[0] + down, low[1] + across
        total += to_linear(wide[top : top + total.shape[0], left : left + total.shape[1]])
    moved = from_linear(total * np.float32(1 / copies))
    y, x = np.ogrid[low[0] : high[0], low[1] : high[1]]
    inside = 1 - np.hypot((y - centre[0]) / radii[0], (x - centre[1]) / radii[1])
    result = image.copy()
    result[part] = _blended(image[part], moved, np.clip(inside * 5, 0, 1).astype(np.float32))
    return result


def occlusion(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Put a finger, a dark thing or a branch, near and out of focus, in front of the border."""
    height, width = image.shape[:2]
    form = int(rng.integers(3))
    side = int(rng.integers(4))
    along, lean = rng.uniform(0.2, 0.8), rng.uniform(-0.6, 0.6)
    blur = rng.uniform(0.008, 0.02)  # of the short side
    skin = np.array([0.35, 0.16, 0.1], np.float32) * np.float32(rng.uniform(0.3, 1.0))
    dark = np.array([1.0, 0.9, 0.8], np.float32) * np.float32(rng.uniform(0.001, 0.02))
    thing = from_linear((skin if form == 0 else dark)[None, None])
    start = ((0.0, along), (1.0, along), (along, 0.0), (along, 1.0))[side]
    inwards = np.array(((1.0, lean), (-1.0, lean), (lean, 1.0), (lean, -1.0))[side])
    inwards /= np.hypot(*inwards)
    axes = np.array([inwards, (-inwards[1], inwards[0])])
    scale = 384 / max(height, width)  # out of focus: drawn small
    frame = np.array([max(8, round(height * scale)), max(8, round(width * scale))])
    shown = 0.14 + 0.46 * severity
    pieces = _twigs(rng, shown / 0.6) if form == 2 else _thumb(shown)
    unit = min(frame)
    canvas = np.zeros(frame, np.uint8)
    for first, last, thickness in pieces:
        ends = [start * frame + unit * (point @ axes) for point in (first, last)]
        down, across = np.rint(16 * np.array(ends)).astype(int).T.tolist()
        first_px, last_px = zip(across, down, strict=True)  # in sixteenths of a pixel
        wide = max(2, round(thickness * unit))
        cv2.line(canvas, first_px, last_px, 255, wide, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(canvas, (0, 0), unit * blur) / np.float32(255)
    mask = np.asarray(cv2.resize(soft, (width, height)), np.float32)
    return _blended(image, np.broadcast_to(thing, image.shape), mask)


def _thumb(reach: float) -> list[_Line]:
    """Return a thick line that comes in by `reach`, in shares of the frame's short side."""
    radius = 0.31 * reach
    return [(np.array([-reach, 0.0]), np.array([reach - radius, 0.0]), 2 * radius)]


def _twigs(rng: np.random.Generator, grown: float) -> list[_Line]:
    """Return the lines of a branch of which a share of 0 to 1 has grown, units as in `_thumb`."""
    lines: list[_Line] = []
    tips = [(np.array([-0.03, 0.0]), 0.0)]
    for fork in range(4):
        length = float(np.clip(4 * grown - fork, 0, 1))
        thickness = 0.06 * (0.3 + 0.7 * grown) * 0.8**fork
        next_tips = []
        for place, heading in tips:
            for way in (-1, 1):
                turned = heading + way * rng.uniform(0.1, 0.6)
                step = rng.uniform(0.12, 0.24) * np.array([np.cos(turned), np.sin(turned)])
                lines.append((place, place + length * step, thickness))
                next_tips.append((place + step, turned))
        tips = next_tips
        if length < 1:
            break
    return lines


def duplicated_texture(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Stamp one patch of texture over 3 to 40 places around it, as bad cloning does."""
    height, width = image.shape[:2]
    size = max(8, round(min(height, width) * rng.uniform(0.07, 0.15)))
    top, left = _detailed_place(image, size, rng)
    patch = image[top : top + size, left : left + size]
    spacing = 0.85 * size
    jitter = rng.uniform(-0.06, 0.06, (25, 25, 2)) * size
    lattice = np.moveaxis(np.mgrid[-12:13, -12:13], 0, -1) * spacing
    places = np.rint(lattice + jitter + (top, left)).astype(int).reshape(-1, 2)
    away = np.hypot(*lattice.reshape(-1, 2).T)
    fits = ((places >= 0) & (places + size <= (height, width))).all(axis=1) & (away > 0)
    places = places[fits][np.argsort(away[fits], kind="stable")]
    mask = _soft_disc(size, square=True)
    result = image.copy()
    ground = patch.mean(axis=(0, 1))
    for (y, x), share in zip(places, _shares(3 * 13.0**severity), strict=False):
        here = np.s_[y : y + size, x : x + size]
        shift = 0.85 * (image[here].mean(axis=(0, 1)) - ground)
        stamp = np.clip(patch + shift + 0.5, 0, 255).astype(np.uint8)
        result[here] = _blended(result[here], stamp, mask * np.float32(share))
    return result


def garbled(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Swirl, mirror and shift 8 to 110 small blocks of one region, as generators do with hands."""
    height, width = image.shape[:2]
    size = max(6, round(min(height, width) * rng.uniform(0.05, 0.08)))
    around = min(5 * size, height, width)
    top, left = _detailed_place(image, around, rng)
    middle = np.array([top, left]) + (around - size) / 2
    steps = np.moveaxis(np.mgrid[-8:9, -8:9], 0, -1).reshape(-1, 2) * 0.7 * size
    steps += rng.uniform(-0.15, 0.15, steps.shape) * size
    turns = rng.uniform(1.5, 3.2, len(steps)) * rng.choice([-1, 1], len(steps))
    nudges = np.rint(rng.uniform(-0.6, 0.6, steps.shape) * size).astype(int)
    forms = rng.integers(4, size=len(steps))
    places = np.rint(steps + middle).astype(int)
    fits = ((places >= 0) & (places + size <= (height, width))).all(axis=1)
    order = [i for i in np.argsort(np.hypot(*steps.T), kind="stable") if fits[i]]
    mask = _soft_disc(size)
    result = image.copy()
    for i, share in zip(order, _shares(8 * 14.0**severity), strict=False):
        y, x = places[i]
        here = np.s_[y : y + size, x : x + size]
        block = result[here]
        down, across = np.clip(places[i] + nudges[i], 0, (height - size, width - size))
        changed = (
            _swirled(block, turns[i]),
            block[:, ::-1],
            _swirled(block[::-1], turns[i]),
            image[down : down + size, across : across + size],
        )[forms[i]]
        result[here] = _blended(block, changed, mask * np.float32(share))
    return result


def checkerboard(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Add a checkered or gridded pattern of 2 to 8 px, as upsampling layers of generators leave.

    Its amplitude is 3 to 36 codes, uneven over the frame.
    """
    height, width = image.shape[:2]
    period = int(rng.choice([2, 4, 8]))
    y, x = np.mgrid[:period, :period]
    if rng.random() < 0.5:
        tile = np.where((2 * y // period + 2 * x // period) % 2, 1.0, -1.0)
    else:
        lines = ((y == 0) | (x == 0)).astype(float)
        tile = 1.6 * (lines - lines.mean())
    repeats = (-(-height // period), -(-width // period))
    pattern = np.tile(tile.astype(np.float32), repeats)[:height, :width]
    field = rng.uniform(0.4, 1.3, (5, 5)).astype(np.float32)
    pattern *= cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    pattern *= np.float32(3 * 12.0**severity)
    return np.asarray(cv2.add(image, cv2.merge([pattern] * 3), dtype=cv2.CV_8U), np.uint8)


def _blended(under: Image, over: Image, share: _Mask) -> Image:
    """Return `over` shown on `under` by a share of 0 to 1 per pixel, (H, W)."""
    mixed = under + share[..., None] * (over.astype(np.float32) - under)
    return np.asarray(np.rint(mixed), np.uint8)


def _shares(number: float) -> Iterator[float]:
    """Yield the shares that add up to `number`: ones, and what remains for the last."""
    yield from [1.0] * int(number)
    yield number % 1


def _soft_disc(size: int, *, square: bool = False) -> _Mask:
    """Return a mask of 1 in the middle that falls to 0 at the rim, (size, size)."""
    y, x = np.abs(np.linspace(-1, 1, size))[:, None], np.abs(np.linspace(-1, 1, size))
    reach = np.maximum(y, x) if square else np.hypot(y, x)
    return np.asarray(np.clip((1 - reach) * (4 if square else 2), 0, 1), np.float32)


def _swirled(block: Image, turn: float) -> Image:
    """Return the block turned by `turn` radians in the middle, less towards the rim."""
    size = len(block)
    y, x = np.mgrid[:size, :size].astype(np.float32) - np.float32((size - 1) / 2)
    angle = np.float32(turn) * np.clip(1 - np.hypot(y, x) * np.float32(2 / size), 0, 1)
    sine, cosine = np.sin(angle), np.cos(angle)
    middle = np.float32((size - 1) / 2)
    across, down = x * cosine - y * sine + middle, x * sine + y * cosine + middle
    return np.asarray(cv2.remap(block, across, down, cv2.INTER_LINEAR), np.uint8)


def _detailed_place(image: Image, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return the (top, left) of that square of eight drawn ones that holds most contrast."""
    height, width = image.shape[:2]
    tops = rng.integers(int(0.1 * (height - size)), int(0.9 * (height - size)) + 1, 8)
    lefts = rng.integers(int(0.1 * (width - size)), int(0.9 * (width - size)) + 1, 8)
    found = [
        float(np.std(image[top : top + size : 2, left : left + size : 2, 1]))
        for top, left in zip(tops, lefts, strict=True)
    ]
    best = int(np.argmax(found))
    return int(tops[best]), int(lefts[best])
