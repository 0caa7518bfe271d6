"""How natural the fine structure of an image is: statistics of its normalised luma.

Luma less its local mean, over its local deviation, has a distribution that hardly depends on what a
photo shows, nor on its light, colours or contrast, and that blur, noise, compression and lost or
made-up texture change (Ruderman, 1994; Mittal, Soundararajan and Bovik, Making a "Completely Blind"
Image Quality Analyzer, 2013). So it can tell which of two images of different scenes is rendered
better, where all else that tokens bring speaks of the scenes too. As the paper of 2013 has it,
blocks are described at two scales; ours are moments instead of the parameters of fitted
distributions, of both diagonals the mean (mirrored images are alike), and of all of them the mean
over the blocks. They are measured where a series shows several scenes (docs/decisions/0008), and
where its images are renderings of one picture with no texture in common (docs/decisions/0009).

At each scale, in this order:

* of the normalised luma: log variance, and log of the squared mean size over the mean square (how
  heavy the tails are);
* of the products of neighbours across, down and diagonally: mean, log root mean square of what lies
  below and above zero, and the tails again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fgaesq.series.luma import halved, smoothed, viewed_luma
from fgaesq.types import Image

__all__ = [
    "BY_NATURALNESS",
    "NATURALNESS",
    "NATURALNESS_INPUT",
    "frame_naturalness",
    "naturalness_input",
]

_BLOCK_PX = 96
_SCALES = 2
_WINDOW = np.exp(-0.5 * (np.arange(4) / (7 / 6)) ** 2).astype(np.float32)  # normal, 7 px wide
_WINDOW /= _WINDOW[0] + 2 * _WINDOW[1:].sum()
_FLOOR = 1.0  # in grey levels: less than this is no structure
_NEIGHBOURS = (((0, 1),), ((1, 0),), ((1, 1), (1, -1)))  # (down, across) each
_LEAST = 1e-4

NATURALNESS = _SCALES * (2 + 4 * len(_NEIGHBOURS))
"""How many numbers describe an image."""

BY_NATURALNESS = ("scenes", "renderings")
"""The kinds of series that are judged by it: of several scenes, of renderings of one picture."""

NATURALNESS_INPUT = len(BY_NATURALNESS) + NATURALNESS
"""How many numbers a network is given for an image."""


def frame_naturalness(image: Image) -> NDArray[np.float32]:
    """Return how natural an image's fine structure is, (NATURALNESS,) float32, about 1 in spread.

    Args:
        image: (H, W, 3) uint8 sRGB; reduced here to a long side of 1,024 px.
    """
    luma = viewed_luma(image)
    parts = []
    for scale in range(_SCALES):
        parts.append(_moments(_normalised(luma), _BLOCK_PX >> scale))
        luma = halved(luma)
    told = np.concatenate(parts)
    return told.astype(np.float16).astype(np.float32)


def naturalness_input(image: Image, kind: str) -> NDArray[np.float32]:
    """Return what a network is given for an image, (NATURALNESS_INPUT,) float32.

    Args:
        image: see `frame_naturalness`.
        kind: of its series, one of `BY_NATURALNESS`.

    Returns:
        A 1 at the place of the kind among zeros, and the numbers.
    """
    kinds = np.array([kind == one for one in BY_NATURALNESS], np.float32)
    return np.concatenate([kinds, frame_naturalness(image)])


def _normalised(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return luma less its local mean, over its local deviation."""
    mean = smoothed(luma, _WINDOW)
    centred = luma - mean
    deviation = np.sqrt(np.maximum(smoothed(luma * luma, _WINDOW) - mean * mean, 0))
    deviation += _FLOOR
    centred /= deviation
    return centred


def _moments(values: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Return the moments of one scale, means over the blocks."""
    square, size = _block_mean(values * values, block), _block_mean(np.abs(values), block)
    told = [np.log(square + _LEAST) + 1, 4 * _tails(size, square) + 2]
    for ways in _NEIGHBOURS:
        both = [_of_product(values * np.roll(values, way, axis=(0, 1)), block) for way in ways]
        told += [*np.stack(both).mean(axis=0, dtype=np.float32)]
    return np.array([one.mean() for one in told], np.float32)


def _of_product(product: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Return what is told of a product in each block, (4, rows, columns)."""
    below = np.minimum(product, 0)
    above = product - below
    mean_below, mean_above = _block_mean(below, block), _block_mean(above, block)
    below *= below
    above *= above
    square_below, square_above = _block_mean(below, block), _block_mean(above, block)
    return np.stack(
        [
            4 * (mean_above + mean_below),
            0.5 * np.log(square_below + _LEAST) + 2,
            0.5 * np.log(square_above + _LEAST) + 2,
            _tails(mean_above - mean_below, square_below + square_above) + 1,
        ]
    )


def _tails(size: NDArray[np.float32], square: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log of the squared mean size over the mean square."""
    tails: NDArray[np.float32] = np.log((size * size + _LEAST) / (square + _LEAST))
    return tails


def _block_mean(plane: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Return means over blocks; an image smaller than one is one."""
    height, width = (max(1, length // block) for length in plane.shape)
    tall, wide = (min(block, length) for length in plane.shape)
    kept = plane[: height * tall, : width * wide]
    strips = kept.reshape(height, tall, -1).sum(axis=1, dtype=np.float32)
    mean: NDArray[np.float32] = strips.reshape(height, width, wide).sum(axis=2)
    return mean / np.float32(tall * wide)
