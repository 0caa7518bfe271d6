"""The series in memory: their state, counts and neighbours, in step with the file."""

from __future__ import annotations

from pathlib import Path

from fgaesq.building.collection import Collection
from fgaesq.building.collection.decisions import decide, split
from fgaesq.building.collection.series import replace_drops
from fgaesq.building.people.entries import Filter, entry_of
from fgaesq.building.people.shelf import Shelf
from fgaesq.building.people.words import drop_words, image_name
from fgaesq.building.records import Decision, Drop, Series, SourceImage
from fgaesq.datasets.records import Crop


def test_a_series_stands_where_people_and_steps_left_it() -> None:
    whole = Series(1, "natural", (1, 2, 3))
    dropped = {image: Drop(1, image, "metrics", "empty") for image in (1, 2)}
    kept: dict[int | None, Decision] = {None: Decision(1, None, keep=True)}
    assert entry_of(whole, {}).state == "open"
    assert entry_of(whole, kept).state == "kept"
    assert entry_of(Series(1, "natural", (1, 2, 3), dropped), kept).state == "few"
    out = Drop(1, None, "model", "context")
    assert entry_of(Series(1, "natural", (1, 2), drop=out), {}).state == "dropped"


def test_what_is_lost_with_a_series_is_counted_once() -> None:
    dropped = {1: Drop(1, 1, "metrics", "empty"), 2: Drop(1, 2, "people", "defective")}
    entry = entry_of(Series(1, "natural", (1, 2, 3), dropped), {})
    assert entry.losses() == [
        ("metrics", "empty", 1),
        ("people", "defective", 2),
        ("people", "too_few", None),
        ("people", "too_few", 3),
    ]


def test_images_that_a_proposed_split_leaves_out_go_with_what_they_resemble() -> None:
    dropped = {2: Drop(1, 2, "metrics", "near_identical", other=4)}
    series = Series(1, "natural", (1, 2, 3, 4, 5), dropped)
    assert entry_of(series, {}, split=[[1, 3], [4]]).parts == ((1, 3, 5), (2, 4))


def test_a_proposed_split_that_no_longer_fits_is_not_proposed() -> None:
    series = Series(1, "natural", (1, 2, 3))
    assert entry_of(series, {}, split=[[1, 2], [3, 4]]).parts == ()
    assert entry_of(series, {}, split=[[1, 2, 3]]).parts == ()


def test_a_stamp_changes_with_the_members_and_what_is_said_of_them() -> None:
    series = Series(1, "natural", (1, 2, 3))
    dropped = Series(1, "natural", (1, 2, 3), {1: Drop(1, 1, "people", "empty")})
    kept: dict[int | None, Decision] = {None: Decision(1, None, keep=True)}
    stamps = {entry_of(series, {}).stamp, entry_of(dropped, {}).stamp, entry_of(series, kept).stamp}
    assert len(stamps) == 3
    assert entry_of(series, {}, same=(1, 2)).stamp == entry_of(series, {}).stamp


def test_a_filter_is_the_query_of_an_address() -> None:
    assert Filter().query() == ""
    assert Filter("dropped", "metrics", "empty", source="a & b").query() == (
        "?show=dropped&step=metrics&reason=empty&source=a+%26+b"
    )
    assert Filter("dropped", "metrics").query(show="all") == "?step=metrics"


def test_one_changed_series_is_as_after_reading_all(collection: Collection) -> None:
    shelf = Shelf(collection, who="ada")
    assert shelf.counts().todo == 4
    with shelf.changing(2):
        decide(collection, 2, [5, 6], keep=False, reason="empty", who="ada")
    assert shelf.up_to_date()
    fresh = Shelf(collection, who="ada")
    assert shelf.entries() == fresh.entries()
    assert shelf.counts() == fresh.counts()
    assert shelf.ids(Filter(show="open")) == [1, 4, 6]


def test_what_another_process_wrote_is_not_taken_for_ones_own(
    collection: Collection, other: Collection
) -> None:
    shelf = Shelf(collection)
    assert shelf.entry(1).state == "open"
    decide(other, 1, None, keep=True, who="bob")
    with shelf.changing(2):
        decide(collection, 2, None, keep=True)
    assert [shelf.entry(one).state for one in (1, 2)] == ["kept", "kept"]


def test_a_step_that_runs_again_is_seen(collection: Collection, other: Collection) -> None:
    shelf = Shelf(collection)
    assert len(shelf.entry(1).kept) == 3
    replace_drops(other, "metrics", [])
    assert len(shelf.entry(1).kept) == 4


def test_neighbours_go_round_to_what_is_to_check(collection: Collection) -> None:
    shelf = Shelf(collection)
    place = shelf.place(6, Filter())
    assert (place.position, place.of, place.previous, place.next, place.todo) == (6, 6, 5, None, 1)
    place = shelf.place(3, Filter(show="open"))  # is not shown: stands between 2 and 4
    assert (place.previous, place.next, place.todo) == (2, 4, 4)


def test_split_series_stand_where_the_whole_one_was(collection: Collection) -> None:
    shelf = Shelf(collection)
    taken, rest = split(collection, 2, [5])
    again, last = split(collection, rest, [6])
    assert [entry.id for entry in shelf.entries()] == [1, taken, again, last, 3, 4, 5, 6]


def test_words_for_a_crop_and_for_what_resembles() -> None:
    image = SourceImage(Path("/a/b.jpg"), "", 10, 10, Crop(4, 8, 14, 18))
    assert image_name(image) == "b.jpg at 4, 8"
    drop = Drop(1, 2, "people", "near_identical", "twice", 3)
    said = Decision(1, 2, keep=False, who="ada")
    assert drop_words(drop, said, {3: "c.jpg"}) == "ada: near identical, like c.jpg (twice)"
