"""Hand-made results that the tests of the report share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from fgaesq.types import (
    Comparison,
    DifferenceMap,
    EffectMap,
    Failure,
    ModelIdentity,
    Pair,
    RankedImage,
    RankedSeries,
    Ranking,
    Reason,
    Score,
)

HOSTILE_NAME = "beach/<script>alert('1')</script> & \"b\".jpg"


def solid_image(height: int, width: int, value: int = 120) -> NDArray[np.uint8]:
    """An image with a gradient, so that a map over it can be told from it."""
    ramp = np.linspace(value, value + 100, width).astype(np.uint8)
    return np.broadcast_to(ramp[np.newaxis, :, np.newaxis], (height, width, 3)).copy()


def two_by_three_map(*paths: str) -> DifferenceMap:
    """A map of 2 x 3 cells with one cell that differs most and two fine cells beside each other."""
    values = np.array([[0.0, 0.1, 0.2], [0.0, 0.4, 0.8]], np.float32)
    return DifferenceMap(values, (4, 5), dict.fromkeys(paths, (0.0, 0.0, 1.0, 1.0)))


@pytest.fixture
def model() -> ModelIdentity:
    return ModelIdentity("embedded", "1.0", "ab12", "onnx", "series", reasons=True)


@pytest.fixture
def series() -> RankedSeries:
    paths = ("beach/a.jpg", HOSTILE_NAME, "beach/c.jpg")
    return RankedSeries(
        id="beach",
        images=(
            RankedImage(paths[0], 1, 7.24156, 0.62),
            RankedImage(paths[1], 2, 6.9, 0.375),
            RankedImage(paths[2], 3, 1.0, 0.005),
        ),
        pairs=(
            Pair(paths[0], paths[1], 0.54321, "too_close"),
            Pair(paths[0], paths[2], 0.97, "first"),
            Pair(paths[1], paths[2], 0.834, "first"),
        ),
        difference=two_by_three_map(*paths),
    )


@pytest.fixture
def ranking(model: ModelIdentity, series: RankedSeries) -> Ranking:
    single = RankedSeries("alone", (RankedImage("x.jpg", 1, 5.5, 1.0),), ())
    failure = Failure("beach/d.heic", "decode", "beach/d.heic: needs HEIC support")
    return Ranking(model, (series, single), (failure,))


@pytest.fixture
def explained(ranking: Ranking) -> Ranking:
    """`ranking` with reasons for the first two images of its series, and maps of their effects."""
    series = ranking.series[0]
    reasons = ((Reason("sharper", 0.75), Reason("less noise", 0.2)), (Reason("<b>blurrier", 0.5),))
    first, second, last = series.images
    assert series.difference is not None
    effect = np.array([[0.0, -0.125, 0.0], [0.0, 0.0, 0.25]], np.float32)
    values = {first.path: effect, second.path: -effect, last.path: None}
    series = replace(
        series,
        images=(replace(first, reasons=reasons[0]), replace(second, reasons=reasons[1]), last),
        effects=EffectMap(values, series.difference.boxes),
    )
    return replace(ranking, series=(series, *ranking.series[1:]))


@pytest.fixture
def images(series: RankedSeries) -> Callable[[str], NDArray[np.uint8] | None]:
    """A provider for all images of `series` and for none else."""
    known = {image.path: solid_image(64, 96, 20 * image.rank) for image in series.images}
    return known.get


@pytest.fixture
def difference(series: RankedSeries) -> DifferenceMap:
    """The map of `series`: 2 x 3 cells, the last differs most and is fine with its neighbour."""
    assert series.difference is not None
    return series.difference


@pytest.fixture
def comparison(model: ModelIdentity, difference: DifferenceMap) -> Comparison:
    first, second = Score("beach/a.jpg", 7.24, ()), Score("beach/c.jpg", 6.1, ())
    return Comparison(model, first, second, 0.83, "first", difference)
