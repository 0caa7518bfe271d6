"""Converting to our own format and reading that back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.miniatures import (
    make_ava,
    make_fcdb,
    make_fgaesthetics,
    make_gaic,
    make_own,
    make_pick_a_pic,
)

from fgaesq.datasets.converting import convert_dataset
from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import open_image
from fgaesq.errors import InputError


@pytest.mark.parametrize(
    "make", [make_ava, make_fcdb, make_fgaesthetics, make_gaic, make_own, make_pick_a_pic]
)
def test_the_copy_has_the_same_judgements_and_pixels(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    original = read_dataset(make(tmp_path / "original"))
    convert_dataset(original, tmp_path / "copy")
    copy = read_dataset(tmp_path / "copy", "own", strict=True)
    assert (copy.name, copy.kind) == (original.name, original.kind)
    assert copy.series == original.series
    assert copy.pairs == original.pairs
    assert set(copy.items) == set(original.items)
    for name, score in original.scores.items():
        assert copy.scores[name].value == score.value
        assert copy.scores[name].split == score.split
        assert copy.scores[name].distribution == pytest.approx(score.distribution)
    for name, item in list(original.items.items())[:4]:
        assert copy.items[name].prompt == item.prompt
        np.testing.assert_array_equal(open_image(copy.items[name]), open_image(item))


def test_a_photo_of_many_crops_is_copied_once(tmp_path: Path) -> None:
    convert_dataset(read_dataset(make_gaic(tmp_path / "original")), tmp_path / "copy")
    assert len(list((tmp_path / "copy" / "images").iterdir())) == 7


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    root = make_own(tmp_path)
    with pytest.raises(InputError) as caught:
        convert_dataset(read_dataset(root), root)
    assert str(caught.value) == f"{root}: is not an empty folder; give a new one"
