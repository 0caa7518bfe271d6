"""Rankings in the catalogue: made once for a set of contents and a model, found again by both.

A model that is given photos of another reading counts as another model here, as its scores differ.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.records import Reading
from fgaesq.types import (
    DifferenceMap,
    EffectMap,
    ModelIdentity,
    Pair,
    RankedSeries,
    Reason,
    Score,
)

__all__ = [
    "find_ranking",
    "model_id",
    "ranking_maps",
    "ranking_model",
    "ranking_pairs",
    "save_ranking",
    "save_score",
    "stored_reasons",
]

_Box = tuple[float, float, float, float]


def model_id(catalogue: Catalogue, model: ModelIdentity, reading: Reading) -> int:
    """Return the id of a model and reading in the catalogue, entering them if need be."""
    values = (
        *(model.name, model.version, model.sha256, model.engine, model.tokenizer, model.reasons),
        reading,
    )
    columns = "(name, version, sha256, engine, tokenizer, reasons, reading)"
    with catalogue.transaction():
        catalogue.write(
            f"INSERT OR IGNORE INTO models {columns} VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            values,
        )
        found = catalogue.rows(
            f"SELECT id FROM models WHERE {columns} = (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            values,
        )
    number: int = found[0][0]
    return number


def find_ranking(catalogue: Catalogue, contents: Iterable[bytes], model: int) -> int | None:
    """Return the id of the ranking of these contents by a model; None if there is none."""
    rows = catalogue.rows(
        "SELECT id FROM rankings WHERE members = ? AND model_id = ?", (_members(contents), model)
    )
    return rows[0][0] if rows else None


def save_ranking(catalogue: Catalogue, ranked: RankedSeries, model: int) -> int:
    """Store a ranking, whose images are called by their contents in hexadecimal; return its id."""
    contents = [bytes.fromhex(image.path) for image in ranked.images]
    position = {image.path: place for place, image in enumerate(ranked.images)}
    pairs = [
        [position[pair.first], position[pair.second], pair.p, pair.verdict, _plain(pair.reasons)]
        for pair in ranked.pairs
    ]
    packed = zlib.compress(json.dumps([list(position), pairs]).encode())
    with catalogue.transaction():
        margin = ranked.pairs[0].p if ranked.pairs else None  # pairs are in rank order
        parts = (margin, packed, _packed_maps(ranked))
        ranking = _new_ranking(catalogue, contents, model, parts)
        catalogue.write_all(
            "INSERT INTO ranked VALUES (?, ?, ?, ?, ?, ?)",
            [
                (ranking, content, image.rank, image.score, image.p_best,
                 json.dumps(_plain(image.reasons)))
                for content, image in zip(contents, ranked.images, strict=True)
            ],
        )  # fmt: skip
    return ranking


def save_score(catalogue: Catalogue, score: Score, model: int) -> int:
    """Store the absolute score of one content as a ranking of one; return its id."""
    content = bytes.fromhex(score.path)
    with catalogue.transaction():
        ranking = _new_ranking(catalogue, [content], model, (None, None, None))
        values = (ranking, content, 1, score.score, 1.0, "[]")
        catalogue.write("INSERT INTO ranked VALUES (?, ?, ?, ?, ?, ?)", values)
    return ranking


def ranking_model(catalogue: Catalogue, ranking: int) -> ModelIdentity:
    """Return which model made a ranking."""
    rows = catalogue.rows(
        "SELECT name, version, sha256, engine, tokenizer, reasons FROM models "
        "WHERE id = (SELECT model_id FROM rankings WHERE id = ?)",
        (ranking,),
    )
    name, version, sha256, engine, tokenizer, reasons = rows[0]
    return ModelIdentity(name, version, sha256, engine, tokenizer, bool(reasons))


def ranking_pairs(catalogue: Catalogue, ranking: int) -> list[Pair]:
    """Return the verdicts of a ranking, images called by their contents in hexadecimal."""
    rows = catalogue.rows("SELECT pairs FROM rankings WHERE id = ?", (ranking,))
    if not rows or rows[0][0] is None:
        return []
    names, pairs = json.loads(zlib.decompress(rows[0][0]))
    return [
        Pair(names[first], names[second], p, said, _reasons(reasons))
        for first, second, p, said, reasons in pairs
    ]


def ranking_maps(
    catalogue: Catalogue, ranking: int
) -> tuple[DifferenceMap | None, EffectMap | None]:
    """Return the maps of a ranking, images called by their contents in hexadecimal.

    Values have been stored with 11 significant bits, which is more than can be seen.
    """
    rows = catalogue.rows("SELECT maps FROM rankings WHERE id = ?", (ranking,))
    if not rows or rows[0][0] is None:
        return None, None
    with np.load(io.BytesIO(rows[0][0])) as stored:
        names = [bytes(content).hex() for content in stored["contents"]]
        boxes = dict(zip(names, (_box(box) for box in stored["boxes"]), strict=True))
        values = stored["difference"].astype(np.float32)
        difference = DifferenceMap(values, tuple(stored["fine_cells"].tolist()), boxes)
        if "effects" not in stored:
            return difference, None
        effects = {
            name: None if np.isnan(one).any() else one.astype(np.float32)
            for name, one in zip(names, stored["effects"], strict=True)
        }
    return difference, EffectMap(effects, boxes)


def stored_reasons(text: str) -> tuple[Reason, ...]:
    """Return the reasons that stand in the column `reasons`."""
    return _reasons(json.loads(text))


def _new_ranking(
    catalogue: Catalogue,
    contents: Sequence[bytes],
    model: int,
    parts: tuple[float | None, bytes | None, bytes | None],
) -> int:
    """Enter a ranking without its images; one that another process has just made is replaced."""
    members = _members(contents)
    catalogue.write(
        "INSERT INTO rankings (members, model_id, margin, pairs, maps) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (members, model_id) DO UPDATE SET margin = excluded.margin, "
        "pairs = excluded.pairs, maps = excluded.maps",
        (members, model, *parts),
    )
    rows = catalogue.rows(
        "SELECT id FROM rankings WHERE members = ? AND model_id = ?", (members, model)
    )
    ranking: int = rows[0][0]
    catalogue.write("DELETE FROM ranked WHERE ranking_id = ?", (ranking,))
    return ranking


def _members(contents: Iterable[bytes]) -> bytes:
    """Return the digest of a set of contents, whatever their order."""
    return hashlib.blake2b(b"".join(sorted(set(contents))), digest_size=16).digest()


def _packed_maps(ranked: RankedSeries) -> bytes | None:
    if ranked.difference is None:
        return None
    names = [image.path for image in ranked.images]
    boxes = [ranked.difference.boxes.get(name) or (np.nan,) * 4 for name in names]
    arrays: dict[str, NDArray[np.generic]] = {
        "contents": np.array([list(bytes.fromhex(name)) for name in names], np.uint8),
        "difference": ranked.difference.values.astype(np.float16),
        "fine_cells": np.array(ranked.difference.fine_cells, np.int32),
        "boxes": np.array(boxes),
    }
    if ranked.effects is not None:
        blank = np.full(ranked.difference.values.shape, np.nan)
        maps = [ranked.effects.values.get(name) for name in names]
        stacked = np.stack([blank if one is None else one for one in maps])
        arrays["effects"] = stacked.astype(np.float16)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def _box(stored: NDArray[np.float64]) -> _Box | None:
    if np.isnan(stored).any():
        return None
    top, left, bottom, right = stored.tolist()
    return top, left, bottom, right


def _plain(reasons: Iterable[Reason]) -> list[tuple[str, float]]:
    return [(reason.text, reason.strength) for reason in reasons]


def _reasons(stored: Iterable[Sequence[object]]) -> tuple[Reason, ...]:
    return tuple(Reason(str(text), float(str(strength))) for text, strength in stored)
