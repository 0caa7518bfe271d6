"""AVA: vote counts and split lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.datasets.miniatures import make_ava

from fgaesq.datasets.formats.ava import score_of_votes
from fgaesq.datasets.reading import read_dataset
from fgaesq.errors import InputError


def test_votes_become_mean_and_shares() -> None:
    value, shares = score_of_votes([0, 0, 0, 0, 1, 2, 1, 0, 0, 0])
    assert value == 6
    assert shares == (0, 0, 0, 0, 0.25, 0.5, 0.25, 0, 0, 0)


def test_images_have_distribution_and_split(tmp_path: Path) -> None:
    dataset = read_dataset(make_ava(tmp_path))
    assert (dataset.name, dataset.kind, dataset.score_range) == ("ava", "absolute", (1, 10))
    assert [len(dataset.of_split(split).scores) for split in dataset.splits] == [3, 2, 2]
    for score in dataset.scores.values():
        assert score.distribution is not None
        assert sum(score.distribution) == pytest.approx(1)
        mean = sum(k * share for k, share in enumerate(score.distribution, start=1))
        assert score.value == pytest.approx(mean)
    assert not dataset.problems


def test_the_official_test_list_leaves_the_rest_for_training(tmp_path: Path) -> None:
    make_ava(tmp_path)
    for name in ("train", "val", "test"):
        (tmp_path / f"{name}.txt").unlink()
    official = tmp_path / "aesthetics_image_lists" / "generic_test.jpgl"
    official.parent.mkdir()
    official.write_text("901\n902\n")
    dataset = read_dataset(tmp_path)
    assert set(dataset.of_split("test").scores) == {"901", "902"}
    assert len(dataset.of_split("train").scores) == 5
    assert dataset.notes == (
        "splits are those of aesthetics_image_lists/generic_test.jpgl; the others are for training",
    )


def test_without_lists_no_image_has_a_split(tmp_path: Path) -> None:
    make_ava(tmp_path)
    for name in ("train", "val", "test"):
        (tmp_path / f"{name}.txt").unlink()
    dataset = read_dataset(tmp_path)
    assert dataset.splits == ()
    assert dataset.notes == ("no split lists were found, so no image has a split",)


def test_an_image_in_two_lists_is_refused(tmp_path: Path) -> None:
    make_ava(tmp_path)
    (tmp_path / "test.txt").write_text("906.jpg\n901\n")
    with pytest.raises(InputError, match="image 901 is also in the list of train; correct the"):
        read_dataset(tmp_path)


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    make_ava(tmp_path)
    votes = "0 0 1 2 3 4 3 2 1 0"
    with (tmp_path / "AVA.txt").open("a") as file:
        file.write(f"8 5 {votes} 1 2 3\n9 6 1 2 3\n10 7 {'0 ' * 10}\n\n11 901 {votes}\n")
    assert [str(problem) for problem in read_dataset(tmp_path).problems] == [
        f"images that are not there: 1 ({tmp_path / 'images' / '5.jpg'})",
        "unreadable lines: 1 (AVA.txt:9)",
        "images without votes: 1 (AVA.txt:10)",
        "images scored twice (the first score is kept): 1 (901)",
    ]
