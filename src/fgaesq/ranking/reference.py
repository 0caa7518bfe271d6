"""Series and pairs as the released code ranks them, so that published weights give its scores.

Every image is scored once for each pair it is in, which makes the cost quadratic; the draws of a
pair depend on the names of folder and files. Use it to reproduce, not to work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from fgaesq.errors import InputError
from fgaesq.images import SeriesFiles
from fgaesq.tokens.reference import aggregate_series, pair_id, tokenize_pair
from fgaesq.types import Comparison, Failure, ImageSource, Photo, RankedSeries, Ranking

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from fgaesq.ranking.ranker import Ranker

__all__ = ["compare_reference", "rank_reference_series"]

_NUMBER = re.compile(r"-(\d+)$")


def compare_reference(
    ranker: Ranker, photos: Sequence[Photo], pair: str | None
) -> Comparison:
    """Compare two photos with the draws of the given pair id.

    Raises:
        InputError: no pair id was given; the scores depend on it.
    """
    if pair is None:
        raise InputError(
            "the reference tokenizer draws its tokens by a pair id; "
            "give one, such as 12_1_3 for images 1 and 3 of series 12"
        )
    tokens = tokenize_pair(photos[0].pixels, photos[1].pixels, pair_id=pair)
    return ranker.comparison(photos, ranker.run(tokens), None)


def rank_reference_series(
    ranker: Ranker,
    series: Iterable[SeriesFiles | tuple[str, Sequence[ImageSource]]],
    on_image: Callable[[], None] | None,
) -> Ranking:
    """Rank series the released way: all pairs in the order of the numbers in the file names."""
    ranked: list[RankedSeries] = []
    failures: list[Failure] = []
    with ranker.reading_pool() as pool:
        for name, photos, failed in ranker.read_ahead(series, pool):
            failures.extend(failed)
            numbered, unnumbered = _numbered(photos)
            failures.extend(unnumbered)
            if len(numbered) >= 2:
                ranked.append(_rank_numbered(ranker, name, numbered, pool))
            else:
                reason = "fewer than two usable images; the reference tokenizer compares pairs"
                failures.extend(
                    Failure(p.name, "tokens", f"{p.name}: {reason}") for p in numbered.values()
                )
            for _ in range(len(photos) + len(failed)):
                if on_image:
                    on_image()
    return Ranking(ranker.identity, tuple(ranked), tuple(failures))


def _numbered(photos: Sequence[Photo]) -> tuple[dict[int, Photo], list[Failure]]:
    """Return the photos by the number at the end of their names, ascending, and the others."""
    found: dict[int, Photo] = {}
    failures: list[Failure] = []
    for photo in photos:
        match = _NUMBER.search(PurePosixPath(photo.name).stem)
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


def _rank_numbered(
    ranker: Ranker, name: str, photos: dict[int, Photo], pool: ThreadPoolExecutor
) -> RankedSeries:
    folder = PurePosixPath(name).name

    def score_pair(pair: tuple[int, int]) -> tuple[float, float]:
        i, j = pair
        tokens = tokenize_pair(
            photos[i].pixels, photos[j].pixels, pair_id=pair_id(folder, i, j)
        )
        first, second = ranker.run(tokens).scores
        return float(first), float(second)

    pairs = list(combinations(photos, 2))
    scores = dict(zip(pairs, pool.map(score_pair, pairs), strict=True))
    adjusted = aggregate_series(scores, len(photos))
    numbers = list(photos)

    def pair_p(a: int, b: int) -> float:
        i, j = numbers[a], numbers[b]
        if i < j:
            return ranker.p_first(*scores[i, j])
        return 1.0 - ranker.p_first(*scores[j, i])

    ordered = [photos[number] for number in numbers]
    return ranker.ranked(name, ordered, [adjusted[n] for n in numbers], pair_p, None)
