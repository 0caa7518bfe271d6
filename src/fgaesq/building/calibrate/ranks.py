"""One order per series from the posterior: ranks, and which of them are certain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.posterior import PairTable

__all__ = ["Ranks", "rank_images"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """The place of each of N images in its series.

    Attributes:
        rank: (N,), 1 is the best. Images share a rank if they cannot be told apart: going down by
            ability, an image shares the rank of the one before unless the 95 % interval of its
            difference to the first of that rank leaves out 0.
        best, worst: (N,), between which places the image lies: so many images are certainly better
            (worse), each pair by itself at 95 %.
    """

    rank: _Ints
    best: _Ints
    worst: _Ints


def rank_images(abilities: _Floats, pairs: PairTable, offsets: _Ints) -> Ranks:
    """Return the ranks of the images (N,) of all series; an image alone is of rank 1."""
    images, sizes = int(offsets[-1]), np.diff(offsets)
    rank, best, worst = (np.ones(images, np.int64) for _ in range(3))
    for size in np.unique(sizes[sizes > 1]):
        members = np.flatnonzero(sizes == size)
        places = offsets[members][:, None] + np.arange(size)
        i, j = np.triu_indices(size, 1)
        rows = np.searchsorted(pairs.series, members)[:, None] + np.arange(len(i))
        better = np.zeros((len(members), size, size), np.bool_)  # column certainly better than row
        better[:, j, i] = pairs.ends[rows, 0] > 0
        better[:, i, j] = pairs.ends[rows, 1] < 0
        best[places] = 1 + better.sum(axis=2)
        worst[places] = size - better.sum(axis=1)
        rank[places] = _shared(abilities[places], better)
    return Ranks(rank, best, worst)


def _shared(ability: _Floats, better: NDArray[np.bool_]) -> _Ints:
    """Return ranks with ties, (M, n), from abilities (M, n) and who is certainly better."""
    order = np.argsort(-ability, axis=1, kind="stable")
    series = np.arange(len(ability))
    head = order[:, 0]
    rank = np.ones_like(order)
    current = np.ones(len(ability), order.dtype)
    for place in range(1, order.shape[1]):
        image = order[:, place]
        apart = better[series, image, head]
        head = np.where(apart, image, head)
        current = np.where(apart, place + 1, current)
        rank[series, image] = current
    return rank
