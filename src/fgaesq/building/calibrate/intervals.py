"""95 % intervals from the posterior itself, by importance sampling.

The normal distributions of `fitting` are symmetric. The posterior is not where votes are nearly
unanimous: these say that one image is better, and hardly how much, so that a long tail leads away
from equality. Here the abilities of each series are drawn from a multivariate t distribution about
the normal one, with weights prior * likelihood / density of the draw (A. B. Owen, Monte Carlo
theory, methods and examples, 2013, chapter 9), and intervals lie between weighted quantiles.
Annotators and the scale of the prior are taken as fitted.

The level of a series means nothing: draws have the sum 0, so that n images are n - 1 dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.calibrate.annotators import looks
from fgaesq.building.calibrate.ballots import Ballots
from fgaesq.building.calibrate.davidson import mixed
from fgaesq.building.calibrate.fitting import Fit
from fgaesq.building.calibrate.posterior import Block

__all__ = ["Intervals", "intervals"]

_Floats = NDArray[np.float64]

_ENDS = 0.025, 0.975
_Z = 1.959964
_FREEDOM = 5.0  # degrees of freedom of the t distribution, whose tails are heavier than the prior's
_WIDER = 1.1  # than the normal distribution
_DRAWS = 1024, 8192  # powers of 2; the second number where the first leaves few effective draws
_FEWEST = 100.0  # effective draws
_CELLS = 1_000_000  # numbers at once


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Ends of 95 % intervals.

    Attributes:
        difference: (M, 2), of the differences of all pairs, in the order of `posterior.pair_table`.
        ability: (N, 2), of the abilities, whose sum is 0 in every series.
        effective: (S,), effective draws: 1 / sum of the squares of the weights; infinite for an
            image alone.
    """

    difference: _Floats
    ability: _Floats
    effective: _Floats

    @property
    def normal(self) -> NDArray[np.bool_]:
        """Where draws did not do, so that the ends are those of the normal distribution, (S,)."""
        return self.effective < _FEWEST


