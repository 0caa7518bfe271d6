"""Which images, series and pairs of a collection are in the finished dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.building.publish.finished_sets import finished_collection

from fgaesq.building.collection import create_collection
from fgaesq.building.collection.decisions import decide
from fgaesq.building.collection.ranks import calibrated_series, replace_calibration
from fgaesq.building.collection.series import all_series
from fgaesq.building.publish.finished import finished_dataset
from fgaesq.errors import InputError


def test_dropped_images_and_removed_pairs_are_not_in_it(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=3, aigc=0, crops=0) as collection:
        one, two, three = all_series(collection)
        decide(collection, one.id, one.members[:1], keep=False)
        decide(collection, three.id, None, keep=False)
        ranked = calibrated_series(collection)
        pairs = tuple(
            replace(pair, removed="too close") if two.members[2] in (pair.first, pair.second)
            else pair for pair in ranked[1].pairs
        )  # fmt: skip
        replace_calibration(collection, [ranked[0], replace(ranked[1], pairs=pairs), ranked[2]])
        found = finished_dataset(collection)
    assert [(series.id, len(series.items)) for series in found.dataset.series] == [
        (f"natural/{one.id:06d}", 2),
        (f"natural/{two.id:06d}", 2),
    ]
    assert len(found.dataset.pairs) == 2
    assert found.left_out == {"images in no pair that is left": 1}


def test_values_pairs_and_texts_are_those_of_the_collection(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=0, aigc=1, crops=0) as collection:
        (ranked,) = calibrated_series(collection)
        dataset = finished_dataset(collection).dataset
    (series,) = dataset.series
    (pair,) = dataset.pairs
    assert series.values == tuple(image.value for image in ranked.images)
    assert (pair.first, pair.second) == series.items
    assert (pair.p, pair.votes) == (ranked.pairs[0].p, 10)
    assert [dataset.items[id].source for id in series.items] == ["gen 0", "gen 1"]


def test_only_wanted_licences_are_in_it(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=1, aigc=1, crops=0) as collection:
        known = finished_dataset(collection, licences={"CC-BY-4.0"})
        unknown = finished_dataset(collection, licences={"unknown"})
    assert known.dataset.sources == ("natural",)
    assert unknown.dataset.sources == ("aigc",)
    assert known.left_out == {
        "images of another licence": 2,
        "series without a pair that is left": 1,
    }


def test_photos_that_are_gone_are_named(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=2, aigc=0, crops=0) as collection:
        gone = next(iter((tmp_path / "photos").iterdir()))
        gone.unlink()
        found = finished_dataset(collection)
    assert found.missing == (gone,)
    assert found.left_out["images whose file is not there"] == 1


def test_a_collection_without_ranks_says_what_to_do(tmp_path: Path) -> None:
    with (
        create_collection(tmp_path / "empty") as collection,
        pytest.raises(InputError) as caught,
    ):
        finished_dataset(collection)
    assert str(caught.value) == (
        f"{tmp_path / 'empty'}: no series is ready to be published (there are none); collect votes "
        "and run 'fgaesq data calibrate'"
    )
