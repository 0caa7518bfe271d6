"""Series of other orders than that of one edit: what is better when flaws of several kinds meet.

One edit alone teaches that fine detail, contrast and colour are flaws, because most edits add or
take them away and the untouched photo is always best. In these series they are not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fgaesq.datasets.constructed.frames import ConstructedSeries, as_saved, handheld, shuffled
from fgaesq.datasets.constructed.rendering import drawn_quality, flawed, sharpened, smoothed
from fgaesq.datasets.edits import CROPPING, DETAIL, EDITS
from fgaesq.types import Image

__all__ = ["mixed_series", "restored_series", "scenes_series"]

_WIDE_GAP = 0.35  # of severity between flaws of different kinds: one is clearly the worse
_SOFT = ("defocus", "resampling", "upscaled", "smear", "plastic")
_DULL = ("flat_contrast", "haze")


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
    quality = drawn_quality(rng)
    images = [
        as_saved(flawed(handheld(frame, rng), edit, severity, rng), quality)
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
    quality = drawn_quality(rng)
    images, edits = [], []
    for place, (frame, severity) in enumerate(zip(frames, severities, strict=True)):
        if soft and place and rng.random() < 0.5:
            edits.append("plastic")
            image = smoothed(frame, severity, rng)
        else:
            edits.append(str(rng.choice(_SOFT if soft and place else _NOT_CROPPING)))
            image = flawed(frame, edits[-1], severity, rng)
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
            image = sharpened(image, strength * level, radius)
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


_NOT_CROPPING = sorted(set(EDITS) - CROPPING)


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
