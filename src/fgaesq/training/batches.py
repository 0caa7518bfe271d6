"""From a token cache to batches of tensors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fgaesq.datasets.token_cache import TokenCache
from fgaesq.errors import RecipeError
from fgaesq.models.specs import ModelSpec
from fgaesq.tokens.positions import interpolation_weights
from fgaesq.tokens.statistics import (
    TOKEN_STATISTICS,
    mirrored,
    series_statistics,
    single_statistics,
)
from fgaesq.training.distillation import Lesson

__all__ = ["Batch", "read_batch", "shuffled_series"]

_TOKENS_PER_CELL = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs of the network for N images, and their truth.

    Attributes:
        inputs: those of `FGAesQ.forward`; statistics only where the model has them.
        series: (N,) int64; severity: (N,) float32, lower is better inside a series.
        score: (N,) float32, the constructed absolute score, 1 to 10.
        kind: (N,) int64, the edit of the image's series.
        teacher: what a teacher says of the images, or None.
    """

    inputs: tuple[Tensor, ...]
    series: Tensor
    severity: Tensor
    score: Tensor
    kind: Tensor
    teacher: Lesson | None = None


def shuffled_series(
    cache: TokenCache, batch_images: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield, for ever, image indices of whole series that fill a batch.

    What is left of an epoch and does not fill a batch is left out, except where it is the whole
    epoch: a cache smaller than a batch gives batches of all of it.

    Raises:
        RecipeError: a series has more images than a batch.
    """
    starts = np.flatnonzero(np.r_[True, cache.series[1:] != cache.series[:-1]])
    ends = np.r_[starts[1:], len(cache.series)]
    longest = int((ends - starts).max())
    if longest > batch_images:
        raise RecipeError(
            f"batch_images is {batch_images}; a series has {longest} images, give at least that"
        )
    small = len(cache.series) <= batch_images
    while True:
        batch: list[NDArray[np.int64]] = []
        filled = 0
        for one in rng.permutation(len(starts)):
            size = int(ends[one] - starts[one])
            if filled + size > batch_images:
                yield np.concatenate(batch)
                batch, filled = [], 0
            batch.append(np.arange(starts[one], ends[one]))
            filled += size
        if small:
            yield np.concatenate(batch)


def read_batch(
    cache: TokenCache,
    images: NDArray[np.int64],
    spec: ModelSpec,
    *,
    fine_cells: int | None = None,
    rng: np.random.Generator | None = None,
    mirror: bool = False,
    singles: frozenset[int] = frozenset(),
) -> Batch:
    """Read images of the cache.

    Args:
        cache: where from.
        images: which, (N,).
        spec: of the model, for normalisation and positional table.
        fine_cells: keep this many fine cells, drawn by `rng`, the same for a series; default all.
        rng: needed with `fine_cells`, and only with it.
        mirror: give the tokens of the mirrored images.
        singles: ids of series whose images are read as if each were on its own.

    Raises:
        ValueError: one of `fine_cells` and `rng` was given without the other.
    """
    if (fine_cells is None) != (rng is None):
        raise ValueError("give fine_cells and rng together or neither")
    patches = cache.read_patches(images)
    centres, scales = cache.centres[images], cache.scales[images]
    slots = np.arange(scales.shape[1])
    used = slots[None, :] < cache.used[images][:, None]
    statistics = None
    if spec.layout.statistics:  # of coarse tokens alone, which come first and are never left out
        statistics = torch.zeros(len(images), scales.shape[1], TOKEN_STATISTICS)
        coarse = _token_statistics(cache, images, patches, singles)
        coarse = mirrored(coarse) if mirror else coarse
        statistics[:, 1 : 1 + coarse.shape[1]] = torch.from_numpy(coarse)
    if fine_cells is not None and rng is not None:
        keep = _kept_slots(cache, images, fine_cells, rng)
        longest = int((keep & used).sum(axis=1).max())
        order = np.argsort(~(keep & used), axis=1, kind="stable")[:, :longest]
        rows = np.arange(len(images))[:, None]
        patches, centres, scales = patches[rows, order], centres[rows, order], scales[rows, order]
        used = (keep & used)[rows, order]
        scales = np.where(used, scales, 0)
        if statistics is not None:
            statistics = statistics[:, :longest]
    if mirror:
        patches = np.ascontiguousarray(patches[..., ::-1])
        centres = np.stack([centres[..., 0], 1 - centres[..., 1]], axis=-1)
    weights = _position_weights(centres, used, spec.table_size)
    return Batch(
        inputs=(
            _normalised(patches, spec),
            weights,
            torch.from_numpy(scales.astype(np.int64)),
            torch.from_numpy(~used),
            torch.from_numpy(used),
            *((statistics,) if statistics is not None else ()),
        ),
        series=torch.from_numpy(cache.series[images]),
        severity=torch.from_numpy(cache.severity[images]),
        score=torch.from_numpy(_absolute_score(cache, images)),
        kind=torch.from_numpy(cache.kind[images]),
    )


def _token_statistics(
    cache: TokenCache,
    images: NDArray[np.int64],
    patches: NDArray[np.uint8],
    singles: frozenset[int],
) -> NDArray[np.float32]:
    """Return what the coarse tokens bring, (N, C, TOKEN_STATISTICS).

    Images of a series are compared with those of it that are in the batch: all of them.
    """
    own = cache.read_statistics(images).astype(np.float32)
    coarse = slice(1, 1 + own.shape[1])
    used = (cache.scales[images, coarse] == 0) & (
        np.arange(cache.scales.shape[1])[None, coarse] < cache.used[images][:, None]
    )
    told = single_statistics(own)
    for series in np.unique(cache.series[images]):
        if int(series) in singles:
            continue
        rows = np.flatnonzero(cache.series[images] == series)
        cells = np.flatnonzero(used[rows[0]])
        brightness = patches[rows][:, 1 + cells].mean(axis=(2, 3, 4), dtype=np.float32)
        told[rows[:, None], cells] = series_statistics(own[rows[:, None], cells], brightness)
    return told


def _kept_slots(
    cache: TokenCache, images: NDArray[np.int64], cells: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return which slots stay, (N, T): all coarse ones and `cells` random fine cells a series."""
    keep = cache.scales[images] == 0
    seeds = {int(s): int(rng.integers(2**63)) for s in np.unique(cache.series[images])}
    for row, image in enumerate(images):
        fine = np.flatnonzero(~keep[row])
        number = len(fine) // _TOKENS_PER_CELL
        draw = np.random.default_rng(seeds[int(cache.series[image])])
        chosen = draw.permutation(number)[: min(cells, number)]
        starts = fine[0] + _TOKENS_PER_CELL * chosen if number else np.zeros(0, np.int64)
        keep[row, (starts[:, None] + np.arange(_TOKENS_PER_CELL)).ravel()] = True
    return np.asarray(keep, np.bool_)


def _normalised(patches: NDArray[np.uint8], spec: ModelSpec) -> Tensor:
    mean = torch.tensor(spec.normalisation.mean).view(3, 1, 1) * 255
    std = torch.tensor(spec.normalisation.std).view(3, 1, 1) * 255
    return (torch.from_numpy(patches).float() - mean) / std


def _position_weights(
    centres: NDArray[np.float32], used: NDArray[np.bool_], table_size: int
) -> Tensor:
    flat = np.clip(centres.reshape(-1, 2).astype(np.float64), 0, 1)
    weights = interpolation_weights(flat, table_size=table_size).astype(np.float32)
    full = np.zeros((*used.shape, 1 + table_size**2), np.float32)
    full[..., 1:] = weights.reshape(*used.shape, -1) * used[..., None]
    full[:, 0] = 0
    full[:, 0, 0] = 1
    return torch.from_numpy(full)


def _absolute_score(cache: TokenCache, images: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the score an image is taken to deserve.

    8.2 for an untouched photo that people chose for its looks, 6.6 for an ordinary one, less for
    the edit and for the flaw common to its series. The scale is a convention; only the order inside
    a series is certain, and only that enters the ranking loss.
    """
    base = np.where(cache.free[images], 8.2, 6.6).astype(np.float32)
    severity = cache.severity[images]
    weight = np.where(cache.area[images] < 1, 0.65, 1.0)  # a flaw in a part of the frame
    score = base - 5.2 * weight * severity**0.8 - 2.5 * cache.burden[images]
    bounded: NDArray[np.float32] = np.clip(score, 1.2, 9.8).astype(np.float32)
    return bounded
