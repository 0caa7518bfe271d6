"""What two images of a series have in common, and whether a person would see a difference.

Structure is compared by SSIM after alignment, content by local feature matches (SIFT: Lowe, 2004)
that one similarity transform explains, the frames of crops by intersection over union. Whether a
difference can be seen at all is another question: re-encoding, a resize by a few percent or a
shift by a pixel change every pixel and no one sees it, while a slightly softer frame must stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.records import Crop
from fgaesq.desk.likeness import Fingerprint, fingerprint, likeness
from fgaesq.series import Placement, SeriesFrame, align_series, series_difference
from fgaesq.types import Image

__all__ = [
    "UNALIKE",
    "Prepared",
    "overlap_of",
    "patch_distance",
    "prepared",
    "reduced",
    "resemblance",
]

UNALIKE: Final = 99.0
"""The visible difference of images that cannot be laid over each other."""

_FEATURES_PX = 640  # long side on which local features are looked for
_MOST_FEATURES = 700
_RATIO = 0.8  # of the best to the second-best match (Lowe, 2004, section 7.1)
_FEWEST_INLIERS = 8
_PATCHES_PX, _PATCH_PX = 256, 64
_COMPARED_PX = 768  # long side on which a visible difference is looked for
_COMPARED_SHARE = 0.75  # and of their own size, so that a small change of it does not count
_CELL = 24  # px
_TEXTURE_CELL = 32
_FRAMING = 0.005  # shift, as a share of the long side, from which on a frame was taken anew
_MOST_REFINED = 3.0  # px
_LARGEST_SCALE = 1.08  # beyond it the framing differs visibly

_Grey: TypeAlias = NDArray[np.uint8]
_Values: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An image with what every comparison of it needs.

    Attributes:
        pixels: (H, W, 3) uint8.
        look: its fingerprint.
        places: (K, 2) float32, x and y of its local features in px of the reduced image.
        features: (K, 128) float32, RootSIFT descriptors.
    """

    pixels: Image
    look: Fingerprint
    places: NDArray[np.float32]
    features: NDArray[np.float32]


def prepared(pixels: Image) -> Prepared:
    """Return an image ready to be compared; (H, W, 3) uint8."""
    grey = _grey(reduced(pixels, _FEATURES_PX))
    # The low threshold finds features in soft and dim frames too; the strongest are kept.
    points, found = cv2.SIFT.create(_MOST_FEATURES, contrastThreshold=0.02).detectAndCompute(
        grey, None
    )
    if found is None or not len(found):
        return Prepared(
            pixels,
            fingerprint(pixels),
            np.zeros((0, 2), np.float32),
            np.zeros((0, 128), np.float32),
        )
    places = np.array([point.pt for point in points], np.float32)
    return Prepared(pixels, fingerprint(pixels), places, _root_sift(found))


def _root_sift(found: NDArray[Any]) -> NDArray[np.float32]:
    """Return descriptors whose Euclidean distance is Hellinger's (Arandjelovic, Zisserman 2012)."""
    roots = np.sqrt(found / (found.sum(1, keepdims=True) + 1e-6))
    return np.asarray(roots, np.float32)


def resemblance(first: Prepared, second: Prepared) -> dict[str, float]:
    """Return all measures of a pair, the same in both orders but for rounding.

    Returns:
        `likeness` of the fingerprints, 0 to 1; `ssim` after alignment, 0 to 1 (frame over frame
        where the images cannot be aligned); `matches`, the share of the local features of the image
        with fewer of them that one similarity transform carries onto the other, 0 to 1;
        `difference` that can be seen, about 1 where it is just visible, `UNALIKE` at most.
    """
    frame = align_series([first.pixels, second.pixels])
    placement = frame.placements[1 - frame.reference]
    images = (first.pixels, second.pixels)
    target, image = images[frame.reference], images[1 - frame.reference]
    return {
        "likeness": likeness(first.look, second.look),
        "ssim": _ssim(target, image, placement),
        "matches": _matches(first, second),
        "difference": UNALIKE if placement is None else _difference(target, image, placement),
    }


