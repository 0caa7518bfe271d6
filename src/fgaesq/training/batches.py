"""From a token cache to batches of tensors."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fgaesq.datasets.token_cache import TokenCache
from fgaesq.datasets.truth import Truth, constructed_truth, series_bounds
from fgaesq.errors import RecipeError
from fgaesq.losses import score_distribution
from fgaesq.models.specs import ModelSpec
from fgaesq.tokens.positions import interpolation_weights
from fgaesq.tokens.statistics import STATISTICS, TOKEN_STATISTICS, mirrored
from fgaesq.training.distillation import Lesson
from fgaesq.training.recipe import Loss

__all__ = ["ALL", "Batch", "read_batch", "read_inputs", "shuffled_images", "shuffled_series"]

ALL = slice(None)

_TOKENS_PER_CELL = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs of the network for N images, and their truth.

    Attributes:
        inputs: those of `FGAesQ.forward`; statistics only where the model has them. Where several
            processes share a batch, they are of the images `share` alone.
        share: the images, of N, that this process encodes.
        series: (N,) int64; severity: (N,) float32, lower is better inside a series.
        distribution: (N, 10) float32, of the absolute score; rows of NaN where it is not known.
        kind: (N,) int64, the edit of the image's series; -1 where there is none.
        pairs: (M, 2) int64, images of the batch, the better one first.
        probability: (M,) float32 in [0.5, 1], P that the first beats the second.
        texts: what makes the first image of each pair better, "" where nothing is said.
        reads: `tokens`, or `statistics` where these alone are to be read, see `recipe.Stage`.
        fine: whether the order inside the series counts, or each image by itself.
        loss: what to learn from it; None for the task's own.
        teacher: what a teacher says of the images, or None.
    """

    inputs: tuple[Tensor, ...]
    share: slice
    series: Tensor
    severity: Tensor
    distribution: Tensor
    kind: Tensor
    pairs: Tensor
    probability: Tensor
    texts: tuple[str, ...]
    reads: str = "tokens"
    fine: bool = True
    loss: Loss | None = None
    teacher: Lesson | None = None

    def to(self, device: torch.device) -> Batch:
        """Return the batch with its tensors on a device."""
        return replace(
            self,
            inputs=tuple(one.to(device) for one in self.inputs),
            series=self.series.to(device),
            severity=self.severity.to(device),
            distribution=self.distribution.to(device),
            kind=self.kind.to(device),
            pairs=self.pairs.to(device),
            probability=self.probability.to(device),
            teacher=self.teacher.to(device) if self.teacher else None,
        )


def shuffled_series(
    cache: TokenCache,
    batch_images: int,
    rng: np.random.Generator,
    emphasis: NDArray[np.float64] | None = None,
) -> Iterator[NDArray[np.int64]]:
    """Yield, for ever, image indices of whole series that fill a batch.

    `emphasis` says how often each series comes up in an epoch, in the mean; once by default.

    What is left of an epoch and does not fill a batch is left out, except where it is the whole
    epoch: what comes up, if less than a batch, is one.

    Raises:
        RecipeError: a series has more images than a batch.
    """
    starts, ends = series_bounds(cache)
    longest = int((ends - starts).max())
    if longest > batch_images:
        raise RecipeError(
            f"batch_images is {batch_images}; a series has {longest} images, give at least that"
        )
    while True:
        batch: list[NDArray[np.int64]] = []
        filled, whole = 0, True
        for one in _epoch(len(starts), rng, emphasis):
            size = int(ends[one] - starts[one])
            if filled + size > batch_images:
                yield np.concatenate(batch)
                batch, filled, whole = [], 0, False
            batch.append(np.arange(starts[one], ends[one]))
            filled += size
        if whole and batch:
            yield np.concatenate(batch)


def _epoch(
    number: int, rng: np.random.Generator, emphasis: NDArray[np.float64] | None
) -> NDArray[np.int64]:
    if emphasis is None:
        return rng.permutation(number)
    times = np.floor(emphasis + rng.random(number)).astype(np.int64)
    return rng.permutation(np.repeat(np.arange(number), times))


