"""How scores of single images use the scale: their spread, and whether worse means lower."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import InputError
from fgaesq.evaluation.metrics import spearman
from fgaesq.evaluation.resampling import estimate, ratio
from fgaesq.evaluation.results import Monotony, ScoreScale
from fgaesq.evaluation.scoring import pixels_of
from fgaesq.images import read_photo
from fgaesq.types import Image

if TYPE_CHECKING:
    from fgaesq.datasets.constructed import PoolPhoto
    from fgaesq.ranking.ranker import Ranker

__all__ = ["SEVERITIES", "Ladder", "constructed_ladders", "monotony", "score_scale"]

SEVERITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_LONG_SIDE_PX = 1024

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """One photo with one edit at rising severity.

    Attributes:
        kind: the edit.
        source: file name of the photo.
        images: one per entry of `SEVERITIES`, everything random about the edit being equal.
    """

    kind: str
    source: str
    images: Sequence[Image]


def constructed_ladders(folder: Path, *, split: str, per_kind: int, seed: int) -> Iterator[Ladder]:
    """Yield ladders of all kinds of edits on photos of a pool, drawn anew for each kind.

    Edits that crop have at severity 0 the crop without the flaw. Photos are those that suit
    the kind (`SUITED`), so that they get worse for certain, or those that do best.

    Needs the packages of the train extra.

    Raises:
        InputError: `folder` is no pool of photos.
    """
    from fgaesq.datasets.constructed import read_pool
    from fgaesq.datasets.edits import EDITS, SUITED

    pool = read_pool(folder, split=split)
    for number, (kind, edit) in enumerate(EDITS.items()):
        rng = np.random.default_rng([seed, number])
        if kind in SUITED:
            chosen = _suited(pool, per_kind, rng, SUITED[kind])
        else:
            places = rng.choice(len(pool), size=min(per_kind, len(pool)), replace=False)
            chosen = [pool[i] for i in places]
        for photo in chosen:
            pixels = _reduced(photo)
            drawn = int(rng.integers(2**63))
            images = [edit(pixels, s, np.random.default_rng(drawn)) for s in SEVERITIES]
            yield Ladder(kind, photo.path.name, images)


def _suited(
    pool: list[PoolPhoto], number: int, rng: np.random.Generator, suits: Callable[[Image], float]
) -> list[PoolPhoto]:
    """Return the first drawn photos that suit well enough, or those that do best."""
    degrees: dict[int, float] = {}
    for index in rng.permutation(len(pool)).tolist():
        if sum(one >= 1 for one in degrees.values()) >= number:
            break
        degrees[index] = min(suits(_reduced(pool[index])), 1.0)
    order = sorted(degrees, key=lambda index: -degrees[index])  # as drawn where equally well
    return [pool[index] for index in order[:number]]


def _reduced(photo: PoolPhoto) -> Image:
    whole = read_photo(photo.path).pixels  # reduced afterwards: JPEG scaling is no good start
    return np.ascontiguousarray(pixels_of(whole, _LONG_SIDE_PX))


def score_scale(
    name: str,
    ranker: Ranker,
    ladders: Iterable[Ladder],
    *,
    on_image: Callable[[], None] | None = None,
) -> ScoreScale:
    """Score the images of ladders each on its own, and return spread and monotony.

    Args:
        name: to list the model under.
        ranker: the model.
        ladders: at least one.
        on_image: called for each image.

    Raises:
        InputError: the model could not score one of the images, or there is none.
    """
    kinds: list[str] = []
    rows: list[list[float]] = []
    for ladder in ladders:
        result = ranker.score(list(ladder.images), on_image=on_image)
        if result.failures:
            raise InputError(f"{ladder.source}, {ladder.kind}: {result.failures[0].error}")
        rows.append([image.score for image in result.images])
        kinds.append(ladder.kind)
    if not rows:
        raise InputError("there is no photo to make ladders from")
    scores = np.array(rows)
    low, median, high = (float(p) for p in np.percentile(scores, [5, 50, 95]))
    counts = np.bincount(np.rint(scores.ravel()).astype(int), minlength=11)[1:11]
    of_kind = np.array(kinds)
    return ScoreScale(
        model=name,
        images=scores.size,
        low=low,
        median=median,
        high=high,
        shares=tuple(float(count) / scores.size for count in counts),
        kinds={"all": monotony(scores)}
        | {kind: monotony(scores[of_kind == kind]) for kind in dict.fromkeys(kinds)},
    )


def monotony(scores: _Floats) -> Monotony:
    """Return how surely scores fall along ladders.

    Args:
        scores: (L, R), L ladders of R rungs of rising severity; a tie of neighbours is wrong.
    """
    steps = (np.diff(scores, axis=1) < 0).sum(axis=1)
    falling = -np.arange(scores.shape[1], dtype=np.float64)
    correlations = np.array([spearman(row, falling) for row in scores], np.float64)
    sizes = np.full(len(scores), scores.shape[1] - 1.0)
    return Monotony(
        ladders=len(scores),
        steps_right=estimate(np.stack([sizes, steps], axis=1), ratio(1, 0)),
        spearman=estimate(np.stack([np.ones(len(scores)), correlations], axis=1), ratio(1, 0)),
    )
