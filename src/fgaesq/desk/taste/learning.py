"""Learning a taste from what the catalogue holds, and laying it over the rankings of a shoot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np

from fgaesq.desk.catalogue.rankings import ranking_pairs
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.catalogue.tastes import (
    Features,
    Order,
    Taste,
    group_marks,
    rankings_in_shoot,
    read_features,
    read_strengths,
    read_taste,
    save_orders,
    save_taste,
)
from fgaesq.desk.records import DeskGroup
from fgaesq.desk.taste.head import FEWEST_GROUPS, Head, Picks, fit_head
from fgaesq.desk.taste.pairs import pairs_of
from fgaesq.ranking.probability import p_best, p_first, ranks, verdict
from fgaesq.types import ModelIdentity, Pair

__all__ = ["TasteUse", "fit_taste", "lay_taste", "shown_pairs", "taste_use"]


@dataclass(frozen=True, slots=True)
class TasteUse:
    """Whether a taste moves the order of a shoot.

    Attributes:
        picks: that it was learned from.
        used: whether it does.
        words: how that is said to the person.
        stale: whether it is not used because it was learned with another model.
    """

    picks: int
    used: bool
    words: str
    stale: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    """A group with picks: its features, and the pairs as places in them."""

    features: Features
    pairs: Sequence[tuple[int, int]]


def fit_taste(catalogue: Catalogue, model: ModelIdentity) -> Taste:
    """Learn the taste from all picks in groups that the model ranked, store and return it.

    It is switched on if held-out picks say that it helps, else off.
    """
    groups = list(_groups_with_picks(catalogue, model.sha256))
    picked = sum(len({place for pair in one.pairs for place in pair}) for one in groups)
    head, held_out = Head(1.0, np.zeros(0)), None
    if len(groups) >= FEWEST_GROUPS:
        head, measured = fit_head(_picks(groups), rng=np.random.default_rng(0))
        held_out = {**asdict(measured), "helps": measured.helps}
    taste = Taste(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=model.name,
        sha256=model.sha256,
        picks=picked,
        groups=len(groups),
        held_out=held_out,
        confidence=head.confidence,
        weights=head.weights.astype(np.float32),
        switched_on=bool(held_out and held_out["helps"]),
    )
    save_taste(catalogue, taste)
    return taste


def taste_use(
    catalogue: Catalogue, model: ModelIdentity, groups: Iterable[DeskGroup]
) -> TasteUse | None:
    """Return whether the taste moves the order of groups; None if there is no taste."""
    taste = read_taste(catalogue)
    if taste is None:
        return None
    if not taste.helps:
        return TasteUse(
            taste.picks, False, "your taste is not used: it does not help on held-out picks"
        )
    if not taste.switched_on:
        return TasteUse(taste.picks, False, "your taste is switched off")
    if taste.sha256 != model.sha256:
        words = "your taste was learned with another model; fit it again: fgaesq taste fit"
        return TasteUse(taste.picks, False, words, stale=True)
    if not any(group.taste for group in groups):
        return TasteUse(taste.picks, False, "your taste has no say: there is no series to rank")
    return TasteUse(taste.picks, True, f"with your taste, learned from {taste.picks} picks")


def lay_taste(catalogue: Catalogue, folders: Sequence[Path]) -> None:
    """Give the rankings of a shoot the order with the taste, or back that of the model."""
    taste = read_taste(catalogue)
    used = taste is not None and taste.switched_on and taste.helps
    with catalogue.transaction():
        save_orders(
            catalogue,
            [
                (ranking, _order(catalogue, ranking, taste) if used and taste else None)
                for ranking in rankings_in_shoot(catalogue, folders)
            ],
        )


def shown_pairs(catalogue: Catalogue, ranking: int) -> list[Pair]:
    """Return the verdicts of a ranking, with the taste where that was laid over it.

    Images are called by their contents in hexadecimal. The reasons are the model's, so a pair that
    the taste turned round has none.
    """
    pairs = ranking_pairs(catalogue, ranking)
    strengths = read_strengths(catalogue, ranking)
    if not strengths:
        return pairs
    reasons = {(pair.first, pair.second): pair.reasons for pair in pairs}
    shown = []
    for first, second in combinations(strengths, 2):
        p = p_first(strengths[first], strengths[second], temperature=1.0)
        names = first.hex(), second.hex()
        shown.append(Pair(*names, p, verdict(p), reasons.get(names, ())))
    return shown


def _groups_with_picks(catalogue: Catalogue, sha256: str) -> Iterator[_Group]:
    for ranking, marks in group_marks(catalogue).items():
        contents = list(marks)
        said = pairs_of([marks[content] for content in contents])
        features = read_features(catalogue, ranking, sha256) if said else None
        if features is None:
            continue
        row = {content: number for number, content in enumerate(features.contents)}
        pairs = [(contents[better], contents[worse]) for better, worse in said]
        known = [(row[a], row[b]) for a, b in pairs if a in row and b in row]
        if known:
            yield _Group(features, known)


def _picks(groups: Iterable[_Group]) -> Picks:
    """Return the pairs of groups as the head is fitted on them."""
    strengths, features, numbers, variances = [], [], [], []
    for number, one in enumerate(groups):
        better, worse = map(list, zip(*one.pairs, strict=True))
        vectors = one.features.vectors.astype(np.float64)
        strengths.append(one.features.strengths[better] - one.features.strengths[worse])
        features.append(vectors[better] - vectors[worse])
        numbers.append(np.full(len(one.pairs), number))
        variances.append(vectors.var(axis=0))
    return Picks(
        np.concatenate(strengths),
        np.concatenate(features),
        np.concatenate(numbers),
        np.sqrt(np.mean(variances, axis=0)),
    )


def _order(catalogue: Catalogue, ranking: int, taste: Taste) -> Order | None:
    """Return the order of a ranking with the taste; None if it has no features of its model."""
    features = read_features(catalogue, ranking, taste.sha256)
    if features is None or len(features.contents) < 2:
        return None
    head = Head(taste.confidence, taste.weights.astype(np.float64))
    strengths = head.strengths(features.strengths, features.vectors).tolist()
    best = p_best(strengths, temperature=1.0)
    photos = list(zip(features.contents, ranks(strengths), best, strengths, strict=True))
    first, second = sorted(strengths, reverse=True)[:2]
    return Order(taste.picks, p_first(first, second, temperature=1.0), photos)
