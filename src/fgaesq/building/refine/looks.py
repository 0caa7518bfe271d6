"""What is measured of one image: whether it shows anything, how sharp, how exposed, how broken.

All measures are plain numbers of the pixels, so that a threshold on them can be read and drawn.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.types import Image

__all__ = ["LOOKS", "looks_of"]

LOOKS: Final = ("content", "sharpness", "light", "blown", "broken", "entropy", "hash")
"""The names of the measures, in the order of `looks_of`."""

_GRID = 32  # squares a side on which content is looked for
_SHARP_PX = 512  # long side on which sharpness is measured
_SHARP_CELL = 16
_BLOCK = 4  # px of the blocks that broken parts are made of
_FLAT_LEVELS = 4  # by which a constant colour may vary after another JPEG
_SAME_LEVELS = 5
_NEAR_BLACK = 20
_FEWEST_BLOCKS = 16
_LEAST_FILL = 0.72  # of the box around a constant part: rectangles, a band may begin mid-row
_STEP_LEVELS = 16  # by which it differs from what is beside it
_LEAST_STRAIGHT = 0.7  # of the outline; a plain sky has hard borders too

_Values: TypeAlias = NDArray[np.float32]


def looks_of(pixels: Image) -> dict[str, float]:
    """Return the measures of an image.

    Args:
        pixels: RGB uint8, (H, W, 3).

    Returns:
        `content`: by how much the frame differs from a smooth gradient of light, the standard
            deviation in levels of 255 on 32 x 32 squares, as log2(.01 + it); about -5 for a lens
            cap, -1 for a plain wall, 3 to 6 for photos.
        `sharpness`: log2 of the finest structure at 512 px in its sharpest places to the content;
            about -2 for photos, below -6 where nothing can be made out.
        `light`: stops of the brightest hundredth of the frame below white, 0 to about -12.
        `blown`: share of pixels at white, 0 to 1.
        `broken`: share of the frame in rectangles of one colour with hard borders, 0 to 1, as data
            that are missing or damaged leave them.
        `entropy`: of the histogram of luma, 0 to 8 bits.
        `hash`: 48 bits, whether each of 6 x 8 places is lighter than the next (a difference hash);
            few of them differ between copies of one image.
    """
    luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    content = _content(pixels)
    histogram = np.bincount(luma.ravel(), minlength=256) / luma.size
    present = histogram[histogram > 0]
    brightest = int(np.searchsorted(np.cumsum(histogram), 0.99))
    return {
        "content": float(np.log2(0.01 + content)),
        "sharpness": float(np.log2((_finest(luma) + 0.02) / (content + 1.0))),
        "light": float(np.log2(max((brightest / 255) ** 2.2, 2.0**-12))),
        "blown": float(histogram[250:].sum()),
        "broken": _broken(pixels),
        "entropy": -float((present * np.log2(present)).sum()),
        "hash": _hash(luma),
    }


def _hash(luma: NDArray[np.uint8]) -> float:
    """Return the difference hash as a whole number below 2^48, which a float holds exactly."""
    small = cv2.resize(luma, (9, 6), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = (small[:, 1:] > small[:, :-1]).ravel()
    return float(int("".join("1" if bit else "0" for bit in bits), 2))


def _content(pixels: Image) -> float:
    """Return the deviation of the frame from a gradient of second order, in levels."""
    squares = cv2.resize(pixels, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    values = cv2.cvtColor(squares, cv2.COLOR_RGB2YCrCb).reshape(-1, 3).astype(np.float64)
    y, x = (axis.ravel() / (_GRID - 1) - 0.5 for axis in np.mgrid[:_GRID, :_GRID])
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    smooth = terms @ np.linalg.lstsq(terms, values, rcond=None)[0]
    return float(np.sqrt(((values - smooth) ** 2).mean(0).sum()))


def _finest(luma: NDArray[np.uint8]) -> float:
    """Return the deviation of luma from its surround in the sharpest cells, in levels."""
    factor = min(1.0, _SHARP_PX / max(luma.shape))
    size = (max(_SHARP_CELL, round(luma.shape[1] * factor)),
            max(_SHARP_CELL, round(luma.shape[0] * factor)))  # fmt: skip
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = (small - cv2.GaussianBlur(small, (0, 0), 1.5)) ** 2
    cells = (max(1, size[0] // _SHARP_CELL), max(1, size[1] // _SHARP_CELL))
    mean = np.sqrt(cv2.resize(fine, cells, interpolation=cv2.INTER_AREA))
    return float(np.quantile(mean, 0.95))


def _broken(pixels: Image) -> float:
    """Return the share of the frame in rectangles of one colour with hard borders."""
    rows, columns = (side // _BLOCK for side in pixels.shape[:2])
    if rows < 4 or columns < 4:
        return 0.0
    whole = pixels[: rows * _BLOCK, : columns * _BLOCK]
    blocks = whole.reshape(rows, _BLOCK, columns, _BLOCK, 3)
    low, high = blocks.min((1, 3)).astype(np.int16), blocks.max((1, 3)).astype(np.int16)
    # Constant black and white are what shadows and lights clip to.
    flat = ((high - low).max(2) <= _FLAT_LEVELS) & (low.max(2) < 250) & (high.max(2) > _NEAR_BLACK)
    colour = (low + high) // 2
    labels, sizes = _parts(flat, colour)
    hard, border = _borders(labels, colour, len(sizes))
    share = 0.0
    for label, (height, width, area) in enumerate(sizes):
        is_rectangle = area >= _FEWEST_BLOCKS and area >= _LEAST_FILL * width * height
        if not label or not is_rectangle or hard[label] < 0.7 * max(1, border[label]):
            continue
        if _straightness(labels == label) >= _LEAST_STRAIGHT:
            share += area / flat.size
    return share


def _parts(
    flat: NDArray[np.bool_], colour: NDArray[np.int16]
) -> tuple[NDArray[np.int32], list[tuple[int, int, int]]]:
    """Return parts of neighbouring flat blocks of one colour.

    Blocks and the links between neighbours stand on one grid of twice the resolution; what is
    linked is a part.

    Returns:
        The part of each block, 0 for none, and of each part, 0 too, the height and width of the
        box around it and its area, in blocks.
    """
    rows, columns = flat.shape
    links = np.zeros((2 * rows - 1, 2 * columns - 1), np.uint8)
    links[::2, ::2] = flat
    down = np.abs(np.diff(colour, axis=0)).max(2) <= _SAME_LEVELS
    across = np.abs(np.diff(colour, axis=1)).max(2) <= _SAME_LEVELS
    links[1::2, ::2] = flat[1:] & flat[:-1] & down
    links[::2, 1::2] = flat[:, 1:] & flat[:, :-1] & across
    number, labels, boxes, _ = cv2.connectedComponentsWithStats(links, connectivity=4)
    own = np.asarray(labels[::2, ::2], np.int32)
    areas = np.bincount(own.ravel(), minlength=number)
    sizes = [
        (int(box[cv2.CC_STAT_HEIGHT] + 1) // 2, int(box[cv2.CC_STAT_WIDTH] + 1) // 2, int(area))
        for box, area in zip(boxes, areas, strict=True)
    ]
    return own, sizes


def _straightness(part: NDArray[np.bool_]) -> float:
    """Return the share of a part's outline inside the frame on its four longest rows and columns.

    1 for a rectangle and for a band that begins in the middle of a row, about .5 for a sky.
    """
    padded = np.pad(part.astype(np.uint8), 2, mode="edge")
    smooth = cv2.medianBlur(padded, 5)[2:-2, 2:-2].astype(np.int8)  # without the odd block
    longest = total = 0
    for axis in (0, 1):
        edges = np.sort(np.abs(np.diff(smooth, axis=axis)).sum(1 - axis))
        longest += int(edges[-4:].sum())
        total += int(edges.sum())
    return longest / total if total else 1.0


def _borders(
    labels: NDArray[np.int32], colour: NDArray[np.int16], number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many border blocks of each part step hard to what is outside, and of how many.

    A block is compared with the next but one, as the one between may hold both colours.
    """
    hard, border = np.zeros(number, np.int64), np.zeros(number, np.int64)
    for axis in (0, 1):
        before, between, after = (
            tuple(slice(None) if a != axis else cut for a in (0, 1))
            for cut in (slice(0, -2), slice(1, -1), slice(2, None))
        )
        step = np.abs(colour[before] - colour[after]).max(2) >= _STEP_LEVELS
        for part, outside in ((before, after), (after, before)):
            edge = (labels[part] != labels[between]) & (labels[part] != labels[outside])
            border += np.bincount(labels[part][edge], minlength=number)
            hard += np.bincount(labels[part][edge & step], minlength=number)
    return hard, border
