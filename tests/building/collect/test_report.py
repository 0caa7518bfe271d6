"""What a run did, in lines for people."""

from __future__ import annotations

from pathlib import Path

from fgaesq.building.collect.records import Collected, LeftOut
from fgaesq.building.collect.report import collected_text
from fgaesq.types import Failure


def done() -> Collected:
    left_out = LeftOut()
    left_out.add("single", "a", "b")
    left_out.add("single", "c", "d")
    numbers = {"photos": 9, "clips": 1, "known": 2, "moved": 1, "series": 2, "images": 4}
    return Collected(
        "natural", **numbers, by_source={"x": 1, "y": 1}, left_out=left_out,
        failures=(Failure("e", "decode", "e: bad"),), notes=("a table is odd",),
    )  # fmt: skip


def test_each_number_is_named() -> None:
    assert collected_text(done(), Path("d"), dry_run=True).splitlines() == [
        "d: 9 images and 1 clip found, 2 natural series of 4 images would be made",
        "       1  series from x",
        "       1  series from y",
        "       2  already in a series of the dataset",
        "       1  found at a new place",
        "       4  left out: no other photo looks like it (a, b, c, ...)",
        "       1  could not be read",
        "note: a table is odd",
    ]


def test_many_sources_are_summed_up() -> None:
    many = Collected(
        "aigc", 99, 0, 0, 0, 14, 28, {str(n): 1 + (n == 5) for n in range(13)}, LeftOut(), ()
    )
    lines = collected_text(many, Path("d"), dry_run=False).splitlines()
    assert lines[1] == "       2  series from 5"
    assert lines[-2:] == [
        "       3  series from 3 other sources",
        "The dataset has 0 series of 0 images now.",
    ]
