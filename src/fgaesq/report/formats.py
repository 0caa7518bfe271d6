r"""Results as JSON, CSV and NDJSON of documented, stable shape.

JSON of `rank` (`score` and `compare` alike, see `scores_data` and `comparison_data`)::

    {"model": {"name", "version", "sha256", "engine", "tokenizer", "reasons"},
     "series": [{"id",
                 "images": [{"path", "rank", "score", "p_best",             best first
                             "reasons": [{"text", "strength"}, ...],
                             "cells": [{"box", "effect"}, ...]}, ...],
                 "pairs": [{"first", "second", "p", "verdict",              only when asked
                            "reasons": [...]}, ...]}],
     "failures": [{"path", "stage", "error"}]}

`reasons` are empty where none stands out, and always for a model without words for them
(`model.reasons` is false). `cells` are there if the model tells where a score comes from: the five
that move the image's score most, strongest first.

NDJSON holds the same objects, one a line, each under the one key that says what it is: first
`{"model": ...}`, then one `{"series": ...}` (`{"image": ...}`, `{"comparison": ...}`) a line, then
one `{"failure": ...}` a line. CSV holds results only, never failures; lines end in a line feed.

Scores and probabilities are rounded to 6 decimals. A file name that is not valid UTF-8 appears
with `\udcxx` escapes, so all text here can be written as UTF-8.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from fgaesq.errors import EngineError
from fgaesq.report.effects import strongest_cells
from fgaesq.report.text import escape_surrogates
from fgaesq.types import (
    Comparison,
    EffectMap,
    Failure,
    ModelIdentity,
    RankedSeries,
    Ranking,
    Reason,
    Score,
    Scores,
)

__all__ = [
    "Data",
    "comparison_csv",
    "comparison_data",
    "comparison_ndjson",
    "model_data",
    "pairs_csv",
    "ranking_csv",
    "ranking_data",
    "ranking_ndjson",
    "scores_csv",
    "scores_data",
    "scores_ndjson",
    "to_json",
]

_COLUMNS = 100

Data: TypeAlias = dict[str, Any]
"""A JSON object."""

_DECIMALS = 6


def ranking_data(ranking: Ranking, *, with_pairs: bool = False) -> Data:
    """Return a ranking as the JSON object described above.

    Raises:
        EngineError: a number is not finite (also in all functions below).
    """
    return {
        "model": model_data(ranking.model),
        "series": [_series(series, with_pairs=with_pairs) for series in ranking.series],
        "failures": [_failure(failure) for failure in ranking.failures],
    }


def scores_data(scores: Scores, *, with_distribution: bool = False) -> Data:
    """Return `{"model", "images": [{"path", "score"}], "failures"}`, images in the order given.

    With `with_distribution` each image has also `"distribution"`: 10 probabilities, of score 1
    to 10.
    """
    return {
        "model": model_data(scores.model),
        "images": [_image(s, with_distribution=with_distribution) for s in scores.images],
        "failures": [_failure(failure) for failure in scores.failures],
    }


def comparison_data(comparison: Comparison) -> Data:
    """Return `{"model", "first": {"path", "score"}, "second": {...}, "p", "verdict", "reasons"}`.

    `first` and `second` also have `cells` if the model tells where a score comes from.
    """
    return {"model": model_data(comparison.model), **_verdict(comparison)}


def to_json(data: Data) -> str:
    """Return `data` as JSON text: keys in the order given, 2 spaces, a line feed at the end.

    Lists and objects inside others that fit into 100 columns, such as a box, are on one line.
    """
    return escape_surrogates(_laid_out(data)) + "\n"


def _laid_out(value: Any, margin: str = "", taken: int = 0) -> str:  # noqa: ANN401 - any JSON
    """Return JSON text that starts behind `taken` columns, its other lines behind `margin`."""
    short = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not value or not isinstance(value, dict | list | tuple):
        return short
    if margin and taken + len(short) <= _COLUMNS:
        return short
    inner = margin + "  "
    if isinstance(value, dict):
        keys = [f"{inner}{json.dumps(key, ensure_ascii=False)}: " for key in value]
        parts = [
            key + _laid_out(one, inner, len(key))
            for key, one in zip(keys, value.values(), strict=True)
        ]
    else:
        parts = [inner + _laid_out(one, inner, len(inner)) for one in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return first + "\n" + ",\n".join(parts) + "\n" + margin + last


def ranking_ndjson(ranking: Ranking, *, with_pairs: bool = False) -> str:
    """Return a ranking as NDJSON: a line for the model, each series and each failure."""
    data = ranking_data(ranking, with_pairs=with_pairs)
    return _ndjson(data["model"], "series", data["series"], data["failures"])


def scores_ndjson(scores: Scores, *, with_distribution: bool = False) -> str:
    """Return scores as NDJSON: a line for the model, each image and each failure."""
    data = scores_data(scores, with_distribution=with_distribution)
    return _ndjson(data["model"], "image", data["images"], data["failures"])


def comparison_ndjson(comparison: Comparison) -> str:
    """Return a comparison as NDJSON: a line for the model and one for the comparison."""
    return _ndjson(model_data(comparison.model), "comparison", [_verdict(comparison)], [])


def ranking_csv(ranking: Ranking) -> str:
    """Return `series,rank,path,score,p_best,reason,strength`, one row per image, best first.

    `reason` is the first one; it and its strength are empty where there is none (also below).
    """
    rows = [
        (
            series.id,
            image.rank,
            image.path,
            _fixed(image.score),
            _fixed(image.p_best),
            *_first_reason(image.reasons),
        )
        for series in ranking.series
        for image in series.images
    ]
    return _csv(("series", "rank", "path", "score", "p_best", "reason", "strength"), rows)


def pairs_csv(ranking: Ranking) -> str:
    """Return `series,first,second,p,verdict,reason,strength`, one row per pair."""
    rows = [
        (
            series.id,
            pair.first,
            pair.second,
            _fixed(pair.p),
            pair.verdict,
            *_first_reason(pair.reasons),
        )
        for series in ranking.series
        for pair in series.pairs
    ]
    return _csv(("series", "first", "second", "p", "verdict", "reason", "strength"), rows)


def scores_csv(scores: Scores, *, with_distribution: bool = False) -> str:
    """Return `path,score`, one row per image; with distribution also `bin_1` to `bin_10`."""
    header = ["path", "score"]
    if with_distribution:
        header += [f"bin_{level}" for level in range(1, 11)]
    rows = [
        (s.path, _fixed(s.score), *(map(_fixed, s.distribution) if with_distribution else ()))
        for s in scores.images
    ]
    return _csv(header, rows)


def comparison_csv(comparison: Comparison) -> str:
    """Return `first,first_score,second,second_score,p,verdict,reason,strength` and one row."""
    first, second = comparison.first, comparison.second
    row = {
        "first": first.path,
        "first_score": _fixed(first.score),
        "second": second.path,
        "second_score": _fixed(second.score),
        "p": _fixed(comparison.p),
        "verdict": comparison.verdict,
    }
    row["reason"], row["strength"] = _first_reason(comparison.reasons)
    return _csv(tuple(row), [tuple(row.values())])


def model_data(model: ModelIdentity) -> Data:
    """Return which model made the numbers, as all JSON names it."""
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "engine": model.engine,
        "tokenizer": model.tokenizer,
        "reasons": model.reasons,
    }


def _series(series: RankedSeries, *, with_pairs: bool) -> Data:
    data: Data = {
        "id": series.id,
        "images": [
            {
                "path": image.path,
                "rank": image.rank,
                "score": _number(image.score),
                "p_best": _number(image.p_best),
                "reasons": _reasons(image.reasons),
                **_cells(series.effects, image.path),
            }
            for image in series.images
        ],
    }
    if with_pairs:
        data["pairs"] = [
            {
                "first": pair.first,
                "second": pair.second,
                "p": _number(pair.p),
                "verdict": pair.verdict,
                "reasons": _reasons(pair.reasons),
            }
            for pair in series.pairs
        ]
    return data


def _image(score: Score, *, with_distribution: bool = False) -> Data:
    data: Data = {"path": score.path, "score": _number(score.score)}
    if with_distribution:
        data["distribution"] = [_number(probability) for probability in score.distribution]
    return data


def _verdict(comparison: Comparison) -> Data:
    first, second = comparison.first, comparison.second
    return {
        "first": {**_image(first), **_cells(comparison.effects, first.path)},
        "second": {**_image(second), **_cells(comparison.effects, second.path)},
        "p": _number(comparison.p),
        "verdict": comparison.verdict,
        "reasons": _reasons(comparison.reasons),
    }


def _reasons(reasons: Iterable[Reason]) -> list[Data]:
    return [{"text": reason.text, "strength": _number(reason.strength)} for reason in reasons]


def _first_reason(reasons: Sequence[Reason]) -> tuple[str, str]:
    return (reasons[0].text, _fixed(reasons[0].strength)) if reasons else ("", "")


def _cells(effects: EffectMap | None, path: str) -> Data:
    """Return the cells that move the image's score most, as boxes in fractions of its frame."""
    if effects is None:
        return {}
    cells = [
        {"box": [_number(edge) for edge in box], "effect": _number(effect)}
        for box, effect in strongest_cells(effects, path)
    ]
    return {"cells": cells}


def _failure(failure: Failure) -> Data:
    return {"path": failure.path, "stage": failure.stage, "error": failure.error}


def _number(value: float) -> float:
    """Return `value` to 6 decimals, a Python float, never -0.0."""
    if not math.isfinite(value):
        raise EngineError(
            f"the model gave {float(value)} where a finite number belongs; "
            "its weights file is damaged or the engine does not support it"
        )
    return round(float(value), _DECIMALS) + 0.0  # -0.0 + 0.0 is 0.0


def _fixed(value: float) -> str:
    return f"{_number(value):.{_DECIMALS}f}"


def _ndjson(model: Data, kind: str, results: Iterable[Data], failures: Iterable[Data]) -> str:
    lines = [{"model": model}]
    lines += [{kind: result} for result in results]
    lines += [{"failure": failure} for failure in failures]
    texts = (json.dumps(line, ensure_ascii=False, allow_nan=False) for line in lines)
    return "".join(escape_surrogates(text) + "\n" for text in texts)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return escape_surrogates(text.getvalue())
