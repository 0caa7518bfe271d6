"""Where the images of a series differ: 1 - SSIM per 32 px cell, for two images or for a hundred.

The paper compares the two images of a pair cell by cell with SSIM (Wang et al., 2004). A series of
n images has n(n-1)/2 pairs; their average has a closed form that needs each image once. With
window means m_i, variances v_i and the sum image S = sum_i x_i,

    sum_{i != j} m_i m_j     = (sum m_i)^2 - sum m_i^2
    sum_{i != j} cov(x_i,x_j) = var(S) - sum v_i

so that, for c images, the two factors of SSIM averaged over the pairs (numerators and denominators
apart) are

    luminance = (2 (M^2 - sum m_i^2) / (c (c-1)) + C1) / (2 sum m_i^2 / c + C1)
    structure = (2 (var(S) - sum v_i) / (c (c-1)) + C2) / (2 sum v_i / c + C2)

For c = 2 this is SSIM itself. Windows are 8 x 8 px every 4 px, so all sums are made of 4 px blocks:
a map of two 2048 x 1365 images takes a few milliseconds (`benchmarks/speed.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.errors import ShapeError
from fgaesq.series.alignment import SeriesFrame
from fgaesq.types import Image

__all__ = ["CELL_PX", "cell_detail", "cell_difference", "series_difference"]

CELL_PX = 32
_BLOCK_PX = 4
_BLOCKS_PER_CELL = CELL_PX // _BLOCK_PX
_STRIP_PX = 64  # rows worked on at once, so that intermediate values stay in the cache
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # SSIM's constants for values of 0 to 255

_Blocks = NDArray[np.float32]


def cell_difference(first: Image, second: Image) -> NDArray[np.float32]:
    """Return how much two aligned images differ in each cell (paper, DiffToken).

    Args:
        first: RGB uint8, (H, W, 3).
        second: the same; the order of the two does not matter.

    Returns:
        1 - SSIM of the luma, clipped to [0, 1] and averaged over the windows inside each cell,
        float32, shape (H // 32, W // 32). The grid is centred on the image: up to 31 px of border
        have no cell.

    Raises:
        ShapeError: the images differ in shape; align them first (`series.align_series`).
    """
    if first.shape != second.shape:
        raise ShapeError(
            f"the images differ in shape, {first.shape} and {second.shape}; "
            "align them first with fgaesq.series.align_series"
        )
    sums = _SeriesSums(first.shape[0], first.shape[1])
    for image in (first, second):
        sums.add(_luma(image), (0, 0))
    return sums.difference()


def series_difference(images: Sequence[Image], frame: SeriesFrame) -> NDArray[np.float32]:
    """Return how much the images of a series differ in each cell of the reference image.

    Only images that `frame` could place take part. A cell that fewer than two of them cover
    (outside a crop) has 0: nothing is known of it.

    Args:
        images: n images, (H, W, 3) uint8, shapes may differ.
        frame: their placements, of `align_series`.

    Returns:
        1 - SSIM averaged over the pairs as above, float32 in [0, 1], on the grid of the
        reference's cells.
    """
    height, width = images[frame.reference].shape[:2]
    sums = _SeriesSums(height, width)
    for image, placement in zip(images, frame.placements, strict=True):
        if placement is None:
            continue
        luma, offset = _on_reference(_luma(image), placement.scale, placement.top, placement.left)
        sums.add(luma, offset)
    return sums.difference()


def cell_detail(image: Image) -> NDArray[np.float32]:
    """Return how much fine structure each cell of one image has.

    Returns:
        The square root of the mean variance of luma over 4 px blocks (0 to 127.5) per cell,
        float32, on the same grid as `cell_difference`.
    """
    luma = _luma(image)
    sums = _SeriesSums(*luma.shape)
    sums.add(luma, (0, 0))
    return sums.detail()


class _SeriesSums:
    """Sums over 4 px blocks of all images of a series, on the reference's pixel grid."""

    def __init__(self, height: int, width: int) -> None:
        self.rows, self.columns = height // CELL_PX, width // CELL_PX
        # The grid of whole cells is centred; what is left over at the borders has no cell.
        self.top = (height - self.rows * CELL_PX) // 2
        self.left = (width - self.columns * CELL_PX) // 2
        blocks = (self.rows * _BLOCKS_PER_CELL, self.columns * _BLOCKS_PER_CELL)
        self.total = np.zeros((self.rows * CELL_PX, self.columns * CELL_PX), np.float32)
        self.count = np.zeros(blocks, np.float32)
        self.mean = np.zeros(blocks, np.float32)  # sum over images of the block mean
        self.square = np.zeros(blocks, np.float32)  # sum over images of the block mean of squares
        self.block_variance = np.zeros(blocks, np.float32)
        windows = (max(0, blocks[0] - 1), max(0, blocks[1] - 1))
        self.mean_squared = np.zeros(windows, np.float32)  # sum over images of squared means
        self.cut = np.zeros(windows, np.bool_)  # whether any image covers only part of the window

    def add(self, luma: NDArray[np.uint8], offset: tuple[int, int]) -> None:
        """Add an image whose pixel (0, 0) lies at `offset` (y, x) of the reference's frame."""
        y0, y1 = _whole_blocks(offset[0] - self.top, luma.shape[0], self.total.shape[0])
        x0, x1 = _whole_blocks(offset[1] - self.left, luma.shape[1], self.total.shape[1])
        if y1 <= y0 or x1 <= x0:
            return
        dy, dx = self.top - offset[0], self.left - offset[1]
        means, present = np.zeros_like(self.count), np.zeros_like(self.count)
        across = slice(x0 // _BLOCK_PX, x1 // _BLOCK_PX)
        for y in range(y0, y1, _STRIP_PX):
            end = min(y + _STRIP_PX, y1)
            strip = luma[y + dy : end + dy, x0 + dx : x1 + dx].astype(np.float32)
            self.total[y:end, x0:x1] += strip
            where = (slice(y // _BLOCK_PX, end // _BLOCK_PX), across)
            means[where] = block_mean = _block_means(strip)
            np.multiply(strip, strip, out=strip)
            block_square = _block_means(strip)
            self.square[where] += block_square
            self.block_variance[where] += block_square - block_mean * block_mean
        present[y0 // _BLOCK_PX : y1 // _BLOCK_PX, across] = 1
        self.count += present
        self.mean += means
        window_mean, share = _windows(means), _windows(present)
        self.mean_squared += window_mean * window_mean
        self.cut |= (share > 0) & (share < 1)

    def difference(self) -> NDArray[np.float32]:
        """Return 1 - mean pairwise SSIM per cell."""
        count = _windows(self.count)
        covered = (count >= 2) & ~self.cut
        count = np.where(covered, count, 2)
        mean, total_square = _windows(self.mean), _windows(self._total_squares())
        variances = np.maximum(_windows(self.square) - self.mean_squared, 0)
        covariances = total_square - mean * mean - variances
        pairs = count * (count - 1)
        luminance = (2 * (mean * mean - self.mean_squared) / pairs + _C1) / (
            2 * self.mean_squared / count + _C1
        )
        structure = (2 * covariances / pairs + _C2) / (2 * variances / count + _C2)
        unlike = np.clip(1 - luminance * structure, 0, 1) * covered
        return self._per_cell(unlike, covered)

    def detail(self) -> NDArray[np.float32]:
        """Return the root of the mean block variance per cell, averaged over the images."""
        variance = np.maximum(self.block_variance, 0) / np.maximum(self.count, 1)
        shape = (self.rows, _BLOCKS_PER_CELL, self.columns, _BLOCKS_PER_CELL)
        root: NDArray[np.float32] = np.sqrt(variance.reshape(shape).mean(axis=(1, 3)))
        return root

    def _total_squares(self) -> _Blocks:
        squares = np.empty_like(self.count)
        for y in range(0, self.total.shape[0], _STRIP_PX):
            strip = self.total[y : y + _STRIP_PX]
            rows = slice(y // _BLOCK_PX, (y + strip.shape[0]) // _BLOCK_PX)
            squares[rows] = _block_means(strip * strip)
        return squares

    def _per_cell(self, values: _Blocks, covered: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Average over the windows that lie wholly inside each cell, 7 x 7 of them."""
        size = (self.rows * _BLOCKS_PER_CELL, self.columns * _BLOCKS_PER_CELL)
        shape = (self.rows, _BLOCKS_PER_CELL, self.columns, _BLOCKS_PER_CELL)
        padded, known = np.zeros(size, np.float32), np.zeros(size, np.float32)
        padded[: values.shape[0], : values.shape[1]] = values
        known[: values.shape[0], : values.shape[1]] = covered
        inside = np.s_[:, : _BLOCKS_PER_CELL - 1, :, : _BLOCKS_PER_CELL - 1]
        number = known.reshape(shape)[inside].sum(axis=(1, 3))
        total = padded.reshape(shape)[inside].sum(axis=(1, 3))
        mean: NDArray[np.float32] = total / np.maximum(number, 1)
        return mean


def _block_means(values: NDArray[np.float32]) -> _Blocks:
    """Return the means of 4 x 4 blocks; both sides are multiples of 4."""
    rows = values[0::4] + values[1::4]
    rows += values[2::4]
    rows += values[3::4]
    blocks: _Blocks = rows[:, 0::4] + rows[:, 1::4]
    blocks += rows[:, 2::4]
    blocks += rows[:, 3::4]
    blocks *= 1 / 16
    return blocks


def _windows(blocks: _Blocks) -> _Blocks:
    """Return the means over 2 x 2 neighbouring blocks, at every block: 8 px windows every 4 px."""
    rows = blocks[:-1] + blocks[1:]
    windows: _Blocks = (rows[:, :-1] + rows[:, 1:]) * np.float32(0.25)
    return windows


def _whole_blocks(offset: int, length: int, limit: int) -> tuple[int, int]:
    """Return the range of frame pixels, in whole blocks, that [offset, offset + length) covers."""
    start = -(-max(offset, 0) // _BLOCK_PX) * _BLOCK_PX
    end = min(offset + length, limit) // _BLOCK_PX * _BLOCK_PX
    return start, end


def _on_reference(
    luma: NDArray[np.uint8], scale: float, top: float, left: float
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Return the image at the reference's scale and the frame position of its first pixel."""
    if abs(scale - 1.0) > 1e-3:
        size = (max(1, round(luma.shape[1] / scale)), max(1, round(luma.shape[0] / scale)))
        luma = np.asarray(PILImage.fromarray(luma).resize(size, PILImage.Resampling.BILINEAR))
    return luma, (-round(top / scale), -round(left / scale))


def _luma(image: Image) -> NDArray[np.uint8]:
    return np.asarray(PILImage.fromarray(np.ascontiguousarray(image)).convert("L"))
