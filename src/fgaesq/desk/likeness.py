"""How alike two photos look, from a fingerprint of about 1.2 kB each, and how they overlap.

A fingerprint keeps a small version of the photo: lightness on 32 x 32 squares, colour and sharpness
on 8 x 8. Two photos are compared by the correlation of their *structure*: lightness less its local
mean, divided by its local contrast, so that neither exposure nor broad light and dark count. The
photos are shifted against each other by up to 6 squares (19 % of a side), because hands shake and
people step aside; the best shift counts. The correlation of what overlaps under every shift at once
follows from one Fourier transform and sums over rectangles (Lewis, "Fast normalized
cross-correlation", 1995). Where there is hardly any structure (fog, a black frame), light and
colour decide instead; and where they lie quite differently in the frame, likeness is lower.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.errors import InputError
from fgaesq.types import Image

__all__ = [
    "CELLS",
    "SQUARES",
    "Fingerprint",
    "Fingerprints",
    "Overlap",
    "fingerprint",
    "likeness",
    "overlap",
    "pair_likeness",
    "pair_overlap",
]

SQUARES: Final = 32
"""Squares per side on which lightness is kept."""

CELLS: Final = 8
"""Cells per side on which colour and sharpness are kept."""

_READ_PX: Final = 512  # long side on which fingerprints are taken: sharpness depends on it
_SMOOTH: Final = 0.7  # sigma in squares; a shift of half a square shall cost little
_LOCAL: Final = 2.5  # sigma in squares of the surround that is subtracted
_FLAT_LEVELS: Final = 4.0  # contrast in levels of 255 below which structure fades out
_QUANTUM: Final = 1 / 40  # structure is kept as int8 multiples of it
_REACH: Final = 6  # squares that photos are shifted at most to look alike
_FAR: Final = 27  # squares that they are shifted at most to overlap, along one side
_ASIDE: Final = 5  # and along the other
_BARE: Final = 0.02  # variance of structure at which light and colour count as much
_BLOCK: Final = 1024  # pairs compared at once: about 60 MB
_HEAD: Final = struct.Struct("<Bf")
_VERSION: Final = 1
_BYTES: Final = _HEAD.size + SQUARES * SQUARES + 3 * CELLS * CELLS

_Grid: TypeAlias = NDArray[np.float32]
_Shifts: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What is kept of a photo's look.

    Attributes:
        light: (32, 32) uint8, mean luma (sRGB levels) of each square; the frame is squeezed.
        colour: (8, 8, 2) int8, mean chroma Cb - 128 and Cr - 128 of each cell.
        sharpness: (8, 8) uint8, 16 times log2(1 + the mean step of luma between neighbours at
            512 px) of each cell.
        aspect: width / height of the photo.
    """

    light: NDArray[np.uint8]
    colour: NDArray[np.int8]
    sharpness: NDArray[np.uint8]
    aspect: float

    @property
    def brightness_ev(self) -> float:
        """Mean light in stops, 0 for white: 1 less for half the light."""
        linear = float(((self.light / 255.0) ** 2.2).mean())
        return float(np.log2(max(linear, 1e-4)))

    def to_bytes(self) -> bytes:
        """Return it as 1,221 bytes, to be stored."""
        parts = (self.light, self.colour, self.sharpness)
        return _HEAD.pack(_VERSION, self.aspect) + b"".join(part.tobytes() for part in parts)

    @classmethod
    def from_bytes(cls, content: bytes) -> Fingerprint:
        """Return the fingerprint stored in `content`.

        Raises:
            InputError: it is none, or one of another version; the photo has to be read again.
        """
        if len(content) != _BYTES or content[0] != _VERSION:
            raise InputError(
                f"a stored fingerprint has {len(content)} bytes of version {content[:1].hex()}, "
                f"not {_BYTES} of version {_VERSION:02x}; read the photo again"
            )
        _, aspect = _HEAD.unpack_from(content)
        values = np.frombuffer(content, np.uint8, offset=_HEAD.size)
        light, colour, sharpness = np.split(values, np.cumsum([SQUARES**2, 2 * CELLS**2]))
        return cls(
            light.reshape(SQUARES, SQUARES),
            colour.view(np.int8).reshape(CELLS, CELLS, 2),
            sharpness.reshape(CELLS, CELLS),
            aspect,
        )


@dataclass(frozen=True, slots=True)
class Overlap:
    """How one photo continues another.

    Attributes:
        down, right: where the second photo's frame lies from the first's, in shares of the height
            and the width: right .4 means that it shows what is 40 % further to the right.
        confidence: 0 to 1, a lower bound of the correlation of what overlaps.
    """

    down: float
    right: float
    confidence: float


