"""A culled shoot as text, JSON, CSV and Parquet, and as a ranking for the page of `report`."""

from __future__ import annotations

import csv
import io
from typing import Any

from fgaesq.desk.culling import Culled
from fgaesq.desk.desk import Desk
from fgaesq.desk.records import DeskGroup, DeskPhoto, Verb
from fgaesq.errors import MissingExtraError
from fgaesq.images.names import printable
from fgaesq.report.formats import model_data
from fgaesq.report.text import escape_surrogates
from fgaesq.report.words import counted, percent
from fgaesq.types import RankedImage, RankedSeries, Ranking

__all__ = [
    "culled_csv",
    "culled_data",
    "culled_table",
    "score_rows",
    "scores_parquet",
    "shoot_ranking",
]

_COLUMNS = (
    *("group", "kind", "path", "taken", "rank", "score", "p_best"),
    *("verb", "stars", "why", "reason", "failure"),
)
_MODEL_COLUMNS = ("model", "version", "sha256", "engine", "tokenizer", "taste", "reading")
_DECIMALS = 6
_VERBS: dict[Verb, str] = {"keep": "keep", "reject": "reject", "undecided": "you decide"}


def culled_table(culled: Culled) -> str:
    """Return the groups with what is proposed for each photo, and a summary, as plain text."""
    lines: list[str] = []
    for group in culled.groups:
        lines += [_heading(group), *(_line(photo) for photo in group.photos), ""]
    photos = [photo for group in culled.groups for photo in group.photos]
    counts = {verb: sum(photo.verb == verb for photo in photos) for verb in _VERBS}
    lines.append(
        f"{counted(len(photos), 'photo')} in {counted(len(culled.groups), 'group')}: "
        f"{counts['keep']} to keep, {counts['reject']} to reject, {counts['undecided']} for you"
    )
    if culled.reading == "fast":
        lines.append("Read fast: scores differ slightly from those of the normal reading.")
    if culled.taste and (culled.taste.used or culled.taste.stale):
        lines.append(culled.taste.words[0].upper() + culled.taste.words[1:] + ".")
    return "\n".join(lines) + "\n"


def culled_data(culled: Culled) -> dict[str, Any]:
    """Return `{"model", "reading", "taste", "groups": [...], "read", "failures"}` for JSON."""
    return {
        "model": model_data(culled.model),
        "reading": culled.reading,
        "taste": _taste(culled),
        "groups": [
            {
                "id": group.id,
                "kind": group.kind,
                "why": group.why,
                "protected": group.protected,
                "by_hand": group.by_hand,
                "margin": _rounded(group.margin),
                "taste": bool(group.taste),
                "photos": [_photo(photo) for photo in group.photos],
            }
            for group in culled.groups
        ],
        "read": culled.read,
        "failures": [
            {"path": one.path, "stage": one.stage, "error": one.error} for one in culled.failures
        ],
    }


def score_rows(culled: Culled) -> list[dict[str, Any]]:
    """Return a row for each photo of the shoot, without the model; see `culled_csv`."""
    return [
        {
            "group": group.id,
            "kind": group.kind,
            "path": printable(photo.path),
            "taken": photo.taken,
            "rank": photo.rank,
            "score": _rounded(photo.score),
            "p_best": _rounded(photo.p_best),
            "verb": photo.verb,
            "stars": photo.stars,
            "why": photo.proposal.why if photo.proposal else "",
            "reason": photo.reasons[0].text if photo.reasons else "",
            "failure": photo.failure,
        }
        for group in culled.groups
        for photo in group.photos
    ]


