"""Series as renderers of different ability make them: upscalers of a photo, generators of a prompt.

Lost texture is worse than texture that is rendered with some artefacts: where fidelity is the same,
people prefer what looks natural (Blau and Michaeli, The Perception-Distortion Tradeoff, CVPR 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fgaesq.datasets.constructed.frames import ConstructedSeries, as_saved, handheld, shuffled
from fgaesq.datasets.edits import EDITS, from_linear, to_linear
from fgaesq.types import Image

__all__ = [
    "drawn_quality",
    "flawed",
    "rendered_series",
    "sharpened",
    "smoothed",
    "textured",
    "variants_series",
]

_OF_RENDERING = (
    *("oversharpening", "halos", "noise", "noise", "compression", "aliasing", "warping", "garbled"),
    "duplicated_texture",
)
_LEAST_FACTOR, _MOST_FACTOR = 2.2, 5.0

_TEXTURE = {"smoothed": 0.0, "hinted": 0.45, "textured": 1.0}  # how much of it is made up
_RELIEF = {"smoothed": 0.0, "hinted": 0.25, "textured": 0.55}  # of severity
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


def rendered_series(
    frame: Image, rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of 2 or 3 images as upscalers of different ability render them.

    From worst to best: what lost its texture (plainly enlarged 2.2 to 5 times, that sharpened, or
    smoothed between the edges), that with texture made up for what was lost, full detail with a
    slight flaw of rendering such as seams or grain, untouched.

    Args:
        frame: at least 64 px on its short side.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
    """
    chosen = _RENDERINGS[int(rng.integers(len(_RENDERINGS)))]
    rendering = _Rendering.drawn(rng)
    images = [
        as_saved(rendering.render(name, handheld(frame, rng), rng), rendering.quality)
        for name in chosen
    ]
    made = [rendering.made(name) for name in chosen]
    return _labelled("rendered", images, made, rng=rng, source=source, tier=tier)