def intervals(ballots: Ballots, found: Fit) -> Intervals:
    """Return the intervals of all differences and abilities; equal votes give equal ones.

    Time grows with the votes and with the squares of the sizes of series.

    Args:
        ballots: those that were fitted.
        found: the fit to them.
    """
    sizes = ballots.sizes
    number = sizes * (sizes - 1) // 2
    begin = np.cumsum(number) - number
    difference, ability = np.zeros((int(number.sum()), 2)), np.zeros((ballots.images, 2))
    effective = np.full(len(sizes), np.inf)
    for block in found.blocks.blocks:
        size = block.covariance.shape[1]
        pairs, images = np.arange(size * (size - 1) // 2), np.arange(size)
        left = block
        for draws in (*_DRAWS, 0):
            for part, votes in _parts(left, ballots, draws):
                ends = _drawn(part, votes, found, draws) if draws else _normal(part, votes, found)
                difference[begin[part.series][:, None] + pairs] = ends.difference
                ability[ballots.offsets[part.series][:, None] + images] = ends.ability
                effective[part.series] = ends.effective
            few = effective[left.series] < _FEWEST
            left = Block(left.series[few], left.covariance[few])
    return Intervals(difference, ability, effective)


def _parts(block: Block, ballots: Ballots, draws: int) -> Iterator[tuple[Block, Ballots]]:
    """Yield series with their votes, about so many at once as `_CELLS` says."""
    images = block.covariance.shape[1]
    given = np.bincount(ballots.series, minlength=len(ballots.sizes))[block.series]
    cells = np.cumsum(np.maximum(given, images**2) * max(draws, 1))
    starts = np.flatnonzero(np.diff(cells // _CELLS, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(given)], strict=False):
        members = block.series[start:stop]
        chosen = np.zeros(len(ballots.sizes), np.bool_)
        chosen[members] = True
        yield Block(members, block.covariance[start:stop]), ballots.only(chosen[ballots.series])


def _normal(part: Block, votes: Ballots, found: Fit) -> Intervals:
    """Return the ends of the normal distributions, (M, P, 2) and (M, n, 2); 0 effective draws."""
    size = part.covariance.shape[1]
    mean = found.abilities[votes.offsets[part.series][:, None] + np.arange(size)]
    i, j = np.triu_indices(size, 1)

    def ends(rows: _Floats) -> _Floats:
        variance = np.einsum("ki,sij,kj->sk", rows, part.covariance, rows)
        reach = np.sqrt(variance)[..., None] * [-_Z, _Z]
        both: _Floats = (mean @ rows.T)[..., None] + reach
        return both

    one = np.eye(size)
    return Intervals(ends(one[i] - one[j]), ends(one - 1 / size), np.zeros(len(mean)))


def _drawn(part: Block, votes: Ballots, found: Fit, number: int) -> Intervals:
    """Return the ends between quantiles of D weighted draws, (M, P, 2) and (M, n, 2)."""
    size = part.covariance.shape[1]
    mean = found.abilities[votes.offsets[part.series][:, None] + np.arange(size)]
    base, density = _base(size, number)
    draws = mean[:, :, None] + _roots(part.covariance, mean) @ base
    log_weight = -(draws**2).sum(axis=1) / (2 * found.scale**2) - density
    log_weight += _log_likelihood(part, votes, found, draws)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    differences = [
        _quantiles(draws[:, i, None] - draws[:, i + 1 :], weight) for i in range(size - 1)
    ]
    return Intervals(
        np.concatenate(differences, axis=1),
        _quantiles(draws, weight),
        1 / (weight**2).sum(axis=1),
    )


def _roots(covariance: _Floats, mean: _Floats) -> _Floats:
    """Return roots of the covariances without the level, (M, n, n - 1).

    The dimensions go to the images by their ability, so that the order of images changes nothing.
    """
    from scipy.linalg import helmert

    contrasts = helmert(mean.shape[1]).T
    order = np.argsort(-mean, axis=1, kind="stable")
    covariance = np.take_along_axis(covariance, order[:, :, None], 1)
    covariance = np.take_along_axis(covariance, order[:, None, :], 2)
    roots = contrasts @ np.linalg.cholesky(contrasts.T @ covariance @ contrasts)
    ordered: _Floats = np.take_along_axis(roots, order.argsort(axis=1)[:, :, None], 1)
    return ordered


@lru_cache(maxsize=32)
def _base(size: int, number: int) -> tuple[_Floats, _Floats]:
    """Return draws of n - 1 numbers, (n - 1, D), and the logarithms of their densities, (D,).

    They are points of Sobol's sequence, turned to a multivariate t distribution: normal numbers
    over the root of a number of the chi-squared distribution.
    """
    from scipy.special import chdtri, ndtri
    from scipy.stats.qmc import Sobol

    points = Sobol(size, scramble=False).random(number)
    points = ((points + np.random.default_rng(0).random(size)) % 1).T  # none at the ends 0 and 1
    t = ndtri(points[1:]) * np.sqrt(_FREEDOM / chdtri(_FREEDOM, points[0]))
    density = -(_FREEDOM + size - 1) / 2 * np.log1p((t**2).sum(axis=0) / _FREEDOM)
    return _WIDER * t, density


def _log_likelihood(part: Block, votes: Ballots, found: Fit, draws: _Floats) -> _Floats:
    """Return the logarithm of the likelihood of each series' votes at its draws, (M, D)."""
    total = np.zeros((len(part.series), draws.shape[2]))
    if not len(votes):
        return total
    place = np.searchsorted(part.series, votes.series)
    order = np.argsort(place, kind="stable")
    voted, first = np.unique(place[order], return_index=True)
    start = votes.offsets[part.series[place]]
    i, j = votes.first - start, votes.second - start
    step = max(1, _CELLS // len(votes))
    for some in (slice(at, at + step) for at in range(0, draws.shape[2], step)):
        d = draws[place, i, some] - draws[place, j, some]
        chances = mixed(*looks(votes, found.traits, d))
        chosen = np.take_along_axis(chances, votes.outcome[:, None, None], 2)[order, :, 0]
        total[voted, some] = np.add.reduceat(np.log(chosen), first, axis=0)
    return total


def _quantiles(values: _Floats, weight: _Floats) -> _Floats:
    """Return the quantiles `_ENDS` of values (M, K, D) with weights (M, D), (M, K, 2).

    Each value stands at the middle of its weight; between values they are interpolated.
    """
    order = np.argsort(values, axis=2)
    weight = np.take_along_axis(np.broadcast_to(weight[:, None], values.shape), order, 2)
    share = weight.cumsum(axis=2) - weight / 2
    ends = []
    for end in _ENDS:
        above = np.clip((share < end).sum(axis=2), 1, values.shape[2] - 1)[..., None]
        two = np.concatenate([above - 1, above], axis=2)
        x = np.take_along_axis(values, np.take_along_axis(order, two, 2), 2)
        at = np.take_along_axis(share, two, 2)
        part = np.clip((end - at[..., 0]) / (at[..., 1] - at[..., 0]), 0, 1)
        ends.append(x[..., 0] + part * (x[..., 1] - x[..., 0]))
    return np.stack(ends, axis=-1)