def culled_csv(culled: Culled) -> str:
    """Return a row for each photo: group, rank, score, proposal, and the model that judged."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_COLUMNS, *_MODEL_COLUMNS])
    model = culled.model
    taste = culled.taste.words if culled.taste and culled.taste.used else ""
    identity = (
        *(model.name, model.version, model.sha256, model.engine, model.tokenizer),
        *(taste, culled.reading),
    )
    for row in score_rows(culled):
        writer.writerow(["" if cell is None else cell for cell in (*row.values(), *identity)])
    return escape_surrogates(text.getvalue())


def scores_parquet(culled: Culled) -> bytes:
    """Return the rows as a Parquet file; the model stands in the schema's metadata.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtraError("writing Parquet files", "data") from None
    whole, real, text = pa.int64(), pa.float64(), pa.string()
    types = dict.fromkeys(_COLUMNS, text)
    types |= dict.fromkeys(("group", "rank", "stars"), whole)
    types |= dict.fromkeys(("score", "p_best"), real)
    identity = {f"fgaesq.{key}": str(value) for key, value in model_data(culled.model).items()}
    identity["fgaesq.reading"] = culled.reading
    if culled.taste and culled.taste.used:
        identity["fgaesq.taste"] = culled.taste.words
    schema = pa.schema(list(types.items()), metadata=identity)
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(score_rows(culled), schema=schema), content)
    return content.getvalue()


def shoot_ranking(culled: Culled, desk: Desk) -> Ranking:
    """Return the ranked groups of a shoot as `report.html.ranking_page` shows them.

    Groups that were not ranked, as all their photos are needed, are left out.
    """
    series = [
        _ranked_series(number, group, desk)
        for number, group in enumerate(culled.groups, start=1)
        if not group.protected and any(photo.rank is not None for photo in group.photos)
    ]
    return Ranking(culled.model, tuple(series), culled.failures)


def _ranked_series(number: int, group: DeskGroup, desk: Desk) -> RankedSeries:
    ranked = [photo for photo in group.photos if photo.rank is not None]
    images = tuple(
        RankedImage(one.path, one.rank, one.score, one.p_best, one.reasons)
        for one in ranked
        if one.rank is not None and one.score is not None and one.p_best is not None
    )
    kept = sum(photo.verb == "keep" for photo in ranked)
    taken = group.photos[0].taken[:16].replace("T", " ")
    name = f"{number}. {taken or group.photos[0].name}: {kept} of {len(group.photos)} to keep"
    difference, effects = desk.maps(group.id)
    return RankedSeries(name, images, tuple(desk.pairs(group.id)), difference, effects)


def _heading(group: DeskGroup) -> str:
    kind = group.kind.replace("_", " ")
    taken = group.photos[0].taken[:16].replace("T", " ")
    margin = f", the first is preferred with {percent(group.margin)}" if group.margin else ""
    parts = [f"{kind} of {len(group.photos)}" if len(group.photos) > 1 else kind]
    return printable("  ".join(filter(None, [taken, parts[0] + margin, group.why])))


def _line(photo: DeskPhoto) -> str:
    score = "    " if photo.score is None else f"{photo.score:4.1f}"
    why = photo.failure or (photo.proposal.why if photo.proposal else "")
    if photo.mark.verb or photo.mark.stars is not None:
        why = "You decided so."
    stars = "*" * photo.stars
    return printable(f"  {_VERBS[photo.verb]:10}  {stars:5}  {score}  {photo.name}  {why}".rstrip())


def _photo(photo: DeskPhoto) -> dict[str, Any]:
    return {
        "id": photo.id,
        "path": printable(photo.path),
        "taken": photo.taken,
        "rank": photo.rank,
        "score": _rounded(photo.score),
        "p_best": _rounded(photo.p_best),
        "reasons": [
            {"text": one.text, "strength": _rounded(one.strength)} for one in photo.reasons
        ],
        "verb": photo.verb,
        "stars": photo.stars,
        "why": photo.proposal.why if photo.proposal else "",
        "marked": photo.mark.verb is not None or photo.mark.stars is not None,
        "failure": photo.failure,
    }


def _taste(culled: Culled) -> dict[str, Any] | None:
    """Return what is said of the taste; None if there is none."""
    taste = culled.taste
    if taste is None:
        return None
    return {"used": taste.used, "picks": taste.picks, "words": taste.words}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
