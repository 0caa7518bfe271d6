"""The collection: what is kept of images and series, and what steps and people drop."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fgaesq.building.collect.readings import Readings
from fgaesq.building.collection import Collection, create_collection, open_collection
from fgaesq.building.collection.decisions import (
    decide,
    decided,
    last_action,
    merge,
    redo,
    split,
    split_into,
    undo,
)
from fgaesq.building.collection.decisions import series_of as series_of_action
from fgaesq.building.collection.file import DatasetFile
from fgaesq.building.collection.images import (
    add_images,
    image_measures,
    images,
    images_of,
    keep_image_measures,
    keep_pair_measures,
    pair_measures,
)
from fgaesq.building.collection.ranks import (
    calibrated_series,
    keep_splits,
    replace_calibration,
    splits,
)
from fgaesq.building.collection.series import (
    add_series,
    all_series,
    found_drops,
    one_series,
    replace_drops,
    steps_run,
)
from fgaesq.building.publish.look_store import LookStore
from fgaesq.building.records import (
    CalibratedImage,
    CalibratedPair,
    CalibratedSeries,
    Decision,
    Drop,
    NewSeries,
    SourceImage,
)
from fgaesq.datasets.records import Crop
from fgaesq.errors import CollectionError, InputError


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    with create_collection(tmp_path / "birds") as made:
        yield made


def image(name: str, **given: object) -> SourceImage:
    return replace(SourceImage(Path("/photos") / name, "0" * 64, 30, 40), **given)  # type: ignore[arg-type]


def series_of(collection: Collection, n: int = 4) -> tuple[int, list[int]]:
    ids = add_images(collection, [image(f"{k}.jpg") for k in range(n)])
    (series,) = add_series(collection, [NewSeries("natural", tuple(ids), "cards", "one burst")])
    return series, ids


def test_images_come_back_as_they_were_added(collection: Collection) -> None:
    whole = image("odd\udcff.jpg", source="cards", licence="CC0-1.0", taken="2026-05-01T10:00:00")
    crop = image("a.jpg", crop=Crop(1, 2, 21, 32), prompt="a wren", origin={"boxes": "gaic"})
    ids = add_images(collection, [whole, crop])
    assert images(collection) == {
        ids[0]: replace(whole, id=ids[0]),
        ids[1]: replace(crop, id=ids[1]),
    }
    assert list(images_of(collection, [ids[1], 99])) == [ids[1]]


def test_an_image_added_again_keeps_its_id(collection: Collection) -> None:
    (first,) = add_images(collection, [image("a.jpg")])
    again = add_images(collection, [image("b.jpg"), image("a.jpg", digest="1" * 64)])
    assert again[1] == first
    assert images(collection)[first].digest == "1" * 64


def test_a_new_series_keeps_all_its_members(collection: Collection) -> None:
    series, ids = series_of(collection)
    (found,) = all_series(collection)
    assert (found.id, found.kept, found.category, found.why) == (
        series,
        tuple(ids),
        "natural",
        "one burst",
    )


def test_the_first_step_that_drops_an_image_counts(collection: Collection) -> None:
    series, ids = series_of(collection)
    late = Drop(series, ids[0], "model", "context")
    early = Drop(series, ids[0], "metrics", "near_identical", "SSIM .99", ids[1])
    replace_drops(collection, "model", [late])
    replace_drops(collection, "metrics", [early])
    found = one_series(collection, series)
    assert found.dropped == {ids[0]: early}
    assert found.kept == tuple(ids[1:])
    assert steps_run(collection) == ["metrics", "model"]


def test_a_step_that_runs_again_forgets_what_it_found_before(collection: Collection) -> None:
    series, ids = series_of(collection)
    replace_drops(collection, "metrics", [Drop(series, ids[0], "metrics", "empty")])
    replace_drops(collection, "metrics", [Drop(series, ids[1], "metrics", "empty")])
    assert list(one_series(collection, series).dropped) == [ids[1]]


def test_a_dropped_series_keeps_nobody(collection: Collection) -> None:
    series, _ = series_of(collection)
    replace_drops(collection, "metrics", [Drop(series, None, "metrics", "too_few")])
    assert one_series(collection, series).kept == ()


def test_people_overrule_steps_and_can_take_it_back(collection: Collection) -> None:
    series, ids = series_of(collection)
    replace_drops(collection, "metrics", [Drop(series, ids[0], "metrics", "empty")])
    decide(collection, series, ids[:1], keep=True)
    decide(collection, series, ids[2:3], keep=False, reason="defective")
    assert one_series(collection, series).kept == (ids[0], ids[1], ids[3])
    assert undo(collection) == "dropped 1 of its images"
    assert one_series(collection, series).kept == tuple(ids)
    assert undo(collection) == "kept 1 of its images"
    assert one_series(collection, series).kept == tuple(ids[1:])
    assert undo(collection) is None
    redo(collection)
    redo(collection)
    assert redo(collection) is None
    assert one_series(collection, series).kept == (ids[0], ids[1], ids[3])


def test_a_new_action_ends_what_could_be_done_again(collection: Collection) -> None:
    series, ids = series_of(collection)
    decide(collection, series, ids[:1], keep=False)
    undo(collection)
    decide(collection, series, ids[1:2], keep=False)
    assert redo(collection) is None
    assert one_series(collection, series).kept == (ids[0], *ids[2:])


def test_a_split_makes_two_series_and_keeps_what_was_said(collection: Collection) -> None:
    series, ids = series_of(collection)
    replace_drops(collection, "metrics", [Drop(series, ids[0], "metrics", "empty")])
    decide(collection, series, ids[3:], keep=False)
    taken, rest = split(collection, series, ids[2:])
    assert [one.id for one in all_series(collection)] == [taken, rest]
    assert one_series(collection, taken).kept == (ids[2],)
    assert one_series(collection, rest).kept == (ids[1],)
    assert one_series(collection, rest).made_of == (series,)
    with pytest.raises(InputError, match="was split or merged"):
        one_series(collection, series)
    undo(collection)
    assert [one.id for one in all_series(collection)] == [series]


def test_a_split_needs_images_on_both_sides(collection: Collection) -> None:
    series, ids = series_of(collection)
    with pytest.raises(InputError, match="at least one image on either side"):
        split(collection, series, ids)
    with pytest.raises(InputError, match="image 99 is not in series"):
        split(collection, series, [99])


def test_a_merge_makes_one_series(collection: Collection) -> None:
    ids = add_images(collection, [image(f"{k}.jpg") for k in range(5)])
    new = [NewSeries("natural", tuple(ids[:3])), NewSeries("natural", tuple(ids[2:]))]
    other = NewSeries("aigc", tuple(ids[:2]))
    first, second, third = add_series(collection, [*new, other])
    merged = merge(collection, [first, second])
    assert one_series(collection, merged).members == tuple(ids)
    with pytest.raises(InputError, match="one category"):
        merge(collection, [merged, third])


def test_measures_come_back(collection: Collection) -> None:
    keep_image_measures(collection, "sharpness", {1: 0.5, 2: 0.25})
    keep_pair_measures(collection, "ssim", {(2, 1): 0.75})
    assert image_measures(collection, "sharpness") == {1: 0.5, 2: 0.25}
    assert pair_measures(collection, "ssim") == {(1, 2): 0.75}
    assert pair_measures(collection, "iou") == {}


def test_ranks_and_splits_come_back(collection: Collection) -> None:
    series, ids = series_of(collection, 2)
    ranked = CalibratedSeries(
        series,
        (
            CalibratedImage(ids[1], 0.5, 0.25, 0.75, 1),
            CalibratedImage(ids[0], -0.5, -0.75, -0.25, 2),
        ),
        (CalibratedPair(ids[0], ids[1], 0.25, 0.125, 0.5, 10),),
    )
    replace_calibration(collection, [ranked])
    replace_calibration(collection, [ranked])
    assert calibrated_series(collection) == [ranked]
    keep_splits(collection, {series: "test"})
    assert splits(collection) == {series: "test"}


def test_it_is_found_again_under_its_name(tmp_path: Path) -> None:
    create_collection(tmp_path / "set", name="Garden birds").close()
    with open_collection(tmp_path / "set") as collection:
        assert collection.name == "Garden birds"
        assert collection.folder == tmp_path / "set"


def test_a_folder_without_one_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="begin one with 'fgaesq data collect'"):
        open_collection(tmp_path)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "collection.sqlite3") as database:
        database.execute("CREATE TABLE mail (id INTEGER)")
    with pytest.raises(CollectionError, match="of another program; choose another file"):
        open_collection(tmp_path)


def test_each_person_undoes_own_actions(collection: Collection) -> None:
    series, ids = series_of(collection)
    decide(collection, series, [ids[0]], keep=False, who="ada")
    decide(collection, series, [ids[1]], keep=False, who="bob")
    assert undo(collection, who="ada") == "dropped 1 of its images"
    assert one_series(collection, series).kept == (ids[0], *ids[2:])
    assert undo(collection, who="ada") is None
    decide(collection, series, [ids[2]], keep=False, who="bob")
    assert redo(collection, who="ada") == "dropped 1 of its images"
    assert one_series(collection, series).kept == (ids[3],)


def test_a_split_that_another_person_built_on_is_not_undone(collection: Collection) -> None:
    series, ids = series_of(collection)
    taken, _ = split(collection, series, ids[:2], who="ada")
    decide(collection, taken, None, keep=True, who="bob")
    with pytest.raises(InputError) as caught:
        undo(collection, who="ada")
    assert str(caught.value) == (
        "another person has worked on the series that this split or merge made; "
        "let that be undone first"
    )
    undo(collection, who="bob")
    undo(collection, who="ada")
    assert [one.id for one in all_series(collection)] == [series]


def test_a_split_is_not_done_again_where_another_one_was_made(collection: Collection) -> None:
    series, ids = series_of(collection)
    split(collection, series, ids[:2], who="ada")
    undo(collection, who="ada")
    split(collection, series, ids[:1], who="bob")
    with pytest.raises(InputError, match="was split or merged"):
        redo(collection, who="ada")
    assert len(all_series(collection)) == 2


def test_a_series_is_split_into_several_by_one_action(collection: Collection) -> None:
    series, ids = series_of(collection)
    split_into(collection, series, [ids[:1], ids[1:3], ids[3:]], who="ada")
    assert [one.members for one in all_series(collection)] == [
        (ids[0],),
        (ids[1], ids[2]),
        (ids[3],),
    ]
    action = last_action(collection, who="ada")
    assert len(series_of_action(collection, action)) == 4
    assert undo(collection) == "split a series of 4 images into 3"
    with pytest.raises(InputError, match="not each of its images once"):
        split_into(collection, series, [ids[:1], ids[:1]])


def test_what_people_said_last_is_told_with_their_names(collection: Collection) -> None:
    series, ids = series_of(collection)
    decide(collection, series, None, keep=True, who="ada")
    decide(collection, series, [ids[0]], keep=False, reason="empty", detail="black", who="bob")
    assert decided(collection)[series] == {
        None: Decision(series, None, keep=True, who="ada"),
        ids[0]: Decision(series, ids[0], keep=False, reason="empty", detail="black", who="bob"),
    }
    assert decided(collection, series + 1) == {}


def test_what_steps_found_is_told_also_where_people_overruled_it(collection: Collection) -> None:
    series, ids = series_of(collection)
    drop = Drop(series, ids[0], "metrics", "empty")
    replace_drops(collection, "metrics", [drop])
    decide(collection, series, [ids[0]], keep=True)
    assert found_drops(collection, series) == {ids[0]: drop}


@pytest.mark.parametrize("kind", [Collection, Readings, LookStore])
def test_the_files_of_a_dataset_are_named_with_the_remedy(
    kind: type[DatasetFile], tmp_path: Path
) -> None:
    path = tmp_path / "a.sqlite3"
    path.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(CollectionError, match=f"^{path}: it is damaged .*; {kind.if_damaged}$"):
        kind(path)
    with pytest.raises(CollectionError, match="; name another folder for the dataset$"):
        kind(path / "below")
