"""The Python API: three functions on images, and `load` for more control.

Images are paths, PIL images or arrays (uint8, uint16 or float in [0, 1]; (H, W), (H, W, 3) or
(H, W, 4), RGB order). The functions keep the last model loaded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from fgaesq.engines import EngineOptions, usable_cores
from fgaesq.models.specs import TokenizerName
from fgaesq.ranking.ranker import Ranker
from fgaesq.ranking.ranker import load as _load
from fgaesq.types import Comparison, ImageSource, Ranking, Scores

__all__ = ["compare", "load", "rank", "score"]


def load(
    model: str | os.PathLike[str] = "fgaesq-s",
    *,
    options: EngineOptions | None = None,
    tokenizer: TokenizerName | None = None,
) -> Ranker:
    """Load a model for use.

    Args:
        model: name of an embedded model, or folder of an imported one.
        options: engine, threads, device, precision; default: ONNX Runtime on all cores.
        tokenizer: `series` (default) or `reference`, if the model can be used with it.

    Raises:
        UnknownNameError: no such model, or the model cannot be used with that tokenizer.
        WeightsError: the model's files are missing or damaged.
        EngineError: the options ask for a device that is not there.
        MissingExtraError: the packages of the engine are not installed.
    """
    options = options or EngineOptions(threads=usable_cores())
    return _load(_name_or_path(model), options=options, tokenizer=tokenizer)


def rank(images: Sequence[ImageSource], *, model: str | os.PathLike[str] = "fgaesq-s") -> Ranking:
    """Rank the images of one series, best first.

    Args:
        images: of one moment or intent; identical ones share a rank.
        model: see `load`.

    Returns:
        `ranking.best` is the pick, `ranking.series[0]` the whole order with scores, probabilities
        and pairs, `ranking.failures` the images that could not be used.

    Raises:
        InputError: `images` is a single image.
        UnknownNameError, WeightsError: see `load` (also in the functions below).
    """
    return _kept(_name_or_path(model)).rank(images)


def score(images: Sequence[ImageSource], *, model: str | os.PathLike[str] = "fgaesq-s") -> Scores:
    """Score images each on its own, 1 to 10, higher is better.

    Inside a series use `rank`: it looks closely where the images differ.

    Args:
        images: to be scored, each as if it were the only one.
        model: see `load`.

    Returns:
        `scores.images` in the order given, `scores.failures` the images that could not be used.

    Raises:
        InputError: `images` is a single image.
    """
    return _kept(_name_or_path(model)).score(images)


def compare(
    first: ImageSource, second: ImageSource, *, model: str | os.PathLike[str] = "fgaesq-s"
) -> Comparison:
    """Return the probability that `first` is preferred to `second`, and where they differ.

    Args:
        first: an image.
        second: another of the same moment or intent.
        model: see `load`.

    Raises:
        InputError: one of the images cannot be used.
    """
    return _kept(_name_or_path(model)).compare(first, second)


@lru_cache(maxsize=1)
def _kept(model: str | Path) -> Ranker:
    return load(model)


def _name_or_path(model: str | os.PathLike[str]) -> str | Path:
    return model if isinstance(model, str) else Path(model)
