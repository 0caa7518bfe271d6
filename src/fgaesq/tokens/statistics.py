"""What a coarse token knows of the full resolution it covers: statistics of 8 x 8 px blocks.

A coarse token is the frame reduced five to ten times; blur, noise, halos, compression and a tilt of
two degrees are gone from it, and the fine tokens see them in a small part of the frame only. These
statistics carry them for every part of the frame, at the price of one DCT of the image, or two in a
series. They are ours, not the paper's (docs/decisions/0005 and 0011).

Per coarse token, in this order:

* luma: mean over the blocks of the log energy of 15 groups of DCT coefficients (five bands of
  frequency x horizontal, vertical, diagonal), then the log of the mean energy of each;
* luma: 10th and 90th percentile over the blocks of the log energy of the two highest bands;
* both chroma planes at half resolution: mean log and log mean energy of a low and a high band;
* shares of pixels that are clipped white and clipped black, of neighbours that are exactly equal,
  and how much stronger the steps are at the borders of the blocks than inside (compression);
* directions of edges: shares of 13 bins around the nearest axis (-45 to 45 degrees, fine near 0)
  for edges near the horizontal and near the vertical, and the log strength of all edges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.series import Box
from fgaesq.series.coherence import UNSHARED
from fgaesq.series.luma import Channels, halved
from fgaesq.tokens.directions import edge_directions
from fgaesq.tokens.framing import FRAMING, frame_framing, mirrored_framing
from fgaesq.types import Image

__all__ = [
    "STATISTICS",
    "TOKEN_STATISTICS",
    "cell_statistics",
    "mirrored",
    "series_statistics",
    "shared_statistics",
    "single_statistics",
]

_PATCH_PX = 16  # side of a coarse token
_BLOCK = 8
_BANDS = (0.9, 1.6, 2.6, 4.1, 6.1, 10.0)
_CHROMA_BANDS = (0.9, 2.6, 10.0)
_ROWS_AT_ONCE = 16  # of blocks
_BLOCKS_AT_ONCE = 64
_FLOOR = 0.05  # of energy, in squared grey levels: below the noise of 8-bit rounding
_BINS_DEG = np.array([-45, -20, -12, -7, -4, -2, -0.7, 0.7, 2, 4, 7, 12, 20, 45.01])
_LUMA_GROUPS = 3 * (len(_BANDS) - 1)
_CHROMA_GROUPS = 2 * (len(_CHROMA_BANDS) - 1)
_DIRECTIONS = 2 * (len(_BINS_DEG) - 1)

STATISTICS = 2 * _LUMA_GROUPS + 4 + 2 * _CHROMA_GROUPS + 4 + _DIRECTIONS + 1
"""How many numbers describe a cell, and at most the frame."""

_BLOCKINESS = STATISTICS - 1 - _DIRECTIONS - 1

_DIFFERENCES = 2 * STATISTICS + 2 * UNSHARED

TOKEN_STATISTICS = STATISTICS + _DIFFERENCES
"""How many a token has: those of its cell, and how it differs from the series."""

_LEAST_LIKENESS = 0.6  # correlation of two images that show the same scene, however flawed


def shared_statistics(
    image: Image, channels: Channels, reduced: Image, part: Box | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what class and coarse tokens know of an image, and of the part that a series shares.

    Args:
        image: (H, W, 3) uint8 sRGB at the resolution that fine tokens are cut from.
        channels: of the image.
        reduced: (16 rows, 16 columns, 3), the frame as the coarse tokens show it.
        part: where it lies in the image; None where there is none, and the frame stands for it.

    Returns:
        Twice (1 + rows * columns, STATISTICS) float32: the framing (`tokens.framing`), followed by
        zeros, and the statistics of each cell, of the frame and of the part. The framing is the
        same in both, and the borders of the blocks of compression, which lie on the frame's grid.
    """
    rows, columns = (length // _PATCH_PX for length in reduced.shape[:2])
    own = np.zeros((1 + rows * columns, STATISTICS), np.float32)
    own[0, :FRAMING] = frame_framing(reduced)
    own[1:] = cell_statistics(image, channels, rows, columns)
    if part is None or image[part].shape == image.shape:
        return own, own
    shared = own.copy()
    shared[1:] = cell_statistics(image[part], channels.cut(*part), rows, columns)
    shared[1:, _BLOCKINESS] = own[1:, _BLOCKINESS]
    return own, shared


def cell_statistics(
    image: Image, channels: Channels, rows: int, columns: int
) -> NDArray[np.float32]:
    """Return the statistics of each cell of a grid that covers the frame.

    Args:
        image: (H, W, 3) uint8 sRGB at the resolution that fine tokens are cut from.
        channels: of the image.
        rows: of the grid, at most one per 16 px.
        columns: likewise.

    Returns:
        (rows * columns, STATISTICS) float32 in raster order, about 0 in the mean and 1 in spread
        over ordinary photos; rounded to float16, as training keeps them.
    """
    padded, size = _padded(image), image.shape[:2]
    grey, chroma = _planes(channels)
    luma = _block_energies(grey, _groups(_BANDS, oriented=True))
    grid = _Grid(luma.shape[:2], size, (rows, columns), _BLOCK)
    logs = np.log(luma + _FLOOR)
    parts = [
        (grid.mean(logs) - 2.0) / 2.5,
        (np.log(grid.mean(luma) + _FLOOR) - 3.0) / 2.5,
        (_percentiles(grid, logs) - 1.0) / 2.5,
        _chroma(chroma, size, (rows, columns)),
        _shares(padded, grey, grid),
        _directions(grey, grid),
    ]
    whole = np.concatenate(parts, axis=2).reshape(rows * columns, -1)
    return whole.astype(np.float16).astype(np.float32)


def single_statistics(own: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the tokens of an image on its own bring: it differs from nothing.

    Args:
        own: of its cells, (..., STATISTICS).

    Returns:
        (..., TOKEN_STATISTICS).
    """
    nothing = np.zeros((*own.shape[:-1], _DIFFERENCES), own.dtype)
    return np.concatenate([own, nothing], axis=-1)


def series_statistics(
    own: NDArray[np.float32],
    shared: NDArray[np.float32],
    brightness: NDArray[np.float32],
    lost: Sequence[NDArray[np.float32] | None] = (),
) -> NDArray[np.float32]:
    """Return what the tokens of a series bring: its cells, and how they differ from the others'.

    Whether a cell has more grain or less contrast than in the other frames is plain in the
    difference, while no single image tells grain from gravel. There are two of each, from the mean
    on the grid of the frame, and from that where all frames show the same (docs/decisions/0011).
    The means are over the images that show the same scene; one that does not (another variant of a
    prompt) differs from nothing. What an image does not share with the others is told as it is
    and, too, against its mean.

    Args:
        own: of the frame and the cells of N images on one grid, (N, 1 + C, STATISTICS).
        shared: of the cells of the part that all show, likewise (`shared_statistics`).
        brightness: of the coarse patches, (N, C), any scale.
        lost: of each image what it does not share in each cell (`series.unshared`), (C, UNSHARED),
            or None where that is not known; empty if of none.

    Returns:
        (N, 1 + C, TOKEN_STATISTICS) float32.
    """
    whole = single_statistics(own)
    alike = _same_scene(brightness)
    if alike.sum() > 1:
        differences = np.concatenate([own[alike], shared[alike]], axis=-1)
        differences -= differences.mean(axis=0, dtype=np.float32)
        differences[:, 0, STATISTICS:] = 0  # the frame has no part
        whole[alike, :, STATISTICS : 3 * STATISTICS] = differences
    known = [index for index, one in enumerate(lost) if one is not None]
    if known:
        told = np.stack([one for one in lost if one is not None])
        relative = told - told.mean(axis=0, dtype=np.float32)
        whole[known, 1:, 3 * STATISTICS :] = np.concatenate([told, relative], axis=-1)
    return whole


def _same_scene(brightness: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which images show what most of them show, (N,)."""
    centred = brightness.astype(np.float64) - brightness.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    unit = centred / np.maximum(length, 1e-9)
    likeness = unit @ unit.T
    liked = (likeness >= _LEAST_LIKENESS).sum(axis=1) + likeness.mean(axis=1) / 2
    return np.asarray(likeness[int(liked.argmax())] >= _LEAST_LIKENESS)


def mirrored(statistics: NDArray[Any]) -> NDArray[Any]:
    """Return the statistics of the same places in the mirrored image.

    Only the directions of edges change; the order of the cells is left as it is. Block borders are
    taken to stay where they are.

    Args:
        statistics: (..., 1 + C, STATISTICS or TOKEN_STATISTICS), first the framing, then of the
            cells.
    """
    out = statistics.copy()
    for start in _sets_of(out):
        told = slice(start, start + FRAMING)
        out[..., 0, told] = mirrored_framing(statistics[..., 0, told])
    out[..., 1:, :] = _mirrored_cells(statistics[..., 1:, :])
    return out


def _mirrored_cells(statistics: NDArray[Any]) -> NDArray[Any]:
    out = statistics.copy()
    bins = len(_BINS_DEG) - 1
    for start in _sets_of(out):
        last = start + STATISTICS - 1
        for end in (last - bins, last):
            out[..., end - bins : end] = statistics[..., end - bins : end][..., ::-1]
    return out


def _sets_of(statistics: NDArray[Any]) -> range:
    """Return where own statistics begin, and differences of the same numbers."""
    return range(0, statistics.shape[-1] - STATISTICS + 1, STATISTICS)


class _Grid:
    """Which blocks lie in which cell of a coarse grid, by their centres; means over the cells."""

    def __init__(
        self,
        blocks: tuple[int, ...],
        size: tuple[int, ...],
        cells: tuple[int, int],
        block_px: int,
    ) -> None:
        self.row_starts = _starts(blocks[0], size[0], cells[0], block_px)
        self.column_starts = _starts(blocks[1], size[1], cells[1], block_px)
        # A cell smaller than a block has the nearest one, which is also what `reduceat` takes then.
        down = np.maximum(np.diff(np.r_[self.row_starts, blocks[0]]), 1)
        across = np.maximum(np.diff(np.r_[self.column_starts, blocks[1]]), 1)
        self.counts = (down[:, None] * across[None, :]).astype(np.float32)
        self.row_ends = self.row_starts + down
        self.column_ends = self.column_starts + across

    def sum(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return sums over the cells of (block rows, block columns, k), (rows, columns, k)."""
        by_row = np.add.reduceat(values, self.row_starts, axis=0)
        total: NDArray[np.float32] = np.add.reduceat(by_row, self.column_starts, axis=1)
        return total

    def mean(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return means over the cells."""
        mean: NDArray[np.float32] = self.sum(values) / self.counts[..., None]
        return mean


def _starts(blocks: int, size: int, cells: int, block_px: int) -> NDArray[np.intp]:
    """Return the first block of each cell along one side; every cell has at least one."""
    centres = (np.arange(blocks) + 0.5) * block_px
    cell = np.minimum((centres * cells / size).astype(np.intp), cells - 1)
    starts = np.searchsorted(cell, np.arange(cells))
    return np.minimum(starts, blocks - 1)


def _padded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image or a plane with its right and bottom repeated up to whole blocks of both."""
    height, width = pixels.shape[:2]
    missing = (-height % (2 * _BLOCK), -width % (2 * _BLOCK))
    if missing == (0, 0):
        return pixels
    more = ((0, missing[0]), (0, missing[1]), (0, 0))[: pixels.ndim]
    return np.pad(pixels, more, mode="edge")


def _planes(channels: Channels) -> tuple[NDArray[np.uint8], list[NDArray[np.uint8]]]:
    """Return luma (H, W), and both chroma planes at half resolution (H/2, W/2), grey levels."""
    chroma = (PILImage.fromarray(_padded(plane)) for plane in (channels.blue, channels.red))
    return _padded(channels.luma), [np.asarray(plane.reduce(2)) for plane in chroma]


def _dct() -> NDArray[np.float32]:
    """Return the orthonormal 2-D DCT-II of flattened 8 x 8 blocks, (64 pixels, 64)."""
    n = np.arange(_BLOCK)
    matrix = np.cos(np.pi / _BLOCK * (n[None, :] + 0.5) * n[:, None]) * np.sqrt(2 / _BLOCK)
    matrix[0] /= np.sqrt(2)
    return np.kron(matrix, matrix).T.astype(np.float32)


_DCT = _dct()


def _groups(bands: tuple[float, ...], *, oriented: bool) -> NDArray[np.float32]:
    """Return which coefficients each group averages, (64, groups), columns that sum to 1."""
    down, across = np.mgrid[:_BLOCK, :_BLOCK].reshape(2, -1)
    radius = np.hypot(down, across)
    masks = []
    for low, high in zip(bands[:-1], bands[1:], strict=True):
        band = (radius >= low) & (radius < high)
        if oriented:
            masks += [
                band & (across > 2 * down),
                band & (down > 2 * across),
                band & (across <= 2 * down) & (down <= 2 * across),
            ]
        else:
            masks.append(band)
    groups: NDArray[np.float32] = np.stack(masks, axis=1).astype(np.float32)
    groups /= groups.sum(axis=0)
    return groups


def _block_energies(plane: NDArray[np.uint8], groups: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean squared coefficient of each group in each block, (rows, columns, groups).

    A few rows of blocks at a time, as everywhere here: what lies between stays in the processor's
    cache, and no large arrays come and go, for which threads wait. And in products so small that
    the linear algebra library leaves each to one thread. Images are shared among threads already,
    and more of them only wait for each other, busily.
    """
    rows, columns = plane.shape[0] // _BLOCK, plane.shape[1] // _BLOCK
    energies = np.empty((rows, columns, groups.shape[1]), np.float32)
    for top in range(0, rows, _ROWS_AT_ONCE):
        strip = plane[top * _BLOCK : (top + _ROWS_AT_ONCE) * _BLOCK, : columns * _BLOCK]
        strip = strip[: len(strip) // _BLOCK * _BLOCK].astype(np.float32)
        blocks = strip.reshape(-1, _BLOCK, columns, _BLOCK)
        flat = blocks.transpose(0, 2, 1, 3).reshape(-1, _BLOCK * _BLOCK)
        few = flat.reshape(-1, math.gcd(len(flat), _BLOCKS_AT_ONCE), _BLOCK * _BLOCK)
        found = np.square(few @ _DCT) @ groups
        energies[top : top + _ROWS_AT_ONCE] = found.reshape(len(blocks), columns, -1)
    return energies


def _percentiles(grid: _Grid, logs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the 10th and 90th percentile over each cell of the two highest bands, 4 numbers."""
    bands = np.stack(
        [logs[..., -6:-3].mean(axis=2, dtype=np.float32), logs[..., -3:].mean(axis=2)], axis=2
    )
    down, across = grid.row_ends - grid.row_starts, grid.column_ends - grid.column_starts
    out = np.empty((len(down), len(across), 4), np.float32)
    for height in np.unique(down):  # cells of one size at once
        rows = np.flatnonzero(down == height)
        tops = grid.row_starts[rows][:, None] + np.arange(height)
        for width in np.unique(across):
            columns = np.flatnonzero(across == width)
            lefts = grid.column_starts[columns][:, None] + np.arange(width)
            cells = bands[tops[:, None, :, None], lefts[None, :, None, :]]
            values = cells.reshape(len(rows), len(columns), -1, 2)
            low = values.shape[2] // 10
            high = values.shape[2] - 1 - low
            ordered = np.partition(values, (low, high), axis=2)
            both = np.concatenate([ordered[:, :, low], ordered[:, :, high]], axis=2)
            out[rows[:, None], columns] = both
    return out


def _chroma(
    planes: Sequence[NDArray[np.uint8]], size: tuple[int, ...], cells: tuple[int, int]
) -> NDArray[np.float32]:
    groups = _groups(_CHROMA_BANDS, oriented=False)
    energies = np.concatenate([_block_energies(plane, groups) for plane in planes], axis=2)
    grid = _Grid(energies.shape[:2], size, cells, 2 * _BLOCK)
    return np.concatenate(
        [grid.mean(np.log(energies + _FLOOR)) / 2.0, np.log(grid.mean(energies) + _FLOOR) / 2.5],
        axis=2,
    )


def _shares(image: Image, luma: NDArray[np.uint8], grid: _Grid) -> NDArray[np.float32]:
    """Return square roots of three shares of pixels and the strength of block borders."""
    rows = _ROWS_AT_ONCE * _BLOCK
    starts = range(0, len(luma), rows)
    parts = [_shares_of_blocks(image[at : at + rows], luma[at : at + rows]) for at in starts]
    shares = np.concatenate(parts)
    at_border, within = grid.mean(shares[..., 3:4]), grid.mean(shares[..., 4:])
    blockiness = np.log((at_border + 0.2) / (within + 0.2))
    return np.concatenate([2 * np.sqrt(grid.mean(shares[..., :3])), 2 * blockiness], axis=2)


def _shares_of_blocks(image: Image, luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return three shares of pixels in each block, and mean steps at its border and inside.

    Every second row (and for clipping every second pixel) is looked at: enough for a share.
    """
    thinned = image[::2, ::2]
    brightest = np.maximum(np.maximum(thinned[..., 0], thinned[..., 1]), thinned[..., 2])
    grey = luma[::2].astype(np.float32)
    steps = np.abs(np.diff(grey, axis=1, append=grey[:, -1:]))
    steps[:, -1] = 1.0  # nothing lies to the right of the last column
    every = _block_mean(steps, _BLOCK // 2, _BLOCK)
    border = _block_mean(steps[:, _BLOCK - 1 :: _BLOCK], _BLOCK // 2, 1)
    return np.stack(
        [
            _block_mean(brightest >= 254, _BLOCK // 2, _BLOCK // 2),
            _block_mean(brightest <= 2, _BLOCK // 2, _BLOCK // 2),
            _block_mean(steps == 0, _BLOCK // 2, _BLOCK),
            border,
            (every * _BLOCK - border) / np.float32(_BLOCK - 1),
        ],
        axis=2,
    )


def _block_mean(plane: NDArray[Any], down: int, across: int) -> NDArray[np.float32]:
    """Return means over blocks of down x across pixels."""
    strips = plane.reshape(plane.shape[0] // down, down, -1).sum(axis=1, dtype=np.float32)
    total = strips[:, ::across].copy()
    for column in range(1, across):  # several times as fast as a sum over a short axis
        total += strips[:, column::across]
    mean: NDArray[np.float32] = total / np.float32(down * across)
    return mean


def _directions(luma: NDArray[np.uint8], grid: _Grid) -> NDArray[np.float32]:
    """Return the histogram of edge directions about the axes and the log strength, 27 numbers.

    Directions come from the structure tensor of each block (the image halved, central differences),
    weighted by strength and by how much of it is of one direction.
    """
    rows, last = _ROWS_AT_ONCE * _BLOCK // 2, len(luma) // 2
    strips = []
    for top in range(0, last, rows):  # with a row more on either side where there is one
        first, end = max(0, top - 1), min(last, top + rows + 1)
        half = halved(luma[2 * first : 2 * end])
        strips.append(_tensor(half, top - first, min(rows, last - top)))
    xx, yy, xy = np.concatenate(strips, axis=1)
    off_axis, horizontal, weight = edge_directions(xx, yy, xy, least=1.0)
    bins = len(_BINS_DEG) - 1
    index = np.clip(np.searchsorted(_BINS_DEG, off_axis, side="right") - 1, 0, bins - 1)
    votes = np.zeros((*off_axis.shape, 2 * bins), np.float32)
    np.put_along_axis(votes, (index + bins * horizontal)[..., None], weight[..., None], axis=2)
    sums = grid.sum(votes)
    total = sums.sum(axis=2, keepdims=True)
    shares = np.sqrt(sums / (total + grid.counts[..., None]))
    level = (np.log1p(total / grid.counts[..., None]) - 1.5) / 1.5
    return np.concatenate([3 * shares, level], axis=2).astype(np.float32)


def _tensor(half: NDArray[np.float32], skip: int, rows: int) -> NDArray[np.float32]:
    """Return the structure tensor (xx, yy, xy) of the blocks in some rows of a halved plane."""
    down, across = np.zeros_like(half), np.zeros_like(half)
    down[1:-1] = half[2:] - half[:-2]
    across[:, 1:-1] = half[:, 2:] - half[:, :-2]
    down, across = down[skip : skip + rows], across[skip : skip + rows]
    return np.stack([_block_mean(one, 4, 4) for one in (across**2, down**2, across * down)])
