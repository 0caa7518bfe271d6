"""Whether images of one picture have their fine texture in common, as photos of one moment have.

Upscalers and generators that render one picture agree on its outlines and make up its texture, each
its own. Frames of a burst share it: where blur or compression took it from one, it is weaker there.
Noise is not shared either, but it is as strong in flat cells as in textured ones, while made-up
texture is the stronger the more texture there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.series.luma import Plane, halved, smoothed, viewed_luma
from fgaesq.types import Image

__all__ = ["OwnTexture", "own_texture", "rendered_apart"]

_CELL_PX = 32
_REACH_PX = 3  # what is shifted by less than this is the same texture
_MOST_CELLS = 240
_FEWEST_CELLS = 250  # of an image of some 500 x 500 px
_FEWEST_TEXTURED = 40
_LEAST_ENERGY = 1.5  # in squared grey levels; flat cells have no texture
_OUTLINES = 0.9  # quantile of their energy above which cells are outlines, which are alike
_MOST_IMAGES = 4
_LEAST_SHARE, _LEAST_GROWTH, _LEAST_LIKENESS = 0.1, 0.6, 0.75  # docs/decisions/0009
_NARROW = np.array([2, 1], np.float32) / np.float32(4)
_WIDE = np.array([70, 56, 28, 8, 1], np.float32) / np.float32(256)
_FADE = np.outer(*[np.hanning(_CELL_PX + 2)[1:-1]] * 2).astype(np.float32)
_TINY = np.float32(1e-6)

_Bands: TypeAlias = tuple[Plane, Plane]


@dataclass(frozen=True, slots=True)
class OwnTexture:
    """What two images of one picture do not share, of cells that have structure but no outlines.

    Attributes:
        share: of the energy at the scale of a few pixels, in the upper half of these cells by
            energy, what no filter of the other image explains (0 to 1; the median).
        growth: exponent by which that grows with the energy of a cell: about 0 for noise, 1 for
            texture that each image has of its own.
        likeness: the median correlation at twice that scale, -1 to 1.
    """

    share: float
    growth: float
    likeness: float

    @property
    def made_up(self) -> bool:
        """Whether the texture is each image's own, and what is coarser is not."""
        return (
            self.share >= _LEAST_SHARE
            and self.growth >= _LEAST_GROWTH
            and self.likeness >= _LEAST_LIKENESS
        )


