"""Formats are found out from the files, and wrong requests are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.datasets import miniatures
from tests.datasets.miniatures import make_ava, make_fcdb, make_gaic, make_own

from fgaesq.datasets.reading import FORMATS, read_dataset
from fgaesq.datasets.records import open_image
from fgaesq.errors import InputError, UnknownNameError

MINIATURES: dict[str, Callable[[Path], Path]] = {
    name.removeprefix("make_"): getattr(miniatures, name)
    for name in miniatures.__all__
    if name.startswith("make_")
}
DOCUMENTED = Path(__file__).parents[2] / "docs" / "datasets.md"


@pytest.mark.parametrize("name", sorted(MINIATURES))
def test_every_format_is_recognised_and_its_images_open(tmp_path: Path, name: str) -> None:
    dataset = read_dataset(MINIATURES[name](tmp_path / "here"))
    assert dataset.name == {"pick_a_pic": "pick-a-pic", "own": "here"}.get(name, name)
    assert all(min(open_image(item).shape[:2]) >= 16 for item in dataset.items.values())
    assert not [problem for problem in dataset.problems if not problem.harmless]


def test_every_format_is_documented() -> None:
    headings = re.findall(r"^## `([\w-]+)`", DOCUMENTED.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == list(FORMATS)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_dataset(tmp_path / "no")
    assert str(caught.value) == f"{tmp_path / 'no'}: not found; give the folder of a dataset"


def test_a_folder_of_no_known_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_dataset(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: has the files of no known format; see 'fgaesq data formats' and "
        "docs/datasets.md, and give --format"
    )


def test_a_folder_of_two_formats_needs_a_choice(tmp_path: Path) -> None:
    make_ava(tmp_path)
    make_own(tmp_path)
    with pytest.raises(InputError, match=": could be own or ava; say which with --format$"):
        read_dataset(tmp_path)
    assert read_dataset(tmp_path, "ava").name == "ava"


def test_an_unknown_format_is_refused_with_near_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        read_dataset(tmp_path, "phototriag")
    assert str(caught.value) == (
        "unknown format of datasets 'phototriag'; did you mean phototriage?"
    )


def test_a_folder_that_is_not_of_the_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_dataset(make_fcdb(tmp_path), "ava")
    assert str(caught.value) == (
        f"{tmp_path}: does not have the files of the format 'ava' (AVA.txt); see docs/datasets.md"
    )


def test_one_split_can_be_asked_for(tmp_path: Path) -> None:
    dataset = read_dataset(make_gaic(tmp_path), split="val")
    assert (len(dataset.series), dataset.splits) == (2, ("val",))


def test_a_split_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_dataset(make_gaic(tmp_path, splits={"train": 2}), split="test")
    assert str(caught.value) == f"{tmp_path}: has no split 'test'; it has: train"


def test_strictly_read_a_loss_is_an_error(tmp_path: Path) -> None:
    make_own(tmp_path)
    (tmp_path / "photos" / "1" / "0.jpg").unlink()
    assert read_dataset(tmp_path).problems
    with pytest.raises(InputError) as caught:
        read_dataset(tmp_path, strict=True)
    assert str(caught.value) == (
        f"{tmp_path}: images that are not there: 1 ({tmp_path}/photos/1/0.jpg); correct it, or "
        "read it without 'strict'"
    )


def test_strictly_read_what_is_harmless_passes(tmp_path: Path) -> None:
    dataset = read_dataset(make_gaic(tmp_path), strict=True)
    assert dataset.problems[0].harmless