def patch_distance(first: Image, second: Image) -> float:
    """Return how much local structure differs from place to place, 0 to 1, frame over frame.

    RootSIFT descriptors of patches of 64 px, every 32 px of the larger of 256 px frames, half their
    squared distance, averaged. It plays the part of LPIPS (Zhang et al., 2018) and is not it: its
    features are not learned, and its numbers cannot be compared with published ones.
    """
    size = (_PATCHES_PX, _PATCHES_PX)
    greys = [_grey(np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.uint8))
             for one in (first, second)]  # fmt: skip
    middles = range(_PATCH_PX // 2, _PATCHES_PX, _PATCH_PX // 2)
    # A SIFT descriptor covers about six times its keypoint's size.
    grid = [cv2.KeyPoint(float(x), float(y), _PATCH_PX / 6, 0) for y in middles for x in middles]
    roots = [_root_sift(cv2.SIFT.create().compute(grey, grid)[1]) for grey in greys]
    return float(np.mean(((roots[0] - roots[1]) ** 2).sum(1)) / 2)


def overlap_of(first: Crop, second: Crop) -> float:
    """Return the intersection over union of two crops of one photo, in its pixels, 0 to 1."""
    down = min(first.bottom, second.bottom) - max(first.top, second.top)
    across = min(first.right, second.right) - max(first.left, second.left)
    common = max(0.0, down) * max(0.0, across)
    areas = ((one.bottom - one.top) * (one.right - one.left) for one in (first, second))
    return common / (sum(areas) - common)


def _ssim(target: Image, image: Image, placement: Placement | None) -> float:
    if placement is None:
        height, width = target.shape[:2]
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
        placement = Placement(1.0, 0.0, 0.0, 0.0)
    here = Placement(1.0, 0.0, 0.0, 1.0)
    unlike = series_difference([target, image], SeriesFrame(0, (here, placement)))
    covered = unlike[unlike > 0]  # cells that only one image covers have 0
    return 1.0 - float(covered.mean()) if covered.size else 1.0


def _matches(first: Prepared, second: Prepared) -> float:
    fewest = min(len(first.places), len(second.places))
    if fewest < _FEWEST_INLIERS:
        return 0.0
    products = first.features @ second.features.T  # of unit vectors
    best = products.argmax(1)
    ordered = np.partition(products, -2, axis=1)[:, -2:]
    far = np.sqrt(np.maximum(2 - 2 * ordered, 0))
    chosen = (far[:, 1] < _RATIO * far[:, 0]) & (products.argmax(0)[best] == np.arange(len(best)))
    if chosen.sum() < _FEWEST_INLIERS:
        return 0.0
    here, there = first.places[chosen], second.places[best[chosen]]
    # OpenCV's RANSAC seeds itself, so that the result is the same every time.
    _, agreed = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=6.0)
    inliers = 0 if agreed is None else int(agreed.sum())
    return inliers / fewest if inliers >= _FEWEST_INLIERS else 0.0


def _difference(target: Image, image: Image, placement: Placement) -> float:
    """Return how visible the difference of two frames of one scene is, 1 where it just is.

    It is the root of the sum of squares of three parts, each about 1 where it is just visible: the
    colour of what lies on the same place, fine texture, and the framing.
    """
    if not 1 / _LARGEST_SCALE < placement.scale < _LARGEST_SCALE:
        return UNALIKE
    factor = min(_COMPARED_SHARE, _COMPARED_PX / max(target.shape))
    here = _scaled(target, factor)
    there = _scaled(image, factor / placement.scale)
    shift = np.array([placement.left, placement.top]) / placement.scale * factor
    laid = [_laid_over(here, there, shift)]
    if there.shape != here.shape:  # maybe the same frame at another size, rounded to whole pixels
        size = (here.shape[1], here.shape[0])
        there = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        laid.append(_laid_over(here, there, np.zeros(2)))
    colour, framing = min((_residual(here, one), one.framing) for one in laid)
    texture = _texture(target, image, placement)
    return min(UNALIKE, float(np.sqrt(colour**2 + texture**2 + (framing / _FRAMING) ** 2)))


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    """An image laid over another one.

    Attributes:
        pixels: shifted, of the other one's shape.
        inside: (H, W) float32, 1 where it has pixels.
        framing: the shift, in shares of the long side.
    """

    pixels: Image
    inside: _Values
    framing: float


