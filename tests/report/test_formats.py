"""JSON, CSV and NDJSON, to the letter."""

from __future__ import annotations

import csv
import io
import json

import pytest

from fgaesq.errors import EngineError
from fgaesq.report import formats
from fgaesq.types import (
    Comparison,
    Failure,
    ModelIdentity,
    Pair,
    RankedImage,
    RankedSeries,
    Ranking,
    Reason,
    Score,
    Scores,
)

UNDECODABLE = 'bad\udcff名,\n".jpg'

MODEL_JSON = """{
    "name": "embedded",
    "version": "1.0",
    "sha256": "ab12",
    "engine": "onnx",
    "tokenizer": "series",
    "reasons": true
  }"""
MODEL_LINE = (
    '{"model": {"name": "embedded", "version": "1.0", "sha256": "ab12", '
    '"engine": "onnx", "tokenizer": "series", "reasons": true}}\n'
)


@pytest.fixture
def small(model: ModelIdentity) -> Ranking:
    """Two images, one with every trap in its name; numbers that round."""
    series = RankedSeries(
        "s,1",
        (
            RankedImage("é.jpg", 1, 7.1234561, 0.9999996, (Reason("sharper", 0.7500004),)),
            RankedImage(UNDECODABLE, 2, 2.0, -1e-9),
        ),
        (Pair("é.jpg", UNDECODABLE, 0.9876543, "first", (Reason("less noise", 0.5),)),),
    )
    return Ranking(model, (series,), (Failure("x", "decode", "x: is cut short"),))


@pytest.fixture
def scores(model: ModelIdentity) -> Scores:
    images = (Score("a.jpg", 7.25, (0.0,) * 9 + (1.0,)), Score("b.jpg", 3.0000004, (0.1,) * 10))
    return Scores(model, images, (Failure("x", "model", "no"),))


@pytest.fixture
def comparison(model: ModelIdentity) -> Comparison:
    return Comparison(
        model,
        Score("a.jpg", 7.25, ()),
        Score("b,.jpg", 3.0, ()),
        0.9,
        "first",
        reasons=(Reason("sharper", 0.75), Reason("less noise", 0.25)),
    )


def test_ranking_json_text_exactly(small: Ranking) -> None:
    assert formats.to_json(formats.ranking_data(small, with_pairs=True)) == (
        '{\n  "model": ' + MODEL_JSON + ",\n"
        '  "series": [\n    {\n      "id": "s,1",\n      "images": [\n'
        '        {\n          "path": "é.jpg",\n          "rank": 1,\n'
        '          "score": 7.123456,\n          "p_best": 1.0,\n'
        '          "reasons": [{"text": "sharper", "strength": 0.75}]\n        },\n'
        '        {"path": "bad\\udcff名,\\n\\".jpg", "rank": 2, '
        '"score": 2.0, "p_best": 0.0, "reasons": []}\n'
        "      ],\n"
        '      "pairs": [\n        {\n          "first": "é.jpg",\n'
        '          "second": "bad\\udcff名,\\n\\".jpg",\n          "p": 0.987654,\n'
        '          "verdict": "first",\n'
        '          "reasons": [{"text": "less noise", "strength": 0.5}]\n'
        "        }\n      ]\n    }\n  ],\n"
        '  "failures": [{"path": "x", "stage": "decode", "error": "x: is cut short"}]\n}\n'
    )


def test_ranking_json_reads_back_with_the_same_names(small: Ranking) -> None:
    text = formats.to_json(formats.ranking_data(small))
    data = json.loads(text.encode("utf-8"))
    assert [image["path"] for image in data["series"][0]["images"]] == ["é.jpg", UNDECODABLE]
    assert "pairs" not in data["series"][0]
    assert list(data) == ["model", "series", "failures"]


def test_ranking_ndjson_has_one_tagged_object_a_line(small: Ranking) -> None:
    assert formats.ranking_ndjson(small) == (
        MODEL_LINE + '{"series": {"id": "s,1", "images": ['
        '{"path": "é.jpg", "rank": 1, "score": 7.123456, "p_best": 1.0, '
        '"reasons": [{"text": "sharper", "strength": 0.75}]}, '
        '{"path": "bad\\udcff名,\\n\\".jpg", "rank": 2, "score": 2.0, "p_best": 0.0, '
        '"reasons": []}]}}\n'
        '{"failure": {"path": "x", "stage": "decode", "error": "x: is cut short"}}\n'
    )
    second_line = formats.ranking_ndjson(small, with_pairs=True).splitlines()[1]
    assert json.loads(second_line)["series"]["pairs"][0]["p"] == 0.987654


