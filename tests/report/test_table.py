"""Tables for terminals: texts, widths and colours."""

from __future__ import annotations

import io
from dataclasses import replace

import click
import pytest

from fgaesq.report.table import (
    TableStyle,
    comparison_table,
    ranking_table,
    scores_table,
    terminal_style,
)
from fgaesq.report.text import cell_width
from fgaesq.types import (
    Comparison,
    ModelIdentity,
    Pair,
    RankedImage,
    RankedSeries,
    Ranking,
    Reason,
    Score,
    Scores,
)


@pytest.fixture
def burst(model: ModelIdentity) -> Ranking:
    paths = ("holiday/IMG_0412.jpg", "holiday/富士山_0413.jpg", "holiday/\x1b[2J.jpg")
    series = RankedSeries(
        "holiday-03",
        (
            RankedImage(paths[0], 1, 7.241, 0.62),
            RankedImage(paths[1], 2, 6.9, 0.36),
            RankedImage(paths[2], 2, 6.9, 0.02),
        ),
        (
            Pair(paths[0], paths[1], 0.834, "first"),
            Pair(paths[0], paths[2], 0.54, "too_close"),
            Pair(paths[1], paths[2], 0.5, "too_close"),
        ),
    )
    single = RankedSeries("alone", (RankedImage("x.jpg", 1, 5.5, 1.0),), ())
    return Ranking(model, (single, series), ())


def test_ranking_table_names_the_first_reason_where_there_is_room(burst: Ranking) -> None:
    single, series = burst.series
    best, other, last = series.images
    images = (
        replace(best, reasons=(Reason("sharper", 0.7), Reason("less noise", 0.2))),
        replace(other, reasons=(Reason("blurrier\x1b", 0.7),)),
        last,
    )
    explained = replace(burst, series=(single, replace(series, images=images)))
    assert ranking_table(explained).splitlines()[1:5] == [
        "   rank  image                    score  best  why           against the next",
        "*     1  holiday/IMG_0412.jpg      7.24  62 %  sharper       preferred, 83 %",
        "      2  holiday/富士山_0413.jpg   6.90  36 %  blurrier\\x1b  identical",
        "      2  holiday/\\x1b[2J.jpg       6.90   2 %",
    ]
    assert "sharper" not in ranking_table(explained, TableStyle(width=60))


def test_ranking_table_without_a_width_keeps_whole_names(burst: Ranking) -> None:
    assert ranking_table(burst) == (
        "holiday-03, 3 images\n"
        "   rank  image                    score  best  against the next\n"
        "*     1  holiday/IMG_0412.jpg      7.24  62 %  preferred, 83 %\n"
        "      2  holiday/富士山_0413.jpg   6.90  36 %  identical\n"
        "      2  holiday/\\x1b[2J.jpg       6.90   2 %\n"
        "\n"
        "1 single image, nothing to compare with\n"
        "image  score\n"
        "x.jpg   5.50\n"
    )


def test_ranking_table_lists_all_pairs_when_asked(burst: Ranking) -> None:
    text = ranking_table(burst, with_pairs=True)
    assert text.split("\n\n")[1] == (
        "first                    second                   first wins  verdict\n"
        "holiday/IMG_0412.jpg     holiday/富士山_0413.jpg        83 %  first\n"
        "holiday/IMG_0412.jpg     holiday/\\x1b[2J.jpg            54 %  too close\n"
        "holiday/富士山_0413.jpg  holiday/\\x1b[2J.jpg            50 %  too close"
    )


def test_ranking_table_in_a_narrow_terminal_shortens_names_and_words(burst: Ranking) -> None:
    text = ranking_table(burst, TableStyle(width=44))
    assert text.splitlines()[1:5] == [
        "   rank  image             score  best  next",
        "*     1  holida…_0412.jpg   7.24  62 %  83 %",
        "      2  holida…_0413.jpg   6.90  36 %  same",
        "      2  holida…1b[2J.jpg   6.90   2 %",
    ]


@pytest.mark.parametrize("width", [40, 48, 60, 72, 100])
def test_ranking_table_fits_its_width(burst: Ranking, width: int) -> None:
    lines = ranking_table(burst, TableStyle(width=width)).splitlines()
    assert max(map(cell_width, lines)) <= width


def test_ranking_table_words_for_open_and_turned_verdicts(model: ModelIdentity) -> None:
    images = tuple(RankedImage(f"{i}.jpg", i, 5.0, 0.3) for i in (1, 2, 3))
    pairs = (Pair("1.jpg", "2.jpg", 0.52, "too_close"), Pair("2.jpg", "3.jpg", 0.3, "second"))
    ranking = Ranking(model, (RankedSeries("s", images, pairs),), ())
    assert ranking_table(ranking).splitlines()[2:4] == [
        "*     1  1.jpg   5.00  30 %  too close to call",
        "      2  2.jpg   5.00  30 %  not preferred, 30 %",
    ]


def test_colours_change_nothing_but_colours(burst: Ranking) -> None:
    plain = ranking_table(burst, TableStyle(width=72))
    coloured = ranking_table(burst, TableStyle(width=72, color=True))
    assert "\x1b" not in plain
    assert click.unstyle(coloured) == plain
    best_line = coloured.splitlines()[2]
    assert best_line.startswith("\x1b[32m\x1b[1m*")


def test_scores_table_keeps_the_order_given(model: ModelIdentity) -> None:
    scores = Scores(model, (Score("b.jpg", 2.0, ()), Score("a.jpg", 9.994, ())), ())
    assert scores_table(scores) == "image  score\nb.jpg   2.00\na.jpg   9.99\n"
    assert scores_table(Scores(model, (), ())) == ""


def test_scores_table_shows_the_distribution_when_asked(model: ModelIdentity) -> None:
    shares = (0.004, 0.0, 0.0, 0.0, 0.1, 0.25, 0.646, 0.0, 0.0, 0.0)
    scores = Scores(model, (Score("a.jpg", 6.5, shares),), ())
    assert scores_table(scores, with_distribution=True) == (
        "image  score   1   2   3   4    5    6    7   8   9  10\n"
        "a.jpg   6.50  0%  0%  0%  0%  10%  25%  65%  0%  0%  0%\n"
    )


def test_comparison_table_says_the_verdict(model: ModelIdentity) -> None:
    comparison = Comparison(model, Score("a.jpg", 3, ()), Score("b.jpg", 7, ()), 0.2, "second")
    assert comparison_table(comparison) == (
        "   image  score\n"
        "   a.jpg   3.00\n"
        "*  b.jpg   7.00\n"
        "\n"
        "the second image is preferred with probability 80 %\n"
    )


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_style_follows_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "63")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal_style(io.StringIO()) == TableStyle(width=None, color=False)
    assert terminal_style(_Terminal()) == TableStyle(width=63, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal_style(_Terminal()) == TableStyle(width=63, color=False)


def test_comparison_table_ends_with_the_reasons(comparison: Comparison) -> None:
    reasons = (Reason("sharper", 0.74), Reason("less noise", 0.18))
    lines = comparison_table(replace(comparison, reasons=reasons)).splitlines()
    assert lines[:-1] == comparison_table(comparison).splitlines()
    assert lines[-1] == "why: sharper (74 %), less noise (18 %)"
