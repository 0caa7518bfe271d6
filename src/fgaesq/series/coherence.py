"""What an image shows that the others of its series do not: coherence lost, cell by cell.

Of two frames of one scene, the one with more fine structure may be the sharper one or the noisier
one; its energy does not tell which. Coherence does: where one frame is the other, blurred,
sharpened, faded or darkened, the ratio of both is the same all over a cell at each frequency, and
they are coherent. Noise, made-up texture, garbled detail and what moved are not in the other frame.

The coherence is Welch's (The use of fast Fourier transform for the estimation of power spectra,
IEEE Transactions on Audio and Electroacoustics 15(2), 1967), over blocks of 8 x 8 px of a cell. A
shift by a part of a pixel turns the phases of all blocks alike and leaves it as it is. A larger one
is seen in them, and the blocks are taken anew where they belong: frames of a hand-held burst are
turned against each other, and near and far things move apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.series.luma import Channels, Plane, halved

__all__ = ["UNSHARED", "unshared"]

_BLOCK = 8
_MOST_BLOCKS = 7  # along each side of a cell, as far apart as they can be
_RADII = (0.9, 1.6, 2.6, 3.6, 6.0)  # between the bands of frequency
_OF_CHROMA = (1, 3)  # bands; both planes at half resolution
_OF_OVERVIEW = (0, 1, 2)  # likewise; luma at the size of `_OVERVIEW_PX`
_OVERVIEW_PX = 400
_LEAST_PX = 64
_FLOOR = 1.0  # of power, in squared grey levels: less than this is the same in both
_OVERVIEW_FLOOR = 2.0
_SURE = 0.25  # coherence of the coarsest band by which a shift is believed
_FOLLOWED = 3  # times that a shift is looked for, each within half a block
_MOST_COMPARED = 11  # images that others are compared with

UNSHARED = len(_RADII) - 1 + len(_OF_CHROMA) + len(_OF_OVERVIEW)
"""How many numbers there are for a cell."""

_Spectra: TypeAlias = NDArray[np.complex64]  # of blocks: (..., cells, blocks, frequencies)
_Shifts: TypeAlias = NDArray[np.int64]  # of cells, down and across, in pixels of the luma


def unshared(
    part_of: Callable[[int], Channels],
    number: int,
    rows: int,
    columns: int,
    *,
    parallel: Callable[..., Iterable[Any]] = map,
) -> NDArray[np.float32]:
    """Return how much of the structure in each cell an image does not share with the others.

    The cost is linear in the number of images: of more than eleven, each is compared with eleven.

    Args:
        part_of: gives what each image shows of the same part of the scene, to within a pixel or two
            in the middle (`shared_boxes`); all of equal shape. Asked when it is needed, so that not
            all need be there at once.
        number: of images, two or more. Those that others are compared with depend on the order,
            which should be a function of their content.
        rows: of the grid of cells that covers the part.
        columns: likewise.
        parallel: does what `map` does, for work on one image at a time.

    Returns:
        (N, rows * columns, UNSHARED) float32, 0 (all of it is shared) to 1, in raster order: the
        mean over the other images of the root of 1 - coherence, for four bands of the luma from
        coarse to fine, two of the chroma, and three of the luma of the reduced frame; rounded to
        float16, as training keeps them. All 0 for a part of less than 64 px on a side.
    """
    grid, luma = (rows, columns), part_of(0).luma
    if min(luma.shape) < _LEAST_PX:
        return np.zeros((number, rows * columns, UNSHARED), np.float32)
    first = _spectra(luma, grid)
    among = np.linspace(0, number - 1, min(number, _MOST_COMPARED)).astype(int).tolist()
    followed = list(parallel(lambda index: _followed(part_of(index), grid, first), among))
    known = [np.stack(planes) for planes in zip(*followed, strict=True)]

    def lost(index: int) -> NDArray[np.float32]:
        """Return how much an image does not share with those that are known, (cells, UNSHARED)."""
        own = [plane[None] for plane in _followed(part_of(index), grid, first)]
        mean: NDArray[np.float32] = _lost(own, known)[0].mean(axis=0, dtype=np.float32)
        return mean

    pairs = _lost(known, known, parallel)
    pairs[np.arange(len(among)), np.arange(len(among))] = 0
    told = dict(zip(among, pairs.sum(axis=1, dtype=np.float32) / (len(among) - 1), strict=True))
    others = [index for index in range(number) if index not in told]
    told |= zip(others, parallel(lost, others), strict=True)
    whole = np.stack([told[index] for index in range(number)])
    return whole.astype(np.float16).astype(np.float32)


def _followed(part: Channels, grid: tuple[int, int], first: _Spectra) -> list[_Spectra]:
    """Return the spectra of an image's planes where its cells show what those of the first do."""
    spectra, shifts = _follow(part.luma, grid, first)
    chroma = (halved(plane) for plane in (part.blue, part.red))
    overview = _spectra(_overview(part.luma), grid)
    return [spectra, *(_spectra(plane, grid, shifts // 2) for plane in chroma), overview]


def _lost(
    own: Sequence[_Spectra],
    other: Sequence[_Spectra],
    parallel: Callable[..., Iterable[Any]] = map,
) -> NDArray[np.float32]:
    """Return the root of 1 - coherence of images with others, (N, M, cells, UNSHARED)."""
    floors = (_FLOOR, _FLOOR, _FLOOR, _OVERVIEW_FLOOR)
    luma, blue, red, overview = parallel(_coherence, own, other, floors)
    chroma = np.minimum(blue, red)[..., _OF_CHROMA]
    shared = np.concatenate([luma, chroma, overview[..., _OF_OVERVIEW]], axis=-1)
    lost: NDArray[np.float32] = np.sqrt(1 - shared)
    return lost


def _overview(luma: NDArray[np.uint8]) -> Plane:
    """Return the luma of the reduced frame, not below the size of a block, nor enlarged."""
    share = _OVERVIEW_PX / max(luma.shape)
    height, width = (min(side, max(_BLOCK, round(side * share))) for side in luma.shape)
    pil = PILImage.fromarray(luma).convert("F")
    return np.asarray(pil.resize((width, height), PILImage.Resampling.BOX))


def _basis() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the Fourier basis of a block under a sine window, (64, F * 2), and frequencies (2, F).

    Of each two frequencies that are conjugate for real blocks, one; not the mean.
    """
    n = np.arange(_BLOCK)
    window = np.sin(np.pi * (n + 0.5) / _BLOCK)
    down, across = (one.ravel() for one in np.mgrid[:_BLOCK, :_BLOCK])
    own, twin = down * _BLOCK + across, -down % _BLOCK * _BLOCK + -across % _BLOCK
    kept = (own <= twin) & (own > 0)
    frequencies = np.stack([down[kept], across[kept]])
    turns = n[:, None, None] * frequencies[0] + n[None, :, None] * frequencies[1]
    basis = (window[:, None] * window)[..., None] * np.exp(-2j * np.pi / _BLOCK * turns) / _BLOCK
    parts = basis.reshape(_BLOCK * _BLOCK, -1).astype(np.complex64).view(np.float32)
    return parts, frequencies  # real and imaginary parts in turn


_BASIS, _FREQUENCIES = _basis()
_RADIUS = np.hypot(*np.minimum(_FREQUENCIES, _BLOCK - _FREQUENCIES))
_BANDS = [
    (low <= _RADIUS) & (high > _RADIUS) for low, high in zip(_RADII[:-1], _RADII[1:], strict=True)
]
_SLOWEST = [_FREQUENCIES.T.tolist().index(one) for one in ([1, 0], [0, 1])]


def _spectra(plane: NDArray[Any], grid: tuple[int, int], shifts: _Shifts | None = None) -> _Spectra:
    """Return the spectra of blocks of each cell, (cells, blocks, F), taken where it is shifted to.

    Where cells are small, blocks overlap.
    """
    down, across = (
        _block_starts(length, cells) for length, cells in zip(plane.shape, grid, strict=True)
    )
    tops, lefts = down.repeat(grid[1], axis=0), np.tile(across, (grid[0], 1))
    if shifts is not None:
        tops = np.clip(tops + shifts[:, :1], 0, plane.shape[0] - _BLOCK)
        lefts = np.clip(lefts + shifts[:, 1:], 0, plane.shape[1] - _BLOCK)
    windows = np.lib.stride_tricks.sliding_window_view(plane, (_BLOCK, _BLOCK))
    blocks = windows[tops[:, :, None], lefts[:, None, :]]
    flat = blocks.reshape(len(tops), -1, _BLOCK * _BLOCK).astype(np.float32)
    flat = flat - flat.mean(axis=2, keepdims=True)
    # A product per cell: so small that the linear algebra library leaves it to one thread.
    spectra: _Spectra = (flat @ _BASIS).view(np.complex64)
    return spectra


def _block_starts(length: int, cells: int) -> NDArray[np.int64]:
    """Return where the blocks of each cell begin along one side, (cells, blocks)."""
    cell = length / cells
    number = int(np.clip(cell // _BLOCK, 1, _MOST_BLOCKS))
    middles = np.arange(cells)[:, None] * cell + (np.arange(number) + 0.5) * cell / number
    return np.clip(np.rint(middles - _BLOCK / 2).astype(np.int64), 0, length - _BLOCK)


def _follow(
    luma: NDArray[np.uint8], grid: tuple[int, int], other: _Spectra
) -> tuple[_Spectra, _Shifts]:
    """Return the spectra of each cell where it shows what it shows in the other image.

    Returns:
        The spectra, and by how much the cells are shifted, (cells, 2).
    """
    shifts = np.zeros((grid[0] * grid[1], 2), np.int64)
    spectra = _spectra(luma, grid)
    band = _BANDS[0]
    for _ in range(_FOLLOWED):
        cross = np.einsum("cbf,cbf->cf", spectra, other.conj()) / np.float32(spectra.shape[1])
        phases = np.angle(cross[:, _SLOWEST])
        found = np.rint(-phases * _BLOCK / (2 * np.pi)).astype(np.int64)
        power = np.sqrt(_power(spectra) * _power(other))[:, band].sum(axis=1)
        sure = np.abs(cross[:, band]).sum(axis=1) > _SURE * (power + _FLOOR * band.sum())
        found *= sure[:, None]
        if not found.any():
            break
        shifts += found
        spectra = _spectra(luma, grid, shifts)
    return spectra, shifts


def _coherence(own: _Spectra, other: _Spectra, floor: float) -> NDArray[np.float32]:
    """Return the coherence (not squared) of N images with M in each band, (N, M, cells, bands).

    Less what independent blocks would have by chance; 1 where there is no more than `floor`.
    """
    blocks = np.float32(own.shape[2])
    cross = own.transpose(1, 3, 0, 2) @ other.conj().transpose(1, 3, 2, 0)  # (cells, F, N, M)
    square = np.abs(cross / blocks) ** 2
    product = (
        _power(own).transpose(1, 2, 0)[..., None] * _power(other).transpose(1, 2, 0)[:, :, None]
    )
    if blocks > 1:
        square = np.maximum(square - product / blocks, 0) / (1 - 1 / blocks)
    bands = []
    for band in _BANDS:
        least = np.float32(floor * band.sum())
        common, whole = (np.sqrt(part[:, band]).sum(axis=1) + least for part in (square, product))
        bands.append(np.minimum(common / whole, 1))
    return np.stack(bands, axis=-1).transpose(1, 2, 0, 3).astype(np.float32)


def _power(spectra: _Spectra) -> NDArray[np.float32]:
    """Return the mean power over the blocks, (..., cells, F)."""
    power: NDArray[np.float32] = np.mean(spectra.real**2 + spectra.imag**2, axis=-2)
    return power