class Fingerprints:
    """The fingerprints of many photos, ready to be compared: about 2.3 kB each.

    Attributes:
        structure: (n, 32, 32) int8, multiples of 1/40.
        light: (n, 8, 8) uint8.
        colour: (n, 8, 8, 2) int8.
        sharpness: (n, 8, 8) uint8.
        brightness_ev: (n,) float32.
    """

    def __init__(self, prints: Sequence[Fingerprint]) -> None:
        n = len(prints)
        self.structure = np.empty((n, SQUARES, SQUARES), np.int8)
        self.light = np.empty((n, CELLS, CELLS), np.uint8)
        self.colour = np.empty((n, CELLS, CELLS, 2), np.int8)
        self.sharpness = np.empty((n, CELLS, CELLS), np.uint8)
        self.brightness_ev = np.empty(n, np.float32)
        for block in _blocks(n):
            some = prints[block]
            light = np.stack([one.light for one in some])
            self.structure[block] = np.rint(_structure(light) / _QUANTUM).clip(-127, 127)
            side = SQUARES // CELLS
            self.light[block] = light.reshape(-1, CELLS, side, CELLS, side).mean((2, 4))
            self.colour[block] = [one.colour for one in some]
            self.sharpness[block] = [one.sharpness for one in some]
            self.brightness_ev[block] = [one.brightness_ev for one in some]

    def __len__(self) -> int:
        return len(self.structure)


def fingerprint(image: Image) -> Fingerprint:
    """Return the fingerprint of a photo, from about 512 px on; larger ones are reduced first."""
    picture = PILImage.fromarray(image)
    height, width = image.shape[:2]
    if max(height, width) > _READ_PX:
        picture.thumbnail((_READ_PX, _READ_PX), PILImage.Resampling.BOX)
    luma, *chroma = picture.convert("YCbCr").split()
    light = luma.resize((SQUARES, SQUARES), PILImage.Resampling.BOX)
    cells = [band.resize((CELLS, CELLS), PILImage.Resampling.BOX) for band in chroma]
    colour = np.stack([np.asarray(cell, np.int16) - 128 for cell in cells], axis=-1)
    return Fingerprint(
        np.asarray(light, np.uint8),
        colour.astype(np.int8),
        _sharpness(np.asarray(luma, np.int16)),
        width / height,
    )


def likeness(first: Fingerprint, second: Fingerprint) -> float:
    """Return how alike two photos look, 0 to 1; the same both ways.

    Measured on photos: different scenes .14 in the middle and .42 in one of 1,000 pairs; frames of
    an unsteady hand over .8 in 99 of 100.
    """
    return float(pair_likeness(Fingerprints([first, second]), [0], [1])[0][0])


def overlap(first: Fingerprint, second: Fingerprint) -> Overlap:
    """Return how the second photo continues the first, along one side mainly."""
    (down, right), confidence = pair_overlap(Fingerprints([first, second]), [0], [1])
    return Overlap(float(down[0]), float(right[0]), float(confidence[0]))


