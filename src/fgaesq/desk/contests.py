"""Groups as the catalogue has them -> what `proposals` judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.proposals import Contest, Entrant
from fgaesq.desk.records import PROTECTED, DeskGroup, DeskPhoto
from fgaesq.desk.taste import shown_pairs

__all__ = ["contest_of", "contents_of", "probabilities"]


def contest_of(
    catalogue: Catalogue, group: DeskGroup, contents: Mapping[int, str], ranking: int | None
) -> Contest:
    """Return a group as a contest.

    Args:
        catalogue: where the group is from.
        group: of the catalogue.
        contents: of its photos, by id, in hexadecimal.
        ranking: of the group; None if it has none.
    """
    entrants = tuple(_entrant(photo, contents[photo.id]) for photo in group.photos)
    if ranking is None or len(entrants) < 2 or group.kind in PROTECTED:
        return Contest(group.kind, entrants, {})
    usable = [photo for photo in group.photos if photo.rank is not None and not photo.failure]
    return Contest(group.kind, entrants, probabilities(catalogue, ranking, usable, contents))


def probabilities(
    catalogue: Catalogue,
    ranking: int,
    photos: Sequence[DeskPhoto],
    contents: Mapping[int, str],
) -> dict[tuple[int, int], float]:
    """Return P(first beats second) by the ids of any two photos, the better-ranked one first.

    Files of the same content are even.
    """
    pairs = shown_pairs(catalogue, ranking)
    known = {(pair.second, pair.first): 1 - pair.p for pair in pairs}
    known |= {(pair.first, pair.second): pair.p for pair in pairs}
    result = {}
    for first, second in combinations(photos, 2):
        names = contents[first.id], contents[second.id]
        result[first.id, second.id] = 0.5 if names[0] == names[1] else known[names]
    return result


def contents_of(catalogue: Catalogue) -> dict[int, str]:
    """Return the content of every photo of the catalogue, by id, in hexadecimal."""
    rows = catalogue.rows("SELECT id, content FROM photos")
    return {photo: content.hex() for photo, content in rows}


def _entrant(photo: DeskPhoto, content: str) -> Entrant:
    return Entrant(
        id=photo.id,
        name=photo.name,
        score=photo.score,
        content=content,
        reasons=photo.reasons,
        failure=photo.failure,
    )
