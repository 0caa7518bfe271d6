"""Find photos that may look alike among very many, without comparing each with each.

A photo's *description* does not change much when the frame is shifted: the magnitudes of the low
frequencies of its structure, and its structure smoothed. Descriptions that point the same way are
found by locality-sensitive hashing with random hyperplanes (Charikar, 2002): photos on the same
side of all planes of a table share a bucket. The number of planes grows with the logarithm of the
number of photos, so that buckets stay small and the cost near-linear.
"""

from __future__ import annotations

import functools
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.likeness import SQUARES, Fingerprints

__all__ = ["alike_neighbours", "alike_anywhere", "descriptions"]

_FREQUENCIES: Final = 7
_SMOOTH: Final = 3.0  # sigma in squares
_TABLES: Final = 32
_SEED: Final = 1  # of the planes: the same groups on every machine
_CROWD: Final = 24  # of a bucket, each photo is compared with so many of the next
_MOST_PLANES: Final = 18
_SIZE: Final = _FREQUENCIES * (2 * _FREQUENCIES - 1) + 64

_Floats: TypeAlias = NDArray[np.float32]
_Pairs: TypeAlias = NDArray[np.intp]


def descriptions(prints: Fingerprints, rows: NDArray[np.intp]) -> _Floats:
    """Return unit vectors, (n, 155) float32, that are near each other where photos look alike.

    Between different scenes their product is near 0 (under .4 for 99 of 100 pairs); reframed by
    some percent it stays over .8 for 99 of 100.
    """
    every = np.empty((len(rows), _SIZE), np.float32)
    kernel = _kernel()
    usual = _usual_magnitudes()
    for start in range(0, len(rows), 1024):
        structure = prints.structure[rows[start : start + 1024]].astype(np.float32)
        magnitudes = _unit(_low(np.abs(np.fft.rfft2(structure * _window()))))
        own = magnitudes - (magnitudes @ usual)[:, None] * usual
        smooth = (kernel @ structure @ kernel.T).astype(np.float32).reshape(len(structure), -1)
        both = np.concatenate([_unit(own), _unit(smooth)], axis=1) / np.sqrt(2)
        every[start : start + len(structure)] = both
    return every


def alike_neighbours(described: _Floats, *, reach: int, least: float) -> _Pairs:
    """Return the pairs (i, j), i < j <= i + reach, whose descriptions agree at least so well."""
    found = []
    for lag in range(1, min(reach, len(described) - 1) + 1):
        product = np.einsum("nd,nd->n", described[:-lag], described[lag:])
        first = np.flatnonzero(product >= least)
        found.append(np.stack([first, first + lag], 1))
    return np.concatenate([np.empty((0, 2), np.intp), *found])


def alike_anywhere(described: _Floats, *, least: float) -> _Pairs:
    """Return most of the pairs (i, j), i < j, whose descriptions agree at least so well.

    With n photos, 32 tables of log2(n) - 3 planes: of pairs with a product of .9 it finds 99 of
    100 at n = 1,000 and 95 of 100 at n = 100,000.
    """
    n = len(described)
    planes = int(np.clip(np.log2(max(n, 2)) - 3, 4, _MOST_PLANES))
    rng = np.random.default_rng(_SEED)
    found = [np.empty(0, np.int64)]
    for _ in range(_TABLES):
        sides = described @ rng.standard_normal((_SIZE, planes), np.float32) > 0
        keys = sides @ (1 << np.arange(planes))
        pairs = _in_one_bucket(keys)
        product = np.concatenate(
            [
                np.einsum("nd,nd->n", described[part[:, 0]], described[part[:, 1]])
                for part in np.array_split(pairs, len(pairs) // 65536 + 1)
            ]
        )
        pairs = pairs[product >= least]
        found.append(pairs[:, 0].astype(np.int64) * n + pairs[:, 1])
    first, second = np.divmod(np.unique(np.concatenate(found)), n)
    return np.stack([first, second], 1).astype(np.intp)


def _in_one_bucket(keys: NDArray[np.int64]) -> _Pairs:
    """Return the pairs (i, j), i < j, of equal keys; in a crowd, each with the next 24 only."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    found = []
    for lag in range(1, min(_CROWD, len(keys) - 1) + 1):
        same = np.flatnonzero(ordered[:-lag] == ordered[lag:])
        if not len(same):
            break
        found.append(np.stack([order[same], order[same + lag]], 1))
    return np.concatenate([np.empty((0, 2), np.intp), *found])


def _low(spectrum: _Floats) -> _Floats:
    """Return the low frequencies of (n, 32, 17) magnitudes of real transforms, (n, 91)."""
    top = spectrum[:, :_FREQUENCIES, :_FREQUENCIES]
    bottom = spectrum[:, 1 - _FREQUENCIES :, :_FREQUENCIES]
    return np.concatenate([top, bottom], axis=1).reshape(len(spectrum), -1).astype(np.float32)


@functools.cache
def _usual_magnitudes() -> _Floats:
    """Return what the magnitudes of any photo are like, a unit vector: it tells nothing of one.

    Light of photos falls off as 1 / f (Field, 1987); structure leaves out the lowest frequencies.
    """
    frequency = np.hypot(np.fft.fftfreq(SQUARES)[:, None], np.fft.rfftfreq(SQUARES))
    passed = 1 - np.exp(-0.5 * (2 * np.pi * 2.5 * frequency) ** 2)
    usual = passed / np.maximum(frequency, 1 / SQUARES)
    unit: _Floats = _unit(_low(usual[None].astype(np.float32)))[0]
    return unit


@functools.cache
def _window() -> _Floats:
    """Return the taper under which a shifted frame changes its magnitudes least, (32, 32)."""
    taper = np.sqrt(np.hanning(SQUARES + 2)[1:-1])
    window: _Floats = np.outer(taper, taper).astype(np.float32)
    return window


@functools.cache
def _kernel() -> _Floats:
    """Return the matrix that smooths a column of squares and keeps every fourth, (8, 32)."""
    place = np.arange(SQUARES)
    weights = np.exp(-0.5 * ((place[:, None] - place) / _SMOOTH) ** 2)
    kernel: _Floats = (weights / weights.sum(1, keepdims=True)).astype(np.float32)[2::4]
    return kernel


def _unit(vectors: _Floats) -> _Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: _Floats = (vectors / np.maximum(length, 1e-6)).astype(np.float32)
    return unit
