"""Majorities that go in circles: A beats B, B beats C, C beats A."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.ballots import Ballots

__all__ = ["Cycles", "find_cycles"]

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cycles:
    """The circles of the majority tournament.

    Attributes:
        triads: (T, 3), images of each circular triad, in the order of who beats whom (Kendall and
            Babington Smith, Biometrika 31, 1940).
        judged: (S,), triads of each series with a majority on all three pairs.
        components: images of each strongly connected component of over one image: among these,
            everyone beats everyone else at least around some circle.
        series: (T,), of each triad.
    """

    triads: _Ints
    judged: _Ints
    components: tuple[tuple[int, ...], ...]
    series: _Ints


def find_cycles(ballots: Ballots) -> Cycles:
    """Return the circles among majorities of votes; an even pair has no majority."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pairs, unit = np.unique(ballots.pair, return_inverse=True)
    net = np.bincount(unit, 1 - ballots.outcome, len(pairs))
    first, second = pairs // max(ballots.images, 1), pairs % max(ballots.images, 1)
    decided = net != 0
    winner = np.where(net > 0, first, second)[decided]
    loser = np.where(net > 0, second, first)[decided]
    graph = csr_array((np.ones(len(winner), np.int64), (winner, loser)), (ballots.images,) * 2)
    _, component = connected_components(graph, directed=True, connection="strong")
    circular = np.bincount(component)[component] > 1
    members: dict[int, list[int]] = {}
    for image in np.flatnonzero(circular).tolist():
        members.setdefault(int(component[image]), []).append(image)
    triads = [triad for images in members.values() for triad in _triads(graph, images)]
    found = np.array(triads, np.int64).reshape(-1, 3)
    return Cycles(
        triads=found,
        judged=_judged(ballots, graph),
        components=tuple(tuple(images) for images in members.values()),
        series=np.searchsorted(ballots.offsets, found[:, 0], side="right") - 1,
    )


def _triads(graph: object, images: list[int]) -> list[tuple[int, int, int]]:
    """Return the circular triads among some images, each once."""
    beats = graph[images][:, images].toarray() > 0  # type: ignore[index]
    found = []
    for a in range(len(images)):
        for b, c in np.argwhere(beats[a][:, None] & beats & beats[:, a][None, :]).tolist():
            if a < b and a < c:
                found.append((images[a], images[b], images[c]))
    return found


def _judged(ballots: Ballots, graph: object) -> _Ints:
    """Count triangles of decided pairs in each series: trace of the cube of the graph, by 6."""
    either = graph + graph.T  # type: ignore[attr-defined]
    through = ((either @ either) * either).sum(axis=1)
    per_series = np.bincount(ballots.series_of_image, through, len(ballots.sizes))
    counts: _Ints = np.rint(per_series / 6).astype(np.int64)
    return counts
