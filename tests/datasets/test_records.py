"""Records of human judgements, and the pixels of their items."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.scenes import scene

from fgaesq.datasets.records import (
    Crop,
    Dataset,
    Item,
    ItemScore,
    PairRecord,
    Problem,
    SeriesRecord,
    open_image,
    pairs_from_values,
)
from fgaesq.errors import DecodeError


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A lossless photo of 40 x 60 px."""
    path = tmp_path / "photo.png"
    PILImage.fromarray(scene(40, 60)).save(path)
    return path


def test_an_item_without_a_crop_is_the_whole_photo(photo: Path) -> None:
    np.testing.assert_array_equal(open_image(Item("a", photo)), scene(40, 60))


def test_a_crop_in_pixels_is_cut_from_the_photo(photo: Path) -> None:
    image = open_image(Item("a", photo, Crop(10, 4, 50, 36)))
    np.testing.assert_array_equal(image, scene(40, 60)[4:36, 10:50])


def test_a_crop_in_fractions_is_that_of_the_same_pixels(photo: Path) -> None:
    image = open_image(Item("a", photo, Crop(1 / 6, 0.1, 5 / 6, 0.9, fractional=True)))
    np.testing.assert_array_equal(image, scene(40, 60)[4:36, 10:50])


def test_a_crop_is_cut_from_the_upright_photo(tmp_path: Path) -> None:
    upright = scene(40, 60)
    exif = PILImage.Exif()
    exif[0x0112] = 6  # stored turned by 90 degrees to the left
    stored = PILImage.fromarray(upright).transpose(PILImage.Transpose.ROTATE_90)
    stored.save(tmp_path / "turned.png", exif=exif)
    image = open_image(Item("a", tmp_path / "turned.png", Crop(10, 4, 50, 36)))
    np.testing.assert_array_equal(image, upright[4:36, 10:50])


def test_a_crop_is_reduced_after_it_was_cut(photo: Path) -> None:
    image = open_image(Item("a", photo, Crop(10, 4, 50, 36)), max_long_side_px=20)
    assert image.shape == (16, 20, 3)


def test_a_crop_that_leaves_the_photo_is_refused(photo: Path) -> None:
    with pytest.raises(DecodeError) as caught:
        open_image(Item("a", photo, Crop(10, 4, 61, 36)))
    assert str(caught.value) == (
        f"{photo}: the crop (10, 4) to (61, 36) is not inside the upright photo of 60x40 px; "
        "correct the box"
    )


def test_values_become_pairs_of_which_nothing_is_known_but_the_order() -> None:
    series = SeriesRecord("s", ("a", "b", "c"), (2.0, 3.0, 2.0))
    assert [(pair.first, pair.second, pair.p) for pair in pairs_from_values(series)] == [
        ("a", "b", 0.0), ("a", "c", 0.5), ("b", "c", 1.0),
    ]  # fmt: skip


def test_no_pairs_come_from_a_series_without_values() -> None:
    assert not list(pairs_from_values(SeriesRecord("s", ("a", "b"))))


def dataset() -> Dataset:
    """Two series of different split and source, and a scored image."""
    return Dataset(
        "d",
        "series",
        Path(),
        items={name: Item(name, Path(name)) for name in "abcde"},
        series=(
            SeriesRecord("1", ("a", "b"), split="test", source="natural"),
            SeriesRecord("2", ("c", "d"), split="train", source="aigc"),
        ),
        pairs=(PairRecord("1", "a", "b", 0.7), PairRecord("2", "d", "c", 0.4)),
        scores={"a": ItemScore(5, split="test"), "e": ItemScore(6, split="train")},
    )


def test_splits_are_listed_in_their_order() -> None:
    assert dataset().splits == ("train", "test")


def test_a_split_has_its_series_pairs_scores_and_images_only() -> None:
    part = dataset().of_split("train")
    assert [one.id for one in part.series] == ["2"]
    assert [pair.series for pair in part.pairs] == ["2"]
    assert set(part.scores) == {"e"}
    assert set(part.items) == {"c", "d", "e"}


def test_a_source_has_its_series_and_the_scores_of_their_images() -> None:
    part = dataset().of_source("natural")
    assert dataset().sources == ("aigc", "natural")
    assert [one.id for one in part.series] == ["1"]
    assert set(part.scores) == {"a"}
    assert set(part.items) == {"a", "b"}


def test_pairs_are_found_by_series_also_where_there_are_none() -> None:
    without = replace(dataset(), pairs=dataset().pairs[:1])
    assert without.pairs_of() == {"1": without.pairs, "2": ()}


def test_a_problem_says_how_many_and_names_the_first() -> None:
    assert str(Problem("bad lines", 5, ("a:1", "a:2"))) == "bad lines: 5 (a:1, a:2, ...)"
    assert str(Problem("bad lines", 1, ("a:1",))) == "bad lines: 1 (a:1)"
