"""Verdicts in words."""

from __future__ import annotations

import dataclasses

import pytest

from fgaesq.errors import InputError
from fgaesq.report.words import (
    comparison_words,
    counted,
    failure_words,
    margin_words,
    percent,
    series_words,
)
from fgaesq.types import (
    Comparison,
    Failure,
    ModelIdentity,
    Pair,
    RankedImage,
    RankedSeries,
    Score,
    Verdict,
)


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0 %"),
        (0.0001, "<1 %"),
        (0.006, "1 %"),
        (0.834, "83 %"),
        (0.9999, ">99 %"),
        (1.0, "100 %"),
    ],
)
def test_percent_claims_certainty_only_where_there_is_some(probability: float, words: str) -> None:
    assert percent(probability) == words


def test_counted_knows_one_and_many() -> None:
    assert (counted(1, "image"), counted(0, "image")) == ("1 image", "0 images")
    assert counted(2, "series", "series") == "2 series"


def _pair_of(p: float, verdict: Verdict, *, ranks: tuple[int, int] = (1, 2)) -> RankedSeries:
    return RankedSeries(
        "s",
        (RankedImage("a", ranks[0], 5.0, p), RankedImage("b", ranks[1], 4.0, 1 - p)),
        (Pair("a", "b", p, verdict),),
    )


@pytest.mark.parametrize(
    ("series", "words"),
    [
        (_pair_of(0.834, "first"), "preferred to the next (83 %)"),
        (_pair_of(0.54, "too_close"), "too close to call with the next"),
        (_pair_of(0.3, "second"), "the next is preferred (70 %)"),
        (_pair_of(0.5, "too_close", ranks=(1, 1)), "identical to the next"),
    ],
)
def test_margin_words_of_each_verdict(series: RankedSeries, words: str) -> None:
    assert margin_words(series) == [words, ""]


def test_margin_words_refuse_to_guess_a_missing_pair(series: RankedSeries) -> None:
    incomplete = dataclasses.replace(series, id="s\n", pairs=series.pairs[1:2])
    with pytest.raises(InputError) as caught:
        margin_words(incomplete)
    assert str(caught.value) == (
        f"series 's\\x0a' holds no verdict on 'beach/a.jpg' over '{series.images[1].path}'; "
        "give all pairs, the better-ranked image first"
    )


def test_series_words_say_how_clear_the_pick_is(series: RankedSeries) -> None:
    assert series_words(series) == (
        "The pick and 1 other image are too close to call: let your eye decide among them."
    )
    assert series_words(_pair_of(0.834, "first")) == (
        "The pick is clear: it is the best with probability 83 %."
    )
    assert series_words(_pair_of(0.5, "too_close")) == (
        "The two images are too close to call: let your eye decide."
    )
    open_pairs = tuple(dataclasses.replace(p, verdict="too_close") for p in series.pairs)
    assert series_words(dataclasses.replace(series, pairs=open_pairs)) == (
        "All 3 images are too close to call: let your eye decide."
    )
    alone = RankedSeries("s", (RankedImage("a", 1, 5.0, 1.0),), ())
    assert series_words(alone) == "A single image: nothing to compare it with."


@pytest.mark.parametrize(
    ("p", "verdict", "words"),
    [
        (0.83, "first", "A is preferred with probability 83 %"),
        (0.17, "second", "B is preferred with probability 83 %"),
        (0.54, "too_close", "too close to call: A is preferred with probability 54 %"),
    ],
)
def test_comparison_words_name_the_preferred_image(
    model: ModelIdentity, p: float, verdict: Verdict, words: str
) -> None:
    comparison = Comparison(model, Score("a", 5, ()), Score("b", 5, ()), p, verdict)
    assert comparison_words(comparison, "A", "B") == words


def test_failure_words_name_the_file_once() -> None:
    failures = [
        Failure("a.jpg", "decode", "a.jpg: is cut short"),
        Failure("b\x1b.jpg", "model", "ran out of memory"),
    ]
    assert failure_words(failures) == ["a.jpg: is cut short", r"b\x1b.jpg: ran out of memory"]