def test_ranking_csv_survives_commas_line_feeds_and_quotes(small: Ranking) -> None:
    text = formats.ranking_csv(small)
    assert text == (
        "series,rank,path,score,p_best,reason,strength\n"
        '"s,1",1,é.jpg,7.123456,1.000000,sharper,0.750000\n'
        '"s,1",2,"bad\\udcff名,\n"".jpg",2.000000,0.000000,,\n'
    )
    assert list(csv.reader(io.StringIO(text)))[2][2] == 'bad\\udcff名,\n".jpg'


def test_pairs_csv_exactly(small: Ranking) -> None:
    assert formats.pairs_csv(small) == (
        "series,first,second,p,verdict,reason,strength\n"
        '"s,1",é.jpg,"bad\\udcff名,\n"".jpg",0.987654,first,less noise,0.500000\n'
    )


def test_csv_of_nothing_is_the_header(model: ModelIdentity) -> None:
    header = "series,rank,path,score,p_best,reason,strength\n"
    assert formats.ranking_csv(Ranking(model, (), ())) == header


def test_scores_in_all_formats(scores: Scores) -> None:
    data = formats.scores_data(scores)
    assert list(data) == ["model", "images", "failures"]
    assert data["images"] == [{"path": "a.jpg", "score": 7.25}, {"path": "b.jpg", "score": 3.0}]
    assert formats.scores_csv(scores) == "path,score\na.jpg,7.250000\nb.jpg,3.000000\n"
    assert formats.scores_ndjson(scores) == (
        MODEL_LINE + '{"image": {"path": "a.jpg", "score": 7.25}}\n'
        '{"image": {"path": "b.jpg", "score": 3.0}}\n'
        '{"failure": {"path": "x", "stage": "model", "error": "no"}}\n'
    )


def test_scores_hold_the_distribution_when_asked(scores: Scores) -> None:
    data = formats.scores_data(scores, with_distribution=True)
    assert data["images"][0]["distribution"] == [0.0] * 9 + [1.0]
    header, first, _ = formats.scores_csv(scores, with_distribution=True).splitlines()
    assert header == "path,score," + ",".join(f"bin_{level}" for level in range(1, 11))
    assert first == "a.jpg,7.250000," + "0.000000," * 9 + "1.000000"
    assert '"distribution": [0.1, 0.1,' in formats.scores_ndjson(scores, with_distribution=True)


def test_comparison_in_all_formats(comparison: Comparison) -> None:
    verdict = (
        '"first": {"path": "a.jpg", "score": 7.25}, "second": {"path": "b,.jpg", "score": 3.0}, '
        '"p": 0.9, "verdict": "first", "reasons": [{"text": "sharper", "strength": 0.75}, '
        '{"text": "less noise", "strength": 0.25}]}'
    )
    assert formats.comparison_ndjson(comparison) == (
        MODEL_LINE + '{"comparison": {' + verdict + "}\n"
    )
    data = formats.comparison_data(comparison)
    assert list(data) == ["model", "first", "second", "p", "verdict", "reasons"]
    assert json.dumps({k: v for k, v in data.items() if k != "model"}) == "{" + verdict
    assert formats.comparison_csv(comparison) == (
        "first,first_score,second,second_score,p,verdict,reason,strength\n"
        'a.jpg,7.250000,"b,.jpg",3.000000,0.900000,first,sharper,0.750000\n'
    )


def test_cells_that_move_a_score_are_given_where_the_model_tells(explained: Ranking) -> None:
    data = formats.ranking_data(explained)["series"][0]
    assert data["images"][0]["cells"] == [
        {"box": [0.5, 0.666667, 1.0, 1.0], "effect": 0.25},
        {"box": [0.0, 0.333333, 0.5, 0.666667], "effect": -0.125},
    ]
    assert data["images"][2]["cells"] == [], "it could not be aligned"
    assert "cells" not in formats.ranking_data(explained)["series"][1]["images"][0]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_an_error(model: ModelIdentity, value: float) -> None:
    scores = Scores(model, (Score("a", value, ()),), ())
    message = (
        f"the model gave {value} where a finite number belongs; "
        "its weights file is damaged or the engine does not support it"
    )
    with pytest.raises(EngineError) as caught:
        formats.scores_data(scores)
    assert str(caught.value) == message
    with pytest.raises(EngineError):
        formats.scores_csv(scores)
