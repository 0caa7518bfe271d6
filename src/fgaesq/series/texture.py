"""Whether images of one picture have their fine texture in common, as photos of one moment have.

Upscalers and generators that render one picture agree on its outlines and make up its texture, each
its own. Frames of a burst share it: where blur or compression took it from one, it is weaker there,
and what noise adds is in flat cells, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.series.luma import Plane, halved, smoothed, viewed_luma
from fgaesq.types import Image

__all__ = ["own_texture", "rendered_apart"]

_CELL_PX = 32
_REACH_PX = 3  # what is shifted by less than this is the same texture
_MOST_CELLS = 240
_FEWEST_CELLS = 150
_AMONG = (0.3, 0.9)  # quantiles of energy: flat cells have no texture, and outlines are alike
_LEAST_ENERGY = 1.5  # in squared grey levels
_MOST_IMAGES = 4
_FLATTEST = 0.05  # quantile of energy: what such cells have may be noise
_LEAST_OWN = 0.12  # chosen as docs/decisions/0009 says
_LEAST_LIKENESS = 0.75
_NARROW = np.array([2, 1], np.float32) / np.float32(4)
_WIDE = np.array([70, 56, 28, 8, 1], np.float32) / np.float32(256)

_Bands: TypeAlias = tuple[Plane, Plane]


def rendered_apart(parts: Sequence[Image]) -> bool:
    """Return whether no two of some images of one picture share their fine texture.

    Of more than four images, four are looked at.

    Args:
        parts: two or more of equal shape, (H, W, 3) uint8, of the same part of the scene.
    """
    step = max(1, len(parts) // _MOST_IMAGES)
    known: list[_Bands] = []
    for part in parts[::step][:_MOST_IMAGES]:
        bands = _bands(part)
        for other in known:  # frames of a burst are told by the first two
            own, likeness = _compared(other, bands)
            if own < _LEAST_OWN or likeness < _LEAST_LIKENESS:
                return False
        known.append(bands)
    return len(known) > 1


def own_texture(first: Image, second: Image) -> tuple[float, float]:
    """Return how much texture each of two images of one picture has that the other has not.

    Args:
        first: (H, W, 3) uint8.
        second: of the same shape, of the same part of the scene.

    Returns:
        Of cells that are neither flat nor outlines, at the scale of a few pixels, the share of
        energy that is not the other's: in most cells, and that no filter of the other would give;
        less what noise as strong as the flattest cells would explain (-1 to 1). And the median
        correlation at twice that scale. (0, 1) where there are few such cells.
    """
    return _compared(_bands(first), _bands(second))


def _compared(first: _Bands, second: _Bands) -> tuple[float, float]:
    energies = [_cell_energy(planes[0]) for planes in (first, second)]
    strongest = np.maximum(*energies)
    low, high = np.quantile(strongest, _AMONG) if strongest.size else (0.0, 0.0)
    chosen = (strongest > _LEAST_ENERGY) & (strongest >= low) & (strongest <= high)
    cells = np.argwhere(chosen)
    if len(cells) < _FEWEST_CELLS:
        return 0.0, 1.0
    cells = cells[:: -(-len(cells) // _MOST_CELLS)]
    alike, here, there = _matched(first[0], second[0], cells, _CELL_PX, _REACH_PX)
    coarser, _, _ = _matched(first[1], second[1], cells, _CELL_PX // 2, _REACH_PX // 2)
    weakest = np.minimum(*energies)[tuple(cells.T)]
    unlike = np.median((1 - alike**2) * weakest / strongest[tuple(cells.T)])
    own = min(unlike, _incoherent(here, there))
    noise = min(1.0, np.quantile(strongest, _FLATTEST) / np.median(strongest[chosen]))
    of_noise = 1 - (1 - noise) ** 2  # of two images that differ in nothing but their noise
    return float(own - of_noise), float(np.median(coarser))


def _incoherent(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the share of the energy of cells, (n, side, side) each, that no filter explains.

    An image that is blurred or sharpened, in whatever direction, is coherent with what it was made
    from: at each frequency, the ratio of both is the same in all cells. Of the rest the lesser
    energy counts.
    """
    fade = np.hanning(_CELL_PX + 2)[1:-1]
    window = (fade[:, None] * fade).astype(np.float32)
    one, two = (
        np.fft.rfft2(cells * window / np.sqrt((cells**2).mean(axis=(1, 2), keepdims=True) + 1e-6))
        for cells in (first, second)
    )
    scale = np.sqrt((second**2).mean() / ((first**2).mean() + 1e-9))
    power_one, power_two = ((np.abs(spectra) ** 2).mean(axis=0) for spectra in (one, two))
    cross = np.abs((one * two.conj()).mean(axis=0)) ** 2
    coherence = cross / (power_one * power_two + 1e-9)
    power_two = power_two * scale**2
    greater, lesser = np.maximum(power_one, power_two), np.minimum(power_one, power_two)
    return float(((1 - coherence) * lesser).sum() / greater.sum())


def _bands(image: Image) -> _Bands:
    """Return detail of the luma at the scale of a few pixels, and at twice that scale."""
    luma = viewed_luma(image)
    return _detail(luma), _detail(halved(luma))


def _detail(plane: Plane) -> Plane:
    detail: Plane = smoothed(plane, _NARROW) - smoothed(plane, _WIDE)
    return detail


def _cell_energy(plane: Plane) -> Plane:
    """Return the mean square of each whole cell that lies inside by the reach."""
    rows, columns = ((length - 2 * _REACH_PX) // _CELL_PX for length in plane.shape)
    if min(rows, columns) < 1:
        return np.zeros((0, 0), np.float32)
    inside = plane[_REACH_PX:, _REACH_PX:][: rows * _CELL_PX, : columns * _CELL_PX]
    square: Plane = (inside**2).reshape(rows, _CELL_PX, columns, _CELL_PX).mean(axis=(1, 3))
    return square


def _matched(
    first: Plane, second: Plane, cells: NDArray[np.int64], side: int, reach: int
) -> tuple[Plane, Plane, Plane]:
    """Return cells of one plane, where each is most alike in the other, and how much it is.

    Returns:
        The correlations (n,), the cells of `first` and those of `second`, (n, side, side) each.
    """
    windows = np.lib.stride_tricks.sliding_window_view
    tops, lefts = (reach + cells * side).T
    here = windows(first, (side, side))[tops, lefts]
    length = np.sqrt(np.einsum("nij,nij->n", here, here))
    best, matched = np.full(len(cells), -1, np.float32), here.copy()
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            there = windows(second, (side, side))[tops + down, lefts + across]
            other = np.sqrt(np.einsum("nij,nij->n", there, there))
            product = np.einsum("nij,nij->n", here, there) / (length * other + 1e-6)
            better = product > best
            best[better], matched[better] = product[better], there[better]
    return best, here, matched
