"""What was said of photos becomes pairs, and nothing else does."""

from __future__ import annotations

import pytest

from fgaesq.desk.records import Mark
from fgaesq.desk.taste.pairs import MOST_PAIRS, pairs_of

KEEP, REJECT, SILENT = Mark("keep"), Mark("reject"), Mark()


@pytest.mark.parametrize(
    ("marks", "pairs"),
    [
        ([REJECT, KEEP], [(1, 0)]),
        ([KEEP, REJECT, REJECT], [(0, 1), (0, 2)]),
        ([Mark(stars=2), Mark(stars=5), Mark(stars=2)], [(1, 0), (1, 2)]),
        ([Mark(stars=3), Mark(stars=0)], [(0, 1)]),
        ([Mark(stars=1), REJECT], [(0, 1)]),
        ([Mark("keep", 2), Mark("keep", 4)], [(1, 0)]),
        ([Mark("reject", 5), Mark(stars=1)], [(1, 0)]),
    ],
)
def test_keepers_beat_rejects_and_more_stars_fewer(
    marks: list[Mark], pairs: list[tuple[int, int]]
) -> None:
    assert pairs_of(marks) == pairs


@pytest.mark.parametrize(
    "marks",
    [
        [KEEP, KEEP],
        [REJECT, REJECT],
        [KEEP, SILENT],
        [SILENT, REJECT],
        [Mark("undecided"), REJECT],
        [Mark("undecided", 5), Mark(stars=1)],
        [Mark(stars=0), REJECT],
        [KEEP, Mark(stars=2)],
        [Mark(label="Red"), REJECT],
    ],
)
def test_what_was_not_said_tells_nothing(marks: list[Mark]) -> None:
    assert pairs_of(marks) == []


def test_a_large_group_gives_a_bounded_number_of_pairs() -> None:
    pairs = pairs_of([KEEP] * 30 + [REJECT] * 30)
    assert len(set(pairs)) == MOST_PAIRS
    assert {better for better, _ in pairs} == set(range(30))
