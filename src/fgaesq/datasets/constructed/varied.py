"""Series of other orders than that of one edit: what is better when flaws of several kinds meet.

One edit alone teaches that fine detail, contrast and colour are flaws, because most edits add or
take them away and the untouched photo is always best. In these series they are not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fgaesq.datasets.constructed.frames import ConstructedSeries, as_saved, handheld, shuffled
from fgaesq.datasets.edits import CROPPING, DETAIL, EDITS
from fgaesq.types import Image

__all__ = ["mixed_series", "rendered_series", "restored_series", "scenes_series"]

_WIDE_GAP = 0.35  # of severity between flaws of different kinds: one is clearly the worse
_SOFT = ("defocus", "resampling", "upscaled", "smear", "plastic")
_DULL = ("flat_contrast", "haze")
_OF_RENDERING = (
    *("oversharpening", "halos", "noise", "noise", "compression", "aliasing", "warping", "garbled"),
    "duplicated_texture",
)
_LEAST_FACTOR, _MOST_FACTOR = 2.2, 5.0


def mixed_series(
    frame: Image, rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of 2 or 3 images, each with a flaw of another kind.

    As in a real burst: one frame is soft, one dark, one has something in the way. Their severities
    lie so far apart that the order is certain all the same. Half of the series have flaws of detail
    alone, so that slight grain comes before texture that is wiped away, and the other way round.

    Args:
        frame: at least 64 px on its short side.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
    """
    severities = _wide_severities(int(rng.integers(2, 4)), rng, untouched=0.25)
    among = sorted(DETAIL) if rng.random() < 0.5 else _NOT_CROPPING
    edits = [str(name) for name in rng.choice(among, size=len(severities), replace=False)]
    quality = _drawn_quality(rng)
    images = [
        as_saved(_flawed(handheld(frame, rng), edit, severity, rng), quality)
        for edit, severity in zip(edits, severities, strict=True)
    ]
    return shuffled(
        images, rng=rng, source=source, tier=tier, kind="mixed", edits=edits, severities=severities
    )


