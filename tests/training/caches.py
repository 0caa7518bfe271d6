"""A token cache in memory, of series made by code and tokenized like any other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.scenes import photos_of, scene

from fgaesq.datasets.constructed import construct_series
from fgaesq.datasets.edits import EDITS
from fgaesq.datasets.token_cache import TokenCache
from fgaesq.models.specs import SPECS, ModelSpec
from fgaesq.tokens.difftoken import TokenLayout, tokenize_series
from fgaesq.types import TokenSet

__all__ = ["INFORMED", "SPEC", "small_cache"]

SPEC = replace(SPECS["fgaesq-tiny"], layout=TokenLayout(budget=64, coarse=24, detail_px=512))
"""The tiny model with few tokens."""

INFORMED = replace(SPEC, layout=replace(SPEC.layout, statistics=True))
"""The same, whose tokens bring statistics."""


def small_cache(
    series: int = 12,
    *,
    kinds: tuple[str, ...] = ("defocus", "underexposure", "haze"),
    spec: ModelSpec = SPEC,
) -> tuple[TokenCache, list[TokenSet]]:
    """Return the cache and the token sets in it."""
    sets: list[TokenSet] = []
    rows: list[tuple[float, ...]] = []
    for number in range(series):
        kind = kinds[number % len(kinds)]
        made = construct_series(
            scene(150, 200, seed=number), kind=kind, rng=np.random.default_rng(number)
        )
        sets += tokenize_series(photos_of(list(made.images)), layout=spec.layout).tokens
        truth = (number, made.burden, made.area, list(EDITS).index(kind))
        rows += [(s, *truth) for s in made.severities]
    severity, ids, burden, area, kind_ids = (np.array(column) for column in zip(*rows, strict=True))
    half = len(sets) // 2
    patches = np.stack([np.asarray(one.patches, np.uint8) for one in sets])
    told = [one.statistics[:25] for one in sets if one.statistics is not None]
    cache = TokenCache(
        patches=(patches[:half], patches[half:]),
        statistics=(np.stack(told[:half]), np.stack(told[half:])) if told else (),
        centres=np.stack([one.centres for one in sets]).astype(np.float32),
        scales=np.stack([one.scales for one in sets]),
        used=np.array([int((~one.padded).sum()) for one in sets]),
        series=ids.astype(np.int64),
        severity=severity.astype(np.float32),
        burden=burden.astype(np.float32),
        area=area.astype(np.float32),
        kind=kind_ids.astype(np.int64),
        free=ids % 2 == 0,
        starts=np.array([0, half]),
        kinds=tuple(EDITS),
    )
    return cache, sets
