"""The metrics step on real files: what is measured once, what goes, what is proposed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from tests.building.refine.made import series_of_files
from tests.photos import write_jpeg
from tests.scenes import scene

from fgaesq.building.collection import Collection
from fgaesq.building.collection.decisions import decide
from fgaesq.building.collection.images import add_images, images
from fgaesq.building.collection.series import add_series, one_series, steps_run
from fgaesq.building.records import NewSeries, SourceImage
from fgaesq.building.refine import RefineRecipe, refine_by_metrics
from fgaesq.building.refine.duplicates import Merge, groups_to_merge
from fgaesq.building.refine.measuring import pairs_compared
from fgaesq.building.refine.metrics import MERGES, SPLITS, MetricsStep
from fgaesq.datasets.edits import EDITS, as_jpeg
from fgaesq.datasets.records import Crop
from fgaesq.types import Image


def burst(seed: int, images: int = 3) -> list[Image]:
    """Return frames of one scene that differ in colour."""
    frame = scene(120, 160, seed=seed)
    return [EDITS["colour_cast"](frame, 0.2 * k, np.random.default_rng(1)) for k in range(images)]


def refined(collection: Collection, recipe: RefineRecipe | None = None) -> MetricsStep:
    return refine_by_metrics(collection, recipe, processes=1)


def places(collection: Collection, series: int) -> dict[int, str]:
    """Return the reasons of what is out, by place in the series."""
    one = one_series(collection, series)
    return {one.members.index(image): drop.reason for image, drop in one.dropped.items()}


def test_planted_cases_go_for_their_reasons(collection: Collection) -> None:
    good = burst(1)
    bad = [as_jpeg(good[0], 90), np.zeros_like(good[0]), scene(120, 160, seed=9)]
    broken = good[1].copy()
    broken[64:] = 128
    series, _ = series_of_files(collection, [*good, *bad, broken])
    step = refined(collection)
    assert places(collection, series) == {
        3: "near_identical",
        4: "empty",
        5: "dissimilar",
        6: "defective",
    }
    assert step.measured.measured == 7
    assert steps_run(collection) == ["metrics"]


def test_another_run_with_other_thresholds_measures_nothing(collection: Collection) -> None:
    series, ids = series_of_files(collection, burst(1))
    assert refined(collection).measured.measured == 3
    assert one_series(collection, series).dropped == {}
    again = refined(collection, RefineRecipe(difference=99.5))
    assert again.measured.measured == 0
    assert list(one_series(collection, series).dropped) == ids[1:]
    assert one_series(collection, series).drop is not None


def test_what_a_run_dropped_before_is_measured_against_again(collection: Collection) -> None:
    series, _ = series_of_files(collection, burst(1))
    refined(collection, RefineRecipe(content=20.0))
    assert one_series(collection, series).kept == ()
    refined(collection)
    assert len(one_series(collection, series).kept) == 3


def test_an_interrupted_run_goes_on_where_it_was(collection: Collection) -> None:
    for seed in range(3):
        series_of_files(collection, burst(seed, 2))

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refine_by_metrics(collection, processes=1, progress=interrupt)
    assert refined(collection).measured.measured == 2


def test_a_file_that_changed_is_measured_again(collection: Collection) -> None:
    series, ids = series_of_files(collection, burst(1))
    refined(collection)
    one = images(collection)[ids[2]]
    write_jpeg(one.path, np.zeros((120, 160, 3), np.uint8))
    add_images(collection, [replace(one, digest=hashlib.sha256(one.path.read_bytes()).hexdigest())])
    assert refined(collection).measured.measured == 1
    assert one_series(collection, series).dropped[ids[2]].reason == "empty"


def test_an_unreadable_file_is_named_and_tried_again(collection: Collection) -> None:
    series, ids = series_of_files(collection, burst(1))
    path = images(collection)[ids[0]].path
    whole = path.read_bytes()
    path.write_bytes(whole[:2000])
    step = refined(collection)
    assert step.measured.unreadable == {
        ids[0]: f"{path}: the JPEG file is cut short; copy it again from the camera or card"
    }
    assert one_series(collection, series).dropped[ids[0]].reason == "unreadable"
    path.write_bytes(whole)
    assert refined(collection).measured.unreadable == {}
    assert one_series(collection, series).dropped == {}


def test_people_have_the_last_word(collection: Collection) -> None:
    series, ids = series_of_files(collection, [*burst(1), np.zeros((120, 160, 3), np.uint8)])
    decide(collection, series, [ids[3]], keep=True)
    refined(collection)
    assert one_series(collection, series).dropped == {}


def test_processes_find_what_one_does(collection: Collection) -> None:
    for seed in range(8):
        series_of_files(collection, burst(seed, 2))
    both = refine_by_metrics(collection, processes=2)
    assert both.measured.measured == 16
    alone = refined(collection)
    assert alone.measured.pairs == both.measured.pairs
    assert len(both.measured.pairs["ssim"]) > 8  # those of strangers too


def test_crops_of_one_photo_are_compared_by_their_boxes(collection: Collection) -> None:
    path = write_jpeg(collection.folder / "photo.jpg", scene(200, 300, seed=2))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    boxes = [(0, 0, 200, 150), (40, 20, 260, 180), (1, 0, 201, 150), (280, 180, 300, 200)]
    ids = add_images(
        collection,
        [
            SourceImage(path, digest, box[3] - box[1], box[2] - box[0], crop=Crop(*box))
            for box in boxes
        ],
    )
    (series,) = add_series(collection, [NewSeries("cropping", tuple(ids))])
    step = refined(collection)
    assert step.measured.pairs["ssim"] == {}
    assert places(collection, series) == {2: "overlap", 3: "overlap"}


def test_the_same_images_twice_are_one_series(collection: Collection) -> None:
    first, ids = series_of_files(collection, burst(1))
    (second,) = add_series(collection, [NewSeries("natural", tuple(ids[:2]))])
    refined(collection)
    assert one_series(collection, first).drop is None
    drop = one_series(collection, second).drop
    assert drop is not None
    assert (drop.reason, drop.detail) == ("duplicate_series", f"all 2 images are in series {first}")


def test_series_that_look_alike_are_proposed_for_merging(collection: Collection) -> None:
    first, _ = series_of_files(collection, burst(1))
    second, _ = series_of_files(collection, [as_jpeg(one, 85) for one in burst(1)])
    series_of_files(collection, burst(2))
    step = refined(collection)
    assert step.proposal_words() == [f"series {first} and {second} share 3 of 3 images: merge them"]
    assert collection.setting(MERGES) == [[first, second]]
    assert collection.setting(SPLITS) == {}


def test_a_wide_series_is_proposed_for_splitting(collection: Collection) -> None:
    series, ids = series_of_files(collection, [*burst(1), *burst(2, 2)])
    step = refined(collection)
    assert step.splits == {series: (tuple(ids[:3]), tuple(ids[3:]))}
    assert collection.setting(SPLITS) == {str(series): [ids[:3], ids[3:]]}
    assert places(collection, series) == {3: "dissimilar", 4: "dissimilar"}


def test_series_that_are_linked_are_merged_together() -> None:
    pairs = [Merge(1, 2, 2, 2), Merge(5, 6, 2, 2), Merge(2, 3, 2, 2)]
    assert groups_to_merge(pairs) == [[1, 2, 3], [5, 6]]


def test_in_large_series_neighbours_are_compared() -> None:
    assert pairs_compared([3, 1, 2]) == [(1, 3), (2, 3), (1, 2)]
    assert len(pairs_compared(range(12))) == 66
    large = pairs_compared(range(100))
    assert max(b - a for a, b in large) == 6
    assert len(large) < 600
