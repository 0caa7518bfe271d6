"""Find where each image of a series lies on a common frame: bursts drift, crops cut and scale.

One image is the reference. Every other is placed on it by a scale and a shift (no rotation: a
tilted frame is a difference that the ranking must see). Shifts come from phase correlation
(Kuglin and Hines, 1975) on small grey versions, are confirmed by the correlation of what then
overlaps, and are refined at full resolution. An image that cannot be confirmed (another scene,
another AI variant of one prompt) has no placement: guessing one would compare wrong places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageFilter

from fgaesq.types import Image

__all__ = ["Placement", "SeriesFrame", "align_series"]

_COARSE_PX = 192  # long side of the grey version on which shifts are searched
_REFINE_PX = 256  # side of the square on which a shift is refined at full resolution
_LOCAL_PX = 6  # radius of the surround that is subtracted: broad light and dark match anything
_MIN_CORRELATION = 0.4  # of the overlapping local contrast; chosen as docs/decisions/0002 says
_MIN_OVERLAP = 0.3  # of the smaller image; below that a correlation means little
_SCALE_STEP = 1.06
_HALVINGS = 3  # of that step around the best scale; finer than whole small pixels is of no use
_MAX_SCALE = 2.6

_Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where reference pixels lie in an image: y_image = scale * y_reference + top; x likewise.

    Attributes:
        scale: image pixels per reference pixel.
        top, left: offset in image pixels.
        correlation: of the overlapping grey values, -1 to 1; how sure the placement is.
    """

    scale: float
    top: float
    left: float
    correlation: float


@dataclass(frozen=True, slots=True)
class SeriesFrame:
    """The common frame of a series.

    Attributes:
        reference: index of the image whose pixels are the frame.
        placements: one per image, None where the image could not be placed.
    """

    reference: int
    placements: tuple[Placement | None, ...]


def align_series(
    images: Sequence[Image],
    *,
    native_scales: Sequence[float] | None = None,
    parallel: Callable[..., Iterable[Any]] = map,
) -> SeriesFrame:
    """Place all images of a series on the frame of the largest one.

    The cost is linear in the number of images. The result depends on the order only where two
    images have the same, largest area (the first is then the reference): pass the images in an
    order that is a function of their content.

    Args:
        images: at least one, each (H, W, 3) uint8.
        native_scales: per image, its pixels per pixel of the original file (1 if it was not
            reduced); lets a crop that was never resized be found at once. Default: all 1.
        parallel: does what `map` does, for work on one image at a time.

    Returns:
        The frame; the reference's own placement is the identity.
    """
    scales = list(native_scales) if native_scales is not None else [1.0] * len(images)
    areas = [image.shape[0] * image.shape[1] for image in images]
    reference = areas.index(max(areas))
    target = images[reference]
    target_small = _small_contrast(target)

    def place(index: int) -> Placement | None:
        image = images[index]
        if index == reference or np.array_equal(image, target):
            return Placement(1.0, 0.0, 0.0, 1.0)
        return _place(target, target_small, image, scales[index] / scales[reference])

    return SeriesFrame(reference, tuple(parallel(place, range(len(images)))))


def _place(target: Image, target_small: _Grey, image: Image, hint: float) -> Placement | None:
    """Return the placement of `image` on `target`, trying the likely scales first."""
    likely, others = _candidate_scales(target.shape, image.shape, hint)
    best = _best_placement(target, target_small, image, likely)
    if (best is None or best.correlation < 0.7) and others:
        found = _best_placement(target, target_small, image, others)
        if found is not None and (best is None or found.correlation > best.correlation):
            best = _finer_scale(target, target_small, image, found)
    return best if best is None else _refine(target, image, best)


def _finer_scale(target: Image, target_small: _Grey, image: Image, rough: Placement) -> Placement:
    """Return the best placement between the steps of the grid on which `rough` was found."""
    best, step = rough, _SCALE_STEP
    for _ in range(_HALVINGS):
        step = step**0.5
        near = [best.scale / step, best.scale * step]
        found = _best_placement(target, target_small, image, near)
        if found is not None and found.correlation > best.correlation:
            best = found
    return best


