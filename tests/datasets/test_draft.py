"""What cannot be used is counted and named, and the rest goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from fgaesq.datasets.draft import Draft, RowError, finite, probability
from fgaesq.datasets.records import Dataset, Item
from fgaesq.errors import InputError


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """A draft with the images a, b and c, and a series s."""
    for name in "abc":
        (tmp_path / name).touch()
    draft = Draft("d", "series", tmp_path, score_range=(1, 10))
    for name in "abc":
        draft.item(Item(name, tmp_path / name))
    draft.series("s", split="train")
    return draft


def problems(dataset: Dataset) -> Mapping[str, int]:
    return {problem.what: problem.count for problem in dataset.problems}


def test_a_sound_series_is_taken_without_a_problem(draft: Draft) -> None:
    draft.pair("s", "a", "b", 0.7, votes=10)
    draft.member("s", "a", 2.0)
    draft.member("s", "b", 1.0)
    dataset = draft.finish()
    assert dataset.series[0].items == ("a", "b")
    assert dataset.series[0].values == (2.0, 1.0)
    assert dataset.pairs[0].votes == 10
    assert not dataset.problems
    assert set(dataset.items) == {"a", "b"}  # c is in no series


def test_missing_images_are_counted_once_and_take_their_pairs_along(draft: Draft) -> None:
    missing = draft.root / "x"
    for _ in range(2):
        assert not draft.item(Item("x", missing))
    draft.pair("s", "a", "b", 0.7)
    draft.pair("s", "a", "x", 0.9)
    dataset = draft.finish()
    assert dataset.series[0].items == ("a", "b")
    assert problems(dataset) == {"images that are not there": 1, "pairs without their images": 1}
    assert dataset.problems[0].examples == (str(missing),)


@pytest.mark.parametrize("name", ["a", "./a", "sub/../a"])
def test_names_below_the_folder_are_inside(draft: Draft, name: str) -> None:
    assert draft.inside(name) == draft.root / "a"


@pytest.mark.parametrize("name", ["../a", "sub/../../a", "/etc/passwd", ".."])
def test_names_that_lead_out_of_the_folder_are_refused(draft: Draft, name: str) -> None:
    with pytest.raises(RowError) as caught:
        draft.inside(name)
    assert str(caught.value) == "images outside of the dataset's folder (name paths below it)"
    assert caught.value.detail == name
    with pytest.raises(RowError):
        draft.first_file([draft.root / "images"], name)


def test_a_series_of_one_image_is_left_out(draft: Draft) -> None:
    draft.pair("s", "a", "b", 0.7)
    draft.series("t")
    draft.member("t", "c", 1.0)
    dataset = draft.finish()
    assert [one.id for one in dataset.series] == ["s"]
    assert problems(dataset) == {"series with fewer than two usable images": 1}


def test_a_series_without_any_judgement_is_left_out(draft: Draft) -> None:
    draft.pair("s", "a", "b", 0.7)
    draft.series("t")
    draft.member("t", "b")
    draft.member("t", "c", 1.0)
    assert problems(draft.finish()) == {"series without judgements": 1}


@pytest.mark.parametrize(("first", "second", "p"), [("a", "b", 0.7), ("b", "a", 0.3)])
def test_a_repeated_pair_is_taken_once_and_harmless(
    draft: Draft, first: str, second: str, p: float
) -> None:
    draft.pair("s", "a", "b", 0.7)
    draft.pair("s", first, second, p)
    dataset = draft.finish()
    assert len(dataset.pairs) == 1
    assert dataset.problems[0].what == "repeated rows"
    assert dataset.problems[0].harmless


def test_of_two_verdicts_on_a_pair_the_first_is_kept(draft: Draft) -> None:
    draft.pair("s", "a", "b", 0.7)
    with draft.row("here"):
        draft.pair("s", "b", "a", 0.6)
    dataset = draft.finish()
    assert [pair.p for pair in dataset.pairs] == [0.7]
    assert problems(dataset) == {"pairs judged twice and differently (the first is kept)": 1}


def test_an_image_is_no_pair_with_itself(draft: Draft) -> None:
    draft.pair("s", "a", "b", 0.7)
    with draft.row("here"):
        draft.pair("s", "a", "a", 0.6)
    assert problems(draft.finish()) == {"pairs of an image with itself": 1}


def test_of_two_values_of_an_image_the_first_is_kept(draft: Draft) -> None:
    draft.member("s", "a", 1.0)
    draft.member("s", "b", 2.0)
    with draft.row("here"):
        draft.member("s", "a", 3.0)
    dataset = draft.finish()
    assert dataset.series[0].values == (1.0, 2.0)
    assert list(problems(dataset)) == ["images with two values in one series (the first is kept)"]


def test_a_series_in_two_splits_is_kept_out_of_training(draft: Draft) -> None:
    draft.pair("s", "a", "b", 0.7)
    draft.series("s", split="test")
    draft.series("s", split="train")
    dataset = draft.finish()
    assert dataset.series[0].split == "test"
    assert problems(dataset) == {"series in two splits (kept in the later one)": 2}


def test_an_image_scored_in_two_splits_is_kept_out_of_training(draft: Draft) -> None:
    item = Item("a", draft.root / "a")
    draft.score(item, 5.0, split="test")
    draft.score(item, 5.0, split="train")
    assert draft.finish().scores["a"].split == "test"


def test_scores_outside_the_range_are_counted(draft: Draft) -> None:
    for place, value in enumerate((5.0, 11.0)):
        with draft.row(f"line {place}"):
            draft.score(Item("a", draft.root / "a"), value)
    dataset = draft.finish()
    assert dataset.scores["a"].value == 5.0
    assert dataset.problems[0].what == "scores outside 1 to 10"
    assert dataset.problems[0].examples == ("line 1",)


def test_only_the_first_examples_are_named(draft: Draft) -> None:
    draft.pair("s", "a", "b", 0.7)
    for number in range(5):
        with draft.row(f"line {number}"):
            finite("word")
    (problem,) = draft.finish().problems
    assert str(problem) == "unreadable lines: 5 (line 0, line 1, line 2, ...)"


def test_errors_that_are_not_of_the_row_pass(draft: Draft) -> None:
    with pytest.raises(ZeroDivisionError), draft.row("here"):
        _ = 1 / 0


def test_a_dataset_of_which_nothing_is_left_is_refused(tmp_path: Path) -> None:
    draft = Draft("d", "series", tmp_path)
    draft.item(Item("x", tmp_path / "x"))
    with pytest.raises(InputError) as caught:
        draft.finish()
    assert str(caught.value) == (
        f"{tmp_path}: nothing in it can be used as 'd': "
        f"images that are not there: 1 ({tmp_path / 'x'})"
    )


@pytest.mark.parametrize("text", ["nan", "inf", "", "x"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        finite(text)


@pytest.mark.parametrize("text", ["-0.01", "1.01"])
def test_probabilities_stay_between_0_and_1(text: str) -> None:
    with pytest.raises(ValueError, match="probabilities outside"):
        probability(text)
