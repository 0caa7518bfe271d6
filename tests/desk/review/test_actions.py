"""What a person does on the page is one step each, and says what it did."""

from __future__ import annotations

import numpy as np
import pytest
from tests.desk.memory_desk import MemoryDesk

from fgaesq.desk.records import Mark
from fgaesq.desk.review.actions import Actions
from fgaesq.errors import InputError


def said(desk: MemoryDesk) -> list[tuple[str, int]]:
    """Return verb and stars of all photos."""
    return [(p.verb, p.stars) for group in desk.groups() for p in group.photos]


def test_a_mark_says_what_it_did(desk: MemoryDesk) -> None:
    done = Actions(desk).mark([2], Mark(verb="keep", stars=4))
    assert done.said == "clear-2.jpg kept, 4 stars"
    assert (desk.photo(2).verb, desk.photo(2).stars) == ("keep", 4)


def test_a_mark_of_several_counts_them(desk: MemoryDesk) -> None:
    assert Actions(desk).mark([1, 2], Mark(label="")).said == "2 photos without label"


def test_prefer_lets_two_photos_change_places_with_their_stars(desk: MemoryDesk) -> None:
    done = Actions(desk).prefer(2, 1)
    assert done.said == "clear-2.jpg preferred to clear-1.jpg"
    assert said(desk)[:2] == [("reject", 0), ("keep", 3)]


def test_prefer_leaves_an_undecided_rival_alone(desk: MemoryDesk) -> None:
    Actions(desk).prefer(5, 4)
    assert [desk.photo(4).verb, desk.photo(5).verb] == ["undecided", "keep"]


def test_prefer_is_one_step_to_undo_and_to_redo(desk: MemoryDesk) -> None:
    actions, before = Actions(desk), said(desk)
    actions.prefer(2, 1)
    after = said(desk)
    assert actions.undo().said == "Undone: clear-2.jpg preferred to clear-1.jpg"
    assert said(desk) == before
    assert actions.redo().said == "Done again: clear-2.jpg preferred to clear-1.jpg"
    assert said(desk) == after


def test_settle_keeps_the_champion_and_rejects_what_is_undecided(desk: MemoryDesk) -> None:
    assert Actions(desk).settle(2, 5).said == "close-2.jpg kept, 1 other rejected"
    assert [desk.photo(4).verb, desk.photo(5).verb] == ["reject", "keep"]


def test_settle_refuses_a_protected_group(desk: MemoryDesk) -> None:
    with pytest.raises(InputError, match=r"^All photos of this group are needed; mark them one"):
        Actions(desk).settle(3, 6)


def test_settle_refuses_a_champion_from_elsewhere(desk: MemoryDesk) -> None:
    with pytest.raises(InputError, match=r"^That photo is not in this group; look at it again\.$"):
        Actions(desk).settle(2, 1)


def test_split_and_merge_lead_to_the_new_group(desk: MemoryDesk) -> None:
    actions = Actions(desk)
    split = actions.split([3])
    assert split.group_id is not None
    assert [p.id for p in desk.group(split.group_id).photos] == [3]
    merged = actions.merge([1, split.group_id])
    assert merged.group_id is not None
    assert sorted(p.id for p in desk.group(merged.group_id).photos) == [1, 2, 3]


def test_what_was_done_before_the_page_is_undone_one_by_one(desk: MemoryDesk) -> None:
    desk.mark([1], Mark(stars=5))
    actions = Actions(desk)
    assert actions.undo().said == "Undone: mark clear-1.jpg"
    assert actions.undo().nothing


def test_saying_the_same_again_is_no_step_to_undo(desk: MemoryDesk) -> None:
    actions = Actions(desk)
    actions.mark([4], Mark(verb="keep"))
    actions.mark([5], Mark(verb="reject"))
    actions.mark([5], Mark(verb="reject"))
    actions.undo()
    assert [desk.photo(4).verb, desk.photo(5).verb] == ["keep", "undecided"]


def test_there_may_be_nothing_to_undo(desk: MemoryDesk) -> None:
    done = Actions(desk).undo()
    assert (done.said, done.nothing) == ("There is nothing to be undone", True)


def test_a_new_action_forgets_what_was_undone(desk: MemoryDesk) -> None:
    actions = Actions(desk)
    actions.mark([1], Mark(stars=1))
    actions.undo()
    actions.mark([2], Mark(stars=2))
    assert actions.redo().nothing


def test_every_change_raises_the_version(desk: MemoryDesk) -> None:
    actions = Actions(desk)
    versions = [actions.version]
    for change in (lambda: actions.clear([1]), actions.undo, actions.redo, actions.apply):
        change()
        versions.append(actions.version)
    assert versions == sorted(set(versions))


def test_a_desk_that_can_finds_series_anew_as_one_step(desk: MemoryDesk) -> None:
    class Regrouped(MemoryDesk):
        size = 0.5

        def group_size(self) -> float:
            return self.size

        def regroup(self, size: float) -> None:
            self.size = size

    wide = Regrouped(desk.groups(), lambda _: np.zeros((1, 1, 3), np.uint8))
    assert Actions(wide).regroup(0.8).said == (
        "2 series in 4 groups found, before 2 in 4; those made by hand stayed"
    )
    assert wide.size == 0.8


def test_a_desk_that_cannot_find_series_anew_says_so(desk: MemoryDesk) -> None:
    with pytest.raises(InputError, match=r"^The groups of this shoot cannot be found anew"):
        Actions(desk).regroup(0.5)
