"""The photos below folders as the desk shows them: in groups, ranked, proposed, marked."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fgaesq.capture.records import Capture, PhotoFiles
from fgaesq.desk.catalogue.photos import capture_of, files_in_shoot, in_shoot
from fgaesq.desk.catalogue.rankings import stored_reasons
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.records import PROTECTED, DeskGroup, DeskPhoto, Mark, Proposal
from fgaesq.images.discover import natural_key
from fgaesq.images.names import printable

__all__ = ["read_shoot", "save_proposals"]

_QUERY = """
SELECT photos.id, group_id, capture, taken, failure, taken_s,
       coalesce(tasted.rank, ranked.rank), ranked.score, coalesce(tasted.p_best, ranked.p_best),
       CASE WHEN coalesce(tasted.rank, ranked.rank) = ranked.rank THEN ranked.reasons END,
       proposals.verb, proposals.stars, proposals.why,
       marks.verb, marks.stars, marks.label,
       groups.kind, groups.why, groups.by_hand,
       coalesce(tasted_rankings.margin, rankings.margin), coalesce(tasted_rankings.picks, 0)
FROM photos
JOIN groups ON groups.id = group_id
LEFT JOIN rankings ON rankings.id = groups.ranking_id
LEFT JOIN ranked ON ranked.ranking_id = groups.ranking_id AND ranked.content = photos.content
LEFT JOIN tasted_rankings ON tasted_rankings.ranking_id = groups.ranking_id
LEFT JOIN tasted ON tasted.ranking_id = groups.ranking_id AND tasted.content = photos.content
LEFT JOIN proposals ON proposals.photo_id = photos.id
LEFT JOIN marks ON marks.photo_id = photos.id
WHERE """


def read_shoot(catalogue: Catalogue, folders: Sequence[Path]) -> list[DeskGroup]:
    """Return the groups of the photos below folders, in the order of time."""
    with catalogue.transaction():  # files and photos of one moment
        files = files_in_shoot(catalogue, folders)
        scope, values = in_shoot(folders)
        rows = catalogue.rows(_QUERY + scope, values)
    by_group: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        if row[0] in files:
            by_group.setdefault(row[1], []).append(row)
    groups = [
        (min(_time_key(row, files) for row in members), _group(members, files))
        for members in by_group.values()
    ]
    groups.sort(key=lambda entry: entry[0])
    return [group for _, group in groups]


def save_proposals(catalogue: Catalogue, proposals: Mapping[int, Proposal]) -> None:
    """Store what is proposed for photos."""
    catalogue.write_all(
        "INSERT OR REPLACE INTO proposals (photo_id, verb, stars, why) VALUES (?, ?, ?, ?)",
        [(photo, one.verb, one.stars, one.why) for photo, one in proposals.items()],
    )


def _group(rows: Sequence[tuple[Any, ...]], files: Mapping[int, PhotoFiles]) -> DeskGroup:
    kind, why, by_hand, margin, taste = rows[0][16:]
    by_time = sorted(rows, key=lambda row: _time_key(row, files))
    if kind not in PROTECTED:  # those that failed, and so have no rank, come last
        by_time.sort(key=lambda row: (row[6] is None, row[6]))
    photos = tuple(_photo(row, files[row[0]]) for row in by_time)
    return DeskGroup(rows[0][1], kind, why, photos, bool(by_hand), margin, taste)


def _photo(row: tuple[Any, ...], files: PhotoFiles) -> DeskPhoto:
    capture = capture_of(row[2]) or Capture()
    return DeskPhoto(
        id=row[0],
        path=os.fspath(files.main),
        name=printable(files.main.name),
        taken=row[3],
        width=capture.width,
        height=capture.height,
        rank=row[6],
        score=row[7],
        p_best=row[8],
        reasons=stored_reasons(row[9]) if row[9] else (),
        proposal=Proposal(*row[10:13]) if row[10] else None,
        mark=Mark(*row[13:16]),
        files=_other_files(files),
        camera=_camera(capture),
        failure=row[4],
    )


def _other_files(files: PhotoFiles) -> tuple[tuple[str, str], ...]:
    found = [("main", files.main), ("raw", files.raw), ("clip", files.clip)]
    named = [(role, os.fspath(path)) for role, path in found if path is not None]
    return (*named, *(("sidecar", os.fspath(path)) for path in files.sidecars))


def _camera(capture: Capture) -> str:
    """Return make and model, the make only once: many cameras repeat it in the model."""
    make, model = capture.make.strip(), capture.model.strip()
    if make and not model.casefold().startswith(make.split()[0].casefold()):
        return f"{make} {model}".strip()
    return model


def _time_key(row: tuple[Any, ...], files: Mapping[int, PhotoFiles]) -> tuple[Any, ...]:
    taken_s = row[5]
    return taken_s is None, taken_s or 0.0, natural_key(files[row[0]].main)
