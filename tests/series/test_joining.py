"""Sets that grow by joining."""

from __future__ import annotations

from fgaesq.series.joining import Sets


def test_the_smallest_number_stands_for_all_that_are_linked() -> None:
    sets = Sets(6)
    assert [sets.join(*pair) for pair in ((4, 5), (1, 2), (5, 2))] == [4, 1, 1]
    assert sets.find(5) == 1
    assert sets.labels().tolist() == [0, 1, 1, 3, 1, 1]