def variants_series(
    frames: Sequence[Image], rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of different scenes in different styles, each by a renderer of another ability.

    As the images that several generators make of one prompt. Neither what a scene shows nor its
    light, colours and contrast make it better: only how well it is rendered orders these series, as
    it does those of `rendered_series`.

    Args:
        frames: 2 or 3, at least 64 px on the short side, of photos of one tier.
        rng: decides everything random.
        source: name of the first photo, carried into the result.
        tier: that of the photos, carried into the result.
    """
    choices = [chosen for chosen in _RENDERINGS if len(chosen) == len(frames)]
    chosen = choices[int(rng.integers(len(choices)))]
    rendering = _Rendering.drawn(rng)
    images = []
    for name, frame in zip(chosen, frames, strict=True):
        own = replace(
            rendering,
            way=_Rendering.drawn(rng).way,
            smoothing=int(rng.integers(2**63)),  # no two renderers do it alike
        )
        images.append(as_saved(own.render(name, _styled(frame, rng), rng), rendering.quality))
    made = [rendering.made(name) for name in chosen]
    return _labelled("variants", images, made, rng=rng, source=source, tier=tier)


def _labelled(
    kind: str,
    images: Sequence[Image],
    made: Sequence[tuple[str, float]],
    *,
    rng: np.random.Generator,
    source: str,
    tier: str,
) -> ConstructedSeries:
    """Return the series of images of which is told what edit they come nearest to, and how far."""
    edits, severities = zip(*made, strict=True)
    return shuffled(
        images,
        rng=rng,
        source=source,
        tier=tier,
        kind=kind,
        edits=edits,
        severities=severities,
    )


@dataclass(frozen=True, slots=True)
class _Rendering:
    """How a series is rendered.

    Attributes:
        factor: by which an image lost its resolution.
        way: of enlarging, an interpolation of OpenCV.
        small_quality: of the JPEG that the small image was, 0 for none.
        amount: of sharpening after enlarging.
        flaw, slight: a flaw of rendering and its severity.
        quality: of the JPEG that all images are saved as, 0 for none.
        smoothing: seed of the way in which texture is lost and made up.
        made_up: how much of the lost texture is made up where all that can be is.
    """

    factor: float
    way: int
    small_quality: int
    amount: float
    flaw: str
    slight: float
    quality: int
    smoothing: int
    made_up: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> _Rendering:
        """Return a random one."""
        return cls(
            factor=float(rng.uniform(_LEAST_FACTOR, _MOST_FACTOR)),
            way=(cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)[int(rng.integers(3))],
            small_quality=int(rng.integers(60, 95)) if rng.random() < 0.3 else 0,
            amount=float(rng.uniform(0.8, 2.0)),
            flaw=str(rng.choice(_OF_RENDERING)),
            slight=float(rng.uniform(0.05, 0.4)),
            quality=int(rng.integers(80, 99)) if rng.random() < 0.6 else 0,
            smoothing=int(rng.integers(2**63)),
            made_up=float(rng.uniform(0.5, 1.0)),
        )

    @property
    def lost(self) -> float:
        """How severe the loss of texture is."""
        share = (self.factor - _LEAST_FACTOR) / (_MOST_FACTOR - _LEAST_FACTOR)
        return 0.45 + 0.5 * share

    def made(self, name: str) -> tuple[str, float]:
        """Return the edit that comes nearest to a way of rendering, and its severity."""
        if name in _TEXTURE:
            return "plastic", self.lost * (1 - _RELIEF[name] * self.made_up)
        others = {
            "whole": ("resampling", 0.0),
            "rendered": (self.flaw, 0.05 + 0.45 * self.slight),
            "sharpened": ("upscaled", self.lost - 0.12),
            "enlarged": ("resampling", self.lost),
        }
        return others[name]

    def render(self, name: str, image: Image, rng: np.random.Generator) -> Image:
        """Return the image as it is rendered in the way of that name."""
        if name in _TEXTURE:
            plain = smoothed(image, self.lost, np.random.default_rng(self.smoothing))
            texture = _TEXTURE[name] * self.made_up
            return textured(plain, image, texture, np.random.default_rng(self.smoothing))
        if name == "rendered":
            return flawed(image, self.flaw, self.slight, rng)
        if name == "whole":
            return image
        enlarged = _enlarged(image, self.factor, self.way, self.small_quality)
        if name == "enlarged":
            return enlarged
        return sharpened(enlarged, self.amount, 0.5 * self.factor)


def _styled(image: Image, rng: np.random.Generator) -> Image:
    """Return the image in another style: another light, other colours, more or less contrast."""
    warm, tint = rng.normal(0, 0.12), rng.normal(0, 0.05)
    gains = np.exp(np.array([warm, tint, -warm], np.float32)) * np.float32(2 ** rng.normal(0, 0.3))
    light = to_linear(image) * gains
    if rng.random() < 0.3:
        y, x = np.ogrid[-1 : 1 : image.shape[0] * 1j, -1 : 1 : image.shape[1] * 1j]
        darker = 1 - float(rng.uniform(0.1, 0.5)) * (y**2 + x**2) / 2
        light *= darker[..., None].astype(np.float32)
    values = from_linear(light).astype(np.float32)
    contrast, colour = np.exp(rng.normal(0, 0.15)), np.exp(rng.normal(0, 0.25))
    values = np.float32(contrast) * (values - 118) + 118
    grey = (values @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    return np.clip(grey + np.float32(colour) * (values - grey) + 0.5, 0, 255).astype(np.uint8)


def drawn_quality(rng: np.random.Generator) -> int:
    """Return the quality of the JPEG that a series is saved as, 0 for none."""
    return int(rng.integers(72, 99)) if rng.random() < 0.6 else 0


def flawed(image: Image, edit: str, severity: float, rng: np.random.Generator) -> Image:
    """Return the image with a flaw of its own randomness, or untouched at severity 0."""
    if severity == 0:
        return image
    return EDITS[edit](image, severity, np.random.default_rng(int(rng.integers(2**63))))


def _enlarged(image: Image, factor: float, way: int, quality: int) -> Image:
    """Return the image shrunk, maybe saved as JPEG of `quality`, and enlarged again."""
    height, width = image.shape[:2]
    size = (max(8, round(width / factor)), max(8, round(height / factor)))
    small = as_saved(cv2.resize(image, size, interpolation=cv2.INTER_AREA), quality)  # type: ignore[arg-type]
    return np.asarray(cv2.resize(small, (width, height), interpolation=way), np.uint8)


def smoothed(image: Image, severity: float, rng: np.random.Generator) -> Image:
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
    return sharpened(np.asarray(large, np.uint8), amount, 0.4 * factor + 0.4)


def textured(plain: Image, whole: Image, amount: float, rng: np.random.Generator) -> Image:
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


def sharpened(image: Image, amount: float, radius: float) -> Image:
    """Return the image after a moderate unsharp mask."""
    soft = cv2.GaussianBlur(image, (0, 0), radius)
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)