_NOTHING_TOLD = OwnTexture(share=0.0, growth=0.0, likeness=1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Matched:
    """Cells of one plane, and where each is most alike in another.

    Attributes:
        alike: the correlation, (n,).
        here, there: the cells of either plane, (n, side, side).
        beyond: parts of a pixel, down and across, by which the best place lies beyond, (n, 2).
    """

    alike: Plane
    here: Plane
    there: Plane
    beyond: Plane


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
            if not _compared(other, bands).made_up:
                return False
        known.append(bands)
    return len(known) > 1


def own_texture(first: Image, second: Image) -> OwnTexture:
    """Return how much texture each of two images of one picture has that the other has not.

    Args:
        first: (H, W, 3) uint8.
        second: of the same shape, of the same part of the scene.

    Returns:
        As of images that share everything where there are too few cells to tell.
    """
    return _compared(_bands(first), _bands(second))


def _compared(first: _Bands, second: _Bands) -> OwnTexture:
    energies = np.maximum(*(_cell_energy(planes[0]) for planes in (first, second)))
    if energies.size < _FEWEST_CELLS:
        return _NOTHING_TOLD
    uneven = energies > _LEAST_ENERGY
    if uneven.sum() < _FEWEST_TEXTURED:
        return _NOTHING_TOLD
    cells = np.argwhere(uneven & (energies <= np.quantile(energies[uneven], _OUTLINES)))
    cells = cells[:: -(-len(cells) // _MOST_CELLS)]
    coarser = _matched(first[1], second[1], cells, _CELL_PX // 2, _REACH_PX // 2)
    share, growth = _unexplained(_matched(first[0], second[0], cells, _CELL_PX, _REACH_PX))
    return OwnTexture(share, growth, likeness=float(np.median(coarser.alike)))


def _unexplained(matched: _Matched) -> tuple[float, float]:
    """Return `share` and `growth` of what no filter explains, as `OwnTexture` has them.

    An image that is blurred or sharpened, in whatever direction, is a filter of what it was made
    from: at each frequency, the ratio of both is the same in all cells. What is left of an image
    when the best such filter of the other is taken away is not shared. Of two images the lesser
    rest counts, since blur takes texture away and makes up none, and the lesser growth, since what
    noise hides in one is lost from the other as if that had made it up.
    """
    spectra = [np.fft.rfft2(cells * _FADE) for cells in (matched.here, matched.there)]
    spectra[1] *= _phases(matched.beyond)
    powers = [np.abs(one) ** 2 for one in spectra]
    energy = np.maximum(*(power.sum(axis=(1, 2)) for power in powers)) + _TINY
    weights = 1 / energy[:, None, None]
    means = [(power * weights).sum(axis=0) + _TINY for power in powers]
    cross = (spectra[0] * spectra[1].conj() * weights).sum(axis=0)
    rests = [
        np.abs(spectra[0] - cross / means[1] * spectra[1]) ** 2,
        np.abs(spectra[1] - cross.conj() / means[0] * spectra[0]) ** 2,
    ]
    lesser = np.where(means[0] < means[1], *rests).sum(axis=(1, 2))
    upper = energy >= np.median(energy)
    growth = min(_growth(energy, rest.sum(axis=(1, 2))) for rest in rests)
    return float(np.median(lesser[upper] / energy[upper])), growth


def _growth(energy: Plane, rest: Plane) -> float:
    """Return the exponent by which one grows with the other, by least squares; 0 for none."""
    size = np.log(energy)
    size -= size.mean()
    return float((size * np.log(rest + _TINY)).sum() / max(float((size**2).sum()), 1e-3))


def _phases(beyond: Plane) -> NDArray[np.complex64]:
    """Return what turns the spectra of cells back by parts of a pixel, (n, side, side // 2 + 1)."""
    down, across = np.fft.fftfreq(_CELL_PX), np.fft.rfftfreq(_CELL_PX)
    turns = beyond[:, :1, None] * down[:, None] + beyond[:, 1:, None] * across
    phases: NDArray[np.complex64] = np.exp(2j * np.pi * turns).astype(np.complex64)
    return phases


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
) -> _Matched:
    """Find where cells of one plane are most alike in the other."""
    windows = np.lib.stride_tricks.sliding_window_view
    tops, lefts = (reach + cells * side).T
    here = windows(first, (side, side))[tops, lefts]
    length = np.sqrt(np.einsum("nij,nij->n", here, here))
    span = 2 * reach + 1
    alike = np.empty((len(cells), span, span), np.float32)
    for down, across in np.ndindex(span, span):
        there = windows(second, (side, side))[tops + down - reach, lefts + across - reach]
        other = np.sqrt(np.einsum("nij,nij->n", there, there))
        product = np.einsum("nij,nij->n", here, there)
        alike[:, down, across] = product / (length * other + _TINY)
    down, across = np.divmod(alike.reshape(len(cells), -1).argmax(axis=1), span)
    which = np.arange(len(cells))
    there = windows(second, (side, side))[tops + down - reach, lefts + across - reach]
    beyond = (_vertex(alike[which, :, across], down), _vertex(alike[which, down], across))
    return _Matched(alike[which, down, across], here, there, np.stack(beyond, axis=1))


def _vertex(values: Plane, at: NDArray[np.int64]) -> Plane:
    """Return how far beyond a maximum the parabola through it has its own, (n,), at most 1/2.

    Args:
        values: (n, span).
        at: (n,), where each row has its maximum.
    """
    which = np.arange(len(values))
    padded = np.pad(values, ((0, 0), (1, 1)), mode="edge")
    before, most, after = (padded[which, at + step] for step in range(3))
    bend = np.minimum(before + after - 2 * most, -_TINY)
    beyond: Plane = np.clip((before - after) / (2 * bend), -0.5, 0.5)
    return beyond
