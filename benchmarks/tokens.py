"""What fine tokens are worth and which cells should get them, measured on the embedded model.

    python benchmarks/tokens.py PHOTOS --series 300 --out benchmarks/results/tokens.json

The same held-out constructed series are tokenized in several ways and ranked by the same network,
which was trained with all shares of spread and with 4 to 22 fine cells. Series are of two sorts:
edits of the whole frame, and the same edits inside one ellipse of an eighth of the frame, as when
the subject alone is blurred.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

import numpy as np

from fgaesq.cli.progress import Progress
from fgaesq.datasets.constructed import ConstructedSeries, read_pool, series_stream
from fgaesq.datasets.token_cache import DecodedPhotos
from fgaesq.engines import EngineOptions, open_engine
from fgaesq.evaluation.metrics import pair_accuracy, pair_table
from fgaesq.evaluation.provenance import provenance
from fgaesq.images import photo_from_array
from fgaesq.models.weights import find_model
from fgaesq.ranking.ranker import load
from fgaesq.tokens import difftoken
from fgaesq.tokens.difftoken import TokenLayout, tokenize_series
from fgaesq.types import Image, TokenSet

Tokenize: TypeAlias = Callable[[Sequence[Image]], list[TokenSet]]


def main() -> None:
    """Measure every variant and print a table."""
    arguments = _arguments()
    folder = find_model("fgaesq-s")
    engine = open_engine(folder, EngineOptions(threads=arguments.threads))
    layout = folder.spec.layout
    variants = _variants(layout)
    table: dict[str, dict[str, float]] = {name: {} for name in variants}
    for sort in ("whole frame", "local"):
        level: list[float] = []
        ids: list[int] = []
        scores: dict[str, list[float]] = {name: [] for name in variants}
        with Progress(sort, arguments.series) as progress:
            for number, one in enumerate(_series(arguments.photos, arguments.series, sort)):
                level.extend(one.severities)
                ids.extend([number] * len(one.images))
                for name, tokenize in variants.items():
                    tokens = [_filled(t, layout.budget) for t in tokenize(one.images)]
                    scores[name].extend(engine.run(tokens).scores.tolist())
                progress.advance()
        for name, values in scores.items():
            margins = pair_table(np.array(values), np.array(level), np.array(ids))[0]
            table[name][sort] = pair_accuracy(margins)
    for name, row in table.items():
        print(f"{name:40} " + "  ".join(f"{sort} {value:.3f}" for sort, value in row.items()))
    if arguments.out:
        identity = asdict(load("fgaesq-s").identity)
        result = {"series": arguments.series, "variants": table}
        content = {"model": identity, **provenance(), "result": result}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _variants(layout: TokenLayout) -> dict[str, Tokenize]:
    none = 1 + layout.coarse
    fine = layout.budget - none
    rng = np.random.default_rng(0)
    return {
        "as shipped": _by_difference(layout),
        "no fine tokens": _by_difference(replace(layout, budget=none)),
        "a third of the fine tokens": _by_difference(replace(layout, budget=none + fine // 3)),
        "most different cells anywhere": _by_difference(replace(layout, spread=0.0)),
        "most different cells of each region": _by_difference(replace(layout, spread=1.0)),
        "cells with most structure": _by_importance(layout, lambda detail: detail),
        "random cells": _by_importance(layout, lambda detail: rng.random(detail.shape)),
        "fine tokens from 1024 px": _by_difference(replace(layout, detail_px=1024)),
        "fine tokens from 512 px": _by_difference(replace(layout, detail_px=512)),
    }


def _filled(tokens: TokenSet, budget: int) -> TokenSet:
    """Return the token set with padding up to the number of slots the network was exported for."""
    missing = budget - len(tokens.padded)
    told = tokens.statistics
    if not missing:
        return tokens
    return replace(
        tokens,
        patches=np.concatenate([tokens.patches, np.zeros((missing, 3, 16, 16), np.uint8)]),
        centres=np.concatenate([tokens.centres, np.zeros((missing, 2))]),
        scales=np.concatenate([tokens.scales, np.zeros(missing, np.uint8)]),
        padded=np.concatenate([tokens.padded, np.ones(missing, np.bool_)]),
        statistics=None if told is None else np.pad(told, ((0, missing), (0, 0))),
    )


def _by_difference(layout: TokenLayout) -> Tokenize:
    def tokenize(images: Sequence[Image]) -> list[TokenSet]:
        photos = [
            photo_from_array(image, name=str(n), max_long_side_px=layout.detail_px)
            for n, image in enumerate(images)
        ]
        return list(tokenize_series(photos, layout=layout).tokens)

    return tokenize


def _by_importance(layout: TokenLayout, importance: Callable[[Any], Any]) -> Tokenize:
    """Choose cells by something else than how much the images differ there."""
    inner = _by_difference(layout)

    def instead(difference: Any, detail: Any) -> Any:  # noqa: ANN401 - stands in for one call
        del difference
        return importance(detail)

    def tokenize(images: Sequence[Image]) -> list[TokenSet]:
        with mock.patch.object(difftoken, "cell_importance", instead):
            return inner(images)

    return tokenize


def _series(folder: Path, number: int, sort: str) -> Iterator[ConstructedSeries]:
    """Yield test series of the seed after the one that is reported, whole or local."""
    pool = read_pool(folder, split="test")
    stream = series_stream(pool, DecodedPhotos(pool), seed=4, indices=range(number))
    for position, one in enumerate(stream):
        yield one if sort == "whole frame" else _localised(one, position)


def _localised(series: ConstructedSeries, position: int) -> ConstructedSeries:
    """Return the series with every image equal to the best one but for an ellipse."""
    best = series.images[int(np.argmin(series.severities))]
    height, width = best.shape[:2]
    rng = np.random.default_rng([5, position])
    y, x = np.mgrid[:height, :width]
    centre = rng.uniform(0.25, 0.75, 2) * (height, width)
    # Semi-axes of .2 of the sides give pi * .2 * .2 = 1/8 of the frame.
    distance = np.hypot((y - centre[0]) / (0.2 * height), (x - centre[1]) / (0.2 * width))
    inside = np.clip((1 - distance) * 8 + 0.5, 0, 1)[..., None].astype(np.float32)
    images = tuple(
        np.rint(best + inside * (image.astype(np.float32) - best)).astype(np.uint8)
        for image in series.images
    )
    return replace(series, images=images)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="folder with a MANIFEST.csv")
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", help="JSON file for the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
