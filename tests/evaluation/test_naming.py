"""How often reasons name the edit, against counts by hand on real runs of a small model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.photos import burst_image

from fgaesq.errors import InputError
from fgaesq.evaluation.judged import JudgedSeries
from fgaesq.evaluation.naming import reason_report
from fgaesq.ranking.ranker import load


def series_of(*groups: str) -> Iterator[JudgedSeries]:
    for number, group in enumerate(groups):
        images = [burst_image(n, seed=number + 1) for n in range(3)]
        yield JudgedSeries(number, group, images, (0.0, 1.0, 2.0), {})


def test_first_reasons_are_counted_by_kind(telling_model: Path) -> None:
    ranker = load(telling_model)
    kinds = ("defocus", "noise", "defocus")
    done: list[None] = []
    report = reason_report(ranker, series_of(*kinds), on_image=lambda: done.append(None))
    assert len(done) == 9
    assert list(report) == ["all", "defocus", "noise"]
    assert [report[name]["pairs"] for name in report] == [9, 6, 3]
    assert [report[name]["series"] for name in report] == [3, 2, 1]
    named = 0
    for one in series_of(*kinds):
        said = [pair.reasons[:1] for pair in ranker.rank(list(one.images)).series[0].pairs]
        named += sum(r[0].text == ranker.reason_texts[one.group] for r in said if r)
    assert report["all"]["pairs_named"] == pytest.approx(named / 9)
    said = report["all"]["said"]
    assert report["all"]["pairs_given"] == pytest.approx(1 - said.get("none", 0) / 9)
    assert sum(said.values()) == 9
    assert set(said) <= {*ranker.reason_texts.values(), "none"}


def test_a_model_without_words_cannot_be_measured(tiny_model: Path) -> None:
    with pytest.raises(InputError, match="^fgaesq-tiny: this model names no reasons; train it an"):
        reason_report(load(tiny_model), series_of("defocus"))


def test_an_edit_without_a_word_is_an_error(telling_model: Path) -> None:
    message = "fgaesq-tiny: has no word for 'banding'; known: defocus, haze, noise, tilt"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        reason_report(load(telling_model), series_of("banding"))
