"""The taste in the catalogue, the features that it is learned from, and the orders that it gives.

Scores and ranks of the model stay as they are in `ranked`; the order that follows from model and
taste together is laid over them in `tasted_rankings` and `tasted`, and taken away again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.catalogue.photos import in_shoot
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.records import PROTECTED, Mark

__all__ = [
    "Features",
    "Order",
    "Taste",
    "delete_taste",
    "group_marks",
    "rankings_in_shoot",
    "read_features",
    "read_strengths",
    "read_taste",
    "save_features",
    "save_orders",
    "save_taste",
    "switch_taste",
]

_LARGEST: Final = float(np.finfo(np.float16).max)


@dataclass(frozen=True, slots=True)
class Features:
    """What the model says of the photos of a ranking.

    Attributes:
        contents: of the photos.
        strengths: their scores over the temperature of the model, (N,).
        vectors: their features, (N, F); stored as float16 less their mean, as only differences
            count, which so keep 11 significant bits.
    """

    contents: Sequence[bytes]
    strengths: NDArray[np.float64]
    vectors: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Taste:
    """A taste as it was fitted.

    Attributes:
        at: when, ISO 8601, UTC.
        model: name of the model whose features it is for.
        sha256: of that model's weights.
        picks: photos that a person marked and that it was learned from.
        groups: that they are in.
        held_out: numbers of `HeldOut` by name, and `helps`; None if the picks were too few.
        confidence: factor of the model's strength.
        weights: of the features, float32 (F,); (0,) if the picks were too few.
        switched_on: whether the person wants it used.
    """

    at: str
    model: str
    sha256: str
    picks: int
    groups: int
    held_out: Mapping[str, float] | None
    confidence: float
    weights: NDArray[np.float32]
    switched_on: bool

    @property
    def helps(self) -> bool:
        """Whether held-out picks say that it helps."""
        return bool(self.held_out and self.held_out["helps"])


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a ranking with the taste.

    Attributes:
        picks: that the taste was learned from.
        margin: P(first beats second).
        photos: (content, rank, p_best, strength) each.
    """

    picks: int
    margin: float
    photos: Sequence[tuple[bytes, int, float, float]]


def read_taste(catalogue: Catalogue) -> Taste | None:
    """Return the taste; None if there is none."""
    rows = catalogue.rows(
        "SELECT at, model, sha256, picks, groups, held_out, confidence, weights, switched_on "
        "FROM tastes"
    )
    if not rows:
        return None
    at, model, sha256, picks, groups, held_out, confidence, weights, switched_on = rows[0]
    return Taste(
        at,
        model,
        sha256,
        picks,
        groups,
        None if held_out is None else json.loads(held_out),
        confidence,
        np.frombuffer(weights, np.float32),
        bool(switched_on),
    )


def save_taste(catalogue: Catalogue, taste: Taste) -> None:
    """Store the taste in place of the one before."""
    values = asdict(taste)
    values["held_out"] = None if taste.held_out is None else json.dumps(dict(taste.held_out))
    values["weights"] = taste.weights.tobytes()
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    catalogue.write(
        f"INSERT OR REPLACE INTO tastes (id, {names}) VALUES (1, {marks})",  # noqa: S608
        values.values(),
    )


def switch_taste(catalogue: Catalogue, *, on: bool) -> None:
    """Say whether the taste is to be used."""
    with catalogue.transaction(durable=True):
        catalogue.write("UPDATE tastes SET switched_on = ?", (on,))


def delete_taste(catalogue: Catalogue) -> None:
    """Forget the taste."""
    with catalogue.transaction(durable=True):
        catalogue.write("DELETE FROM tastes")


def save_features(catalogue: Catalogue, ranking: int, features: Features) -> None:
    """Store the features of the photos of a ranking."""
    centred = features.vectors - features.vectors.mean(axis=0)
    vectors = np.clip(centred, -_LARGEST, _LARGEST).astype(np.float16)
    catalogue.write_all(
        "INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?)",
        [
            (ranking, content, strength, vector.tobytes())
            for content, strength, vector in zip(
                features.contents, features.strengths.tolist(), vectors, strict=True
            )
        ],
    )


def read_features(catalogue: Catalogue, ranking: int, sha256: str) -> Features | None:
    """Return the features of a ranking; None if there are none of a model with these weights."""
    rows = catalogue.rows(
        "SELECT content, strength, vector FROM features "
        "JOIN rankings ON rankings.id = ranking_id JOIN models ON models.id = model_id "
        "WHERE ranking_id = ? AND sha256 = ?",
        (ranking, sha256),
    )
    if not rows:
        return None
    contents, strengths, vectors = zip(*rows, strict=True)
    return Features(
        contents,
        np.array(strengths, np.float64),
        np.stack([np.frombuffer(vector, np.float16) for vector in vectors]),
    )


def group_marks(catalogue: Catalogue) -> dict[int, dict[bytes, Mark]]:
    """Return what was said of the photos of each ranked group, by ranking and content.

    Groups of which all photos are needed are left out. Of files with one content the first counts
    of which something was said.
    """
    rows = catalogue.rows(
        "SELECT ranking_id, kind, content, verb, stars, label FROM marks "
        "JOIN photos ON photos.id = photo_id JOIN groups ON groups.id = group_id "
        "WHERE ranking_id IS NOT NULL ORDER BY photos.id"
    )
    marks: dict[int, dict[bytes, Mark]] = {}
    for ranking, kind, content, verb, stars, label in rows:
        if kind not in PROTECTED and (verb, stars) != (None, None):
            marks.setdefault(ranking, {}).setdefault(content, Mark(verb, stars, label))
    return marks


def rankings_in_shoot(catalogue: Catalogue, folders: Sequence[Path]) -> list[int]:
    """Return the rankings of the groups below folders."""
    scope, values = in_shoot(folders)
    rows = catalogue.rows(
        "SELECT DISTINCT ranking_id FROM photos JOIN groups ON groups.id = group_id "  # noqa: S608
        f"WHERE ranking_id IS NOT NULL AND {scope}",
        values,
    )
    return [ranking for (ranking,) in rows]


def save_orders(catalogue: Catalogue, orders: Iterable[tuple[int, Order | None]]) -> None:
    """Lay orders over rankings, (ranking, order) each; None gives back the model's."""
    orders = list(orders)
    given = [(ranking, order) for ranking, order in orders if order is not None]
    with catalogue.transaction():
        for table in ("tasted", "tasted_rankings"):
            catalogue.write_all(
                f"DELETE FROM {table} WHERE ranking_id = ?",  # noqa: S608
                [(ranking,) for ranking, _ in orders],
            )
        catalogue.write_all(
            "INSERT INTO tasted_rankings VALUES (?, ?, ?)",
            [(ranking, order.picks, order.margin) for ranking, order in given],
        )
        catalogue.write_all(
            "INSERT INTO tasted VALUES (?, ?, ?, ?, ?)",
            [(ranking, *photo) for ranking, order in given for photo in order.photos],
        )


def read_strengths(catalogue: Catalogue, ranking: int) -> dict[bytes, float]:
    """Return the strengths with the taste, best first; empty where the model's order holds."""
    rows = catalogue.rows(
        "SELECT content, strength FROM tasted WHERE ranking_id = ? ORDER BY rank, content",
        (ranking,),
    )
    return dict(rows)