def pair_likeness(
    prints: Fingerprints,
    first: Sequence[int] | NDArray[np.intp],
    second: Sequence[int] | NDArray[np.intp],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the likeness of many pairs, and by how far their frames are shifted.

    Args:
        prints: of all photos.
        first: positions in `prints`, (P,); one against many is one of them repeated.
        second: likewise.

    Returns:
        The likeness, (P,) float32 in [0, 1], and the longer part of the shift that gives it, (P,)
        float32, in shares of the frame's side.
    """
    first, second = np.asarray(first, np.intp), np.asarray(second, np.intp)
    alike = np.empty(len(first), np.float32)
    shift = np.empty(len(first), np.float32)
    shifts = _near_shifts()
    for block in _blocks(len(first)):
        one, other = first[block], second[block]
        correlation, bare = _correlations(prints.structure, one, other, shifts)
        looks = correlation + bare * _tone(prints, one, other)[:, None]
        best = looks.argmax(1)
        structure = np.take_along_axis(looks, best[:, None], 1)[:, 0]
        alike[block] = structure * _same_layout(prints, one, other)
        shift[block] = np.abs(shifts[best]).max(1) / SQUARES
    return alike.clip(0, 1), shift


def pair_overlap(
    prints: Fingerprints,
    first: Sequence[int] | NDArray[np.intp],
    second: Sequence[int] | NDArray[np.intp],
) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]:
    """Return where the second photo of each pair lies from the first, and how sure that is.

    The bound is that of Fisher's transform of the correlation at 2.5 standard deviations, with one
    independent sample per 6 squares: a chance match of a narrow strip shall not win.

    Returns:
        (down, right) in shares of the sides and the confidence, (P,) float32 each (see `Overlap`).
    """
    first, second = np.asarray(first, np.intp), np.asarray(second, np.intp)
    place = np.empty((len(first), 2), np.float32)
    confidence = np.empty(len(first), np.float32)
    shifts = _far_shifts()
    squares = (SQUARES - np.abs(shifts)).prod(1)
    doubt = (2.5 / np.sqrt(squares / 6)).astype(np.float32)
    for block in _blocks(len(first), _BLOCK // 4):
        correlation, _ = _correlations(prints.structure, first[block], second[block], shifts)
        bound = np.tanh(np.arctanh(correlation.clip(0, 0.999)) - doubt)
        best = bound.argmax(1)
        confidence[block] = np.take_along_axis(bound, best[:, None], 1)[:, 0]
        place[block] = -shifts[best] / SQUARES
    return (place[:, 0], place[:, 1]), confidence.clip(0, 1)


def _correlations(
    structure: NDArray[np.int8],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    shifts: _Shifts,
) -> tuple[_Grid, _Grid]:
    """Correlate pairs under every shift: first[y, x] against second[y + dy, x + dx].

    Returns:
        (P, S) correlation of the overlap, its denominator enlarged by `_BARE` per square; and the
        share of the denominator that this enlargement is, 0 to 1.
    """
    some, back = np.unique(np.concatenate([first, second]), return_inverse=True)
    one, other = np.split(back, 2)
    values = structure[some].astype(np.float32) * np.float32(_QUANTUM)
    tables = _summed_area(values), _summed_area(values * values)
    size = _canvas(shifts)
    spectra = np.fft.rfft2(values, (size, size)).astype(np.complex64)
    surface = np.fft.irfft2(np.conj(spectra[one]) * spectra[other], (size, size))
    cross = surface[:, shifts[:, 0] % size, shifts[:, 1] % size]
    squares = (SQUARES - np.abs(shifts)).prod(1).astype(np.float32)
    sum_1, energy_1 = _under(tables, one, shifts, -1)
    sum_2, energy_2 = _under(tables, other, shifts, 1)
    covariance = cross - sum_1 * sum_2 / squares
    spread_1 = np.maximum(energy_1 - sum_1 * sum_1 / squares, 0)
    spread_2 = np.maximum(energy_2 - sum_2 * sum_2 / squares, 0)
    whole = np.sqrt(spread_1 * spread_2) + _BARE * squares
    return (covariance / whole).astype(np.float32), (_BARE * squares / whole).astype(np.float32)


def _summed_area(values: _Grid) -> _Grid:
    table = np.zeros((len(values), SQUARES + 1, SQUARES + 1), np.float32)
    np.cumsum(np.cumsum(values, axis=1), axis=2, out=table[:, 1:, 1:])
    return table


def _under(
    tables: tuple[_Grid, _Grid], ids: NDArray[np.intp], shifts: _Shifts, sign: int
) -> tuple[_Grid, _Grid]:
    """Return the sums over what overlaps under each shift, (P, S) each.

    Args:
        tables: summed-area tables of values and of their squares.
        ids: (P,) positions in the tables.
        shifts: (S, 2).
        sign: 1 for the photo that is read at y + dy, -1 for the other.
    """
    low = np.maximum(0, sign * shifts)
    high = SQUARES - np.maximum(0, -sign * shifts)
    (y0, x0), (y1, x1) = low.T, high.T
    values, energies = (
        (table[:, y1, x1] - table[:, y0, x1] - table[:, y1, x0] + table[:, y0, x0])[ids]
        for table in tables
    )
    return values, energies


def _tone(prints: Fingerprints, first: NDArray[np.intp], second: NDArray[np.intp]) -> _Grid:
    """Return how alike light and colour are, (P,) in [0, 1]: 1/e at 24 levels of difference."""
    light = prints.light[first].astype(np.float32) - prints.light[second]
    colour = prints.colour[first].astype(np.float32) - prints.colour[second]
    apart = np.abs(light).mean((1, 2)) + np.abs(colour).sum(3).mean((1, 2))
    alike: _Grid = np.exp(-apart / 24).astype(np.float32)
    return alike


def _same_layout(prints: Fingerprints, first: NDArray[np.intp], second: NDArray[np.intp]) -> _Grid:
    """Return by what likeness is to be multiplied for broad light and colour, (P,) in [.64, 1].

    Where they agree as they do in 95 of 100 pairs of one scene, nothing is taken away; scenes that
    share a horizon or a grid of windows seldom agree in where it is light and what colour it has.
    """
    light = np.log(prints.light[first] / 255.0 + 0.05), np.log(prints.light[second] / 255.0 + 0.05)
    one, other = (part - part.mean((1, 2), keepdims=True) for part in light)
    flat = 0.003 * CELLS * CELLS
    spread = np.sqrt((one * one).sum((1, 2)) * (other * other).sum((1, 2)))
    agreement = ((one * other).sum((1, 2)) + flat) / (spread + flat)
    hues = _hues(prints, first), _hues(prints, second)
    strength = sum(np.abs(hue).sum(3).mean((1, 2)) for hue in hues) / 2
    apart = np.abs(hues[0] - hues[1]).sum(3).mean((1, 2)) / (strength + 0.08)
    by_light, by_colour = (agreement / 0.6).clip(0, 1), ((0.95 - apart) / 0.55).clip(0, 1)
    factor: _Grid = ((0.8 + 0.2 * by_light) * (0.8 + 0.2 * by_colour)).astype(np.float32)
    return factor


def _hues(prints: Fingerprints, ids: NDArray[np.intp]) -> _Grid:
    """Return chroma as a share of the light, (P, 8, 8, 2): exposure does not change it much."""
    return prints.colour[ids] / (prints.light[ids][..., None] + np.float32(20))


def _structure(light: NDArray[np.uint8]) -> _Grid:
    """Return lightness less its local mean, by its local contrast, (n, 32, 32)."""
    smooth = _blurred(light.astype(np.float32), _SMOOTH)
    detail = smooth - _blurred(smooth, _LOCAL)
    contrast = np.sqrt(np.maximum(_blurred(detail * detail, _LOCAL), 0))
    structure: _Grid = (detail / (contrast + _FLAT_LEVELS)).astype(np.float32)
    return structure


def _blurred(grids: _Grid, sigma: float) -> _Grid:
    kernel = _kernel(sigma)
    return (kernel @ grids @ kernel.T).astype(np.float32)


@functools.cache
def _kernel(sigma: float) -> _Grid:
    """Return the matrix that blurs a column of squares; at the border it is renormalised."""
    place = np.arange(SQUARES)
    weights = np.exp(-0.5 * ((place[:, None] - place) / sigma) ** 2)
    kernel: _Grid = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return kernel


def _sharpness(luma: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the sharpness of each cell, (8, 8) uint8 (see `Fingerprint`)."""
    across = np.abs(luma[:-1, 1:] - luma[:-1, :-1])
    along = np.abs(luma[1:, :-1] - luma[:-1, :-1])
    if 0 in across.shape:  # one pixel wide or high
        return np.zeros((CELLS, CELLS), np.uint8)
    steps = PILImage.fromarray((across + along).astype(np.float32))
    mean = np.asarray(steps.resize((CELLS, CELLS), PILImage.Resampling.BOX))
    levels: NDArray[np.uint8] = np.rint(16 * np.log2(1 + mean)).clip(0, 255).astype(np.uint8)
    return levels


@functools.cache
def _near_shifts() -> _Shifts:
    """Return all shifts (dy, dx) under which photos may look alike, the smallest first."""
    steps = np.arange(-_REACH, _REACH + 1)
    every = np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
    return every[np.argsort(np.abs(every).sum(1), kind="stable")].astype(np.intp)


@functools.cache
def _far_shifts() -> _Shifts:
    """Return the shifts (dy, dx) of photos that continue each other, mainly along one side."""
    far, aside = np.arange(-_FAR, _FAR + 1), np.arange(-_ASIDE, _ASIDE + 1)
    wide = np.stack(np.meshgrid(aside, far, indexing="ij"), -1).reshape(-1, 2)
    every = np.unique(np.concatenate([wide, wide[:, ::-1]]), axis=0)
    return every[np.argsort(np.abs(every).sum(1), kind="stable")].astype(np.intp)


def _canvas(shifts: _Shifts) -> int:
    """Return the side of the transform on which no shift wraps around onto another photo."""
    return 40 if np.abs(shifts).max() <= 8 else 64


def _blocks(n: int, size: int = _BLOCK) -> Iterator[slice]:
    yield from (slice(start, min(start + size, n)) for start in range(0, n, size))