def _candidate_scales(
    target: tuple[int, ...], image: tuple[int, ...], hint: float
) -> tuple[list[float], list[float]]:
    """Return the scales worth trying first, and the rest of the grid for images of other shape."""
    same_shape = abs(image[0] - target[0]) <= 2 and abs(image[1] - target[1]) <= 2
    if same_shape:
        return [1.0], []
    likely = sorted({round(s, 4) for s in (hint, image[0] / target[0], image[1] / target[1])})
    fits = max(image[0] / target[0], image[1] / target[1])  # the whole image inside the reference
    steps = int(np.log(_MAX_SCALE) / np.log(_SCALE_STEP)) + 1
    return likely, [fits * _SCALE_STEP**step for step in range(steps)]


def _best_placement(
    target: Image, target_small: _Grey, image: Image, scales: Sequence[float]
) -> Placement | None:
    """Return the confirmed placement with the highest correlation, None if there is none."""
    best: Placement | None = None
    to_small = target_small.shape[1] / target.shape[1]  # small pixels per reference pixel
    for scale in scales:
        height = max(8, round(image.shape[0] / scale * to_small))
        width = max(8, round(image.shape[1] / scale * to_small))
        if height > 2 * _COARSE_PX or width > 2 * _COARSE_PX:
            continue
        small = _local_contrast(image, (height, width))
        shift = _phase_shift(target_small, small)
        correlation, overlap = _overlap_correlation(target_small, small, shift)
        if correlation < _MIN_CORRELATION or overlap < _MIN_OVERLAP:
            continue
        if best is None or correlation > best.correlation:
            factor = scale / to_small
            best = Placement(scale, shift[0] * factor, shift[1] * factor, correlation)
    return best


def _refine(target: Image, image: Image, rough: Placement) -> Placement:
    """Return the placement with its shift refined on a square at full resolution.

    The square is taken around the centre of the overlap. Where the refined shift leaves the
    uncertainty of the rough one, the content gave no clear answer and the rough one stands.
    """
    if abs(rough.scale - 1.0) > 0.02:
        return rough
    # At a scale of not quite 1 the shift grows from the frame's corner to the square's centre.
    drift_y = _drift(rough.scale, rough.top, target.shape[0], image.shape[0])
    drift_x = _drift(rough.scale, rough.left, target.shape[1], image.shape[1])
    top, left = round(rough.top + drift_y), round(rough.left + drift_x)
    y0, y1 = max(0, -top), min(target.shape[0], image.shape[0] - top)
    x0, x1 = max(0, -left), min(target.shape[1], image.shape[1] - left)
    side = min(_REFINE_PX, y1 - y0, x1 - x0)
    if side < 32:
        return rough
    y, x = (y0 + y1 - side) // 2, (x0 + x1 - side) // 2
    here = _luma(target[y : y + side, x : x + side])
    there = _luma(image[y + top : y + top + side, x + left : x + left + side])
    dy, dx = _phase_shift(here, there)
    uncertainty = 1.5 * max(1.0, max(target.shape) / _COARSE_PX)
    if abs(dy) > uncertainty or abs(dx) > uncertainty:
        return rough
    return Placement(rough.scale, top + dy - drift_y, left + dx - drift_x, rough.correlation)


def _drift(scale: float, offset: float, target: int, image: int) -> float:
    """Return by how much the shift at the middle of the overlap differs from that at 0."""
    start, end = max(0.0, -offset / scale), min(float(target), (image - offset) / scale)
    return (scale - 1.0) * (start + end) / 2


def _phase_shift(target: _Grey, moved: _Grey) -> tuple[float, float]:
    """Return (dy, dx) with moved[y + dy, x + dx] = target[y, x], by phase correlation.

    Both are tapered at their borders and padded to a common canvas; the cross-power spectrum is
    whitened and tapered towards high frequencies, where noise and blur speak louder than place.
    """
    height = _fast_size(max(target.shape[0], moved.shape[0]))
    width = _fast_size(max(target.shape[1], moved.shape[1]))
    first = np.fft.rfft2(_tapered(target), (height, width))
    second = np.fft.rfft2(_tapered(moved), (height, width))
    cross = second * np.conj(first)
    cross /= np.abs(cross) + 1e-3 * np.abs(cross).max() + 1e-12
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    surface = np.fft.irfft2(cross * np.exp(-0.5 * (frequency / 0.15) ** 2), (height, width))
    row, column = np.unravel_index(int(np.argmax(surface)), surface.shape)
    dy = row + _peak_offset(surface[:, column], int(row))
    dx = column + _peak_offset(surface[row, :], int(column))
    return (
        _unwrapped(dy, height, target.shape[0], moved.shape[0]),
        _unwrapped(dx, width, target.shape[1], moved.shape[1]),
    )