def scenes_series(
    frames: Sequence[Image], rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of images of different scenes, each with a flaw so much worse than the last.

    As the images that a generator makes of one prompt. A scene full of fine detail is not worse for
    it, nor is a plain one better: only the flaws order these series. In three of five the worse
    images are soft or smoothed.

    Args:
        frames: 2 or 3, at least 64 px on the short side, of photos of one tier.
        rng: decides everything random.
        source: name of the first photo, carried into the result.
        tier: that of the photos, carried into the result.
    """
    severities = _wide_severities(len(frames), rng, untouched=0.5)
    soft = rng.random() < 0.6
    quality = _drawn_quality(rng)
    images, edits = [], []
    for place, (frame, severity) in enumerate(zip(frames, severities, strict=True)):
        if soft and place and rng.random() < 0.5:
            edits.append("plastic")
            image = _smoothed(frame, severity, rng)
        else:
            edits.append(str(rng.choice(_SOFT if soft and place else _NOT_CROPPING)))
            image = _flawed(frame, edits[-1], severity, rng)
        images.append(as_saved(image, quality))
    return shuffled(
        images, rng=rng, source=source, tier=tier, kind="scenes", edits=edits, severities=severities
    )


def restored_series(
    frame: Image, rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of 2 or 3 images with one common flaw, undone to different degrees.

    A soft photo is better for moderate sharpening, a dull one for more contrast and colour.

    Args:
        frame: at least 64 px on its short side.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
    """
    soft = rng.random() < 0.75
    kind = str(rng.choice(_SOFT if soft else _DULL))
    flaw = float(rng.uniform(0.1, 0.45))
    strength, radius = float(rng.uniform(0.7, 1.3)), float(rng.uniform(0.8, 2.0))
    levels = [0.0, 1.0] if rng.random() < 0.4 else [0.0, 0.5, 1.0]
    seed = int(rng.integers(2**63))
    quality = int(rng.integers(80, 99)) if rng.random() < 0.6 else 0
    images = []
    for level in levels:
        image = EDITS[kind](handheld(frame, rng), flaw, np.random.default_rng(seed))
        if level and soft:
            image = _sharpened(image, strength * level, radius)
        elif level:
            image = _livened(image, strength * level)
        images.append(as_saved(image, quality))
    return shuffled(
        images,
        rng=rng,
        source=source,
        tier=tier,
        kind="restored",
        edits=(kind,) * len(images),
        severities=[flaw * (1 - 0.45 * level) for level in levels],
    )


def rendered_series(
    frame: Image, rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of 2 or 3 images as upscalers of different ability render them.

    From worst to best: what lost its texture (plainly enlarged 2.2 to 5 times, that sharpened, or
    smoothed between the edges), that with texture made up for what was lost, full detail with a
    slight flaw of rendering such as seams or grain, untouched. Lost texture is worse than texture
    that is rendered with some artefacts: where fidelity is the same, people prefer what looks
    natural (Blau and Michaeli, The Perception-Distortion Tradeoff, CVPR 2018).

    Args:
        frame: at least 64 px on its short side.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
    """
    chosen = _RENDERINGS[int(rng.integers(len(_RENDERINGS)))]
    factor = float(rng.uniform(_LEAST_FACTOR, _MOST_FACTOR))
    lost = 0.45 + 0.5 * (factor - _LEAST_FACTOR) / (_MOST_FACTOR - _LEAST_FACTOR)
    way = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)[int(rng.integers(3))]
    small_quality = int(rng.integers(60, 95)) if rng.random() < 0.3 else 0
    amount = float(rng.uniform(0.8, 2.0))
    flaw, slight = str(rng.choice(_OF_RENDERING)), float(rng.uniform(0.05, 0.4))
    quality = int(rng.integers(80, 99)) if rng.random() < 0.6 else 0
    smoothing = int(rng.integers(2**63))
    made_up = float(rng.uniform(0.5, 1.0))
    made = {"whole": ("resampling", 0.0), "rendered": (flaw, 0.05 + 0.45 * slight)}
    made |= {"sharpened": ("upscaled", lost - 0.12), "enlarged": ("resampling", lost)}
    made |= {"smoothed": ("plastic", lost), "textured": ("plastic", lost * (1 - 0.55 * made_up))}
    made |= {"hinted": ("plastic", lost * (1 - 0.25 * made_up))}
    images = []
    for name in chosen:
        image = handheld(frame, rng)
        if name in ("enlarged", "sharpened"):
            image = _enlarged(image, factor, way, small_quality)
        if name == "sharpened":
            image = _sharpened(image, amount, 0.5 * factor)
        if name in _TEXTURE:
            plain = _smoothed(image, lost, np.random.default_rng(smoothing))
            texture = _TEXTURE[name] * made_up
            image = _textured(plain, image, texture, np.random.default_rng(smoothing))
        if name == "rendered":
            image = _flawed(image, flaw, slight, rng)
        images.append(as_saved(image, quality))
    return shuffled(
        images,
        rng=rng,
        source=source,
        tier=tier,
        kind="rendered",
        edits=[made[name][0] for name in chosen],
        severities=[made[name][1] for name in chosen],
    )


_NOT_CROPPING = sorted(set(EDITS) - CROPPING)
_TEXTURE = {"smoothed": 0.0, "hinted": 0.45, "textured": 1.0}  # how much of it is made up
_RENDERINGS = (
    ("enlarged", "sharpened"),
    ("enlarged", "rendered"),
    ("sharpened", "rendered"),
    ("smoothed", "rendered"),
    ("smoothed", "rendered"),
    ("smoothed", "whole"),
    ("smoothed", "textured"),
    ("smoothed", "textured"),
    ("smoothed", "hinted", "textured"),
    ("smoothed", "hinted", "textured"),
    ("smoothed", "textured", "rendered"),
    ("enlarged", "textured"),
    ("sharpened", "textured"),
    ("enlarged", "sharpened", "rendered"),
    ("enlarged", "rendered", "whole"),
    ("sharpened", "rendered", "whole"),
    ("smoothed", "rendered", "whole"),
)


def _drawn_quality(rng: np.random.Generator) -> int:
    return int(rng.integers(72, 99)) if rng.random() < 0.6 else 0


def _flawed(image: Image, edit: str, severity: float, rng: np.random.Generator) -> Image:
    if severity == 0:
        return image
    return EDITS[edit](image, severity, np.random.default_rng(int(rng.integers(2**63))))


def _enlarged(image: Image, factor: float, way: int, quality: int) -> Image:
    """Return the image shrunk, maybe saved as JPEG of `quality`, and enlarged again."""
    height, width = image.shape[:2]
    size = (max(8, round(width / factor)), max(8, round(height / factor)))
    small = as_saved(cv2.resize(image, size, interpolation=cv2.INTER_AREA), quality)  # type: ignore[arg-type]
    return np.asarray(cv2.resize(small, (width, height), interpolation=way), np.uint8)


def _smoothed(image: Image, severity: float, rng: np.random.Generator) -> Image:
    """Return the image without texture but with crisp edges, as learned upscalers leave it.

    There are many such; five ways to smooth between edges, after an optional loss of resolution,
    stand for them.
    """
    height, width = image.shape[:2]
    factor = float(rng.uniform(1.0, 1.0 + 3.0 * severity))
    size = (max(8, round(width / factor)), max(8, round(height / factor)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    way = int(rng.integers(5))
    strength = 0.3 + 0.7 * severity
    if way == 0:
        sigma = 90 * strength
        small = cv2.bilateralFilter(small, 0, sigma, float(rng.uniform(1.5, 4)))  # type: ignore[assignment]
    elif way == 1:
        small = cv2.medianBlur(small, 3 + 2 * round(2 * strength))  # type: ignore[assignment]
    elif way == 2:
        small = cv2.edgePreservingFilter(  # type: ignore[assignment]
            small, flags=1, sigma_s=float(rng.uniform(4, 20)), sigma_r=0.5 * strength
        )
    elif way == 3:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        opened = cv2.morphologyEx(small, cv2.MORPH_OPEN, disc)
        closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, disc)
        small = cv2.bilateralFilter(closed, 0, 60 * strength, 2.0)  # type: ignore[assignment]
    else:
        small = EDITS["smear" if rng.random() < 0.5 else "plastic"](small, severity, rng)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    # Some learn from sharpened photos, and their outlines are harder than those of any photo.
    amount = float(rng.uniform(0, 1.5) if rng.random() < 0.6 else rng.uniform(1.0, 3.0))
    return _sharpened(np.asarray(large, np.uint8), amount, 0.4 * factor + 0.4)


def _textured(plain: Image, whole: Image, amount: float, rng: np.random.Generator) -> Image:
    """Return a smoothed image with texture like that of the whole one, but not in its places.

    As generative upscalers make it up: the fine detail of the photo, moved by a pixel or several in
    a way that changes over some 10 to 40 px.
    """
    if amount == 0:
        return plain
    height, width = whole.shape[:2]
    soft = cv2.GaussianBlur(whole, (0, 0), float(rng.uniform(1.0, 2.5)))
    fine = whole.astype(np.float32) - soft.astype(np.float32)
    span = float(rng.uniform(10, 40))
    grid = (max(3, round(height / span)), max(3, round(width / span)), 2)
    coarse = rng.normal(0, float(rng.uniform(0.6, 2.0)), grid).astype(np.float32)
    moved = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    down, across = np.mgrid[:height, :width].astype(np.float32)
    detail = cv2.remap(
        fine, across + moved[..., 0], down + moved[..., 1], cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    return np.clip(plain + np.float32(amount) * detail + 0.5, 0, 255).astype(np.uint8)


def _sharpened(image: Image, amount: float, radius: float) -> Image:
    """Return the image after a moderate unsharp mask."""
    soft = cv2.GaussianBlur(image, (0, 0), radius)
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)


def _livened(image: Image, amount: float) -> Image:
    """Return the image with up to a third more contrast and a quarter more colour."""
    values = image.astype(np.float32)
    grey = (values @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    middle = np.float32(grey.mean())
    raised = middle + np.float32(1 + 0.27 * amount) * (grey - middle)
    return np.clip(raised + np.float32(1 + 0.2 * amount) * (values - grey) + 0.5, 0, 255).astype(
        np.uint8
    )


def _wide_severities(number: int, rng: np.random.Generator, *, untouched: float) -> list[float]:
    """Return ascending severities with gaps that hold between any two kinds of edit.

    Args:
        number: 2 or 3.
        rng: decides them.
        untouched: the probability that the first is 0.
    """
    free = 1.0 - _WIDE_GAP * (number - 1)
    places = np.sort(rng.uniform(0, free, number))
    severities = places + _WIDE_GAP * np.arange(number)
    if rng.random() < untouched:
        severities[0] = 0.0
    return [float(value) for value in severities]
