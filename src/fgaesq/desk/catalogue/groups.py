"""Groups of the catalogue: each photo is in at most one; those made by hand stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.records import GroupKind

__all__ = [
    "NewGroup",
    "assign_groups",
    "drop_empty_groups",
    "groups_of",
    "insert_group",
    "move_photos",
    "rankings_of",
    "set_ranking",
]


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group as it is to be: the ids of its photos, what they are to each other, and why."""

    photos: tuple[int, ...]
    kind: GroupKind
    why: str


def assign_groups(catalogue: Catalogue, groups: Sequence[NewGroup]) -> list[int]:
    """Put photos into groups; return the groups' ids in the order given.

    A new group takes over the id of that old one of which it holds most photos, so that what did
    not change keeps its id; one whose photos changed has no ranking until `set_ranking`. Photos
    that a person has put into a group by hand in the meantime stay there.
    """
    with catalogue.transaction():
        old = _groups_of(catalogue, [photo for group in groups for photo in group.photos])
        fixed = {photo for photo, (_, by_hand) in old.items() if by_hand}
        shared: dict[tuple[int, int], int] = {}
        for number, group in enumerate(groups):
            for photo in group.photos:
                if photo in old and photo not in fixed:
                    key = (number, old[photo][0])
                    shared[key] = shared.get(key, 0) + 1
        ids: dict[int, int] = {}
        for (number, group_id), _ in sorted(
            shared.items(), key=lambda entry: (-entry[1], entry[0])
        ):
            if number not in ids and group_id not in ids.values():
                ids[number] = group_id
        result = [
            _write_group(catalogue, ids.get(number), group, fixed)
            for number, group in enumerate(groups)
        ]
        _drop_stale_rankings(catalogue, old, dict(zip(result, groups, strict=True)))
        drop_empty_groups(catalogue)
    return result


def insert_group(catalogue: Catalogue, kind: GroupKind, why: str, *, by_hand: bool) -> int:
    """Make an empty group; return its id."""
    return catalogue.write(
        "INSERT INTO groups (kind, why, by_hand) VALUES (?, ?, ?)", (kind, why, by_hand)
    )


def move_photos(catalogue: Catalogue, photos: Iterable[int], group_id: int) -> None:
    """Put photos into a group; those that this empties are kept, for an undo."""
    catalogue.write_all(
        "UPDATE photos SET group_id = ? WHERE id = ?", [(group_id, photo) for photo in photos]
    )


def set_ranking(catalogue: Catalogue, rankings: Iterable[tuple[int, int | None]]) -> None:
    """Store which ranking belongs to which group: (group, ranking) each."""
    catalogue.write_all(
        "UPDATE groups SET ranking_id = ? WHERE id = ?",
        [(ranking, group) for group, ranking in rankings],
    )


def rankings_of(catalogue: Catalogue, group_ids: Iterable[int]) -> dict[int, int | None]:
    """Return the ranking of each of the groups that exist."""
    wanted = set(group_ids)
    rows = catalogue.rows("SELECT id, ranking_id FROM groups")
    return {group: ranking for group, ranking in rows if group in wanted}


def groups_of(catalogue: Catalogue, photos: Iterable[int]) -> set[int]:
    """Return the groups in which photos are."""
    return {group for group, _ in _groups_of(catalogue, photos).values()}


def drop_empty_groups(catalogue: Catalogue) -> None:
    """Forget groups without photos, but those by hand, to which an undo may lead back."""
    catalogue.write(
        "DELETE FROM groups WHERE by_hand = 0 AND id NOT IN "
        "(SELECT group_id FROM photos WHERE group_id IS NOT NULL)"
    )


def _groups_of(catalogue: Catalogue, photos: Iterable[int]) -> dict[int, tuple[int, bool]]:
    """Return the group of each photo that has one, and whether that was made by hand."""
    wanted = set(photos)
    rows = catalogue.rows(
        "SELECT photos.id, groups.id, by_hand FROM photos JOIN groups ON groups.id = group_id"
    )
    return {photo: (group, bool(by_hand)) for photo, group, by_hand in rows if photo in wanted}


def _drop_stale_rankings(
    catalogue: Catalogue, old: Mapping[int, tuple[int, bool]], new: Mapping[int, NewGroup]
) -> None:
    before: dict[int, set[int]] = {}
    for photo, (group_id, _) in old.items():
        before.setdefault(group_id, set()).add(photo)
    changed = [one for one, group in new.items() if before.get(one) != set(group.photos)]
    set_ranking(catalogue, [(group_id, None) for group_id in changed])


def _write_group(
    catalogue: Catalogue, group_id: int | None, group: NewGroup, fixed: set[int]
) -> int:
    if group_id is None:
        group_id = insert_group(catalogue, group.kind, group.why, by_hand=False)
    else:
        catalogue.write(
            "UPDATE groups SET kind = ?, why = ? WHERE id = ?", (group.kind, group.why, group_id)
        )
    move_photos(catalogue, [photo for photo in group.photos if photo not in fixed], group_id)
    return group_id