def shuffled_images(
    number: int, batch_images: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield, for ever, indices of single images that fill a batch; as `shuffled_series` does."""
    size = min(number, batch_images)
    while True:
        order = rng.permutation(number)
        yield from order[: number // size * size].reshape(-1, size)


def read_batch(
    cache: TokenCache,
    images: NDArray[np.int64],
    spec: ModelSpec,
    *,
    truth: Truth | None = None,
    fine_cells: int | None = None,
    rng: np.random.Generator | None = None,
    share: slice = ALL,
    mirror: bool = False,
    alone: Collection[int] = (),
) -> Batch:
    """Read images of the cache.

    Args:
        cache: where from.
        images: which, (N,).
        spec: of the model, for normalisation and positional table.
        truth: on the images of the cache; default: that on constructed series.
        fine_cells: keep this many fine cells, drawn by `rng`, the same for a series; default all.
        rng: needed with `fine_cells`, and only with it.
        share: the images, of N, whose inputs are read.
        mirror: give the tokens of the mirrored images.
        alone: series whose images are read as if each were on its own.
    """
    truth = truth or constructed_truth(cache)
    known, texts = _pairs_among(truth, images)
    inputs = read_inputs(
        cache, images[share], spec, fine_cells=fine_cells, rng=rng, mirror=mirror, alone=alone
    )
    return Batch(
        inputs=inputs,
        share=share,
        series=torch.from_numpy(cache.series[images]),
        severity=torch.from_numpy(truth.level[images]),
        distribution=_distribution(truth, images),
        kind=torch.from_numpy(cache.kind[images]),
        pairs=torch.from_numpy(known),
        probability=torch.from_numpy(truth.probability[texts]),
        texts=tuple(truth.texts[one] for one in texts),
    )


def _pairs_among(
    truth: Truth, images: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of these images, as their places in `images`, and which of all they are."""
    places = np.full(len(truth.level), -1, np.int64)
    places[images] = np.arange(len(images))
    inside = (places[truth.pairs] >= 0).all(axis=1)
    return places[truth.pairs[inside]], np.flatnonzero(inside)


def _distribution(truth: Truth, images: NDArray[np.int64]) -> Tensor:
    """Return the known distributions, and normal ones around scores of which only these are."""
    known = torch.from_numpy(truth.distribution[images])
    around = score_distribution(torch.from_numpy(truth.score[images]))
    return torch.where(known.isnan(), around, known)


def read_inputs(
    cache: TokenCache,
    images: NDArray[np.int64],
    spec: ModelSpec,
    *,
    fine_cells: int | None = None,
    rng: np.random.Generator | None = None,
    mirror: bool = False,
    alone: Collection[int] = (),
) -> tuple[Tensor, ...]:
    """Return the inputs of the network for some images; the arguments are those of `read_batch`.

    `alone` are ids of series whose images are read as if each were on its own.

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
    if (
        spec.layout.statistics
    ):  # of class and coarse tokens, which come first and are never left out
        statistics = torch.zeros(len(images), scales.shape[1], TOKEN_STATISTICS)
        coarse = _token_statistics(cache, images, alone)
        coarse = mirrored(coarse) if mirror else coarse
        statistics[:, : coarse.shape[1]] = torch.from_numpy(coarse)
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
    return (
        _normalised(patches, spec),
        weights,
        torch.from_numpy(scales.astype(np.int64)),
        torch.from_numpy(~used),
        torch.from_numpy(used),
        *((statistics,) if statistics is not None else ()),
    )


def _token_statistics(
    cache: TokenCache, images: NDArray[np.int64], alone: Collection[int]
) -> NDArray[np.float32]:
    """Return what class and coarse tokens bring, (N, 1 + C, TOKEN_STATISTICS), as tokenized."""
    told = cache.read_statistics(images).astype(np.float32)
    told[np.isin(cache.series[images], list(alone)), :, STATISTICS:] = 0  # differs from nothing
    return told


def _kept_slots(
    cache: TokenCache, images: NDArray[np.int64], cells: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return which slots stay, (N, T): all coarse ones and `cells` random fine cells a series."""
    keep = cache.scales[images] == 0
    seed = int(rng.integers(2**63))
    for row, image in enumerate(images):
        fine = np.flatnonzero(~keep[row])
        number = len(fine) // _TOKENS_PER_CELL
        # By series, so that it does not matter which others are read.
        draw = np.random.default_rng([seed, int(cache.series[image])])
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