def _peak_offset(line: NDArray[np.float64], peak: int) -> float:
    """Return where, between -.5 and .5, a parabola through the peak and its neighbours tops."""
    before, at, after = line[peak - 1], line[peak], line[(peak + 1) % len(line)]
    curvature = before - 2 * at + after
    return 0.0 if curvature >= 0 else float(np.clip(0.5 * (before - after) / curvature, -0.5, 0.5))


def _unwrapped(shift: float, period: int, target: int, moved: int) -> float:
    """Return `shift` or `shift - period`, whichever lets the two lengths overlap more.

    Not simply the smaller one: a crop from the far end of a frame lies further than half of it.
    """

    def overlap(by: float) -> float:
        return min(target, moved - by) - max(0.0, -by)

    return float(shift - period if overlap(shift - period) > overlap(shift) else shift)


def _overlap_correlation(
    target: _Grey, moved: _Grey, shift: tuple[float, float]
) -> tuple[float, float]:
    """Return the correlation of what overlaps under `shift`, and its share of the smaller image."""
    dy, dx = round(shift[0]), round(shift[1])
    y0, y1 = max(0, -dy), min(target.shape[0], moved.shape[0] - dy)
    x0, x1 = max(0, -dx), min(target.shape[1], moved.shape[1] - dx)
    if y1 - y0 < 4 or x1 - x0 < 4:
        return 0.0, 0.0
    first = target[y0:y1, x0:x1] - target[y0:y1, x0:x1].mean()
    second = moved[y0 + dy : y1 + dy, x0 + dx : x1 + dx]
    second = second - second.mean()
    norm = float(np.sqrt((first * first).sum() * (second * second).sum()))
    overlap = first.size / min(target.size, moved.size)
    return (float((first * second).sum()) / norm if norm > 1e-6 else 0.0), overlap


def _small_contrast(image: Image) -> _Grey:
    height, width = image.shape[:2]
    factor = min(1.0, _COARSE_PX / max(height, width))
    return _local_contrast(image, (max(8, round(height * factor)), max(8, round(width * factor))))


def _local_contrast(image: Image, size: tuple[int, int]) -> _Grey:
    """Return the local contrast of the luma, float32, at (height, width) `size`."""
    pil = PILImage.fromarray(image)
    small = pil.resize((size[1], size[0]), PILImage.Resampling.BILINEAR, reducing_gap=2.0)
    luma = small.convert("L")
    surround = luma.filter(ImageFilter.BoxBlur(_LOCAL_PX))
    return np.asarray(luma, dtype=np.float32) - np.asarray(surround, dtype=np.float32)


def _luma(image: Image) -> _Grey:
    return np.asarray(
        PILImage.fromarray(np.ascontiguousarray(image)).convert("L"), dtype=np.float32
    )


def _tapered(grey: _Grey) -> _Grey:
    """Return the image without its mean, faded to 0 at the borders (an eighth on each side)."""
    rows, columns = (_fade(size) for size in grey.shape)
    tapered: _Grey = (grey - grey.mean()) * rows[:, None] * columns[None, :]
    return tapered


def _fade(size: int) -> NDArray[np.float32]:
    edge = max(1, size // 8)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / edge)
    window = np.ones(size, np.float32)
    window[:edge], window[-edge:] = ramp, ramp[::-1]
    return window


def _fast_size(size: int) -> int:
    """Return the next size whose FFT is fast (2^k or 3 * 2^k)."""
    power = 1 << (size - 1).bit_length()
    return power * 3 // 4 if size <= power * 3 // 4 else power
