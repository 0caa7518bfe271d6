"""One series scored by a model (through the product itself) or by the simple competitors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from fgaesq.datasets.records import Item, open_image
from fgaesq.errors import FgaError
from fgaesq.evaluation.competitors import COMPETITORS
from fgaesq.images import photo_from_array, printable
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import Failure, Image, ImageSource

__all__ = [
    "JudgedImage",
    "SeriesScores",
    "model_scores",
    "pixels_of",
    "simple_scores",
    "single_scores",
]

JudgedImage: TypeAlias = "Image | Item"
"""Pixels, or an item of a dataset, which is read when it is needed."""

_SEEN_PX = 2048  # long side of what the simple competitors see, as of what the models see


@dataclass(frozen=True, slots=True)
class SeriesScores:
    """What a scorer says of a series.

    Attributes:
        scores: by name of the scorer and position of the image, usable images only.
        chances: P(first beats second) by positions, both orders; {} if it gives none.
        failures: the other images.
    """

    scores: dict[str, dict[int, float]]
    chances: dict[tuple[int, int], float]
    failures: tuple[Failure, ...]


def model_scores(
    name: str, ranker: Ranker, images: Sequence[JudgedImage], names: Sequence[str], series: str
) -> SeriesScores:
    """Rank a series as a user does and return scores and probabilities by position.

    Args:
        name: to list the model under.
        ranker: the model.
        images: of the series; photo files are given to the model as files.
        names: of the images, for failures.
        series: its id.
    """
    sources, called, failures = _sources(ranker, images, names)
    if not sources:
        return SeriesScores({name: {}}, {}, tuple(failures))
    ranking = ranker.rank(sources, series_id=series)
    failures += [_renamed(failure, called, names) for failure in ranking.failures]
    scores: dict[int, float] = {}
    chances: dict[tuple[int, int], float] = {}
    for one in ranking.series:
        scores = {called[image.path]: image.score for image in one.images}
        for pair in one.pairs:
            first, second = called[pair.first], called[pair.second]
            chances[first, second], chances[second, first] = pair.p, 1 - pair.p
    return SeriesScores({name: scores}, chances, tuple(failures))


def single_scores(
    name: str, ranker: Ranker, images: Sequence[JudgedImage], names: Sequence[str]
) -> SeriesScores:
    """Score images each on its own, as `fgaesq score` does; arguments as in `model_scores`."""
    sources, called, failures = _sources(ranker, images, names)
    result = ranker.score(sources)
    failures += [_renamed(failure, called, names) for failure in result.failures]
    scores = {called[image.path]: image.score for image in result.images}
    return SeriesScores({name: scores}, {}, tuple(failures))


def simple_scores(images: Sequence[JudgedImage], names: Sequence[str]) -> SeriesScores:
    """Return what the simple competitors say of images at a long side of at most 2048 px."""
    scores: dict[str, dict[int, float]] = {name: {} for name in COMPETITORS}
    failures = []
    for position, image in enumerate(images):
        try:
            pixels = pixels_of(image, _SEEN_PX)
        except FgaError as error:
            failures.append(Failure(names[position], "decode", str(error)))
            continue
        for name, measure in COMPETITORS.items():
            scores[name][position] = measure(pixels)
    return SeriesScores(scores, {}, tuple(failures))


def pixels_of(image: JudgedImage, long_side_px: int | None) -> Image:
    """Return the pixels, reduced to a long side of at most `long_side_px`.

    Raises:
        DecodeError: the item's file is not a photo that can be read.
    """
    if isinstance(image, Item):
        return open_image(image, max_long_side_px=long_side_px)
    if long_side_px is None or max(image.shape[:2]) <= long_side_px:
        return image
    return photo_from_array(image, name="image", max_long_side_px=long_side_px).pixels


def _sources(
    ranker: Ranker, images: Sequence[JudgedImage], names: Sequence[str]
) -> tuple[list[ImageSource], dict[str, int], list[Failure]]:
    """Return what to give to the model, positions by the names it will use, and failures."""
    sources: list[ImageSource] = []
    called: dict[str, int] = {}
    failures: list[Failure] = []
    for position, image in enumerate(images):
        try:
            source = _source(ranker, image)
        except FgaError as error:
            failures.append(Failure(names[position], "decode", str(error)))
            continue
        sources.append(source)
        name = printable(source) if isinstance(source, Path) else f"image-{len(sources)}"
        called[name] = position
    return sources, called, failures


def _source(ranker: Ranker, image: JudgedImage) -> Image | Path:
    """Return a file where the item is one, so that the model reads it as it reads any photo."""
    if isinstance(image, np.ndarray):
        return image
    if image.crop is None and image.cell is None:
        return image.path
    return open_image(image, max_long_side_px=ranker.reader.max_long_side_px)


def _renamed(failure: Failure, called: dict[str, int], names: Sequence[str]) -> Failure:
    """Return the failure of an image under the name it has in its set."""
    position = called.get(failure.path)
    if position is None or not failure.path.startswith("image-"):
        return failure
    reason = failure.error.removeprefix(f"{failure.path}: ")
    return Failure(names[position], failure.stage, f"{names[position]}: {reason}")
