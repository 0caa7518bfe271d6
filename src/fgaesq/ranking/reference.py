"""Series and pairs as the released code ranks them, so that published weights give its scores.

Every image is scored once for each pair it is in, which makes the cost quadratic; the draws of a
pair depend on the names of folder and files. Use it to reproduce, not to work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

from fgaesq.errors import InputError, ShapeError
from fgaesq.ranking.reading import ReadSeries, SeriesSource
from fgaesq.tokens.difftoken import map_difference
from fgaesq.tokens.reference import aggregate_series, pair_id, tokenize_pair
from fgaesq.types import Comparison, Failure, Photo, RankedSeries, Ranking

if TYPE_CHECKING:
    from fgaesq.ranking.ranker import Ranker

__all__ = ["compare_reference", "rank_reference_series"]

_NUMBER = re.compile(r"-(\d+)$")
_TOO_FEW = "fewer than two usable images; the reference tokenizer compares pairs"

_PairScores: TypeAlias = dict[tuple[int, int], tuple[float, float]]
"""Scores of image i and image j by (i, j), i < j."""


def compare_reference(ranker: Ranker, photos: Sequence[Photo], pair: str | None) -> Comparison:
    """Compare two photos with the draws of the given pair id.

    Raises:
        InputError: no pair id was given, on which the scores depend, or the released code fails
            on images of these shapes.
    """
    if pair is None:
        raise InputError(
            "the reference tokenizer draws its tokens by a pair id; "
            "give one, such as 12_1_3 for images 1 and 3 of series 12"
        )
    first, second = photos
    try:
        tokens = tokenize_pair(first.pixels, second.pixels, pair_id=pair)
    except ShapeError as error:
        raise InputError(f"{first.name} and {second.name}: {error}") from None
    return ranker.comparison(photos, ranker.run(tokens), map_difference(photos))


def rank_reference_series(
    ranker: Ranker, series: Iterable[SeriesSource], on_image: Callable[[], None]
) -> Ranking:
    """Rank series the released way: all pairs in the order of the numbers in the file names."""
    ranked: list[RankedSeries] = []
    failures: list[Failure] = []
    with ranker.reading_pool() as pool:
        for one in ranker.reader.read_ahead(series, pool):
            result, failed = _rank_read(ranker, one, pool)
            failures += one.failures + failed
            if result is not None:
                ranked.append(result)
            for _ in range(len(one.photos) + len(one.failures)):
                on_image()
    return Ranking(ranker.identity, tuple(ranked), tuple(failures))


def _rank_read(
    ranker: Ranker, series: ReadSeries, pool: ThreadPoolExecutor
) -> tuple[RankedSeries | None, list[Failure]]:
    """Return the ranked series, if two images are left, and the images that are not in it."""
    photos, failures = _numbered(series.photos)
    scores, unfit = _pair_scores(ranker, series.folder, photos, pool)
    failures += unfit.values()
    usable = {number: photo for number, photo in photos.items() if number not in unfit}
    if len(usable) < 2:
        alone = [Failure(p.name, "tokens", f"{p.name}: {_TOO_FEW}") for p in usable.values()]
        return None, failures + alone
    adjusted = aggregate_series(scores, len(usable))
    numbers = list(usable)

    def pair_p(a: int, b: int) -> float:
        i, j = numbers[a], numbers[b]
        if i < j:
            return ranker.p_first(*scores[i, j])
        return 1.0 - ranker.p_first(*scores[j, i])

    members, ordered = list(usable.values()), [adjusted[number] for number in numbers]
    difference = map_difference(members, parallel=pool.map)
    return ranker.ranked(series.id, members, ordered, pair_p, difference), failures


def _numbered(photos: Sequence[Photo]) -> tuple[dict[int, Photo], list[Failure]]:
    """Return the photos by the number at the end of their names, ascending, and the others."""
    found: dict[int, Photo] = {}
    failures: list[Failure] = []
    for photo in photos:
        match = _NUMBER.search(PurePath(photo.name).stem)
        if match is None:
            reason = "the reference tokenizer needs a number at the end of the name"
            remedy = "rename it like 000012-03.jpg or use --tokenizer series"
        elif int(match[1]) in found:
            reason = f"number {int(match[1])} is taken by {found[int(match[1])].name}"
            remedy = "give each image of a series its own number"
        else:
            found[int(match[1])] = photo
            continue
        failures.append(Failure(photo.name, "tokens", f"{photo.name}: {reason}; {remedy}"))
    return dict(sorted(found.items())), failures


def _pair_scores(
    ranker: Ranker, folder: str, photos: Mapping[int, Photo], pool: ThreadPoolExecutor
) -> tuple[_PairScores, dict[int, Failure]]:
    """Return the scores of all pairs of usable images, and the failures of the others by number.

    Where the released code fails on a pair, the more elongated image is the one that fails.
    """

    def score(pair: tuple[int, int]) -> tuple[float, float] | ShapeError:
        first, second = (photos[number].pixels for number in pair)
        try:
            tokens = tokenize_pair(first, second, pair_id=pair_id(folder, *pair))
        except ShapeError as error:
            return error
        scores = ranker.run(tokens).scores
        return float(scores[0]), float(scores[1])

    pairs = list(combinations(photos, 2))
    results = dict(zip(pairs, pool.map(score, pairs), strict=True))
    unfit: dict[int, Failure] = {}
    for pair, result in results.items():
        if isinstance(result, ShapeError) and not unfit.keys() & set(pair):
            number = max(pair, key=lambda n: _elongation(photos[n]))
            name = photos[number].name
            unfit[number] = Failure(name, "tokens", f"{name}: {result}")
    scores = {
        pair: result
        for pair, result in results.items()
        if not isinstance(result, ShapeError) and not unfit.keys() & set(pair)
    }
    return scores, unfit


def _elongation(photo: Photo) -> float:
    height, width = photo.pixels.shape[:2]
    return float(max(height, width) / min(height, width))
