"""Covariances of the abilities of each series, and what follows for its pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.building.calibrate.davidson import sigmoid

__all__ = ["Block", "Blocks", "PairTable", "covariances", "moved", "pair_table", "spreads"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Series of one size n.

    Attributes:
        series: (M,), their numbers.
        covariance: (M, n, n), of their abilities.
    """

    series: _Ints
    covariance: _Floats


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """All series, by size."""

    blocks: tuple[Block, ...]

    def of(self, series: int) -> _Floats:
        """Return the covariance of one series, (n, n)."""
        for block in self.blocks:
            place = np.searchsorted(block.series, series)
            if place < len(block.series) and block.series[place] == series:
                covariance: _Floats = block.covariance[place]
                return covariance
        raise KeyError(series)


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """All C(n, 2) pairs of all series, in the order of series, first and second.

    Attributes:
        series, first, second: (M,), numbers as in `Ballots`.
        difference: (M,), ability of the first minus that of the second.
        error: (M,), its standard deviation.
        ends: (M, 2), its 95 % interval (`intervals`).
    """

    series: _Ints
    first: _Ints
    second: _Ints
    difference: _Floats
    error: _Floats
    ends: _Floats

    @property
    def p(self) -> _Floats:
        """P(first beats second), ties set aside."""
        return sigmoid(self.difference)

    @property
    def low(self) -> _Floats:
        """Lower end of the 95 % interval of `p`."""
        return sigmoid(self.ends[:, 0])

    @property
    def high(self) -> _Floats:
        """Upper end of the 95 % interval of `p`."""
        return sigmoid(self.ends[:, 1])


def covariances(ballots: Ballots, informations: _Floats, scale: float) -> Blocks:
    """Return the inverse of each series' information matrix (Laplace's approximation).

    Args:
        ballots: votes.
        informations: (V,), information of each vote on the difference it is about.
        scale: standard deviation of the prior of abilities.
    """
    series, sizes = ballots.series, ballots.sizes
    start = ballots.offsets[series]
    row, column = ballots.first - start, ballots.second - start
    blocks = []
    for size in np.unique(sizes[sizes > 1]):
        members = np.flatnonzero(sizes == size)
        place = np.full(len(sizes), -1)
        place[members] = np.arange(len(members))
        here = place[series] >= 0
        base, i, j = place[series[here]] * size * size, row[here], column[here]
        flat = np.bincount(base + i * size + j, informations[here], len(members) * size * size)
        weights = flat.reshape(-1, size, size)
        weights = weights + weights.transpose(0, 2, 1)
        # Of votes on none of these series `bincount` gives integers.
        precision = -weights.astype(np.float64)
        diagonal = np.arange(size)
        precision[:, diagonal, diagonal] = weights.sum(axis=2) + 1 / scale**2
        blocks.append(Block(members, np.linalg.inv(precision).astype(np.float64, copy=False)))
    return Blocks(tuple(blocks))


def moved(pull: _Floats, blocks: Blocks, offsets: _Ints) -> _Floats:
    """Return the product of each series' covariance with its part of `pull`, (N,)."""
    step = np.zeros_like(pull)
    for block in blocks.blocks:
        places = offsets[block.series][:, None] + np.arange(block.covariance.shape[1])
        step[places] = np.einsum("sij,sj->si", block.covariance, pull[places])
    return step


def spreads(ballots: Ballots, blocks: Blocks) -> _Floats:
    """Return the standard deviation of the difference that each vote is about, (V,)."""
    squares = np.zeros(len(ballots))
    series = ballots.series
    start = ballots.offsets[series]
    i, j = ballots.first - start, ballots.second - start
    place = np.full(len(ballots.sizes), -1)
    for block in blocks.blocks:
        place[:] = -1
        place[block.series] = np.arange(len(block.series))
        here = np.flatnonzero(place[series] >= 0)
        at, row, column = place[series[here]], i[here], j[here]
        covariance = block.covariance
        squares[here] = (
            covariance[at, row, row]
            + covariance[at, column, column]
            - 2 * covariance[at, row, column]
        )
    return np.sqrt(np.maximum(squares, 0))


def pair_table(abilities: _Floats, blocks: Blocks, offsets: _Ints, ends: _Floats) -> PairTable:
    """Return all pairs of all series with the difference of their abilities and its error.

    Args:
        abilities: (N,), of the images.
        blocks: their covariances.
        offsets: as in `Ballots`.
        ends: (M, 2), 95 % intervals of the differences.
    """
    columns = [np.concatenate(parts) for parts in zip(*_pairs(abilities, blocks, offsets))]  # noqa: B905
    if not columns:
        none = np.zeros(0, np.int64)
        return PairTable(none, none, none, np.zeros(0), np.zeros(0), ends)
    order = np.argsort(columns[0], kind="stable")
    series, first, second, difference, error = (column[order] for column in columns)
    return PairTable(
        series.astype(np.int64),
        first.astype(np.int64),
        second.astype(np.int64),
        difference,
        error,
        ends,
    )


def _pairs(
    abilities: _Floats, blocks: Blocks, offsets: _Ints
) -> Iterator[tuple[_Ints | _Floats, ...]]:
    for block in blocks.blocks:
        size = block.covariance.shape[1]
        i, j = np.triu_indices(size, 1)
        start = offsets[block.series][:, None]
        variances = np.diagonal(block.covariance, axis1=1, axis2=2)
        squares = variances[:, i] + variances[:, j] - 2 * block.covariance[:, i, j]
        first, second = start + i, start + j
        yield (
            np.repeat(block.series, len(i)),
            first.ravel(),
            second.ravel(),
            (abilities[first] - abilities[second]).ravel(),
            np.sqrt(np.maximum(squares, 0)).ravel(),
        )