def _laid_over(here: Image, there: Image, shift: NDArray[np.float64]) -> _Laid:
    """Return `there` on the place of `here`, its shift refined (Evangelidis and Psarakis, 2008).

    Args:
        here: the image that stays.
        there: the other one, of the same scale.
        shift: x and y of `there` that show what `here` does at 0, about.
    """
    rough = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    first, second = (cv2.GaussianBlur(_grey(one), (0, 0), 1.0) for one in (here, there))
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)
    try:
        _, warp = cv2.findTransformECC(first, second, rough.copy(), cv2.MOTION_TRANSLATION, stop)
    except cv2.error:  # it found no agreement: a frame without structure
        warp = rough
    if np.abs(warp - rough).max() > _MOST_REFINED:
        warp = rough
    size, back = (here.shape[1], here.shape[0]), cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(there, warp, size, flags=cv2.INTER_CUBIC | back)
    whole = np.full(there.shape[:2], 1, np.uint8)
    inside = cv2.warpAffine(whole, warp, size, flags=cv2.INTER_NEAREST | back)
    safe = cv2.erode(inside, np.ones((9, 9), np.uint8), borderValue=0)
    framing = float(np.abs(warp[:, 2]).max()) / max(here.shape)
    return _Laid(np.asarray(moved, np.uint8), np.asarray(safe, np.float32), framing)


def _residual(here: Image, laid: _Laid) -> float:
    """Return by how much colours differ in the worst fiftieth of cells; texture hides a part."""
    first, second = (
        cv2.GaussianBlur(cv2.cvtColor(one, cv2.COLOR_RGB2YCrCb).astype(np.float32), (0, 0), 1.2)
        for one in (here, laid.pixels)
    )
    squares = (first - second) ** 2
    apart = squares[..., 0] + 0.5 * (squares[..., 1] + squares[..., 2])
    known = _cells(laid.inside)
    luma = first[..., 0]
    share = np.maximum(known, 1e-6)
    mean = _cells(luma * laid.inside) / share
    variance = np.maximum(_cells(luma * luma * laid.inside) / share - mean * mean, 0)
    visible = np.sqrt(_cells(apart * laid.inside) / share) / (2.0 + 0.08 * np.sqrt(variance))
    return _worst(visible[known > 0.5], 50)


def _texture(target: Image, image: Image, placement: Placement) -> float:
    """Return by how many octaves the fine texture differs in the worst twentieth of cells.

    Taken from the pixels as they are: interpolation would itself take texture away.
    """
    first, second = (_fine(_grey(one)) for one in (target, image))
    back = 1 / placement.scale
    size = (max(1, round(second.shape[1] * back)), max(1, round(second.shape[0] * back)))
    second = np.asarray(cv2.resize(second, size, interpolation=cv2.INTER_AREA), np.float32)
    dy, dx = round(placement.top * back), round(placement.left * back)
    y0, y1 = max(0, -dy), min(first.shape[0], second.shape[0] - dy)
    x0, x1 = max(0, -dx), min(first.shape[1], second.shape[1] - dx)
    cells = (max(1, (x1 - x0) // _TEXTURE_CELL), max(1, (y1 - y0) // _TEXTURE_CELL))
    levels = [
        np.sqrt(cv2.resize(np.ascontiguousarray(one), cells, interpolation=cv2.INTER_AREA))
        for one in (first[y0:y1, x0:x1], second[y0 + dy : y1 + dy, x0 + dx : x1 + dx])
    ]
    # Two levels more on both sides: a little noise on smooth walls is not seen.
    return _worst(np.abs(np.log2((levels[0] + 2) / (levels[1] + 2))).ravel(), 20)


def _fine(grey: _Grey) -> _Values:
    values = grey.astype(np.float32)
    return np.asarray((values - cv2.GaussianBlur(values, (0, 0), 1.0)) ** 2, np.float32)


def _cells(values: _Values) -> _Values:
    """Return the means of whole cells."""
    rows, columns = (max(1, side // _CELL) for side in values.shape)
    whole = values[: rows * _CELL, : columns * _CELL]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _worst(values: _Values, part: int) -> float:
    """Return the mean of the largest 1 / part of the values; `UNALIKE` if there are none."""
    if not values.size:
        return UNALIKE
    return float(np.sort(values)[-max(1, values.size // part) :].mean())


def _grey(image: Image) -> _Grey:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _scaled(image: Image, factor: float) -> Image:
    if abs(factor - 1) < 1e-4:
        return image
    height, width = image.shape[:2]
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)


def reduced(image: Image, long_side_px: int) -> Image:
    """Return the image with a long side of at most so many pixels."""
    return _scaled(image, min(1.0, long_side_px / max(image.shape)))
